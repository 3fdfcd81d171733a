yihao_test(city SOURCES unit/test_city.c LIBRARIES city proto_settings)
