#!/usr/bin/env bash
# Does every story that docs/rules.md names exist among the tests?
set -u
cd "$(dirname "$0")/.."
missing=0
for story in $(grep -oE '`[a-z0-9_]{12,}`' docs/rules.md | tr -d '`' | sort -u); do
    grep -rqE "static void $story\(|NAME $story|yihao_test\($story|add_test\(NAME $story" tests cmake CMakeLists.txt || {
        echo "docs/rules.md names $story, which is no test"
        missing=$((missing + 1))
    }
done
[ "$missing" -eq 0 ]
