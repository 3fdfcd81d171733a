if(TARGET dispatch_core)
    add_executable(bench_core bench/bench_core.c bench/load.c)
    target_link_libraries(bench_core PRIVATE yihao_flags dispatch_core)
    add_executable(bench_restart bench/bench_restart.c bench/load.c unit/folder.c)
    target_link_libraries(bench_restart PRIVATE yihao_flags dispatch_core dispatch_journal
        PkgConfig::sodium)
    add_executable(bench_size bench/bench_size.c bench/load.c unit/folder.c)
    target_link_libraries(bench_size PRIVATE yihao_flags dispatch_core dispatcher_parts
        PkgConfig::sodium)
    add_executable(bench_distribution bench/bench_distribution.c)
    target_link_libraries(bench_distribution PRIVATE yihao_flags dispatch_core)
    add_executable(bench_discipline bench/bench_discipline.c bench/discipline.c)
    target_link_libraries(bench_discipline PRIVATE yihao_flags dispatch_core m)
    set_target_properties(bench_core bench_restart bench_size bench_distribution bench_discipline PROPERTIES
        RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bench)
endif()
