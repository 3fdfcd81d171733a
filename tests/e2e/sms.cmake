find_program(NODE node)
if(NODE AND TARGET yihao-trunk)
    add_test(NAME sip_tls COMMAND ${NODE} --test ${CMAKE_CURRENT_LIST_DIR}/sip_tls.test.mjs)
    set_tests_properties(sip_tls PROPERTIES LABELS slow TIMEOUT 60
        ENVIRONMENT YIHAO_BIN=${CMAKE_RUNTIME_OUTPUT_DIRECTORY})
endif()
if(NODE AND EXISTS ${CMAKE_CURRENT_LIST_DIR}/node_modules/smpp)
    add_test(NAME sms_gateway
        COMMAND ${NODE} --test ${CMAKE_CURRENT_LIST_DIR}/sms_gateway.test.mjs)
    set_tests_properties(sms_gateway PROPERTIES LABELS slow TIMEOUT 120
        ENVIRONMENT YIHAO_BIN=${CMAKE_RUNTIME_OUTPUT_DIRECTORY})
    add_test(NAME sms_tls COMMAND ${NODE} --test ${CMAKE_CURRENT_LIST_DIR}/sms_tls.test.mjs)
    set_tests_properties(sms_tls PROPERTIES LABELS slow TIMEOUT 60
        ENVIRONMENT YIHAO_BIN=${CMAKE_RUNTIME_OUTPUT_DIRECTORY})
    add_test(NAME notices COMMAND ${NODE} ${CMAKE_CURRENT_LIST_DIR}/notices.mjs)
    set_tests_properties(notices PROPERTIES LABELS slow TIMEOUT 120
        ENVIRONMENT YIHAO_BIN=${CMAKE_RUNTIME_OUTPUT_DIRECTORY})
    add_test(NAME as_kannel_does COMMAND ${NODE} ${CMAKE_CURRENT_LIST_DIR}/kannel.mjs)
    set_tests_properties(as_kannel_does PROPERTIES LABELS slow TIMEOUT 120 SKIP_RETURN_CODE 77
        ENVIRONMENT YIHAO_BIN=${CMAKE_RUNTIME_OUTPUT_DIRECTORY})
    add_test(NAME text_kill COMMAND ${NODE} ${CMAKE_CURRENT_LIST_DIR}/text_kill.mjs 6 10)
    set_tests_properties(text_kill PROPERTIES LABELS slow TIMEOUT 300
        ENVIRONMENT YIHAO_BIN=${CMAKE_RUNTIME_OUTPUT_DIRECTORY})
endif()
