#!/usr/bin/env bash
# How long a gateway waits for an answer when the leader hands over, and when it is killed: each round does both, under calls,
# first by the arbiter, then by the annals. Some eight and ten seconds a round; the counts and the distribution are at the end.
#     tests/e2e/take_overs.sh [ROUNDS [BUILD_FOLDER]]
set -uo pipefail
cd "$(dirname "$0")/../.."
rounds=${1:-200}
build=${2:-build/dev}
drill() { "$build/tests/test_dispatcher_kill" "$build/bin/yihao-dispatcher" "$rounds" 1 "$@" || failed=1; }
failed=0
echo 'by the arbiter'
drill kills "$build/bin/yihao-arbiter"
echo 'by the annals'
drill annals
exit $failed
