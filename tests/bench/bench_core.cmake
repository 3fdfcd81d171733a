if(TARGET dispatch_core)
    add_executable(bench_core bench/bench_core.c)
    target_link_libraries(bench_core PRIVATE yihao_flags dispatch_core)
endif()
