if(TARGET dispatch_core)
    foreach(story units run_cards settings)
        yihao_test(story_${story} SOURCES story/test_${story}.c story/forces.c story/world.c golden/journal_file.c
            story/words.c LIBRARIES dispatch_core proto_codec)
    endforeach()
endif()
