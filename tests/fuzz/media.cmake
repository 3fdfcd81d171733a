yihao_fuzz(rtp SOURCES fuzz/fuzz_rtp.c LIBRARIES trunk_media)
yihao_fuzz(wav SOURCES fuzz/fuzz_wav.c LIBRARIES trunk_media)
