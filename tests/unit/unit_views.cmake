if(TARGET dispatch_journal)
    foreach(name articles exams finder unit_views family_views load_views search)
        yihao_test(${name} SOURCES unit/test_${name}.c unit/folder.c unit/own_journal.c unit/own_views.c
            LIBRARIES dispatch_journal PkgConfig::sodium)
    endforeach()
endif()
