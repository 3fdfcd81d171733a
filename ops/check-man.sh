#!/usr/bin/env bash
# The manual pages are whole: scdoc takes them, every option of a program and every setting is named.
#     ops/check-man.sh [BIN]     BIN: where the programs are (default build/dev/bin)
set -uo pipefail
cd "$(dirname "$0")/.."
bin=${1:-build/dev/bin}
wrong=0

complain() {
    echo "ops/check-man.sh: $*"
    wrong=1
}

for page in ops/man/*.scd; do
    scdoc < "$page" > /dev/null || complain "$page: scdoc does not take it"
done

for page in ops/man/yihao-{dispatcher,arbiter,sealer,trunk,sms,console,witness}.8.scd ops/man/yihao-verify.1.scd; do
    program=$(basename "$page" | sed 's/^yihao-//; s/\..*//')
    for option in $("$bin/yihao-$program" --help | grep -oE -- '--[a-z]+' | sort -u); do
        grep -qF -- "*$option*" "$page" || complain "$page does not name $option"
    done
done

# The rows of proto/settings_rows.c: section, setting.
settings() {
    awk '/^static const struct settings_row [a-z]+_rows/ { section = $5; sub(/_rows.*/, "", section) }
         /^};/ { section = "" }
         section && match($0, /_ROW\([a-z_]+, [a-z_]+/) {
             split(substr($0, RSTART, RLENGTH), words, ", "); print section, words[2] }
         section && match($0, /^    \{ "[a-z_]+"/) {
             split(substr($0, RSTART, RLENGTH), words, "\""); print section, words[2] }' proto/settings_rows.c
}

while read -r section setting; do
    page=ops/man/yihao-home.5.scd
    [ "$section" != centre ] || page=docs/sms.md
    grep -qw -- "$setting" <<< "$(tr -d '\\' < "$page")" || complain "$page does not name the setting $setting of $section"
done < <(settings)

[ "$(settings | wc -l)" -gt 30 ] || complain "the settings of proto/settings_rows.c were not found"
exit $wrong
