# The whole chain, real programs over real protocols: one city at a time. `YIHAO_PORT` moves its ports.
#     node tests/e2e/kill.mjs PROGRAM 50      the long form of the kills
find_program(NODE node)
find_program(SIPP sipp)
if(NODE AND TARGET yihao-dispatcher AND TARGET yihao-trunk AND TARGET yihao-console)
    # yihao_city_test(NAME SECONDS PROGRAM ARGUMENTS…)
    function(yihao_city_test name seconds)
        add_test(NAME ${name} COMMAND ${NODE} ${ARGN} WORKING_DIRECTORY ${CMAKE_CURRENT_FUNCTION_LIST_DIR})
        set_tests_properties(${name} PROPERTIES LABELS "slow;e2e" RESOURCE_LOCK city TIMEOUT ${seconds}
            ENVIRONMENT YIHAO_BIN=${CMAKE_RUNTIME_OUTPUT_DIRECTORY})
    endfunction()
    if(SIPP)
        foreach(program dispatcher trunk-1 trunk-2 console)
            yihao_city_test(kill_${program} 180 kill.mjs ${program} 5 10)
        endforeach()
    endif()
endif()
