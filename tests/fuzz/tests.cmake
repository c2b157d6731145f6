# The targets that are quick to build run for seconds each, and all of them for long with the second
# compiler's own build (--long), whose new inputs are kept beside it.

# berth_fuzz_build(<test> PRESET <preset> TARGETS <target> LABEL <label> TIMEOUT <seconds>)
function(berth_fuzz_build test)
  cmake_parse_arguments(ARG "" "PRESET;TARGETS;LABEL;TIMEOUT" "" ${ARGN})
  add_test(NAME ${test}
           COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/build ${ARG_PRESET} ${ARG_TARGETS})
  set_tests_properties(${test} PROPERTIES LABELS ${ARG_LABEL} TIMEOUT ${ARG_TIMEOUT}
                                          RUN_SERIAL ON FIXTURES_SETUP ${test})
endfunction()

berth_fuzz_build(fuzz.build PRESET fuzz TARGETS fuzz_quick LABEL fuzz TIMEOUT 900)
foreach(name IN LISTS BERTH_FUZZ_QUICK)
  add_test(NAME fuzz.${name} COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/run ${name})
  set_tests_properties(fuzz.${name} PROPERTIES LABELS fuzz TIMEOUT 120
                                               FIXTURES_REQUIRED fuzz.build)
endforeach()
berth_pytest(fuzz.control FILE ${CMAKE_CURRENT_SOURCE_DIR}/test_control.py LABEL fuzz TIMEOUT 120)
set_tests_properties(fuzz.control PROPERTIES
  FIXTURES_REQUIRED fuzz.build ENVIRONMENT BERTH_FUZZ_DIR=${PROJECT_SOURCE_DIR}/build/fuzz)

# Ten minutes each: four hours.
set(clang ${PROJECT_SOURCE_DIR}/build/clang)
berth_fuzz_build(fuzz_long.build PRESET clang TARGETS fuzz_all LABEL long TIMEOUT 7200)
foreach(name IN LISTS BERTH_FUZZ_QUICK BERTH_FUZZ_SLOW)
  add_test(NAME fuzz_long.${name}
           COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/run --build ${clang} --grow ${clang}/corpus
                   --seconds 600 ${name})
  set_tests_properties(fuzz_long.${name} PROPERTIES LABELS long TIMEOUT 1200
                                                    FIXTURES_REQUIRED fuzz_long.build)
endforeach()
