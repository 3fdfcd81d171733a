set(town_sources unit/folder.c unit/town.c)
yihao_test(journal SOURCES unit/test_journal.c ${town_sources}
    LIBRARIES dispatch_journal PkgConfig::sodium)
yihao_test(trail SOURCES unit/test_trail.c ${town_sources}
    LIBRARIES dispatch_journal PkgConfig::sodium)
