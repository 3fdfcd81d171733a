#!/usr/bin/env bash
# Every figure that alerts and dashboard name is served by a running program; a backup of the running home
# restores, and a dispatcher starts on it.
#     tests/e2e/metrics_exist.sh BIN_FOLDER
set -uo pipefail
cd "$(dirname "$0")/../.."
source ops/home.sh
bin=$1
home=$(mktemp -d)
base=$((29000 + $$ % 70 * 50))
failed=0
programs='arbiter dispatcher trunk-1 sms-1 console'
finish() {
    for program in $(programs_of "$home" | tac); do stop_program "$home" "$program"; done
    stop_program "$home/restored" dispatcher
    [ "$failed" = 0 ] || tail -n 5 "$home"/log/*.log
    rm -rf "$home"
    exit "$failed"
}
trap finish EXIT
wrong() { echo "$*"; failed=1; }

make_home "$home" "$base" > "$home.out" 2>&1 || { cat "$home.out"; failed=1; exit; }
rm -f "$home.out"
sed -i "/^dispatcher {/a\    turns = \"tcp://127.0.0.1:$((base + 5))\"" "$home/settings.conf" # it would have a standby
sed -i "/^dispatcher {/a\    arbiter = \"tcp://127.0.0.1:$((base + 6))\"" "$home/settings.conf" # and somebody who says which leads
printf 'arbiter "arbiter" {\n    metrics_port = %d\n}\n' "$((base + 7))" >> "$home/settings.conf"
"$bin/yihao" --home "$home" keys make > /dev/null || wrong 'no key for the arbiter'
sed -i "/^trunk \"trunk-1\" {/a\    synthetic = {\"sip:test-110@127.0.0.1:$((base + 30))\"}" "$home/settings.conf"
for program in $programs; do start_program "$home" "$program"; done
for program in $programs; do wait_healthy "$home" "$program" || wrong "$program is not healthy"; done

for program in $programs; do curl -fsS -m 2 "http://127.0.0.1:$(metrics_port_of "$home" "$program")/metrics"; done |
    grep -oE '^yihao_[a-z_]+' | sort -u > "$home/served"
"$bin/yihao" --home "$home" keys backup "$home/backup.key" > /dev/null || wrong 'no key'
"$bin/yihao" --home "$home" backup "$home/backup" || wrong 'no backup'
"$bin/yihao" restore "$home/backup" --key "$home/backup.key" --to "$home/restored" || wrong 'not restored'
"$bin/yihao" --home "$home" doctor > "$home/found" # it lacks takers: what else is wrong does not matter
grep -qE '^well +backup' "$home/found" || wrong 'the doctor does not see the backup'

# who follows serves figures, too
cp "$home/restored/settings.conf" "$home/settings.before"
sed -i -e '/^    arbiter = /d' -e "s|^    turns = .*|    twin_turns = \"tcp://127.0.0.1:$((base + 5))\"|" \
    -e "/^dispatcher {/,/^}/s|metrics_port = .*|metrics_port = $((base + 8))|" "$home/restored/settings.conf"
"$bin/yihao-dispatcher" --home "$home/restored" --standby > "$home/log/standby.log" 2>&1 &
follower=$!
for _ in {1..200}; do curl -fsS -m 2 "http://127.0.0.1:$((base + 8))/metrics" > "$home/follower" 2> /dev/null && break; sleep 0.05; done
grep -oE '^yihao_[a-z_]+' "$home/follower" | sort -u - "$home/served" -o "$home/served"
"$bin/yihao" --home "$home/restored" doctor > "$home/found"
grep -qE ' twin ' "$home/found" || wrong 'the doctor does not see that it follows'
kill "$follower"
wait "$follower" || wrong 'the follower did not end properly'
mv "$home/settings.before" "$home/restored/settings.conf"
stop_program "$home" dispatcher

# by annals of its own
sed -i -e '/^    arbiter = /d' -e "s|^    turns = .*|    annals = \"lmdb:$home/annals\"|" "$home/restored/settings.conf"
start_program "$home/restored" dispatcher
wait_healthy "$home/restored" dispatcher || wrong 'no dispatcher starts on what was restored'
curl -fsS -m 2 "http://127.0.0.1:$(metrics_port_of "$home/restored" dispatcher)/metrics" |
    grep -oE '^yihao_[a-z_]+' | sort -u - "$home/served" -o "$home/served"

grep -ohE 'yihao_[a-z_]+' ops/monitoring/rules.yml ops/monitoring/dashboard.json | sort -u > "$home/named"
missing=$(comm -13 "$home/served" "$home/named")
[ -z "$missing" ] || wrong "no program serves: $missing"
[ "$(wc -l < "$home/named")" -gt 25 ] || wrong 'hardly anything is named'
