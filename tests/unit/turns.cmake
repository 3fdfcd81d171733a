yihao_test(turns SOURCES unit/test_turns.c unit/folder.c
    LIBRARIES dispatcher_bus dispatch_store PkgConfig::sodium)
