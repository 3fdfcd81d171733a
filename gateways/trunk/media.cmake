# The sound of calls. pkg-config's ortp forgets bctoolbox, whose symbols its headers use.
find_library(BCTOOLBOX bctoolbox REQUIRED)
yihao_library(trunk_media
    SOURCES endpoint.c g711.c media.c ports.c prompts.c recorder.c ring.c voice.c
    LIBRARIES base PRIVATE_LIBRARIES PkgConfig::ortp ${BCTOOLBOX} PkgConfig::sodium Threads::Threads)
