# The console's pages: quick checks by Node, type check and browser tests where npm's packages are
# installed (cd consoles/web && npm ci).
find_program(NODE node)
if(NODE)
    add_test(NAME verify_twice COMMAND ${NODE} --test ${CMAKE_CURRENT_LIST_DIR}/verify.test.mjs)
    set_tests_properties(verify_twice PROPERTIES ENVIRONMENT YIHAO_BIN=$<TARGET_FILE_DIR:yihao-verify>)
    add_test(NAME history_in_browser COMMAND ${NODE} --test ${CMAKE_CURRENT_LIST_DIR}/history.test.mjs)
    add_test(NAME history_in_browser_sm COMMAND ${NODE} --test ${CMAKE_CURRENT_LIST_DIR}/history.test.mjs)
    set_tests_properties(history_in_browser_sm PROPERTIES ENVIRONMENT YIHAO_SUITE=sm3-sm2)
    add_test(NAME sm_in_browser COMMAND ${NODE} --test ${CMAKE_CURRENT_LIST_DIR}/sm.test.mjs)
    set_tests_properties(sm_in_browser PROPERTIES ENVIRONMENT YIHAO_TESTS=$<TARGET_FILE_DIR:test_suite>)
    add_test(NAME pages_hold COMMAND ${NODE} --test ${CMAKE_CURRENT_LIST_DIR}/pages.test.mjs)
    add_test(NAME departments_proposed COMMAND ${NODE} --test ${CMAKE_CURRENT_LIST_DIR}/departments.test.mjs)
    set(pages ${PROJECT_SOURCE_DIR}/consoles/web)
    add_test(NAME pages_schema_is_current COMMAND ${NODE} ${pages}/tools/schema.mjs --check)
    set_tests_properties(pages_schema_is_current PROPERTIES LABELS slow)
    if(EXISTS ${pages}/node_modules/.bin/tsc)
        add_test(NAME pages_type_check COMMAND ${pages}/node_modules/.bin/tsc -p ${pages}/tsconfig.json)
        set_tests_properties(pages_type_check PROPERTIES LABELS slow TIMEOUT 300)
        add_test(NAME pages_in_browser
            COMMAND ${NODE} --test ${PROJECT_SOURCE_DIR}/tests/e2e/browser/all.test.mjs)
        set_tests_properties(pages_in_browser PROPERTIES LABELS slow TIMEOUT 900 COST 100 PROCESSORS 2
            ENVIRONMENT YIHAO_SCREENSHOTS=${CMAKE_BINARY_DIR}/screenshots)
        # Once, on the programs that the other slow tests use (ops/test says which by YIHAO_BIN).
        if(CMAKE_BINARY_DIR STREQUAL ${PROJECT_SOURCE_DIR}/build/dev)
            add_test(NAME knowledge_by_keyboard
                COMMAND ${NODE} ${PROJECT_SOURCE_DIR}/tests/e2e/browser/knowledge.mjs)
            set_tests_properties(knowledge_by_keyboard PROPERTIES LABELS slow TIMEOUT 120
                ENVIRONMENT YIHAO_SCREENSHOTS=${CMAKE_BINARY_DIR}/screenshots)
            add_test(NAME administrator_by_keyboard
                COMMAND ${NODE} ${PROJECT_SOURCE_DIR}/tests/e2e/browser/administrator.mjs)
            set_tests_properties(administrator_by_keyboard PROPERTIES LABELS slow TIMEOUT 120
                ENVIRONMENT YIHAO_SCREENSHOTS=${CMAKE_BINARY_DIR}/screenshots)
            if(EXISTS ${PROJECT_SOURCE_DIR}/tests/e2e/node_modules/smpp)
                add_test(NAME citizen_page
                    COMMAND ${NODE} ${PROJECT_SOURCE_DIR}/tests/e2e/browser/citizen.mjs)
                set_tests_properties(citizen_page PROPERTIES LABELS slow TIMEOUT 120
                    ENVIRONMENT YIHAO_SCREENSHOTS=${CMAKE_BINARY_DIR}/screenshots)
            endif()
            add_test(NAME incident_by_keyboard
                COMMAND ${NODE} ${PROJECT_SOURCE_DIR}/tests/e2e/browser/one_incident.mjs)
            set_tests_properties(incident_by_keyboard PROPERTIES LABELS slow TIMEOUT 180
                RESOURCE_LOCK seat_phones ENVIRONMENT YIHAO_SCREENSHOTS=${CMAKE_BINARY_DIR}/screenshots)
            add_test(NAME lonely_seat
                COMMAND ${NODE} ${PROJECT_SOURCE_DIR}/tests/e2e/browser/lonely.mjs)
            set_tests_properties(lonely_seat PROPERTIES LABELS slow TIMEOUT 120 SKIP_RETURN_CODE 77)
            add_test(NAME hostile_words
                COMMAND ${NODE} ${PROJECT_SOURCE_DIR}/tests/e2e/browser/hostile.mjs)
            set_tests_properties(hostile_words PROPERTIES LABELS slow TIMEOUT 180)
        endif()
    endif()
endif()
