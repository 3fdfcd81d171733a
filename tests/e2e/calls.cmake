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
    # yihao_city_apart(NAME PORTS SECONDS): mostly waits, for so long, and does so beside the one city, on ports of its own
    function(yihao_city_apart name ports seconds)
        set_tests_properties(${name} PROPERTIES RESOURCE_LOCK ${name} COST ${seconds}
            ENVIRONMENT "YIHAO_BIN=${CMAKE_RUNTIME_OUTPUT_DIRECTORY};YIHAO_PORT=${ports}")
    endfunction()
    yihao_city_test(calls 240 calls.mjs)
    yihao_city_test(conversations 240 conversations.mjs)
    yihao_city_test(calls_survive 120 calls_survive.mjs)
    yihao_city_test(loop 180 loop.mjs)
    yihao_city_test(storm 180 storm.mjs)
    if(TARGET yihao-sms AND EXISTS ${CMAKE_CURRENT_LIST_DIR}/node_modules/smpp)
        yihao_city_test(sms_chain 180 sms_chain.mjs)
        yihao_city_test(texts_chain 120 texts_chain.mjs)
        # operators.mjs is a longer proof (README): under its dropped lines a receipt may come later than it waits.
    endif()
    if(SIPP)
        yihao_city_test(vanish 300 vanish.mjs)
        yihao_city_apart(vanish 3000 160)
        foreach(program dispatcher trunk-1 trunk-2 console)
            yihao_city_test(kill_${program} 180 kill.mjs ${program} 3 10)
        endforeach()
    endif()
endif()
