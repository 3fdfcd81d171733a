yihao_fuzz(bundle SOURCES fuzz/fuzz_bundle.c LIBRARIES dispatch_trail PkgConfig::sodium)
yihao_fuzz(record SOURCES fuzz/fuzz_record.c LIBRARIES dispatch_trail)
yihao_fuzz(archive SOURCES fuzz/fuzz_archive.c LIBRARIES dispatch_backup PkgConfig::sodium)
yihao_fuzz(concordance SOURCES fuzz/fuzz_concordance.c LIBRARIES dispatch_views)
