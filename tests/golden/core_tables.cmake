if(TARGET dispatch_core)
    yihao_test(core_tables SOURCES golden/test_core_tables.c golden/golden_text.c LIBRARIES dispatch_core)
    yihao_test(ladder SOURCES golden/test_ladder.c golden/golden_text.c LIBRARIES dispatch_core)
endif()
