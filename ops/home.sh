# Sourced by ops/start, ops/stop and the tests: what a home is and how its programs run.
bin=${YIHAO_BIN:-$PWD/build/release/bin} # YIHAO_BIN: the programs of another build
source ops/cluster.sh

# step NAME CURE COMMAND…: runs the command and says how it went.
step() {
    local name=$1 cure=$2 begun=$SECONDS
    shift 2
    printf '%-22s' "$name"
    if "$@"; then
        printf ' ok%s\n' "$([ $((SECONDS - begun)) -lt 3 ] || echo " ($((SECONDS - begun)) s)")"
    else
        printf ' FAILED\n%s: %s\n' "$name" "$cure" >&2
        exit 1
    fi
}

build_programs() {
    mkdir -p build
    { [ -f build/release/build.ninja ] || cmake --preset release; } > build/start.log 2>&1 &&
        cmake --build --preset release --target programs >> build/start.log 2>&1
}

# The settings file with its ports moved to a base.
shifted_settings() { # BASE
    sed -E \
        -e "s/:7110\"/:$1\"/; s/:7111\"/:$(($1 + 1))\"/; s/localhost:8110\"/localhost:$(($1 + 20))\"/" \
        ops/city/settings.conf |
        awk -v base="$1" '
            /metrics_port/ { sub(/= [0-9]+/, "= " base + 10 + metrics++) }
            /sip_port/ { sub(/= [0-9]+/, "= " base + 30 + 10 * trunks++) }
            /rtp_low/ { sub(/= [0-9]+/, "= " base + base % 2 + 1000 * trunks) }
            /rtp_high/ { sub(/= [0-9]+/, "= " base + base % 2 + 1000 * trunks + 999) }
            /centre_port/ { sub(/= [0-9]+/, "= " base + 50) }
            /^    port =/ { sub(/= [0-9]+/, "= " base + 20) }
            { print }'
}

make_home() { # HOME PORT_BASE [SUITE]
    local home=$1 base=$2 suite=${3:-}
    umask 077
    mkdir -p "$home"/{city,keys,log,run,prompts} || return 1
    if [ ! -f "$home/settings.conf" ]; then
        if [ -n "$base" ]; then
            shifted_settings "$base" > "$home/settings.conf"
        else
            cp ops/city/settings.conf "$home/settings.conf"
        fi
        [ -z "$suite" ] || sed -i "1i suite = \"$suite\"" "$home/settings.conf"
    elif [ -n "$suite" ] && ! grep -q "^suite = \"$suite\"" "$home/settings.conf"; then
        echo "$home is there already: a trail keeps the suite it began with"
        return 1
    fi
    cp -n ops/city/*.csv ops/city/map.geojson "$home/city/" # a home of an earlier release lacks the newer tables
    cp -n "$bin"/../prompts/*.wav "$home/prompts/" 2> /dev/null || true
    # shellcheck disable=SC2046
    "$bin/yihao" keys make --home "$home" > /dev/null &&
        "$bin/yihao" user passwords --generate --home "$home" > /dev/null
}

check_city() { # HOME
    local words
    words=$("$bin/yihao" conf check --home "$1" 2>&1) || { printf '\n%s\n' "$words"; return 1; }
}

# The programs of a home, in the order in which they start: who signs, who says who leads, "dispatcher", then the
# sections' names; of a home of a cluster those that its file "programs" names.
programs_of() { # HOME
    [ ! -f "$1/programs" ] || { cat "$1/programs"; return; }
    sed -nE 's/^(sealer|arbiter) "([a-z0-9-]+)".*/\2/p' "$1/settings.conf"
    echo dispatcher
    sed -nE 's/^(trunk|sms|console|witness) "([a-z0-9-]+)".*/\2/p' "$1/settings.conf"
}

kind_of() { # HOME PROGRAM
    [ ! -f "$1/$2.yml" ] || { echo database; return; }
    [ "$2" = dispatcher ] && echo dispatcher ||
        sed -nE "s/^(trunk|sms|console|witness|sealer|arbiter) \"$2\".*/\1/p" "$1/settings.conf"
}

metrics_port_of() { # HOME PROGRAM
    awk -v want="$2" '
        $1 == "dispatcher" && want == "dispatcher" { inside = 1 }
        $2 == "\"" want "\"" { inside = 1 }
        inside && $1 == "metrics_port" { print $3; exit }
        inside && /^}/ { exit }' "$1/settings.conf"
}

pid_of() { # HOME PROGRAM: of the running process that this home started, else nothing
    local pid
    pid=$(cat "$1/run/$2.pid" 2> /dev/null) || return 0
    # A number that another program has got since is not ours.
    if tr '\0' ' ' 2> /dev/null < "/proc/$pid/cmdline" | grep -qF -e "--home $1 " -e " $1/$2.yml "; then
        echo "$pid"
    fi
}

run_program() { # HOME PROGRAM: takes this shell's place
    [ ! -f "$1/$2.yml" ] || run_database "$1" "$2"
    exec "$bin/yihao-$(kind_of "$1" "$2")" --home "$1" --name "$2"
}

start_program() { # HOME PROGRAM: once, for tests that want to see it die
    local home=$1 program=$2
    [ -z "$(pid_of "$home" "$program")" ] || return 0
    (run_program "$home" "$program") >> "$home/log/$program.log" 2>&1 < /dev/null &
    echo $! > "$home/run/$program.pid"
}

keeper_of() { # HOME PROGRAM: the running ops/keep, else nothing
    local pid
    pid=$(cat "$1/run/$2.keeper" 2> /dev/null) || return 0
    if tr '\0' ' ' 2> /dev/null < "/proc/$pid/cmdline" | grep -qF -- "keep $1 $2"; then
        echo "$pid"
    fi
}

keep_program() { # HOME PROGRAM: for good; it is started again whenever it ends
    local home=$1 program=$2
    [ -z "$(keeper_of "$home" "$program")$(pid_of "$home" "$program")" ] || return 0
    setsid ops/keep "$home" "$program" >> "$home/log/$program.log" 2>&1 < /dev/null &
    until [ -n "$(pid_of "$home" "$program")" ] || ! kill -0 $! 2> /dev/null; do sleep 0.05; done
}

is_healthy() { # HOME PROGRAM: the sealer has no network, only its socket
    if [ "$(kind_of "$1" "$2")" = sealer ]; then
        [ -S "$1/run/$2.socket" ]
    elif [ "$(kind_of "$1" "$2")" = database ]; then
        curl -fsS -m 2 -o /dev/null "http://127.0.0.1:$(database_port_of "$1" "$2")/health" 2> /dev/null
    else
        curl -fsS -m 2 -o /dev/null "http://127.0.0.1:$(metrics_port_of "$1" "$2")/healthz" 2> /dev/null
    fi
}

wait_healthy() { # HOME PROGRAM
    local tries=0
    until is_healthy "$1" "$2"; do
        tries=$((tries + 1))
        [ $tries -lt 100 ] || return 1
        [ -n "$(pid_of "$1" "$2")" ] || [ $tries -lt 10 ] || return 1 # a busy machine forks slowly
        sleep 0.2
    done
}

fill_knowledge() { # HOME: the sample articles, written by one supervisor and passed by another, once
    local home=$1 folder=ops/city/knowledge login
    for login in 2001 2002; do # another city has people and articles of its own
        grep -q "^$login " "$home/keys/sign-in" 2> /dev/null || return 0
    done
    [ "$("$bin/yihao" --home "$home" knowledge list | wc -l)" -le 1 ] || return 0
    "$bin/yihao" --home "$home" --as 2001 knowledge import $folder > /dev/null &&
        "$bin/yihao" --home "$home" --as 2002 knowledge review-all > /dev/null &&
        "$bin/yihao" --home "$home" --as 2002 knowledge publish-all > /dev/null &&
        fill_readings "$home" && fill_exam "$home"
}

fill_readings() { # HOME: what the sample city's people must read
    local home=$1 assign
    assign() { "$bin/yihao" --home "$home" --as 2002 reading assign "$@" > /dev/null; }
    assign 110、119、120接警必读 --name_en "Emergency lines: must be read" --role taker --line 120 --due_ms 14d --articles 1,2,3,5,6,7,8,9,10,30,31 &&
        assign 12345接线必读 --name_en "12345: must be read" --role taker --line 12345 --due_ms 30d --articles 11,12,15,16,18,23,24 &&
        assign 班长必读 --name_en "Supervisors: must be read" --role supervisor --due_ms 14d --articles 6,8,10,30
}

fill_exam() { # HOME: one test of what was read
    local home=$1 write
    write() { "$bin/yihao" --home "$home" --as 2002 exam write 1 "$@" > /dev/null; }
    "$bin/yihao" --home "$home" --as 2002 exam draft 心肺复苏口令考核 --title_en "CPR by telephone" --role taker --line 120 --pass 60 --attempts 2 --minutes 60 --due_ms 30d > /dev/null &&
        write 1 single --text 成人胸外按压的频率是每分钟多少次？ --options $'60至80次\n100至120次\n140次以上' --right 2 --article 6 &&
        write 2 multiple --text 哪些情况应立即指导胸外按压？ --options $'没有反应\n呼吸停止或不正常\n能正常对话' --right 1,2 --article 6 &&
        write 3 true_false --text 急救人员到达前，按压不应无故停下。 --right 1 --article 6 &&
        "$bin/yihao" --home "$home" --as 2002 exam open 1 > /dev/null
}

stop_program() { # HOME PROGRAM
    local pid keeper tries=0
    keeper=$(keeper_of "$1" "$2")
    pid=$(pid_of "$1" "$2")
    # shellcheck disable=SC2086
    [ -z "$keeper$pid" ] || kill ${keeper:-$pid} 2> /dev/null || true
    while [ -n "$(keeper_of "$1" "$2")$(pid_of "$1" "$2")" ] && [ $tries -lt 75 ]; do
        tries=$((tries + 1))
        sleep 0.2
    done
    # shellcheck disable=SC2086
    [ $tries -lt 75 ] || kill -KILL $keeper $pid 2> /dev/null || true
    rm -f "$1/run/$2.pid" "$1/run/$2.keeper"
}

setting_of() { # HOME PROGRAM NAME
    awk -v want="\"$2\"" -v name="$3" '
        $2 == want { inside = 1 }
        inside && $1 == name { gsub(/"/, "", $3); print $3; exit }' "$1/settings.conf"
}

tell_where() { # HOME
    local home=$1 program port
    echo
    for program in $(programs_of "$home"); do
        port=$(metrics_port_of "$home" "$program")
        case $(kind_of "$home" "$program") in
        trunk) echo "calls 来电      SIP (UDP, TCP) 127.0.0.1:$(setting_of "$home" "$program" sip_port), e.g. sip:110@…   $program" ;;
        sms) echo "texts 短信      SMPP client of 127.0.0.1:$(setting_of "$home" "$program" centre_port)   $program" ;;
        console) echo "consoles 席位   http://127.0.0.1:$(setting_of "$home" "$program" port)/" ;;
        esac
        [ -z "$port" ] || echo "                metrics http://127.0.0.1:$port/metrics   $program"
    done
    cat << WORDS

sign in 登录     takers 1001…1040 · supervisors 2001…2003 · auditors 3001, 3002 · operator 4001 · security 4002 ·
                departments ga xj jz jj … (home/city/users.csv); passwords in $home/keys/sign-in
command line    $bin/yihao --home $home status
stop 停止        ops/stop --home $home
WORDS
}
