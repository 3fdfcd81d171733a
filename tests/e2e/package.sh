#!/usr/bin/env bash
# The Debian packages in a copy of this machine's root that vanishes afterwards (an overlay in a mount
# namespace of its own): installed, edited, run, upgraded, removed, purged. Needs root.
#     tests/e2e/package.sh BIN_FOLDER     exit code 77: cannot be tried here
set -uo pipefail
cd "$(dirname "$0")/../.."
skip() { echo "skipped: $*"; exit 77; }
[ "$(id -u)" = 0 ] || skip 'needs root'
command -v dpkg-shlibdeps > /dev/null || skip 'needs dpkg-dev'
[ "${YIHAO_OWN_MOUNTS:-}" = yes ] || YIHAO_OWN_MOUNTS=yes exec unshare -m "$0" "$@"

source ops/home.sh
room=$(mktemp -d)
root=$room/root
base=$((29000 + $$ % 3600)) # below the ports that the system gives to whoever calls out
failed=0
dispatcher=''
finish() {
    local code=${1:-$failed}
    trap - EXIT
    [ -z "$dispatcher" ] || kill "$dispatcher" 2> /dev/null
    wait
    umount -R "$root" 2> /dev/null
    rm -rf "$room"
    exit "$code"
}
trap 'finish' EXIT
mkdir "$room"/{root,upper,work,packages}
mount -t overlay overlay -o "lowerdir=/,upperdir=$room/upper,workdir=$room/work" "$root" 2> /dev/null ||
    { trap - EXIT; rm -rf "$room"; skip 'no overlay here'; }
mount -t tmpfs tmpfs "$root/run" && mount -t proc proc "$root/proc" && mount --bind /dev "$root/dev" || finish 1

inside() { chroot "$root" "$@"; }
expect() { # WORDS COMMAND…
    local words=$1
    shift
    "$@" > "$room/said" 2>&1 && return
    echo "not so: $words"
    cat "$room/said"
    failed=1
}
absent() { [ ! -e "$root$1" ] && [ ! -L "$root$1" ]; }

version=$(sed -nE 's/^project\(yihao VERSION ([0-9.]+).*/\1/p' CMakeLists.txt)
export DEBIAN_FRONTEND=noninteractive
expect 'packages are made' env YIHAO_BIN="$1" YIHAO_PACKING=-Znone YIHAO_PACKAGES="$room/made" ops/package --no-build
mkdir "$room/packages/old" "$room/packages/new"
for name in yihao yihao-dispatcher yihao-sealer yihao-gateway yihao-witness yihao-console; do
    cp "$room/made/${name}_${version}"_*.deb "$room/packages/old/" || finish 1
    dpkg-deb -R "$room/packages/old/${name}_"*.deb "$room/packages/$name"
    sed -i "s/$version/$version.1/" "$room/packages/$name/DEBIAN/control"
    dpkg-deb -Znone -b "$room/packages/$name" "$room/packages/new/$name.deb" > /dev/null
done
cp -r "$room/packages" "$root/packages"

expect 'they install' inside sh -c 'dpkg --no-triggers -i /packages/old/*.deb'
expect 'there is a user' inside id yihao
expect 'there are keys' test -s "$root/var/lib/yihao/keys/vault.key"
expect 'keys are nobody else'"'"'s' test "$(stat -c %a "$root/var/lib/yihao/keys")" = 700
expect 'the key that signs is the sealer'"'"'s' test "$(inside stat -c %U /var/lib/yihao-sealer/keys/sign.secret)" = yihao-sealer
expect 'and nobody else'"'"'s' absent /var/lib/yihao/keys/sign.secret
expect 'the settings are a configuration file' test -L "$root/var/lib/yihao/settings.conf"
expect 'the sample city is in order' inside runuser -u yihao -- yihao --home /var/lib/yihao conf check
expect 'the pages are there' test -s "$root/usr/share/yihao/web/index.html"
expect 'the manual is there' inside sh -c 'zcat /usr/share/man/man1/yihao.1.gz | grep -q TRAIL\\\|trail'

shifted_settings "$base" > "$root/etc/yihao/settings.conf" # as an operator edits it
inside runuser -u yihao -- yihao-dispatcher --home /var/lib/yihao > "$room/log" 2>&1 &
dispatcher=$!
for _ in $(seq 100); do curl -fsS -m 1 -o /dev/null "http://127.0.0.1:$((base + 10))/healthz" 2> /dev/null && break; sleep 0.1; done
expect 'the dispatcher runs as its user' curl -fsS -m 2 "http://127.0.0.1:$((base + 10))/healthz"
[ "$failed" = 0 ] || tail -n 5 "$room/log"
expect 'a key for backups' inside runuser -u yihao -- yihao --home /var/lib/yihao keys backup /tmp/backup.key
expect 'the nightly backup' inside runuser -u yihao -- /usr/share/yihao/backup-daily /var/lib/yihao /var/backups/yihao 2
backup=$(cd "$root" && ls -d var/backups/yihao/*.backup)
expect 'it restores' inside yihao restore "/$backup" --key /tmp/backup.key --to /tmp/restored
kill "$(pgrep -P "$dispatcher" || echo "$dispatcher")" 2> /dev/null # runuser waits for it
wait "$dispatcher"
dispatcher=''
before=$(sha256sum "$root"/var/lib/yihao/keys/*)

expect 'they upgrade' inside sh -c 'dpkg --no-triggers -i --force-confold /packages/new/*.deb'
expect 'the edited settings stay' grep -q ":$base\"" "$root/etc/yihao/settings.conf"
expect 'the keys stay' test "$before" = "$(sha256sum "$root"/var/lib/yihao/keys/*)"

all='yihao-console yihao-witness yihao-gateway yihao-sealer yihao-dispatcher yihao'
# shellcheck disable=SC2086
expect 'they are removed' inside dpkg --no-triggers -r $all
expect 'the configuration stays' test -s "$root/etc/yihao/settings.conf"
# shellcheck disable=SC2086
expect 'they are purged' inside dpkg --no-triggers -P $all
for path in /etc/yihao /etc/profile.d/yihao.sh /usr/bin/yihao /usr/share/yihao /lib/systemd/system/yihao.target /var/lib/yihao/log; do
    expect "$path is gone" absent "$path"
done
expect 'the journal stays' test -s "$root/var/lib/yihao/journal/data.mdb"
expect 'its keys stay' test -s "$root/var/lib/yihao/keys/vault.key"
rm -rf "$root/var/lib/yihao/journal" "$root/var/backups/yihao"
expect 'once more' inside sh -c 'dpkg --no-triggers -i /packages/new/yihao.deb'
expect 'and gone' inside dpkg --no-triggers -P yihao
expect 'a home without a journal goes' absent /var/lib/yihao
exit "$failed"
