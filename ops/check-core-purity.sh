#!/bin/sh
# Gate: the core's archive calls nothing but the symbols listed here and holds no writable static
# data. A clock, an allocation, a socket or a hidden counter breaks the build. Not for sanitizer
# builds, which add symbols of their own.
#     ops/check-core-purity.sh build/dev/dispatcher/libdispatch_core.a
set -eu
archive=$1
allowed='^(memcpy|memmove|memset|memcmp|strlen|strnlen|strcmp|strncmp|snprintf|require_failed|heap_[a-z_]+|pile_[a-z_]+|text_[a-z_]+|prng_[a-z_]+|hex_[a-z_]+|utf8_[a-z_]+|civil_[a-z_]+|schemas|schema_body|owner_of|access_[a-z_]+|circle_add_[a-z]+|identity_[a-z_]+|event_sizes|_GLOBAL_OFFSET_TABLE_|__stack_chk_fail|__(memcpy|memmove|memset|snprintf)_chk|[a-z_]+_name)$'

defined=$(nm --defined-only "$archive" | awk 'NF == 3 { print $3 }' | sort -u)
called=$(nm --undefined-only "$archive" | awk '$1 == "U" { print $2 }' | sort -u |
    { printf '%s\n' "$defined" > "${TMPDIR:-/tmp}/defined.$$"; grep -vxFf "${TMPDIR:-/tmp}/defined.$$"; } |
    grep -Ev "$allowed" || true)
rm -f "${TMPDIR:-/tmp}/defined.$$"
writable=$(nm --format=sysv --defined-only "$archive" | awk -F'|' '
    $7 ~ /^ *\.(t?data|t?bss)/ && $7 !~ /\.data\.rel\.ro/ { gsub(/ /, "", $1); print $1 }' | sort -u)

test -z "$called" || { echo "$archive calls out:" $called >&2; exit 1; }
test -z "$writable" || { echo "$archive keeps static state:" $writable >&2; exit 1; }
