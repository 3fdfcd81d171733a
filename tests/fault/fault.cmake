# The n-th allocation or system call of a real program fails, or is its last (tests/fault/fault.h).
add_library(yihao_fault MODULE fault/fault.c)
target_link_libraries(yihao_fault PRIVATE yihao_flags)
target_compile_options(yihao_fault PRIVATE -U_FORTIFY_SOURCE) # whose read and poll are inline
set_target_properties(yihao_fault PROPERTIES LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
if(NOT YIHAO_SANITIZE) # whose allocations are their own
    yihao_test(settings_memory SOURCES unit/test_settings_memory.c fault/fault.c LIBRARIES proto_settings)
    target_compile_options(test_settings_memory PRIVATE -U_FORTIFY_SOURCE)
    yihao_test(json_memory SOURCES unit/test_json_memory.c fault/fault.c LIBRARIES proto_json)
    target_compile_options(test_json_memory PRIVATE -U_FORTIFY_SOURCE)
endif()
