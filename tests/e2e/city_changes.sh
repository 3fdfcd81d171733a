#!/usr/bin/env bash
# The city's tables changed by two persons, with the real dispatcher and command line: proposed, checked,
# ruled, in force and on the disk, undone; a death between the journal and the disk is made good.
#     tests/e2e/city_changes.sh BIN_FOLDER
set -uo pipefail
cd "$(dirname "$0")/../.."
source ops/home.sh
bin=$1
base=$((29000 + $$ % 3600))
source tests/e2e/verbs.sh

holds() { # PATTERN: in users.csv on the disk
    grep -qE "$1" "$home/city/users.csv" && return
    echo "expected /$1/ in users.csv"
    failed=1
}

start() {
    "$bin/yihao-dispatcher" --home "$home" --name dispatcher >> "$home/dispatcher.log" 2>&1 &
    dispatcher=$!
    curl -fs --retry 40 --retry-delay 1 --retry-connrefused -o /dev/null \
        "http://127.0.0.1:$((base + 10))/healthz" || failed=1
}

edit() { # SED FILE: a copy of the table, changed
    rm -rf "$home/copy" && mkdir "$home/copy"
    sed -E "$1" "$home/city/$2" > "$home/copy/$2"
}

mkdir -p "$home/city"
shifted_settings "$base" > "$home/settings.conf"
cp ops/city/*.csv "$home/city/"
expect 0 keys make
expect 0 user passwords --generate
start

# One person is enough for a name.
edit 's/王敏/王敏敏/' users.csv
expect 0 city diff "$home/copy"
says 'users.csv +1001 +changed +name_zh +王敏 +王敏敏'
expect 0 city diff "$home/copy/users.csv" -o csv
says '^users.csv,1001,changed,name_zh,王敏,王敏敏.?$'
expect 0 city check "$home/copy"
says 'one person is enough'
expect 0 city propose "$home/copy" --why 'her name was wrong'
says 'amendment 1 is in force'
holds '^1001,1001,王敏敏,'
expect 6 city propose "$home/copy" --why 'once more'
says 'no row differs'

# It takes two for what a person may do.
edit 's/^1002,1002,([^,]*,[^,]*),taker,/1002,1002,\1,taker supervisor,/' users.csv
printf '9001,9001,新人,New Person,taker,0,,no,110:1,\n' >> "$home/copy/users.csv"
LC_ALL=zh_CN.UTF-8 expect 0 city check "$home/copy"
says '须由安全管理员复核'
expect 2 city propose "$home/copy"
expect 4 city propose "$home/copy" --why 'not hers' --as 2001
expect 0 city propose "$home/copy" --why 'a supervisor more'
says 'amendment 2 waits'
! grep -q '^9001' "$home/city/users.csv" || failed=1
expect 4 city approve 2 --as 4001
expect 3 city approve 77
expect 0 city show 2
says '1002 +changed +roles +taker +taker supervisor'
says '9001 +added +name_zh +新人'
expect 0 city approve 2
holds '^1002,.*,taker supervisor,'
holds '^9001,9001,新人'
expect 0 city history -o csv
says '^2,applied,2,'
expect 6 city reject 2 --why 'too late'

# What does not hold together stays outside, with its reason.
edit 's/^1003,1003,/1003,1002,/' users.csv
expect 1 city check "$home/copy"
says 'login "1002" stands in line'
expect 6 city propose "$home/copy" --why 'twice the same login'
says 'login "1002" stands in line'
expect 0 city show 3
says 'withdrawn'

# Undone, by two again; a row that moved on cannot be taken back blindly.
expect 0 city undo 2 --why 'it was a mistake'
says 'amendment 4 waits'
expect 0 city reject 4 --why 'ask her first'
edit 's/,New Person,/,Newer Person,/' users.csv
expect 0 city propose "$home/copy" --why 'her name'
expect 6 city undo 2 --why 'it was a mistake'
says 'row 9001 is not as the amendment says'
expect 0 city undo 5 --why 'the first name was right'
expect 0 city undo 2 --why 'it was a mistake'
expect 0 city approve 8
! grep -q '^9001' "$home/city/users.csv" || failed=1
holds '^1002,1002,[^,]*,[^,]*,taker,'

# The journal has it and the disk does not: the next start writes it.
edit 's/王敏敏/王敏/' users.csv
cp "$home/city/users.csv" "$home/before.csv"
expect 0 city propose "$home/copy" --why 'the old name'
kill "$dispatcher"
wait "$dispatcher"
cp "$home/before.csv" "$home/city/users.csv"
start
holds '^1001,1001,王敏,'
grep -q 'wrote the city.s tables anew amendments=1 first=9' "$home/dispatcher.log" || failed=1

# Edited by hand and not loaded: nothing is built upon it.
sed -i 's/王敏/王小敏/' "$home/city/users.csv"
edit 's/李艳/李燕/' users.csv
expect 6 city propose "$home/copy" --why 'a name'
says 'not those in force'
