yihao_test(backup SOURCES unit/test_backup.c unit/folder.c unit/town.c unit/town_turn.c
    LIBRARIES dispatch_backup PkgConfig::sodium)
