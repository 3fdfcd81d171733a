#!/bin/sh
# Gate: clang-tidy finds nothing in our C files (.clang-tidy; needs build/dev for the commands).
#     ops/check-tidy.sh [FILE.c …]     default: every file of the programs
set -eu
cd "$(dirname "$0")/.."
[ -f build/dev/compile_commands.json ] || { echo 'build first: cmake --workflow --preset check' >&2; exit 1; }
[ $# -gt 0 ] || set -- $(git ls-files 'base/*.c' 'proto/*.c' 'dispatcher/*.c' 'gateways/*.c' 'consoles/*.c')
printf '%s\n' "$@" | xargs -P "$(nproc)" -n 4 clang-tidy --quiet -p build/dev 2> /dev/null
