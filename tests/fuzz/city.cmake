yihao_fuzz(cells SOURCES fuzz/fuzz_cells.c LIBRARIES city)
