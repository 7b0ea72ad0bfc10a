#!/bin/sh
# sfu.t DEB - the forwarder's package: made twice alike, and installed, served
# from and removed in a small Debian 13 (KK_SERVER_ROOT: tools/debian-root server)
# that has nothing of the build root.
#
# It runs itself again where it may mount and chroot, and then where no network
# but its own is.
. tests/build/lib.sh

deb=$1
server=${KK_SERVER_ROOT-}
stage=${2-package}
number=${3-0}
failed=${4-0}
tree=${5-}

again() { # STAGE COMMAND...: the next stage, by COMMAND
	stage=$1
	shift
	rm -rf "$tmp"
	exec "$@" tests/package/sfu.t "$deb" "$stage" "$number" "$failed" "$tree"
}

inside() {
	chroot "$tree" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 \
		DEBIAN_FRONTEND=noninteractive "$@"
}

# --- the package ---------------------------------------------------------

made_anew() {
	mkdir -p "$tmp/2" &&
	cp "$(dirname "$deb")/konklave-sfu" "$tmp/2/renamed" &&
	(umask 077 && TZ=Asia/Tokyo tools/package/deb-sfu \
		--program="$tmp/2/renamed" \
		--version="$(dpkg-deb -f "$deb" Version)" \
		--epoch="$(tools/version --epoch)" --out="$tmp/2") &&
	cmp "$deb" "$tmp/2/$(basename "$deb")"
}

if [ "$stage" = package ]; then
	passes "the package is made of the same input alike" made_anew
	passes "no path of this machine is in its program" \
		not grep -q -F "$PWD" "$(dirname "$deb")/konklave-sfu"
	if [ ! -d "$server" ]; then
		for name in "a small Debian installs it" "it serves there"; do
			number=$((number + 1))
			echo "ok $number - $name # SKIP no Debian 13 was made:" \
				"make check does it by tools/debian-root server"
		done
		finish
	fi
	own='unshare --mount'
	$own true 2>/dev/null || own='unshare --map-root-user --mount'
	# shellcheck disable=SC2086 # a list of words
	again install $own
fi

# --- installed -----------------------------------------------------------

# Ordinary users have one id here: apt cannot become another one.
apt_install() {
	inside apt-get -y -o APT::Sandbox::User=root \
		-o Binary::apt-get::APT::Keep-Downloaded-Packages=true \
		--no-install-recommends install /tmp/new.deb
}

installs() {
	cp "$deb" "$tree/tmp/new.deb" || return 1
	apt_install || {
		inside apt-get -o APT::Sandbox::User=root update
		apt_install
	} || return 1
	inside dpkg --status konklave-sfu |
		grep -q '^Status: install ok installed' &&
	inside getent passwd konklave-sfu
}

if [ "$stage" = install ]; then
	tree=$(mktemp -d "${TMPDIR:-/tmp}/kk-server-XXXXXX")
	trap 'umount -l "$tree"; rm -rf --one-file-system "$tree" "$tmp"' EXIT
	mount -t tmpfs -o mode=755 tmpfs "$tree"
	cp -a "$server/." "$tree"
	mount --bind "$server/var/cache/apt/archives" \
		"$tree/var/cache/apt/archives"
	for folder in proc dev; do
		mkdir -p "$tree/$folder"
		mount --rbind "/$folder" "$tree/$folder"
	done
	cat /etc/resolv.conf >"$tree/etc/resolv.conf"
	passes "a small Debian installs it, and apt alone finds what it needs" \
		installs
	[ "$failed" -eq 0 ] || finish
	again serve unshare --net
fi

# --- serving -------------------------------------------------------------

trap 'kill $sfu $notified 2>/dev/null || :
	umount -l "$tree" "$tmp/cgroup" 2>/dev/null
	rm -rf --one-file-system "$tree" "$tmp"' EXIT
sfu='' notified=''
ip link set lo up
etc=$tree/etc/konklave
config=--config=/etc/konklave/sfu.conf

# As its own user, where there is more than one.
as=--userspec=konklave-sfu:konklave-sfu
chroot "$as" "$tree" true 2>/dev/null || as=
# Words: run without another process between, which would get its signals.
sfu_run="chroot $as $tree env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin
	NOTIFY_SOCKET=/run/notify konklave-sfu $config"

unit_is_sound() {
	systemd-analyze verify --man=no --root="$tree" konklave-sfu.service &&
	# 1.5 of 10 points of exposure; what is left is the network.
	systemd-analyze security --offline=true --root="$tree" --threshold=15 \
		konklave-sfu.service
}

certificate() { # NAME
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
		-days 2 -subj "/CN=$1" -keyout "$etc/key.pem" \
		-out "$etc/cert.pem" 2>/dev/null || return 1
	chmod 640 "$etc/key.pem"
	chroot "$tree" chgrp konklave-sfu /etc/konklave/key.pem 2>/dev/null || :
}

# As docs/operating.md says, and open for the load program, which has no TLS.
set_up() {
	inside konklave-sfu --make-token=/root/site-token &&
	mv "$tree/root/site-token-hash" "$etc/" &&
	certificate first.example &&
	install -d -m 700 "$tree/var/lib/konklave-sfu" || return 1
	chroot "$tree" chown konklave-sfu:konklave-sfu /var/lib/konklave-sfu \
		2>/dev/null || :
	printf '%s\n' listen-loopback=8446 address=127.0.0.1 drain=10m \
		>>"$etc/sfu.conf"
	says 'nothing is wrong' $sfu_run --check
}

# Until a line that it told the service manager has come so often.
notified_wait() {
	for try in $(seq 600); do
		[ "$(grep -c -x -e "$1" "$tmp/notified")" -lt "$2" ] || return 0
		kill -0 "$sfu" || return 1
		sleep 0.1
	done
	return 1
}

starts() {
	: >"$tmp/notified"
	python3 tests/package/notified "$tree/run/notify" >"$tmp/notified" &
	notified=$!
	for try in $(seq 100); do
		[ ! -S "$tree/run/notify" ] || break
		sleep 0.1
	done
	$sfu_run 2>"$tmp/log" &
	sfu=$!
	notified_wait READY=1 1
}

metric() { # NAME: the sum over all workers
	node -e 'fetch("http://127.0.0.1:8445/metrics").then((r) => r.text())
		.then((text) => console.log(text.split("\n")
		.filter((line) => line.startsWith(`konklave_sfu_${process.argv[1]}`))
		.reduce((sum, line) => sum + Number(line.split(" ")[1]), 0)))' "$1"
}

load() {
	"$O/bin/load" --server=sfud --port=8446 \
		--site-token="$tree/root/site-token" --json "$@"
}

# Each packet came, once, and was what had been sent.
delivered_all() {
	node -e 'const r = JSON.parse(require("fs").readFileSync(process.argv[1]));
		console.log(r);
		process.exit(r.sent > 0 && r.delivered === r.due && r.opened > 0 &&
		    r.missing + r.twice + r.forged + r.wrong === 0 ? 0 : 1)' "$1"
}

meets() {
	load --receivers=2 --rate=30 --seconds=1 --sample=3 \
		>"$tmp/load.json" &&
	delivered_all "$tmp/load.json"
}

counted() {
	[ "$(metric joins_total)" -eq 3 ] && [ "$(metric out_packets_total)" -gt 0 ]
}

shows_certificate() { # NAME
	openssl s_client -connect 127.0.0.1:8443 </dev/null 2>/dev/null |
		openssl x509 -noout -subject | grep -F "$1"
}

takes_certificate() {
	shows_certificate first.example &&
	certificate second.example &&
	kill -HUP "$sfu" &&
	notified_wait RELOADING=1 1 &&
	notified_wait READY=1 2 &&
	shows_certificate second.example
}

# A meeting of three goes on while it drains; then it ends by itself.
drains() {
	load --receivers=2 --rate=30 --seconds=4 >"$tmp/load.json" &
	load=$!
	for try in $(seq 100); do
		[ "$(metric participants)" -lt 3 ] || break
		sleep 0.1
	done
	kill -TERM "$sfu" &&
	notified_wait 'EXTEND_TIMEOUT_USEC=.*' 1 &&
	says drains $sfu_run --health &&
	wait "$load" &&
	delivered_all "$tmp/load.json" &&
	wait "$sfu"
}

# A cgroup of our own, which systemd needs: of real root alone.
group=$tmp/cgroup/konklave-test-$$
can_boot() {
	[ -n "$as" ] && mkdir "$tmp/cgroup" &&
		mount -t cgroup2 cgroup2 "$tmp/cgroup" && mkdir "$group"
}

boots() {
	timeout 120 tests/package/boot "$tree" "$group"
	cat "$tree/var/tmp/tried"
	find "$group" -depth -type d -exec rmdir {} +
	grep -q -x 'all is well' "$tree/var/tmp/tried"
}

goes() {
	inside dpkg --purge konklave-sfu &&
	[ ! -e "$tree/usr/sbin/konklave-sfu" ] && [ ! -e "$etc/sfu.conf" ] &&
	[ -e "$etc/key.pem" ] && [ ! -e "$tree/var/lib/konklave-sfu" ]
}

passes "its unit is sound, and leaves it little" unit_is_sound
passes "its version is the package's" \
	says "konklave-sfu $(dpkg-deb -f "$deb" Version)" \
	inside konklave-sfu --version
passes "before it is set up it says what lacks" \
	refuses 'site-token-hash: not a file' inside konklave-sfu "$config" --check
passes "set up as the guide says, nothing is wrong" set_up
passes "it starts and says that it is ready" starts
passes "--health says that it serves" \
	says 'konklave-sfu: serves' $sfu_run --health
passes "a meeting is made and entered, and media come" meets
passes "its numbers have counted them" counted
passes "SIGHUP gives it a new certificate" takes_certificate
passes "stopped, it drains: the meeting goes on, then it ends" drains
sfu=''
passes "--health says that nobody is there any more" \
	refuses 'does not answer' inside konklave-sfu "$config" --health
name="under systemd its unit starts, confines, reloads and ends it"
if can_boot 2>"$tmp/why"; then
	passes "$name" boots
else
	number=$((number + 1))
	echo "ok $number - $name # SKIP systemd needs a cgroup of its own, which" \
		"root makes where it may: $(cat "$tmp/why")"
fi
passes "purged, it leaves the operator's files alone" goes
finish
