if(TARGET dispatch_core)
    yihao_test(story_returning SOURCES story/test_returning.c story/world.c story/words.c
        LIBRARIES dispatch_core)
endif()
