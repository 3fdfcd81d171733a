yihao_fuzz(spool SOURCES fuzz/fuzz_spool.c LIBRARIES link)
