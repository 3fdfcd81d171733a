yihao_test(dispatcher_parts SOURCES unit/test_dispatcher_parts.c
    LIBRARIES dispatcher_parts proto_codec PkgConfig::sodium)
yihao_test(checker SOURCES unit/test_checker.c unit/folder.c LIBRARIES dispatcher_parts)
yihao_test(assertion SOURCES unit/test_assertion.c LIBRARIES dispatcher_parts token_reading PkgConfig::sodium)
yihao_test(snapshot SOURCES unit/test_snapshot.c unit/folder.c
    LIBRARIES dispatcher_parts dispatch_core)
if(TARGET dispatch_journal)
    yihao_test(erasing SOURCES unit/test_erasing.c unit/own_journal.c unit/folder.c ${PROJECT_SOURCE_DIR}/dispatcher/io/erasure.c
        LIBRARIES dispatcher_parts dispatch_journal PkgConfig::sodium)
    yihao_test(text SOURCES unit/test_text.c unit/folder.c ${PROJECT_SOURCE_DIR}/dispatcher/io/text.c
        LIBRARIES dispatcher_parts dispatch_core dispatch_journal PkgConfig::sodium)
endif()

if(TARGET dispatcher_loop)
    yihao_test(dispatcher_turn SOURCES unit/test_dispatcher_turn.c unit/folder.c
        LIBRARIES dispatcher_loop dispatcher_bus dispatch_core proto_codec proto_keys PkgConfig::sodium)
    target_link_options(test_dispatcher_turn PRIVATE -Wl,--wrap=_exit)
endif()

add_library(fake_home STATIC fake/home.c)
target_link_libraries(fake_home PUBLIC yihao_flags link proto_keys PRIVATE base PkgConfig::sodium)
yihao_test(bus SOURCES unit/test_bus.c LIBRARIES dispatcher_bus fake_home link proto_codec PkgConfig::zmq Threads::Threads)

if(TARGET yihao-dispatcher)
    add_library(fake_program STATIC fake/program.c)
    target_link_libraries(fake_program PUBLIC fake_home link proto_codec PRIVATE base)
    add_executable(test_dispatcher e2e/test_dispatcher.c)
    target_link_libraries(test_dispatcher PRIVATE yihao_flags PkgConfig::cmocka PkgConfig::zmq
        fake_program proto_codec dispatcher_parts)
    set_target_properties(test_dispatcher PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
    add_test(NAME dispatcher COMMAND test_dispatcher $<TARGET_FILE:yihao-dispatcher>
        WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
    add_executable(test_directory e2e/test_directory.c)
    target_link_libraries(test_directory PRIVATE yihao_flags PkgConfig::cmocka fake_program provider base)
    set_target_properties(test_directory PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
    add_test(NAME directory COMMAND test_directory $<TARGET_FILE:yihao-dispatcher>
        WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
    set_tests_properties(directory PROPERTIES LABELS slow)
    add_executable(test_dispatcher_kill e2e/test_dispatcher_kill.c e2e/partitions.c e2e/waits.c fake/cable.c
        fault/strikes.c fake/postgresql.c unit/folder.c)
    target_link_libraries(test_dispatcher_kill PRIVATE yihao_flags PkgConfig::pq fake_program
        proto_codec dispatch_trail base Threads::Threads)
    set_target_properties(test_dispatcher_kill PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
    add_dependencies(slow_tests test_dispatcher_kill)
    add_test(NAME dispatcher_killed COMMAND test_dispatcher_kill $<TARGET_FILE:yihao-dispatcher> 10 110
        WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
    # The n-th allocation fails; of other calls, and many more: ops/chaos
    add_test(NAME dispatcher_without_memory COMMAND test_dispatcher_kill $<TARGET_FILE:yihao-dispatcher> 40 114
        memory $<TARGET_FILE:yihao_fault> WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
    add_dependencies(slow_tests yihao_fault)
    set_tests_properties(dispatcher_without_memory PROPERTIES LABELS slow TIMEOUT 120 COST 10)
    add_test(NAME standby_takes_over COMMAND test_dispatcher_kill $<TARGET_FILE:yihao-dispatcher> 2 112 standby
        WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
    add_test(NAME standby_leads_by_itself COMMAND test_dispatcher_kill $<TARGET_FILE:yihao-dispatcher> 2 113
        arbiter $<TARGET_FILE:yihao-arbiter> WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
    add_executable(test_second e2e/test_second.c fake/postgresql.c unit/folder.c)
    target_link_libraries(test_second PRIVATE yihao_flags PkgConfig::cmocka PkgConfig::pq fake_program base Threads::Threads)
    set_target_properties(test_second PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
    add_test(NAME second_leads_by_annals COMMAND test_second $<TARGET_FILE:yihao-dispatcher>
        WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
    add_dependencies(slow_tests test_second)
    set_tests_properties(second_leads_by_annals PROPERTIES LABELS slow TIMEOUT 120)
    set_tests_properties(standby_leads_by_itself PROPERTIES LABELS slow TIMEOUT 240 COST 50)
    set_tests_properties(dispatcher dispatcher_killed standby_takes_over PROPERTIES LABELS slow TIMEOUT 180
        RUN_SERIAL TRUE)
endif()
