foreach(noun access aml_senders citizen feed screen session passage range route pages)
    yihao_test(${noun} SOURCES unit/test_${noun}.c LIBRARIES console_core PkgConfig::sodium)
endforeach()
