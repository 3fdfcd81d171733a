# What a check of access costs, and who-saw over a year of reads: build/release/bench/bench_access READS.
if(TARGET dispatch_journal)
    add_executable(bench_access bench/bench_access.c unit/own_journal.c unit/folder.c)
    target_link_libraries(bench_access PRIVATE yihao_flags dispatch_journal proto base PkgConfig::sodium)
    set_target_properties(bench_access PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bench)
endif()
