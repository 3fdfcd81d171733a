yihao_fuzz(sign_in SOURCES fuzz/fuzz_sign_in.c LIBRARIES dispatcher_parts SHARE 10)
