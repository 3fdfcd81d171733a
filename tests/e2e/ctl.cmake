if(TARGET yihao-dispatcher)
    add_test(NAME ctl_closes_the_loop COMMAND ${CMAKE_CURRENT_LIST_DIR}/ctl.sh ${CMAKE_BINARY_DIR}/bin)
    set_tests_properties(ctl_closes_the_loop PROPERTIES LABELS slow TIMEOUT 120)
endif()
if(TARGET yihao-trunk)
    add_test(NAME trunk_starts_with_little
        COMMAND ${CMAKE_CURRENT_LIST_DIR}/trunk_start.sh ${CMAKE_BINARY_DIR}/bin)
    set_tests_properties(trunk_starts_with_little PROPERTIES LABELS slow TIMEOUT 120)
endif()
