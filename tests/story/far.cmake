# The stories once more where 32 bits, a JavaScript number and a signed 64 bits end: no cap is reached by
# time. Every count (seq, ids, calls) crosses the edge within the story.
if(TARGET dispatch_core)
    foreach(edge 2147483640 4294967285 9007199254740980 9223372036854775790)
        foreach(story calls callers queue parties clocks conversations fixes guides incidents lives merges orders outgoing park petitions returning storms units)
            add_test(NAME story_${story}_from_${edge} COMMAND $<TARGET_FILE:test_story_${story}>
                WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
            set_tests_properties(story_${story}_from_${edge} PROPERTIES
                ENVIRONMENT WORLD_BASE=${edge})
        endforeach()
    endforeach()
endif()
