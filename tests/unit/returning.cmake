if(TARGET dispatch_core)
    yihao_test(returning SOURCES unit/test_returning.c unit/folder.c bench/load.c
        LIBRARIES dispatch_core dispatch_journal PkgConfig::sodium)
    set_tests_properties(returning PROPERTIES LABELS slow) # 4,000 commits
endif()
