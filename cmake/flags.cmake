# Warnings, sanitizers and hardening for our own code (reference: docs/decisions/0002-c11.md).
add_library(yihao_flags INTERFACE)
target_compile_definitions(yihao_flags INTERFACE _GNU_SOURCE)
target_include_directories(yihao_flags INTERFACE ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR})
target_compile_options(yihao_flags INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes
    -Wold-style-definition -Wvla -Wformat=2 -Wundef -Wwrite-strings -Wcast-qual -Wpointer-arith
    -Wimplicit-fallthrough -fno-common -fno-strict-aliasing)
if(CMAKE_C_COMPILER_ID MATCHES Clang)
    # REQUIRE(!"what cannot be") is meant; the others are stricter than gcc's under the same names.
    target_compile_options(yihao_flags INTERFACE -Wno-string-conversion -Wno-format-nonliteral
        -Wno-sign-conversion -Wno-missing-field-initializers)
endif()
if(YIHAO_WERROR)
    target_compile_options(yihao_flags INTERFACE -Werror)
endif()
if(YIHAO_SANITIZE)
    add_compile_options(-fsanitize=${YIHAO_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
    add_link_options(-fsanitize=${YIHAO_SANITIZE})
endif()
if(YIHAO_FUZZ)
    add_compile_options(-fsanitize=fuzzer-no-link)
endif()
if(YIHAO_COVERAGE)
    add_compile_options(--coverage)
    add_link_options(--coverage)
endif()
if(YIHAO_PROFILE AND NOT CMAKE_C_COMPILER_ID STREQUAL GNU)
    message(FATAL_ERROR "YIHAO_PROFILE is gcc's")
endif()
if(YIHAO_PROFILE STREQUAL record)
    add_link_options(-fprofile-generate)
endif()
# Some two hundred test programs are linked for each build: in half the time by binutils' other linker.
find_program(LD_GOLD ld.gold)
if(LD_GOLD AND CMAKE_BUILD_TYPE STREQUAL Debug)
    add_link_options(-fuse-ld=gold)
endif()
add_link_options(-Wl,--as-needed) # a program names the libraries that it calls, no others
if(YIHAO_HARDEN)
    add_compile_options(-D_FORTIFY_SOURCE=3 -fstack-protector-strong -fstack-clash-protection
        -fcf-protection -ftrivial-auto-var-init=zero)
    add_link_options(-pie -Wl,-z,relro,-z,now,-z,noexecstack)
endif()

# yihao_library(NAME SOURCES … LIBRARIES …): a static library of ours.
function(yihao_library name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LIBRARIES;PRIVATE_LIBRARIES")
    add_library(${name} STATIC ${arg_SOURCES})
    target_link_libraries(${name} PUBLIC yihao_flags ${arg_LIBRARIES} PRIVATE ${arg_PRIVATE_LIBRARIES})
endfunction()

# yihao_program(NAME SOURCES … LIBRARIES …): a program in build/…/bin.
function(yihao_program name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LIBRARIES")
    add_executable(${name} ${arg_SOURCES})
    target_link_libraries(${name} PRIVATE yihao_flags ${arg_LIBRARIES})
endfunction()

# yihao_whole(): in a release the libraries of this folder are compiled each as one unit, so that many small
# functions cost no calls (gcc's link-time optimisation, ended when the archive is made: who links it
# notices nothing). A tenth to a quarter of the core's time (docs/figures.md).
macro(yihao_whole)
    if(CMAKE_BUILD_TYPE STREQUAL Release AND CMAKE_C_COMPILER_ID STREQUAL GNU)
        add_compile_options(-O3 -fPIE)
        if(NOT YIHAO_PROFILE STREQUAL record) # each unit would bring the counters' library along
            # One partition: with several, functions private to a file become names of the whole program, and two
            # libraries' may be alike.
            add_compile_options(-flto=auto -flto-partition=one)
            get_directory_property(options COMPILE_OPTIONS)
            list(JOIN options " " options)
            set(CMAKE_C_ARCHIVE_CREATE
                "<CMAKE_C_COMPILER> ${options} -g -r -flinker-output=nolto-rel -o <TARGET>.o <OBJECTS>"
                "<CMAKE_AR> qc <TARGET> <TARGET>.o")
        endif()
    endif()
endmacro()

# yihao_trained([WHOLE]): this folder's code is compiled by a profile of its own running (ops/train), WHOLE: then each
# library as one unit, too. YIHAO_PROFILE=record counts into build/…/profile; =use compiles by what is found
# there: all that ever ran for speed, since a simulated day is mostly waiting, and what never ran as if
# there were no profile.
macro(yihao_trained)
    if(YIHAO_PROFILE STREQUAL record)
        add_compile_options(-fprofile-generate -fprofile-update=atomic -fprofile-dir=${CMAKE_BINARY_DIR}/profile)
    elseif(YIHAO_PROFILE STREQUAL use)
        add_compile_options(-fprofile-use=${CMAKE_BINARY_DIR}/profile -fprofile-partial-training
            --param=hot-bb-count-ws-permille=1000 -Wno-missing-profile)
    endif()
    if(YIHAO_PROFILE AND "${ARGN}" STREQUAL WHOLE)
        yihao_whole()
    endif()
endmacro()
