foreach(noun access feed screen session route pages)
    yihao_test(${noun} SOURCES unit/test_${noun}.c LIBRARIES console_core PkgConfig::sodium)
endforeach()
