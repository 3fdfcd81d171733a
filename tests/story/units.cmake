if(TARGET dispatch_core)
    yihao_test(story_units SOURCES story/test_units.c story/forces.c story/world.c golden/journal_file.c story/words.c
        LIBRARIES dispatch_core proto_codec)
endif()
