yihao_fuzz(spool SOURCES fuzz/fuzz_spool.c LIBRARIES link)
yihao_fuzz(pending SOURCES fuzz/fuzz_pending.c LIBRARIES link)
