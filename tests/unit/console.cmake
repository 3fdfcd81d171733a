foreach(noun access aml_senders citizen feed screen session passage range route pages)
    yihao_test(${noun} SOURCES unit/test_${noun}.c LIBRARIES console_core PkgConfig::sodium)
endforeach()
yihao_test(history SOURCES unit/test_history.c unit/folder.c unit/town.c unit/town_turn.c ../consoles/server/history.c
    LIBRARIES onlooker proto_keys dispatch_journal PkgConfig::sodium)
yihao_test(export SOURCES unit/test_export.c LIBRARIES console_core)
target_compile_definitions(test_export PRIVATE WEB_SOURCE="${PROJECT_SOURCE_DIR}/consoles/web")
yihao_test(attachment SOURCES unit/test_attachment.c LIBRARIES proto_attachment)
