if(TARGET yihao-dispatcher)
    add_test(NAME city_changes COMMAND ${CMAKE_CURRENT_LIST_DIR}/city_changes.sh ${CMAKE_BINARY_DIR}/bin)
    set_tests_properties(city_changes PROPERTIES LABELS slow TIMEOUT 120)
endif()
