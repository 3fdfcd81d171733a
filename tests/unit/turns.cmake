yihao_test(turns SOURCES unit/test_turns.c unit/folder.c
    LIBRARIES dispatcher_bus dispatch_store PkgConfig::sodium)
yihao_test(mandate SOURCES unit/test_mandate.c LIBRARIES mandate base)
if(TARGET understudy)
    yihao_test(understudy SOURCES unit/test_understudy.c unit/folder.c
        LIBRARIES understudy city proto_codec proto_keys PkgConfig::sodium)
endif()
