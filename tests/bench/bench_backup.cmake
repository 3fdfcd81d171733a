add_executable(bench_backup bench/bench_backup.c unit/folder.c unit/town.c unit/town_turn.c)
set_target_properties(bench_backup PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bench)
target_link_libraries(bench_backup PRIVATE yihao_flags dispatch_backup PkgConfig::sodium)
