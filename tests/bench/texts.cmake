if(TARGET yihao-dispatcher AND TARGET yihao-sms)
    foreach(way in out rival)
        add_executable(bench_sms_${way} bench/bench_sms_${way}.c bench/text_centre.c bench/disk.c)
        set_target_properties(bench_sms_${way} PROPERTIES
                              RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bench)
        target_link_libraries(bench_sms_${way} PRIVATE yihao_flags fake_program sms PkgConfig::lmdb)
    endforeach()
endif()
