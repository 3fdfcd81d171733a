if(TARGET dispatch_journal)
    yihao_test(unit_views SOURCES unit/test_unit_views.c unit/folder.c unit/own_journal.c
        LIBRARIES dispatch_journal PkgConfig::sodium)
endif()
