#!/bin/sh
# Gate: C files are formatted by .clang-format, are not too long, and use none of the banned calls.
#     ops/check-format.sh          # check
#     ops/check-format.sh --fix    # format in place
set -eu
cd "$(dirname "$0")/.."
files=$(git ls-files --cached --others --exclude-standard '*.c' '*.h' | grep -v '/vendor/' | sort -u)
existing=''
for file in $files; do [ ! -f "$file" ] || existing="$existing $file"; done
if [ "${1:-}" = --fix ]; then
    clang-format -i $existing
    exit 0
fi
bad=0
clang-format --dry-run --Werror $existing || bad=1

for file in $existing; do
    lines=$(wc -l < "$file")
    if [ "$lines" -gt 800 ]; then
        echo "$file: $lines lines (limit 800)"
        bad=1
    fi
done

banned='\b(strcpy|strcat|sprintf|vsprintf|strtok|gets|atoi|atol|atof|localtime|gmtime|ctime|rand|srand|alloca|system)\('
if grep -nE "$banned" $(printf '%s\n' $existing | grep -v '^tests/'); then
    echo 'banned calls (style: bounded or reentrant ones instead)'
    bad=1
fi
if grep -nE '\b(u|nano)?sleep\(' $(printf '%s\n' $existing | grep -E '^tests/(unit|story|sim)/') /dev/null; then
    echo 'a test sleeps: turn the clock by hand'
    bad=1
fi
exit $bad
