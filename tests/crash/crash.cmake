# 20,000 images of 79 histories, some a minute; a million of them for a release: build/release/tests/power_cut 1000000.
add_executable(power_cut crash/power_cut.c crash/recorder.c unit/folder.c unit/town.c)
set_target_properties(power_cut PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
target_link_libraries(power_cut PRIVATE yihao_flags dispatch_journal PkgConfig::sodium)
add_test(NAME power_cut_loses_nothing COMMAND power_cut 20000 110)
set_tests_properties(power_cut_loses_nothing PROPERTIES LABELS slow TIMEOUT 600 PROCESSORS 2)
add_dependencies(slow_tests power_cut)
