if(TARGET dispatch_core)
    yihao_test(core_tables SOURCES golden/test_core_tables.c LIBRARIES dispatch_core)
    yihao_test(ladder SOURCES golden/test_ladder.c LIBRARIES dispatch_core)
endif()
