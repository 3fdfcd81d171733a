yihao_test(suite SOURCES unit/test_suite.c LIBRARIES proto_suite base PkgConfig::sodium)

# What is held of the trail is held under both suites: the same programs, once more.
foreach(name journal scribe trail signed_trail sealer sealing witness rot backup backup_files attachment views)
    add_test(NAME ${name}_sm COMMAND test_${name} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
    set_tests_properties(${name}_sm PROPERTIES TIMEOUT 300 ENVIRONMENT YIHAO_SUITE=sm3-sm2)
endforeach()
