yihao_fuzz(frame SOURCES fuzz/fuzz_frame.c LIBRARIES proto_codec)
