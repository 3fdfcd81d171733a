if(TARGET dispatch_core)
    add_executable(bench_recommend bench/bench_recommend.c)
    target_link_libraries(bench_recommend PRIVATE yihao_flags dispatch_core)
    set_target_properties(bench_recommend PROPERTIES
        RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bench)
endif()
