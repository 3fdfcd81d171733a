# What the bus costs: build/…/bench/bench_bus build/…/bin/yihao-dispatcher CALLS.
if(TARGET yihao-dispatcher)
    add_executable(bench_bus bench/bench_bus.c)
    set_target_properties(bench_bus PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bench)
    target_link_libraries(bench_bus PRIVATE yihao_flags fake_program dispatcher_bus PkgConfig::zmq PkgConfig::lmdb
        Threads::Threads)
endif()
