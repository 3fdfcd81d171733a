yihao_test(dispatcher_parts SOURCES unit/test_dispatcher_parts.c
    LIBRARIES dispatcher_parts PkgConfig::sodium)

add_library(fake_home STATIC fake/home.c)
target_link_libraries(fake_home PUBLIC yihao_flags link proto_keys PRIVATE base PkgConfig::sodium)
yihao_test(bus SOURCES unit/test_bus.c LIBRARIES dispatcher_bus fake_home link PkgConfig::zmq)
