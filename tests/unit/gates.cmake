add_test(NAME includes_hold COMMAND ${PROJECT_SOURCE_DIR}/ops/check-includes.sh)
add_test(NAME format_clean COMMAND ${PROJECT_SOURCE_DIR}/ops/check-format.sh)
if(TARGET dispatch_core AND NOT YIHAO_SANITIZE AND NOT YIHAO_COVERAGE)
    add_test(NAME core_is_pure
        COMMAND ${PROJECT_SOURCE_DIR}/ops/check-core-purity.sh $<TARGET_FILE:dispatch_core>)
endif()
set_tests_properties(includes_hold format_clean PROPERTIES LABELS gate)
