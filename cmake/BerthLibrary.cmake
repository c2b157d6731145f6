# berth_library(<folder> SOURCES ... HEADERS ... [TESTS ...] [PUBLIC ...] [PRIVATE ...])
#
# One folder of the tree: the static library berth_<folder> (alias berth::<folder>), its headers each
# compiled alone once, and the unit tests beside its sources as one program, berth_<folder>_test.
# ALONE names sources that are never compiled together with others (CMAKE_UNITY_BUILD).
function(berth_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;HEADERS;TESTS;TEST_LIBRARIES;PUBLIC;PRIVATE;ALONE" ${ARGN})
  set_source_files_properties(${ARG_ALONE} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
  add_library(berth_${name} STATIC ${ARG_SOURCES})
  add_library(berth::${name} ALIAS berth_${name})
  target_sources(berth_${name} PUBLIC FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR}
                                      FILES ${ARG_HEADERS})
  set_target_properties(berth_${name} PROPERTIES VERIFY_INTERFACE_HEADER_SETS ON)
  target_link_libraries(berth_${name} PUBLIC berth_options ${ARG_PUBLIC} PRIVATE ${ARG_PRIVATE})

  if(BERTH_TESTS AND ARG_TESTS)
    add_executable(berth_${name}_test ${ARG_TESTS})
    target_link_libraries(berth_${name}_test PRIVATE berth_${name} GTest::gmock GTest::gtest_main
                                                     ${ARG_TEST_LIBRARIES})
    include(GoogleTest)
    # FooHostTest needs a host with systemd and every cgroup controller: tests/host runs those.
    gtest_discover_tests(berth_${name}_test TEST_PREFIX ${name}. DISCOVERY_MODE PRE_TEST
                         TEST_FILTER -*HostTest.* PROPERTIES LABELS unit TIMEOUT 60)
  endif()
endfunction()
