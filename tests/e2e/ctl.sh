#!/usr/bin/env bash
# The command line against a dispatcher in a home of its own: the whole loop of an incident, its trail
# exported, verified, tampered with, and the exit codes that scripts rely on.
#     tests/e2e/ctl.sh BIN_FOLDER
set -uo pipefail
cd "$(dirname "$0")/../.."
source ops/home.sh
bin=$1
base=$((21000 + $$ % 8000))
source tests/e2e/verbs.sh

expect 1 conf check
expect 1 doctor
says 'no settings.conf'
mkdir -p "$home"/city
shifted_settings "$base" > "$home/settings.conf"
cp ops/city/*.csv "$home/city/"
expect 2 status           # as whom?
expect 1 status --as 2001 # no keys
expect 0 keys make
expect 0 conf check
expect 1 doctor
says '^WRONG +passwords'
says '^WRONG +programs +dispatcher does not run'
expect 2 user passwords
expect 0 user passwords --generate
expect 0 user passwords --generate
says '^0 passwords'
expect 3 user password nobody
expect 3 user phone nobody --generate
expect 0 user phone 1001 --generate
says '^secret [a-z0-9]{16}$'
echo short > "$home/secret"
YIHAO_PASSWORD_FILE=$home/secret expect 1 user phone 1002
echo 'long enough: yes' > "$home/secret"
YIHAO_PASSWORD_FILE=$home/secret expect 0 user phone 1002
YIHAO_PASSWORD_FILE=$home/secret expect 0 user phone 1001
[ "$(grep -cE '^100[12]:[0-9a-f]{32}:[0-9a-f]{64}$' "$home/keys/phones")" = 2 ] || failed=1
[ "$(stat -c %a "$home/keys/phones")" = 600 ] || failed=1
sed -i '/^trunk "trunk-1"/a realm = "other"' "$home/settings.conf"
expect 6 user phone 1001 --generate
sed -i '/realm = "other"/d' "$home/settings.conf"
expect 5 status # no dispatcher

"$bin/yihao-dispatcher" --home "$home" --name dispatcher > "$home/dispatcher.log" 2>&1 &
dispatcher=$!
curl -fs --retry 40 --retry-delay 1 --retry-connrefused -o /dev/null "http://127.0.0.1:$((base + 10))/healthz" || failed=1
expect 1 doctor
says '^WRONG +sealer'
mkdir -p "$home/run"
"$bin/yihao-sealer" --home "$home" --name sealer > "$home/sealer.log" 2>&1 &
sealer=$!

expect 0 status
says '12345'
expect 0 seat ready 1001
expect 4 seat ready 1002 --as 1001
expect 0 storm show
says '^no storm'
expect 4 storm enter --as 1001
expect 0 storm enter --as 2001
expect 6 storm enter --as 2001
expect 0 storm show
says '^storm since .*: hand'
expect 0 storm leave --as 2001
expect 0 mark list
expect 3 mark confirm 99 --as 2001
expect 3 callback try 99 busy --as 2001
expect 3 contact silent 99 --as 2001
expect 3 cluster announce 99 yes --as 2001
expect 0 takers
says '1001 +ready'
expect 0 seat away 1001 meal
expect 3 seat accept 1001
expect 2 seat away 1001 boredom

register() { expect 0 incident register 210200 --line 12345 --district 320901 --as 1001 "$@"; }
register --number 13800138000 --text '电梯停在三楼'
incident=$(awk '$1 == "incident" { print $2 }' "$home/out")
number=$(awk '$1 == "number" { print $2 }' "$home/out")
expect 3 incident show 999999
expect 3 incident dispatch "$incident" --lead 9999 --as 1001
expect 0 incident dispatch "$number" --lead 3 --as 1001
task=$(awk '$1 == "task" { print $2 }' "$home/out")
expect 6 incident tell "$incident" phone --as 1001 # nothing to tell yet
expect 4 task sign "$task" --as ga                # another department's
expect 0 task sign "$task" --as xj
expect 6 task sign "$task" --as xj
expect 0 task reply "$task" --solved yes --text '已修复' --as xj
expect 0 incident tell "$incident" phone --as 1001
expect 0 incident show "$number"
says 'told'
expect 0 person read "$incident" supervision --as 2001
says '138\*\*\*\*8000'
expect 4 person read "$incident" answering --as xj
expect 4 person reveal "$incident" handling visit --fields name --as xj # never the name
expect 2 person reveal "$incident" handling visit --fields 4 --as xj # fields have names
expect 0 person reveal "$incident" supervision verify --as 2001
says '13800138000'
expect 0 who-saw 13800138000
says 'supervision .*number +verify'
says 'audit .*number' # who looks is seen, too
# a secret incident is there for its circle alone, and for whom a grant names
expect 0 incident register 230300 --line 12345 --secrecy sealed --text '线索' --as 1001
secret=$(awk '$1 == "incident" { print $2 }' "$home/out")
secret_number=$(awk '$1 == "number" { print $2 }' "$home/out")
expect 0 incident show "$secret" --as 1001
expect 3 incident show "$secret" --as 2001
expect 3 incident show "$secret_number" --as 2001
expect 3 incident note "$secret" --text '无关' --as 1002
expect 4 secret grant "$secret_number" 2001 4h complaint --as 2001 # never to oneself
expect 0 secret grant "$secret_number" 1002 4h complaint --as 2001
expect 0 incident show "$secret_number" --as 1002
expect 0 secret revoke "$secret_number" 1002 --as 2001
expect 3 incident show "$secret_number" --as 1002
echo wrong-password > "$home/wrong"
YIHAO_PASSWORD_FILE=$home/wrong expect 4 status --as 1001

# what citizens said is found, as written or as it sounds; who looks is seen; a secret case is there for nobody else
expect 0 search --text '电梯 三楼'
says "$number"
expect 0 incident register 210200 --line 12345 --district 320901 --as 1001 --number 13800138001 --text '井盖松动'
said_now=$(awk '$1 == "number" { print $2 }' "$home/out")
expect 0 search --text '井盖' # a moment after it was said
says "$said_now"
expect 0 search --text dianti --as 2001
says "$number"
expect 0 search --text dianti --as 2001 -o csv
says '^number,line,state,category,lead,registered'
says "^$number,12345,"
expect 0 search --text dianti --as 2001 -o json
says "\"number\": \"$number\""
expect 0 search --text '线索' --as 2001
grep -q "$secret_number" "$home/out" && { echo 'a secret case is found'; failed=1; }
expect 0 search --text '电梯' --line 119
grep -q "$number" "$home/out" && { echo 'another line is found'; failed=1; }
expect 4 search --text '电梯' --as 1001
# on paper: without the citizen, or with what was opened for it
expect 0 trail export "$number" --pdf --to "$home/bare.pdf"
pdf=$(sed -n 's/.*event \([0-9]*\);.*/\1/p' "$home/out")
expect 0 export check "$home/bare.pdf" "$pdf"
echo >> "$home/bare.pdf"
expect 10 export check "$home/bare.pdf" "$pdf"
pdftotext "$home/bare.pdf" - > "$home/out"
says "Trail of"
grep -q '电梯停在三楼' "$home/out" && { echo 'words on a bare paper'; failed=1; }
expect 0 trail export "$number" --pdf --purpose complaint --to "$home/whole.pdf"
pdftotext "$home/whole.pdf" - > "$home/out"
says '电梯停在三楼'
says '13800138000'
expect 2 trail export "$number" --pdf --purpose boredom
expect 4 trail export "$number" --pdf --as 1001

# units: what a run card sends, and what a unit says
expect 0 incident register 150100 --line 119 --district 320901 --east_cell 101 --north_cell 102 --as 1001
fire=$(awk '$1 == "incident" { print $2 }' "$home/out")
expect 0 plan propose "$fire"
says '301 +next_station +559'
expect 6 plan raise "$fire" 1 # no department has it
expect 0 incident dispatch "$fire" --lead 3 --as 1001
expect 0 unit list --incident "$fire"
says '301 +engine .*alerted'
expect 4 unit set 302 sign --as e301 # another unit's terminal
expect 0 unit set 301 sign --as e301
expect 0 unit place 301 101 101 --as e301
expect 6 unit place 301 101 101 --as e301
expect 0 unit set 301 roll --as e301
expect 0 unit set 301 arrive --as e301
expect 0 incident show "$fire"
says 'on_scene'
expect 0 plan raise "$fire" 2
says '303 +next_station'
expect 0 unit set 302 unable --reason breakdown --as xj
expect 0 plan show "$fire"
says 'unable .*alerted'
expect 0 coverage
says 'ambulance'

expect 0 trail show "$number"
says 'personal_was_read .*reason=supervision'
expect 0 trail export "$number" --to "$home/trail.txt"
expect 1 trail export "$number" --to "$home/trail.txt" # never over a file
expect 0 trail verify "$home/trail.txt"
says 'whole'
sed "s/^run \\([0-9]*\\) .*/run \\1 \\1/" "$home/trail.txt" > "$home/cut.txt"
expect 10 trail verify "$home/cut.txt"
says 'TAMPERED'
expect 10 trail verify "$home/trail.txt" --key "$(printf '0%.0s' $(seq 64))" # another signer
expect 0 trail verify "$home/journal"
expect 3 trail verify "$home/no-such-file"
expect 0 events --after 500
says 'incident_registered'
expect 0 kpi --to 20991231 # a reply counts on the day it was due
says 'O5 .*100.00 %'
expect 0 kpi --department 3
expect 2 kpi --from tomorrow
expect 0 kpi recount --to 20991231
says 'counted again from [0-9]+ events: all [0-9]+ rows are equal'
sleep 1.2 # the checkpoint over the last second
expect 0 trail export --first 1 --to "$home/all.txt"
expect 0 kpi recount "$home/all.txt" --to 20991231
says 'O5 .*100.00 %'
"$bin/yihao" help > "$home/verbs"
while read -r noun; do # every list there is opens
    expect 0 "$noun" list
    lists=$((${lists:-0} + 1))
done < <(sed -nE 's/^  ([a-z-]+) list .*/\1/p' "$home/verbs" | sort -u)
[ "${lists:-0}" -ge 20 ] || { echo "only ${lists:-0} lists were found"; failed=1; }
expect 0 metrics dispatcher
says 'yihao_up_since'
expect 3 metrics nobody
chmod 644 "$home/keys/vault.key"
expect 1 doctor
says '^WRONG +keys .*vault.key may be read by others'
says '^well +disk +the journal uses'
chmod 600 "$home/keys/vault.key"
expect 1 doctor
says '^well +keys'
says '^WRONG +programs +trunk-1 does not run' # only the dispatcher does here
! grep -q 'dispatcher does not run' "$home/out" || { echo 'the doctor does not see the dispatcher'; failed=1; }
