#!/bin/sh
# Gate: every #include of our C files is allowed for its folder (ops/lint/include-rules.txt), and the
# headers of outside libraries are seen by their adapters alone (ops/lint/adapters.txt).
#     ops/check-includes.sh
set -eu
cd "$(dirname "$0")/.."
git ls-files --cached --others --exclude-standard 'base/*.[ch]' 'proto/*.[ch]' \
    'dispatcher/*.[ch]' 'gateways/*.[ch]' 'consoles/*.[ch]' | sort -u |
    awk '
    function rule_of(file,    folder, best) { # the row of the longest folder that holds the file
        for (folder in rules)
            if (index(file, folder "/") == 1 && length(folder) > length(best))
                best = folder
        return best == "" ? "" : rules[best]
    }
    function complain(words) { print words; bad = 1 }
    FILENAME != "-" { # the two tables: KEY : WORDS
        if ($0 ~ /^#/ || NF == 0)
            next
        key = $0; sub(/ *:.*/, "", key); sub(/^[^:]*: */, "")
        if (FILENAME ~ /include-rules/) {
            gsub(/ +/, "|"); sub(/\|$/, "")
            rules[key] = $0
        } else
            owners[key] = $0
        next
    }
    {
        file = $0
        rule = rule_of(file)
        if (rule == "")
            complain(file ": no row in ops/lint/include-rules.txt")
        while (rule != "" && (getline line < file) > 0) {
            if (line !~ /^#[ \t]*include[ \t]+["<]/)
                continue
            sub(/^#[ \t]*include[ \t]+/, "", line)
            match(line, /^("[^"]*"|<[^>]*>)/)
            header = substr(line, 1, RLENGTH)
            for (outside in owners)
                if (index(header, outside) == 1 && index(" " owners[outside] " ", " " file " ") == 0)
                    complain(file ": " header " belongs to " owners[outside])
            gsub(/"/, "", header)
            if (header !~ "^(" rule ")")
                complain(file ": may not include " header)
        }
        close(file)
    }
    END { exit bad }' ops/lint/include-rules.txt ops/lint/adapters.txt -
