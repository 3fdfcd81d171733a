#!/bin/sh
# Gate: whatever is counted for ever is 64 bits wide, in every message and in the sources: ids,
# sequences, epochs, calls, times. What people number (lines, departments, users, categories, units)
# is 32. The compiler guards the rest: -Wconversion lets nothing narrow in silence.
set -eu
cd "$(dirname "$0")/.."
ids='seq|epoch|call|contact|incident|task|offer|text|callback|petition|parent|child|other|subject|draft|caller'
times='[a-z_]*(at|due|until|started|closed|registered|moved|now)_ms'

wire=$(grep -nE "^ *(repeated )?u?int32 +($ids|$times) *=" proto/*.proto || true)
code=$(grep -rnE --include='*.c' --include='*.h' \
    "^ *(const )?(u?int32_t|int|unsigned( int)?) +(seq|epoch|contact|incident|offer|callback|petition|subject|caller|next_id|next_call|$times)( *=.*)?;" \
    dispatcher gateways consoles base proto || true)
test -z "$wire$code" || { printf '%s\n' "narrower than 64 bits:" "$wire" "$code" >&2; exit 1; }
