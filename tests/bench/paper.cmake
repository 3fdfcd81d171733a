# A trail on paper: build/release/bench/bench_paper EVENTS ROUNDS. Not part of ctest.
add_executable(bench_paper bench/bench_paper.c)
target_link_libraries(bench_paper PRIVATE yihao_flags paper)
set_target_properties(bench_paper PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bench)
add_dependencies(bench_paper yihao-press)
