#!/usr/bin/env bash
# A version and the one before run together while one is replaced: builds a former commit's dispatcher, then hands over and
# kills between the two, under calls, in both directions and both ways (the arbiter's and the annals').
#     tests/e2e/mixed.sh COMMIT [ROUNDS [BUILD_FOLDER]]
set -euo pipefail
cd "$(dirname "$0")/../.."
commit=$1
rounds=${2:-4}
build=${3:-build/dev}
former=$(mktemp -d)
trap 'rm -rf "$former"' EXIT
git archive "$commit" | tar -x -C "$former"
(cd "$former" && cmake --preset dev > /dev/null && cmake --build --preset dev --target yihao-dispatcher > /dev/null)
drill() { "$build/tests/test_dispatcher_kill" "$build/bin/yihao-dispatcher" "$rounds" 1 "$@" "$former/build/dev/bin/yihao-dispatcher"; }
echo "by the arbiter, the second one is $commit"
drill kills "$build/bin/yihao-arbiter"
echo "by the annals, the second one is $commit"
drill annals
