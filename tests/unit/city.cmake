yihao_test(template SOURCES unit/test_template.c LIBRARIES city)
yihao_test(city SOURCES unit/test_city.c LIBRARIES city dispatch_core proto_settings)
yihao_test(amended SOURCES unit/test_amended.c unit/folder.c LIBRARIES city)
