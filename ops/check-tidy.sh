#!/bin/sh
# Gate: clang-tidy finds nothing in our C files (.clang-tidy; needs build/dev for the commands).
#     ops/check-tidy.sh [--deep] [FILE.c …]     default: every file of the programs
# The analyzer looks at 2,000 states of a function, with --deep at its own 225,000: a few large functions
# then take most of four times the time.
set -eu
cd "$(dirname "$0")/.."
[ -f build/dev/compile_commands.json ] || { echo 'build first: cmake --workflow --preset check' >&2; exit 1; }
states=2000
[ "${1:-}" != --deep ] || { states=225000; shift; }
[ $# -gt 0 ] || set -- $(git ls-files 'base/*.c' 'proto/*.c' 'dispatcher/*.c' 'gateways/*.c' 'consoles/*.c')
printf '%s\n' "$@" | xargs -P "$(nproc)" -n 4 clang-tidy --quiet -p build/dev \
    --extra-arg=-enable-trivial-auto-var-init-zero-knowing-it-will-be-removed-from-clang \
    --extra-arg=-Xclang --extra-arg=-analyzer-config --extra-arg=-Xclang --extra-arg="max-nodes=$states" 2> /dev/null
