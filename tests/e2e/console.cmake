find_program(NODE node)
if(NODE)
    add_test(NAME console_socket
        COMMAND ${NODE} --test ${CMAKE_CURRENT_LIST_DIR}/console_socket.test.mjs)
    set_tests_properties(console_socket PROPERTIES LABELS slow TIMEOUT 120
        ENVIRONMENT "CONSOLE_FAKE=$<TARGET_FILE:console_fake>;LSAN_OPTIONS=suppressions=${CMAKE_CURRENT_LIST_DIR}/leaks.txt")
    add_dependencies(slow_tests console_fake)
endif()
