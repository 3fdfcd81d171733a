#!/usr/bin/env bash
# A city that signs with SM2 and SM3, from the setting to the verdict: its programs, its trail under a witness, a
# person who changes the setting afterwards, and keys of the other suite.
#     tests/e2e/suite.sh BIN_FOLDER
set -uo pipefail
cd "$(dirname "$0")/../.."
source ops/home.sh
bin=$1
base=$((21000 + $$ % 8000))
source tests/e2e/verbs.sh

start() { # PROGRAM
    mkdir -p "$home/run"
    "$bin/yihao-$(kind_of "$home" "$1")" --home "$home" --name "$1" >> "$home/$1.log" 2>&1 &
    running[$1]=$!
    until [ "$1" = sealer ] && [ -S "$home/run/sealer.socket" ] ||
        curl -fs -o /dev/null "http://127.0.0.1:$(metrics_port_of "$home" "$1")/healthz" 2> /dev/null; do
        kill -0 "${running[$1]}" 2> /dev/null || return 1
        sleep 0.05
    done
}
stop() { # PROGRAM
    kill "${running[$1]}" && wait "${running[$1]}"
}
logged() { # PROGRAM WORDS
    grep -q "$2" "$home/$1.log" || { echo "$1 does not say: $2"; tail -3 "$home/$1.log"; failed=1; }
}
declare -A running

mkdir -p "$home"/city
shifted_settings "$base" | sed '1i suite = "sm4"' > "$home/settings.conf"
cp ops/city/*.csv "$home/city/"
expect 1 conf check
says 'give blake2b-ed25519 or sm3-sm2'
sed -i '1s/.*/suite = "sm3-sm2"/' "$home/settings.conf"
expect 0 conf check
expect 0 keys make
expect 0 user passwords --generate
for program in dispatcher sealer witness-1; do start $program || failed=1; done

expect 0 incident register 210200 --line 12345 --district 320901 --as 1001 --number 13800138000 --text '电梯停在三楼'
number=$(awk '$1 == "number" { print $2 }' "$home/out")
for _ in $(seq 100); do # until city and witness have signed
    rm -f "$home/trail.txt"
    "$bin/yihao" --home "$home" trail export "$number" --to "$home/trail.txt" > "$home/out" 2>&1 &&
        grep -q '^witness ' "$home/trail.txt" && break
    sleep 0.1
done
grep -q '^checkpoint 2 ' "$home/trail.txt" || failed=1
"$bin/yihao-verify" "$home/trail.txt" --key "$home/keys/sign.public" --witness "$home/witness-1/sign.public" > "$home/out" || failed=1
says 'made with 算法 sm3-sm2'
says '^signed by witness'
sed 's/^checkpoint 2 /checkpoint 1 /' "$home/trail.txt" > "$home/cut.txt"
expect 10 trail verify "$home/cut.txt"
expect 0 trail verify "$home/journal"

# Somebody changes the setting: the trail goes on as it began, and is told so; who signs says what is wrong.
for program in witness-1 sealer dispatcher; do stop $program; done
sed -i '1s/.*/suite = "blake2b-ed25519"/' "$home/settings.conf"
start dispatcher || failed=1
logged dispatcher 'keeps the suite it was begun with suite=sm3-sm2 settings=blake2b-ed25519'
start sealer && failed=1
logged sealer 'of another suite than suite=blake2b-ed25519'
expect 0 status
stop dispatcher
sed -i '1s/.*/suite = "sm3-sm2"/' "$home/settings.conf"
start sealer && start dispatcher || failed=1
for program in sealer dispatcher; do stop $program; done
expect 0 trail verify "$home/journal"

# Keys of one suite begin no trail of another.
sed -i '1s/.*/suite = "blake2b-ed25519"/; /^sealer /,/^}/d' "$home/settings.conf"
rm -r "$home/journal" "$home/keys/sign.public"
expect 0 keys make
sed -i '1s/.*/suite = "sm3-sm2"/' "$home/settings.conf"
start dispatcher && failed=1
logged dispatcher 'keys/sign.secret and sign.public are no pair of suite=sm3-sm2'

[ "$failed" = 0 ] && echo "suite: all as it should be"
exit "$failed"
