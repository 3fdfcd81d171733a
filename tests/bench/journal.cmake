add_executable(bench_journal bench/bench_journal.c unit/folder.c unit/town.c unit/town_turn.c)
set_target_properties(bench_journal PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bench)
target_link_libraries(bench_journal PRIVATE yihao_flags dispatch_journal PkgConfig::lmdb
    PkgConfig::sodium)
add_executable(bench_seal bench/bench_seal.c unit/folder.c unit/town.c unit/town_turn.c)
set_target_properties(bench_seal PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bench)
target_link_libraries(bench_seal PRIVATE yihao_flags dispatch_journal dispatch_sealer PkgConfig::sodium)

# A sealed read and an erasure: build/…/bench/bench_vault SUBJECTS.
add_executable(bench_vault bench/bench_vault.c)
set_target_properties(bench_vault PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bench)
target_link_libraries(bench_vault PRIVATE yihao_flags dispatch_journal PkgConfig::sodium)
