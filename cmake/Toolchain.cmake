# Compiler and linker settings that every target shares.

add_library(berth_options INTERFACE)
target_compile_options(berth_options INTERFACE
  -Wall -Wextra -Wno-missing-field-initializers -Wnon-virtual-dtor -Wold-style-cast -Wcast-qual -Wimplicit-fallthrough
  -Wmissing-declarations -Werror=return-type -Werror=unused-result)
target_include_directories(berth_options INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_definitions(berth_options INTERFACE
  _FILE_OFFSET_BITS=64 BERTH_VERSION="${PROJECT_VERSION}"
  $<$<BOOL:${BERTH_FAULT_POINTS}>:BERTH_FAULT_POINTS>)

# g++ otherwise spends a fifth of its time collecting garbage that there is memory for.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(berth_options INTERFACE --param=ggc-min-heapsize=1000000)
endif()

# Links in half the time; it knows nothing of link-time optimisation.
find_program(GOLD ld.gold)
if(GOLD AND CMAKE_BUILD_TYPE STREQUAL "Debug" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_link_options(berth_options INTERFACE -fuse-ld=gold)
endif()

# The sanitizers' libraries can't be linked statically: a program for inside of containers is PLAIN,
# without them.
define_property(TARGET PROPERTY BERTH_PLAIN)
if(BERTH_SANITIZE)
  if(BERTH_STATIC)
    message(FATAL_ERROR "BERTH_SANITIZE and BERTH_STATIC exclude each other")
  endif()
  set(sanitized $<NOT:$<BOOL:$<TARGET_PROPERTY:BERTH_PLAIN>>>)
  target_compile_options(berth_options INTERFACE
    $<${sanitized}:-fsanitize=${BERTH_SANITIZE};-fno-omit-frame-pointer;-fno-sanitize-recover=all>)
  target_link_options(berth_options INTERFACE $<${sanitized}:-fsanitize=${BERTH_SANITIZE}>)
endif()

# libFuzzer sees which of the tree's code an input has reached.
if(BERTH_FUZZ)
  target_compile_options(berth_options INTERFACE -fsanitize=fuzzer-no-link)
endif()

if(CMAKE_BUILD_TYPE STREQUAL "Release")
  target_compile_options(berth_options INTERFACE
    -D_FORTIFY_SOURCE=2 -D_GLIBCXX_ASSERTIONS -fstack-protector-strong -fstack-clash-protection
    -ffunction-sections -fdata-sections)
  # Relative relocations packed: half a megabyte less to read before main begins.
  target_link_options(berth_options INTERFACE
    -Wl,-z,relro,-z,now -Wl,-z,pack-relative-relocs -Wl,--gc-sections)
endif()

find_program(CCACHE ccache)
if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()

# What loads a dozen shared libraries takes milliseconds to start. With BERTH_STATIC every library
# that Debian has an archive of is linked in; glibc itself only where nothing needs its plugins
# (name service), which is every program but berth.
if(BERTH_STATIC)
  set(OPENSSL_USE_STATIC_LIBS ON)
  set(SQLite3_LIBRARY /usr/lib/${CMAKE_LIBRARY_ARCHITECTURE}/libsqlite3.a CACHE FILEPATH "" FORCE)
endif()

# berth_program(<name> [STATIC_GLIBC]): how one of our programs is linked.
function(berth_program name)
  cmake_parse_arguments(ARG "STATIC_GLIBC" "" "" ${ARGN})
  if(NOT BERTH_STATIC)
    return()
  endif()
  if(ARG_STATIC_GLIBC)
    target_link_options(${name} PRIVATE -static)
  else()
    target_link_options(${name} PRIVATE -static-libstdc++ -static-libgcc)
  endif()
endfunction()
