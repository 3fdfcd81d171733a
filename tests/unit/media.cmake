# The media plane: its parts, and the whole on real sockets in real time.
yihao_test(tape SOURCES unit/test_tape.c LIBRARIES proto_tape PkgConfig::sodium)
yihao_test(sound SOURCES unit/test_sound.c LIBRARIES trunk_media m)
add_library(fake_telephone STATIC fake/telephone.c)
target_link_libraries(fake_telephone PUBLIC yihao_flags trunk_media m)
yihao_test(media SOURCES unit/test_media.c LIBRARIES fake_telephone PkgConfig::sodium)
set_tests_properties(media PROPERTIES LABELS slow RUN_SERIAL TRUE)
yihao_test(rooms SOURCES unit/test_rooms.c golden/golden_text.c LIBRARIES fake_telephone trunk_pure)
set_tests_properties(rooms PROPERTIES LABELS slow RUN_SERIAL TRUE)
