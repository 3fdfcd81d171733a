if(TARGET dispatch_core)
    foreach(story conversations guides identity lives merges parties park outgoing)
        yihao_test(story_${story} SOURCES story/test_${story}.c story/world.c golden/journal_file.c story/words.c
            LIBRARIES dispatch_core proto_codec)
    endforeach()
endif()
