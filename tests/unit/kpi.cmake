yihao_test(kpi SOURCES unit/test_kpi.c unit/books.c unit/folder.c unit/own_journal.c unit/town.c story/world.c story/words.c story/staff.c golden/journal_file.c
    LIBRARIES dispatch_core dispatch_journal dispatch_kpi proto_codec PkgConfig::sodium)
yihao_test(kpi_orders SOURCES unit/test_kpi_orders.c unit/books.c unit/folder.c unit/own_journal.c story/world.c story/words.c story/staff.c golden/journal_file.c
    LIBRARIES dispatch_core dispatch_journal dispatch_kpi proto_codec PkgConfig::sodium)
yihao_test(secret_views SOURCES unit/test_secret_views.c unit/folder.c unit/own_journal.c story/world.c story/words.c golden/journal_file.c
    LIBRARIES dispatch_core dispatch_journal proto_codec PkgConfig::sodium)
yihao_test(ending_views SOURCES unit/test_ending_views.c unit/folder.c unit/own_journal.c story/world.c story/words.c golden/journal_file.c
    LIBRARIES dispatch_core dispatch_journal proto_codec PkgConfig::sodium)
yihao_test(staffing SOURCES unit/test_staffing.c LIBRARIES dispatch_kpi)
