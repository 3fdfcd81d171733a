# Verbs of the command line in a home of their own, for the tests beside this: sets home, failed and dispatcher, and cleans
# up at the end. Source it with $bin set.
home=$(mktemp -d)
failed=0
dispatcher='' sealer=''

finish() {
    # shellcheck disable=SC2086
    [ -z "$dispatcher$sealer" ] || kill $dispatcher $sealer 2> /dev/null
    wait
    [ "$failed" = 0 ] || tail -n 20 "$home/dispatcher.log"
    rm -rf "$home"
    exit "$failed"
}
trap finish EXIT

expect() { # CODE WORDS…: the verb ends so
    local want=$1 got=0
    shift
    "$bin/yihao" --home "$home" "$@" > "$home/out" 2>&1 || got=$?
    [ "$got" = "$want" ] && return
    echo "yihao $*: code $got, expected $want"
    cat "$home/out"
    failed=1
}

says() { # PATTERN: in what the last verb printed
    grep -qE "$1" "$home/out" && return
    echo "expected /$1/ in:"
    cat "$home/out"
    failed=1
}
