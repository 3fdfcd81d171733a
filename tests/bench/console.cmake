# bench_fanout: run by hand (docs/console-api.md names its figures' meaning); not part of ctest.
add_executable(bench_fanout bench/bench_fanout.c)
set_target_properties(bench_fanout PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bench)
target_link_libraries(bench_fanout PRIVATE yihao_flags base)
target_compile_definitions(bench_fanout PRIVATE CONSOLE_FAKE="$<TARGET_FILE:console_fake>"
    WEB="${PROJECT_SOURCE_DIR}/consoles/web")
add_dependencies(bench_fanout console_fake)
