# The console server over a bus and views in its own process, for socket tests and the bench.
add_executable(console_fake fake/console_main.c fake/console_bus.c)
set_target_properties(console_fake PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
target_link_libraries(console_fake PRIVATE yihao_flags console_server PkgConfig::sodium)
