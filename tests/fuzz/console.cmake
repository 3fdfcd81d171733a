yihao_fuzz(screen SOURCES fuzz/fuzz_screen.c LIBRARIES console_core)
