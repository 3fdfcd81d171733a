set(town_sources unit/folder.c unit/town.c unit/town_turn.c)
yihao_test(journal SOURCES unit/test_journal.c ${town_sources}
    LIBRARIES dispatch_journal PkgConfig::sodium)
yihao_test(scribe SOURCES unit/test_scribe.c ${town_sources}
    LIBRARIES dispatch_journal PkgConfig::sodium)
yihao_test(vault SOURCES unit/test_vault.c unit/folder.c
    LIBRARIES dispatch_journal proto_keys PkgConfig::sodium)
yihao_test(trail SOURCES unit/test_trail.c ${town_sources}
    LIBRARIES dispatch_journal PkgConfig::sodium)
yihao_test(signed_trail SOURCES unit/test_signed_trail.c unit/authenticator_key.c ${town_sources}
    LIBRARIES dispatch_journal proto_signature PkgConfig::sodium PkgConfig::openssl)
yihao_test(store SOURCES unit/test_store.c unit/folder.c LIBRARIES dispatch_store PkgConfig::sodium)
set_target_properties(test_store PROPERTIES ENABLE_EXPORTS ON) # its fdatasync() stands before libc's
yihao_test(probe SOURCES unit/test_probe.c unit/folder.c LIBRARIES dispatch_store)
yihao_test(kill SOURCES unit/test_kill.c ${town_sources}
    LIBRARIES dispatch_journal PkgConfig::sodium)
set_tests_properties(kill PROPERTIES LABELS slow)
yihao_test(views SOURCES unit/test_views.c unit/own_journal.c ${town_sources}
    LIBRARIES dispatch_journal PkgConfig::sodium)
yihao_test(shelf SOURCES unit/test_shelf.c LIBRARIES dispatch_journal)
yihao_test(witness SOURCES unit/test_witness.c ${town_sources}
    LIBRARIES witness dispatch_journal PkgConfig::sodium)
yihao_test(rot SOURCES unit/test_rot.c ${town_sources}
    LIBRARIES dispatch_journal PkgConfig::sodium)
yihao_test(rot_read SOURCES unit/test_rot_read.c ${town_sources}
    LIBRARIES dispatch_journal PkgConfig::sodium)
yihao_test(sealing SOURCES unit/test_sealing.c ${town_sources} ../dispatcher/io/sealing.c
    LIBRARIES dispatch_sealer dispatch_journal PkgConfig::sodium)
yihao_test(sealer SOURCES unit/test_sealer.c ${town_sources}
    LIBRARIES dispatch_sealer dispatch_backup dispatch_journal PkgConfig::sodium)
