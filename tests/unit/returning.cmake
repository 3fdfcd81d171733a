if(TARGET dispatch_core)
    yihao_test(returning SOURCES unit/test_returning.c unit/folder.c bench/load.c
        LIBRARIES dispatch_core dispatch_journal PkgConfig::sodium)
    set_tests_properties(returning PROPERTIES LABELS slow) # 4,000 commits
    yihao_test(brought_back SOURCES unit/test_brought_back.c ${PROJECT_SOURCE_DIR}/dispatcher/io/returning.c
        unit/folder.c unit/own_journal.c story/world.c story/words.c golden/journal_file.c
        LIBRARIES dispatch_core dispatch_journal dispatcher_parts proto_codec PkgConfig::sodium)
endif()
