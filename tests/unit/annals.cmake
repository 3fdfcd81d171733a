yihao_test(watch SOURCES unit/test_watch.c LIBRARIES annals)
yihao_test(annals SOURCES unit/test_annals.c unit/folder.c fake/postgresql.c
    LIBRARIES annals dispatch_store PkgConfig::pq PkgConfig::sodium Threads::Threads)
set_tests_properties(annals PROPERTIES TIMEOUT 120)
