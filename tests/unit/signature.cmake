if(TARGET dispatcher_parts)
    yihao_test(signature SOURCES unit/test_signature.c LIBRARIES dispatcher_parts proto_signature PkgConfig::sodium)
    yihao_test(authenticator SOURCES unit/test_authenticator.c unit/authenticator_key.c
        LIBRARIES dispatcher_parts proto_signature PkgConfig::sodium PkgConfig::openssl)
endif()
