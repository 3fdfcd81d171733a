# Sourced by ops/home.sh: a city without a single machine, all of it on this one (ops/start --cluster, docs/cluster.md).
#     FOLDER/a, FOLDER/b     two homes: a dispatcher, a gateway of each kind and a console in each
#     FOLDER/database        etcd, and PostgreSQL three times under Patroni
# A home that has a file "programs" runs only those; a program with a .yml beside it is one of the database's.
postgresql_bin=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
database_nodes='db-1 db-2 db-3'

is_cluster() { # FOLDER
    [ -d "$1/database" ]
}

homes_of() { # FOLDER: in the order in which they start
    if is_cluster "$1"; then echo "$1/database $1/a $1/b"; else echo "$1"; fi
}

# PostgreSQL refuses to run as root: then it is the package's own user.
database_user() {
    if [ "$(id -u)" = 0 ]; then echo postgres; else id -un; fi
}

as_database_user() {
    if [ "$(id -u)" = 0 ]; then
        setpriv --reuid=postgres --regid=postgres --clear-groups --no-new-privs "$@"
    else
        "$@"
    fi
}

run_database() { # HOME PROGRAM: takes this shell's place
    local -a as=()
    cd "$1" || exit 1
    export HOME=$1 LC_ALL=C.UTF-8 PGSSLMODE=prefer
    [ "$(id -u)" != 0 ] || as=(setpriv --reuid=postgres --regid=postgres --clear-groups --no-new-privs)
    case $2 in
    etcd) exec "${as[@]}" etcd --config-file "$1/etcd.yml" ;;
    *) exec "${as[@]}" patroni "$1/$2.yml" ;;
    esac
}

# Where things stand from the first port on; without one, beside the fixed ports of README.md.
cluster_port() { # PORT_BASE NAME
    local base=${1:-7200}
    case $2 in
    commands-b) echo $((base + 2)) ;;
    events-b) echo $((base + 3)) ;;
    metrics-b) echo $((base + 8)) ;;
    metrics-console-2) echo $((base + 9)) ;;
    console-2) echo $((base + 21)) ;;
    etcd) echo $((base + 60)) ;;
    etcd-peer) echo $((base + 61)) ;;
    db-*) echo $((base + 61 + ${2#db-})) ;;
    rest-*) echo $((base + 64 + ${2#rest-})) ;;
    esac
}

# The port a database program is asked at whether it is well.
database_port_of() { # HOME PROGRAM
    sed -nE 's/^# asked at ([0-9]+)$/\1/p' "$1/$2.yml"
}

# ---- keys: an authority of the database's own, and a certificate for each who speaks with it ---------------------

make_authority() { # FOLDER
    [ -f "$1/ca.pem" ] ||
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -subj '/CN=annals authority' \
            -keyout "$1/ca.key" -out "$1/ca.pem" 2> /dev/null
}

make_certificate() { # FOLDER NAME COMMON_NAME [SUBJECT_ALT_NAME]
    [ -f "$1/$2.crt" ] ||
        { openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$3" -keyout "$1/$2.key" -out "$1/$2.csr" 2> /dev/null &&
            openssl x509 -req -in "$1/$2.csr" -CA "$1/ca.pem" -CAkey "$1/ca.key" -CAcreateserial -days 3650 -out "$1/$2.crt" \
                -extfile <(echo "${4:+subjectAltName=$4}") 2> /dev/null && rm "$1/$2.csr"; }
}

# ---- the database --------------------------------------------------------------------------------------------------

write_etcd() { # FOLDER PORT_BASE
    local port peer
    port=$(cluster_port "$2" etcd)
    peer=$(cluster_port "$2" etcd-peer)
    cat > "$1/etcd.yml" << WORDS
# asked at $port
name: etcd
data-dir: $1/etcd
listen-client-urls: http://127.0.0.1:$port
advertise-client-urls: http://127.0.0.1:$port
listen-peer-urls: http://127.0.0.1:$peer
initial-advertise-peer-urls: http://127.0.0.1:$peer
initial-cluster: etcd=http://127.0.0.1:$peer
enable-grpc-gateway: true
logger: zap
log-level: warn
WORDS
}

# Strict: while no standby has it, nothing counts as written, and the gateways answer by plan.
write_node() { # FOLDER PORT_BASE NODE REST_WORD
    local folder=$1 node=$3 rest user
    rest=$(cluster_port "$2" "rest-${node#db-}")
    user=$(database_user)
    cat > "$folder/$node.yml" << WORDS
# asked at $rest
scope: annals
name: $node
restapi:
  listen: 127.0.0.1:$rest
  connect_address: 127.0.0.1:$rest
  authentication: { username: patroni, password: $4 }
etcd3:
  hosts: 127.0.0.1:$(cluster_port "$2" etcd)
bootstrap:
  dcs:
    ttl: 20
    loop_wait: 2
    retry_timeout: 4
    primary_start_timeout: 0
    primary_stop_timeout: 3
    synchronous_mode: true
    synchronous_mode_strict: true
    postgresql:
      use_pg_rewind: true
      parameters:
        synchronous_commit: 'on'
        max_connections: 40
        shared_buffers: 32MB
        max_wal_size: 256MB
        wal_keep_size: 128MB
  initdb:
    - encoding: UTF8
    - locale: C
    - data-checksums
postgresql:
  listen: 127.0.0.1:$(cluster_port "$2" "$node")
  connect_address: 127.0.0.1:$(cluster_port "$2" "$node")
  data_dir: $folder/$node
  bin_dir: $postgresql_bin
  use_unix_socket: true
  authentication:
    superuser: { username: $user, sslmode: verify-full, sslrootcert: $folder/tls/ca.pem, sslcert: $folder/tls/superuser.crt, sslkey: $folder/tls/superuser.key }
    replication: { username: replicator, sslmode: verify-full, sslrootcert: $folder/tls/ca.pem, sslcert: $folder/tls/replicator.crt, sslkey: $folder/tls/replicator.key }
  parameters:
    unix_socket_directories: $folder/run
    unix_socket_permissions: '0700'
    ssl: 'on'
    ssl_ca_file: $folder/tls/ca.pem
    ssl_cert_file: $folder/tls/server.crt
    ssl_key_file: $folder/tls/server.key
    ssl_min_protocol_version: TLSv1.3
  pg_hba:
    - local all all peer
    - hostssl replication replicator 127.0.0.1/32 cert
    - hostssl postgres $user 127.0.0.1/32 cert
    - hostssl annals yihao 127.0.0.1/32 cert
WORDS
}

make_database() { # FOLDER PORT_BASE
    local folder=$1/database node word
    [ -x "$postgresql_bin/initdb" ] || { echo "PostgreSQL is not installed"; return 1; }
    [ ${#folder} -le 70 ] || { echo "$folder: a socket's path there would be too long; choose a shorter --home"; return 1; }
    (
        umask 077
        mkdir -p "$folder"/{run,log,tls}
        make_authority "$folder/tls" && make_certificate "$folder/tls" server 'annals server' IP:127.0.0.1,DNS:localhost &&
            make_certificate "$folder/tls" superuser "$(database_user)" && make_certificate "$folder/tls" replicator replicator &&
            make_certificate "$folder/tls" annals yihao
    ) || return 1
    [ -f "$folder/programs" ] || {
        umask 077
        word=$(openssl rand -hex 16)
        write_etcd "$folder" "$2"
        for node in $database_nodes; do write_node "$folder" "$2" "$node" "$word"; done
        printf '%s\n' etcd $database_nodes > "$folder/programs"
    }
    [ "$(id -u)" != 0 ] || { chmod go+x "$1" && chown -R postgres: "$folder"; } || return 1
    as_database_user test -w "$folder/run" || { echo "the user $(database_user) cannot reach $folder"; return 1; }
}

ask_database() { # FOLDER WORDS-OF-CURL…
    local folder=$1/database node
    shift
    for node in $database_nodes; do
        curl -fsS -m 2 "http://127.0.0.1:$(database_port_of "$folder" "$node")/$1" 2> /dev/null && return 0
    done
    return 1
}

primary_of() { # FOLDER: the node that writes, else nothing
    local node
    for node in $database_nodes; do
        ! curl -fsS -m 2 -o /dev/null "http://127.0.0.1:$(database_port_of "$1/database" "$node")/primary" 2> /dev/null || echo "$node"
    done | head -n 1
}

# One writes, one has all that was written before anybody is told, and one more follows.
wait_replicated() { # FOLDER
    local tries=0
    until ask_database "$1" cluster | tr -d ' \n' | grep -q '"role":"sync_standby","state":"running"' &&
        [ "$(ask_database "$1" cluster | grep -o '"state": *"running"' | wc -l)" = 3 ]; do
        tries=$((tries + 1))
        [ $tries -lt 400 ] || return 1
        sleep 0.3
    done
}

# psql at whichever node writes, as the database's own user.
owner_psql() { # FOLDER DATABASE WORDS…
    local folder=$1/database database=$2 node
    shift 2
    node=$(primary_of "${folder%/database}")
    [ -n "$node" ] || { echo "no node writes"; return 1; }
    as_database_user env -C / psql -q -X -v ON_ERROR_STOP=1 -h "$folder/run" -p "$(node_port_of "$folder" "$node")" "$@" "$database"
}

node_port_of() { # FOLDER NODE
    sed -nE 's/^  listen: 127\.0\.0\.1:([0-9]+)$/\1/p' "$1/$2.yml" | tail -n 1
}

fill_schema() { # FOLDER: once; the months each time
    local there
    there=$(owner_psql "$1" postgres -At -c "select count(*) from pg_database where datname = 'annals'") || return 1
    if [ "$there" = 0 ]; then
        owner_psql "$1" postgres -c 'create role yihao login' -c 'create role annals_owner' -c 'create database annals owner annals_owner' || return 1
    fi
    there=$(owner_psql "$1" annals -At -c "select count(*) from pg_tables where tablename = 'annals_head'") || return 1
    if [ "$there" = 0 ]; then
        { echo 'set role annals_owner;' && cat ops/postgresql/annals.sql; } | owner_psql "$1" annals -v role=yihao || return 1
    fi
    { echo "set client_min_messages = 'warning'; set role annals_owner;" && ops/postgresql/months 24; } | owner_psql "$1" annals
}

# ---- the two homes -------------------------------------------------------------------------------------------------

annals_place() { # FOLDER HOME: where the dispatcher of that home finds the database
    local folder=$1/database node hosts=''
    for node in $database_nodes; do hosts+=${hosts:+,}127.0.0.1:$(node_port_of "$folder" "$node"); done
    echo "postgresql://yihao@$hosts/annals?sslrootcert=$2/keys/annals-ca.pem&sslcert=$2/keys/annals.crt&sslkey=$2/keys/annals.key"
}

# The settings of both, but for who is who: a second console, the twin's address, the annals.
cluster_settings() { # FOLDER PORT_BASE HOME COMMANDS EVENTS TWIN METRICS
    local place
    place=$(annals_place "$1" "$3")
    awk -v commands="$4" -v events="$5" -v twin="$6" -v metrics="$7" -v place="${place//&/\\\\&}" '
        /^dispatcher/ { inside = 1 }
        inside && /commands =/ { $0 = "    commands = \"" commands "\"\n    twin_commands = \"" twin "\"\n    annals = \"" place "\"" ; gsub(/\\&/, "\\&") }
        inside && /events =/ { $0 = "    events = \"" events "\"" }
        inside && /metrics_port =/ && metrics { $0 = "    metrics_port = " metrics }
        /^}/ { inside = 0 }
        { print }'
    cat << WORDS
console "console-2" {
    address = "127.0.0.1"
    port = $(cluster_port "$2" console-2)
    metrics_port = $(cluster_port "$2" metrics-console-2)
}
WORDS
}

plain_settings() { # PORT_BASE
    if [ -n "$1" ]; then shifted_settings "$1"; else cat ops/city/settings.conf; fi
}

copy_keys() { # FOLDER HOME: the database's, for its dispatcher
    install -m 600 "$1/database/tls/ca.pem" "$2/keys/annals-ca.pem" &&
        install -m 600 "$1/database/tls/annals.crt" "$2/keys/annals.crt" && install -m 600 "$1/database/tls/annals.key" "$2/keys/annals.key"
}

make_cluster() { # FOLDER PORT_BASE [SUITE]
    local folder=$1 base=$2 a=$1/a b=$1/b first second first_events second_events
    if [ -f "$folder/settings.conf" ]; then
        echo "$folder is the home of one machine: choose another with --home"
        return 1
    fi
    make_database "$folder" "$base" || return 1
    umask 077
    mkdir -p "$a/keys" "$b/keys"
    first=tcp://127.0.0.1:${base:-7110}
    first_events=tcp://127.0.0.1:$((${base:-7110} + 1))
    second=tcp://127.0.0.1:$(cluster_port "$base" commands-b)
    second_events=tcp://127.0.0.1:$(cluster_port "$base" events-b)
    [ -f "$a/settings.conf" ] || plain_settings "$base" | cluster_settings "$folder" "$base" "$a" "$first" "$first_events" "$second" '' > "$a/settings.conf"
    copy_keys "$folder" "$a" && make_home "$a" "$base" "$3" || return 1
    printf '%s\n' sealer dispatcher trunk-1 sms-1 console witness-1 > "$a/programs"
    if [ ! -f "$b/settings.conf" ]; then # its keys and tables are the first one's, its journal comes by the annals
        mkdir -p "$b"/{log,run} && cp -a "$a/city" "$a/keys" "$a/prompts" "$b/" || return 1
        plain_settings "$base" | cluster_settings "$folder" "$base" "$b" "$second" "$second_events" "$first" "$(cluster_port "$base" metrics-b)" > "$b/settings.conf"
        [ -z "$3" ] || sed -i "1i suite = \"$3\"" "$b/settings.conf"
    fi
    copy_keys "$folder" "$b"
    printf '%s\n' dispatcher trunk-2 sms-2 console-2 > "$b/programs"
}

leader_of() { # FOLDER: the home whose dispatcher leads, else nothing; one that follows has no epoch of its own
    local home
    for home in "$1/a" "$1/b"; do
        ! curl -fsS -m 2 "http://127.0.0.1:$(metrics_port_of "$home" dispatcher)/metrics" 2> /dev/null | grep -q '^yihao_journal_epoch ' ||
            { echo "$home"; return; }
    done
}

wait_leader() { # FOLDER
    local tries=0
    until [ -n "$(leader_of "$1")" ]; do
        tries=$((tries + 1))
        [ $tries -lt 200 ] || return 1
        sleep 0.2
    done
}

# All nodes at once, so that none takes over from one that ends; then what tells them who leads.
stop_database() { # DATABASE_FOLDER
    local node
    for node in $database_nodes; do stop_program "$1" "$node" & done
    wait
    for node in $database_nodes; do # a server whose Patroni was killed
        [ ! -f "$1/$node/postmaster.pid" ] ||
            as_database_user env -C / "$postgresql_bin/pg_ctl" stop -s -m fast -D "$1/$node" > /dev/null 2>&1 || true
        printf '%-22s stopped\n' "$node"
    done
    stop_program "$1" etcd
    printf '%-22s stopped\n' etcd
}
