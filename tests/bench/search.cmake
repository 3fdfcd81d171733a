# Searching incidents: build/release/bench/bench_search INCIDENTS. Not part of ctest.
if(TARGET dispatch_journal)
    add_executable(bench_search bench/bench_search.c unit/own_journal.c unit/folder.c)
    target_link_libraries(bench_search PRIVATE yihao_flags dispatch_journal base PkgConfig::sodium)
    set_target_properties(bench_search PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bench)
endif()
