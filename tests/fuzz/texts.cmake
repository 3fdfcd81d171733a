yihao_fuzz(aml SOURCES fuzz/fuzz_aml.c LIBRARIES proto)
