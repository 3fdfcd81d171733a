yihao_fuzz(frame SOURCES fuzz/fuzz_frame.c LIBRARIES proto_codec proto_wire PkgConfig::protobuf_c)
