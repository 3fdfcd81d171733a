if(TARGET dispatch_core)
    yihao_test(unit_table SOURCES golden/test_unit_table.c golden/golden_text.c LIBRARIES dispatch_core)
endif()
