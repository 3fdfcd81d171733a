# What the bus costs: build/…/bench/bench_bus build/…/bin/yihao-dispatcher CALLS.
if(TARGET yihao-dispatcher)
    add_executable(bench_bus bench/bench_bus.c bench/disk.c)
    set_target_properties(bench_bus PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bench)
    target_link_libraries(bench_bus PRIVATE yihao_flags fake_program dispatcher_bus PkgConfig::zmq PkgConfig::lmdb
        Threads::Threads)
    add_executable(bench_invite bench/bench_invite.c bench/disk.c)
    set_target_properties(bench_invite PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bench)
    target_link_libraries(bench_invite PRIVATE yihao_flags base PkgConfig::lmdb)
    add_executable(bench_calls bench/bench_calls.c bench/disk.c)
    set_target_properties(bench_calls PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bench)
    target_link_libraries(bench_calls PRIVATE yihao_flags base PkgConfig::lmdb)
endif()
