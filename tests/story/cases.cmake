if(TARGET dispatch_core)
    foreach(story guides merges)
        yihao_test(story_${story} SOURCES story/test_${story}.c story/world.c story/words.c
            LIBRARIES dispatch_core)
    endforeach()
endif()
