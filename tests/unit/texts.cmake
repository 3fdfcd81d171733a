yihao_test(wish SOURCES unit/test_wish.c LIBRARIES dispatcher_parts)
