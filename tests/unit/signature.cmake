if(TARGET dispatcher_parts)
    yihao_test(signature SOURCES unit/test_signature.c LIBRARIES dispatcher_parts proto_signature PkgConfig::sodium)
endif()
