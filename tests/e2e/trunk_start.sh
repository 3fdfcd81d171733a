#!/usr/bin/env bash
# A trunk gateway in a home of its own: what it starts without, what it refuses, what --check touches.
#     tests/e2e/trunk_start.sh BIN_FOLDER
set -uo pipefail
cd "$(dirname "$0")/../.."
source ops/home.sh
bin=$1
home=$(mktemp -d)
base=$((11000 + $$ % 8000))
failed=0
trunk=''

finish() {
    [ -z "$trunk" ] || kill "$trunk" 2> /dev/null
    wait
    rm -rf "$home"
    exit "$failed"
}
trap finish EXIT

check() { # CODE WORDS: --check of trunk-1 ends so
    local got=0
    "$bin/yihao-trunk" --home "$home" --name trunk-1 --check > "$home/out" 2>&1 || got=$?
    [ "$got" = "$1" ] && grep -q -- "$2" "$home/out" && return
    echo "check: code $got, expected $1 and \"$2\" in:"
    cat "$home/out"
    failed=1
}

shifted_settings "$base" > "$home/settings.conf"
mkdir "$home/city"
check 1 'cannot read keys'
"$bin/yihao" --home "$home" keys make > /dev/null || failed=1
check 0 'no announcements'
[ ! -e "$home/trunk-1" ] || { echo '--check made files' && failed=1; }
echo 'nonsense' > "$home/keys/phones"
check 1 'cannot read phones'
rm "$home/keys/phones"

# Without dispatcher and without announcements it takes its ports; --check leaves it alone.
"$bin/yihao-trunk" --home "$home" --name trunk-1 > "$home/trunk.log" 2>&1 &
trunk=$!
url=http://127.0.0.1:$(metrics_port_of "$home" trunk-1)/metrics
curl -s --retry 40 --retry-delay 1 --retry-connrefused -o "$home/out" "$url"
grep -q yihao_trunk_calls "$home/out" || failed=1
grep -q 'hear silence' "$home/trunk.log" || failed=1
check 0 'no announcements'
kill "$trunk"
wait "$trunk" || { echo "trunk ended with $?" && failed=1; }
trunk=''
[ "$failed" = 0 ] || cat "$home/trunk.log"
