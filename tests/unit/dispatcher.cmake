yihao_test(dispatcher_parts SOURCES unit/test_dispatcher_parts.c
    LIBRARIES dispatcher_parts PkgConfig::sodium)
