if(TARGET dispatch_core)
    yihao_test(golden_journals SOURCES golden/test_golden_journals.c golden/journal_file.c
        LIBRARIES dispatch_core proto_codec)
endif()
