yihao_fuzz(aml SOURCES fuzz/fuzz_aml.c LIBRARIES proto)
yihao_fuzz(survival SOURCES fuzz/fuzz_survival.c LIBRARIES proto)
yihao_fuzz(wish SOURCES fuzz/fuzz_wish.c LIBRARIES dispatcher_parts)
