#!/bin/sh
# Gate: every #include of our C files is allowed for its folder (ops/lint/include-rules.txt), and the
# headers of outside libraries are seen by their adapters alone (ops/lint/adapters.txt).
#     ops/check-includes.sh
set -eu
cd "$(dirname "$0")/.."
bad=0

files=$(git ls-files --cached --others --exclude-standard 'base/*.[ch]' 'proto/*.[ch]' \
    'dispatcher/*.[ch]' 'gateways/*.[ch]' 'consoles/*.[ch]' | sort -u)

rule_of() { # the row of the longest folder that holds the file
    awk -F' *: *' -v file="$1" '
        /^#/ || NF < 2 { next }
        index(file, $1 "/") == 1 && length($1) > best { best = length($1); rule = $2 }
        END { print rule }' ops/lint/include-rules.txt
}

for file in $files; do
    [ -f "$file" ] || continue
    rule=$(rule_of "$file")
    [ -n "$rule" ] || { echo "$file: no row in ops/lint/include-rules.txt"; bad=1; continue; }
    pattern=$(printf '%s' "$rule" | tr -s ' ' '|')
    wrong=$(sed -nE 's/^#[[:space:]]*include[[:space:]]+("[^"]*"|<[^>]*>).*/\1/p' "$file" |
        sed 's/^"//; s/"$//' | grep -vE "^($pattern)" || true)
    for header in $wrong; do
        echo "$file: may not include $header"
        bad=1
    done
done

while IFS= read -r row; do
    case $row in '#'* | '') continue ;; esac
    header=$(printf '%s' "$row" | sed -E 's/ *:.*//')
    owners=$(printf '%s' "$row" | sed -E 's/^[^:]*: *//')
    for file in $files; do
        [ -f "$file" ] || continue
        case " $owners " in *" $file "*) continue ;; esac
        if grep -qF "#include $header" "$file"; then
            echo "$file: $header belongs to $owners"
            bad=1
        fi
    done
done < ops/lint/adapters.txt
exit $bad
