yihao_fuzz(json SOURCES fuzz/fuzz_json.c LIBRARIES proto_json proto_codec)
