#!/usr/bin/env bash
# The volume of the dispatcher's home is full to its last octet, under the real programs (fault F6): it never says that it
# has what it could not write, it ends, and what it said it had is there when there is room again. A city on a volume of its own.
#     tests/e2e/full_disk.sh BIN_FOLDER
set -uo pipefail
cd "$(dirname "$0")/../.."
if [ -z "${YIHAO_OWN_MOUNTS:-}" ]; then
    if ! unshare -rm sh -c 'mount -t tmpfs -o size=1m none /mnt' 2> /dev/null; then
        echo 'left out: volumes of its own cannot be made here (no user namespaces)'
        exit 0
    fi
    YIHAO_OWN_MOUNTS=yes exec unshare -rm "$0" "$@"
fi
source ops/home.sh
bin=$1
base=$((21000 + $$ % 8000))
source tests/e2e/verbs.sh
mount -t tmpfs -o size=64m none "$home" || exit 1

start() {
    "$bin/yihao-dispatcher" --home "$home" --name dispatcher >> "$outside/dispatcher.log" 2>&1 &
    dispatcher=$!
    until curl -fs -o /dev/null "http://127.0.0.1:$((base + 10))/healthz" 2> /dev/null; do
        kill -0 "$dispatcher" 2> /dev/null || return 1
        sleep 0.05
    done
}
# Registers until it is refused, COUNT at most; the numbers of those that were acknowledged are kept.
register() { # COUNT
    local i
    for i in $(seq "$1"); do
        "$bin/yihao" --home "$home" incident register 210200 --line 12345 --district 320901 --as 1001 --text "电梯停运 $i" > "$outside/out" 2>&1 || return
        awk '$1 == "number" { print $2 }' "$outside/out" >> "$outside/acknowledged"
    done
}

outside=$(mktemp -d)
mkdir -p "$home"/{city,run}
shifted_settings "$base" | sed '/^sealer /,/^}/d' > "$home/settings.conf"
cp ops/city/*.csv "$home/city/"
expect 0 keys make
expect 0 user passwords --generate
start || failed=1
register 20
cat /dev/zero > "$home/ballast" 2> /dev/null # to the last octet
df --output=avail "$home" | grep -qx ' *0' || { echo 'the volume is not full'; failed=1; }
register 3000
before=$(wc -l < "$outside/acknowledged")
code=0
wait "$dispatcher" 2> /dev/null || code=$?
[ "$code" != 0 ] || { echo 'it ended as if nothing were wrong'; failed=1; }
grep -qE ' (error|fatal) .*(No space|ENOSPC)' "$outside/dispatcher.log" || { echo 'it does not say why it ended'; failed=1; }

rm "$home/ballast"
start || { echo 'it does not start when there is room again'; failed=1; }
while read -r number; do
    expect 0 incident show "$number" --as 1001
done < <(tail -n 40 "$outside/acknowledged")
register 1
[ "$(wc -l < "$outside/acknowledged")" = $((before + 1)) ] || { echo 'it takes nothing more'; failed=1; }
kill "$dispatcher" && wait "$dispatcher"
dispatcher=''
expect 0 trail verify "$home/journal"
[ "$failed" = 0 ] || tail -5 "$outside/dispatcher.log"
[ "$failed" != 0 ] || echo "full disk: $before acknowledged, ended with code $code, all of the last 40 there, the chain holds"
rm -rf "$outside"
umount -l "$home"
exit "$failed"
