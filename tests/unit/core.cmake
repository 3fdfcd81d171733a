if(TARGET dispatch_core)
    yihao_test(core_parts SOURCES unit/test_core_parts.c LIBRARIES dispatch_core)
    yihao_test(calendar SOURCES unit/test_calendar.c LIBRARIES dispatch_core)
endif()
