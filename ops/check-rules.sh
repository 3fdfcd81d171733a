#!/usr/bin/env bash
# Does every story that docs/rules.md names exist among the tests, and does the simulator's auditor know every event?
set -u
cd "$(dirname "$0")/.."
missing=0
for story in $(grep -oE '`[a-z0-9_]{12,}`' docs/rules.md | tr -d '`' | sort -u); do
    grep -rqE "static void $story\(|NAME $story|yihao_test\($story|add_test\(NAME $story" tests cmake CMakeLists.txt || {
        echo "docs/rules.md names $story, which is no test"
        missing=$((missing + 1))
    }
done
for event in $(sed -n '/^message Event /,/^}/p' proto/event.proto | sed -nE 's/^ {4}[A-Z][A-Za-z]+ ([a-z_]+) = [0-9]+;.*/\1/p'); do
    grep -qw "EVENT_${event^^}" tests/sim/auditor*.c || {
        echo "the simulator's auditor does not judge $event (tests/sim)"
        missing=$((missing + 1))
    }
done
[ "$missing" -eq 0 ]
