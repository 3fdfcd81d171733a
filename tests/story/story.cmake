if(TARGET dispatch_core)
    foreach(story calls endings erasures retention glasses queue callers incidents seats storms tables watchdog)
        yihao_test(story_${story} SOURCES story/test_${story}.c story/world.c golden/journal_file.c story/words.c
            LIBRARIES dispatch_core proto_codec)
    endforeach()
    foreach(story orders petitions seconds signets)
        yihao_test(story_${story} SOURCES story/test_${story}.c story/staff.c story/world.c golden/journal_file.c
            story/words.c LIBRARIES dispatch_core proto_codec)
    endforeach()
    yihao_test(story_clocks SOURCES story/test_clocks.c story/world.c golden/journal_file.c story/words.c
        ${PROJECT_SOURCE_DIR}/dispatcher/views/course.c LIBRARIES dispatch_core proto_codec)
endif()
