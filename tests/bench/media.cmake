# CPU of recorded bridged calls: build/…/bench/bench_media CALLS SECONDS [VOICES] [rtpengine]. As a test: 100 calls.
add_executable(bench_media bench/bench_media.c bench/rtpengine.c)
set_target_properties(bench_media PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bench)
target_link_libraries(bench_media PRIVATE yihao_flags trunk_media)
add_test(NAME media_carries_100_recorded_calls COMMAND bench_media 100 4)
set_tests_properties(media_carries_100_recorded_calls PROPERTIES LABELS slow RUN_SERIAL TRUE)
add_dependencies(slow_tests bench_media)
