add_executable(bench_journal_pg bench/bench_journal_pg.c fake/postgresql.c unit/folder.c unit/town.c unit/town_turn.c)
set_target_properties(bench_journal_pg PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bench)
target_link_libraries(bench_journal_pg PRIVATE yihao_flags annals dispatch_journal PkgConfig::pq PkgConfig::sodium
    Threads::Threads)
