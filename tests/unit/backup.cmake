yihao_test(pace SOURCES unit/test_pace.c LIBRARIES dispatch_backup)
yihao_test(backup SOURCES unit/test_backup.c unit/folder.c unit/town.c unit/town_turn.c
    LIBRARIES dispatch_backup PkgConfig::sodium)
yihao_test(backup_files SOURCES unit/test_backup_files.c unit/folder.c unit/town.c unit/town_turn.c
    LIBRARIES dispatch_backup proto_keys PkgConfig::sodium)
