# The sound of calls. pkg-config's ortp forgets bctoolbox, whose symbols its headers use.
find_library(BCTOOLBOX bctoolbox REQUIRED)
yihao_library(trunk_media
    SOURCES channel.c concealment.c endpoint.c g711.c handshake.c keying.c keypad.c media.c media_ask.c media_secure.c media_text.c mixer.c ports.c prompts.c quality.c recorder.c reel.c ring.c shield.c teletype.c tone.c transcoder.c voice.c
    LIBRARIES base trunk_pure proto_tape proto_suite
    PRIVATE_LIBRARIES PkgConfig::ortp ${BCTOOLBOX} PkgConfig::srtp2 PkgConfig::opus PkgConfig::spandsp PkgConfig::openssl PkgConfig::sodium Threads::Threads m)

# The announcements of the sample city, spoken from ops/prompts/*.txt.
find_program(ESPEAK espeak-ng)
find_program(SOX sox)
if(ESPEAK AND SOX)
    file(GLOB prompt_texts CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/ops/prompts/*.txt)
    add_custom_command(OUTPUT ${PROJECT_BINARY_DIR}/prompts/done
        COMMAND ${PROJECT_SOURCE_DIR}/ops/prompts/make ${PROJECT_BINARY_DIR}/prompts
        COMMAND ${CMAKE_COMMAND} -E touch ${PROJECT_BINARY_DIR}/prompts/done
        DEPENDS ${prompt_texts} ${PROJECT_SOURCE_DIR}/ops/prompts/make VERBATIM)
    add_custom_target(prompts ALL DEPENDS ${PROJECT_BINARY_DIR}/prompts/done)
else()
    message(WARNING "espeak-ng or sox is missing: no announcements are made (ops/packages.txt)")
endif()
