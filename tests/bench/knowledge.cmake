# Searching the knowledge base: build/release/bench/bench_knowledge ARTICLES. Not part of ctest.
add_executable(bench_knowledge bench/bench_knowledge.c)
target_link_libraries(bench_knowledge PRIVATE yihao_flags dispatch_views base)
set_target_properties(bench_knowledge PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bench)
