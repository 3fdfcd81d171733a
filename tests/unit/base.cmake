yihao_test(base SOURCES unit/test_base.c LIBRARIES base)
yihao_test(codec SOURCES unit/test_codec.c LIBRARIES proto_codec)
