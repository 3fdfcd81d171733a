yihao_test(window SOURCES unit/test_window.c LIBRARIES link)
yihao_test(pending SOURCES unit/test_pending.c LIBRARIES link)
yihao_test(spool SOURCES unit/test_spool.c LIBRARIES link)
yihao_test(link SOURCES unit/test_link.c LIBRARIES link proto_codec)
