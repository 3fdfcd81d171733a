if(TARGET ctl)
    yihao_test(trees SOURCES golden/test_trees.c golden/golden_text.c LIBRARIES ctl)
endif()
