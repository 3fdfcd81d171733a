if(TARGET ctl)
    yihao_test(trees SOURCES golden/test_trees.c LIBRARIES ctl)
endif()
