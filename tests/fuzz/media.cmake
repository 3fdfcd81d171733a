yihao_fuzz(rtp SOURCES fuzz/fuzz_rtp.c LIBRARIES trunk_media)
yihao_fuzz(handshake SOURCES fuzz/fuzz_handshake.c LIBRARIES trunk_media)
yihao_fuzz(tape SOURCES fuzz/fuzz_tape.c LIBRARIES proto_tape base PkgConfig::sodium)
yihao_fuzz(wav SOURCES fuzz/fuzz_wav.c LIBRARIES trunk_media)
