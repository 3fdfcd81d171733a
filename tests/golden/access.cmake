if(TARGET dispatch_core AND TARGET console_core)
    yihao_test(access_matrix SOURCES golden/test_access_matrix.c golden/golden_text.c LIBRARIES dispatch_core console_core)
endif()
