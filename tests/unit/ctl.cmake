# The command line; completion and man page must be what the verb table says.
yihao_test(ctl SOURCES unit/test_ctl.c LIBRARIES ctl)
yihao_test(places SOURCES unit/test_places.c LIBRARIES places)
add_test(NAME ctl_completion_is_current COMMAND sh -c
    "LC_ALL=C $<TARGET_FILE:yihao> help --bash | diff - ${PROJECT_SOURCE_DIR}/ops/completion/yihao.bash")
add_test(NAME ctl_zsh_completion_is_current COMMAND sh -c
    "LC_ALL=C $<TARGET_FILE:yihao> help --zsh | diff - ${PROJECT_SOURCE_DIR}/ops/completion/_yihao")
add_test(NAME man_pages_hold COMMAND ${PROJECT_SOURCE_DIR}/ops/check-man.sh ${CMAKE_RUNTIME_OUTPUT_DIRECTORY})
add_test(NAME ctl_man_page_is_current COMMAND sh -c
    "LC_ALL=C $<TARGET_FILE:yihao> help --man | diff - ${PROJECT_SOURCE_DIR}/ops/man/yihao.1")
