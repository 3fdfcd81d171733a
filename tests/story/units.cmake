if(TARGET dispatch_core)
    yihao_test(story_units SOURCES story/test_units.c story/world.c story/words.c
        LIBRARIES dispatch_core)
endif()
