yihao_test(json SOURCES unit/test_json.c LIBRARIES proto_json proto_codec)
