#!/usr/bin/env bash
# What an operator holds in hands fits the programs: every alert names a runbook that is there, every
# command in a runbook is one, and the units keep their programs in. With promtool (package prometheus)
# the alerts are tried on histories, too.
#     tests/e2e/operations.sh BIN_FOLDER
set -uo pipefail
cd "$(dirname "$0")/../.."
bin=$1
failed=0
wrong() { echo "$*"; failed=1; }

for page in $(sed -n 's/^ *runbook: "*\([a-z-]*\.md\)"*$/\1/p' ops/monitoring/rules.yml | sort -u) \
    $(grep -ohE '"[a-z]+(-[a-z]+)*" \},?$|runbook = "[a-z-]+"' consoles/ctl/doctor*.c | grep -oE '"[a-z-]+"' | tr -d '"' | sed 's/$/.md/'); do
    [ -f "ops/runbooks/$page" ] || wrong "ops/runbooks/$page is not there"
done
[ "$(grep -c '^      - alert:' ops/monitoring/rules.yml)" = "$(grep -c '^          runbook:' ops/monitoring/rules.yml)" ] ||
    wrong "an alert names no runbook"
for page in ops/runbooks/*.md; do
    grep -qF "($(basename "$page"))" ops/runbooks/README.md || [ "$page" = ops/runbooks/README.md ] ||
        wrong "$page does not stand in ops/runbooks/README.md"
    for other in $(grep -ohE '\(([a-z-]+\.md)\)' "$page" | tr -d '()'); do
        [ -f "ops/runbooks/$other" ] || wrong "$page names $other"
    done
    # The words behind `yihao` up to the first that is no verb's: capitals, options.
    grep -ohE '`yihao [^`]*`' "$page" | tr -d '`' | while read -r _ first second _; do
        case $second in [A-Z\"-]*) second='' ;; esac
        # shellcheck disable=SC2086
        "$bin/yihao" help $first $second 2> /dev/null | grep -qE "^(yihao| ) *$first${second:+ $second}" ||
            echo "$page: no command \"yihao $first $second\""
    done > "/tmp/yihao-operations.$$"
    [ ! -s "/tmp/yihao-operations.$$" ] || wrong "$(cat "/tmp/yihao-operations.$$")"
done
rm -f "/tmp/yihao-operations.$$"

if command -v systemd-analyze > /dev/null; then
    for unit in ops/systemd/*.service; do
        level=$(systemd-analyze security --no-pager --offline=yes "$PWD/$unit" 2> /dev/null |
            sed -nE 's/.*exposure level for .*: ([0-9.]+) .*/\1/p')
        awk -v level="${level:-10}" 'BEGIN { exit !(level <= 1.5) }' || wrong "$unit is exposed: ${level:-not readable}"
    done
else
    echo "systemd-analyze is not here: the units were not looked at (apt-get install systemd)"
fi
# Whatever runs for long has a unit, so that it is kept in; what one of them starts by itself is kept in with it.
for program in "$bin"/yihao-*; do
    case ${program##*/} in yihao-verify | yihao-press) continue ;; esac
    ls "ops/systemd/${program##*/}"{,@}.service > /tmp/yihao-operations.$$ 2> /dev/null
    [ -s "/tmp/yihao-operations.$$" ] || wrong "${program##*/} has no unit"
done
rm -f "/tmp/yihao-operations.$$"
node -e 'JSON.parse(require("fs").readFileSync("ops/monitoring/dashboard.json"))' || wrong "dashboard.json is no JSON"
if command -v promtool > /dev/null; then
    promtool check rules ops/monitoring/rules.yml > /dev/null || wrong "the rules cannot be read"
    (cd ops/monitoring && promtool test rules rules-test.yml) || wrong "the rules do not fire as they should"
else
    echo "promtool is not here: the rules were not tried (apt-get install prometheus)"
fi
exit $failed
