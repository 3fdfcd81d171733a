if(TARGET dispatch_core)
    foreach(story amendments articles fixes visits wishes)
        yihao_test(story_${story} SOURCES story/test_${story}.c story/world.c golden/journal_file.c story/words.c
            LIBRARIES dispatch_core proto_codec)
    endforeach()
    yihao_test(story_exams SOURCES story/test_exams.c story/world.c golden/journal_file.c story/words.c
            ${PROJECT_SOURCE_DIR}/dispatcher/io/exam.c sim/auditor_exam.c sim/ledger.c
        LIBRARIES dispatch_core proto_codec PkgConfig::sodium)
endif()
