# Searching what citizens said: build/release/bench/bench_finder CASES QUESTIONS. Not part of ctest.
add_executable(bench_finder bench/bench_finder.c)
target_link_libraries(bench_finder PRIVATE yihao_flags dispatch_views base)
set_target_properties(bench_finder PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bench)
