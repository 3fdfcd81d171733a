# Signalling of the trunk: the bus and the sound are fakes, linked in place of the real ones.
add_library(fake_bus STATIC fake/fake_link.c fake/fake_media.c fake/transcript.c)
target_link_libraries(fake_bus PUBLIC yihao_flags proto)
yihao_test(trunk_udp SOURCES unit/test_trunk_udp.c LIBRARIES trunk_calls trunk_stack fake_bus)
set_tests_properties(trunk_udp PROPERTIES LABELS slow)
add_library(fake_stack STATIC fake/fake_stack.c)
target_link_libraries(fake_stack PUBLIC trunk_pure)
yihao_test(trunk_calls SOURCES story/test_trunk_calls.c LIBRARIES trunk_calls fake_stack fake_bus)
