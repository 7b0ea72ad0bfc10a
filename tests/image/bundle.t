#!/bin/sh
# bundle.t BIN [--mutants=N] - update bundles as they are made for a box, and what
# konklave-update in BIN takes of them: with the real RAUC, on a box of plain files.
# In the small Debian of tools/debian-root image.  N bundles with something changed
# are tried, by two processes; --mutants=100000 is the long form.
. tests/build/lib.sh

bin=$(realpath "$1")
mutants=200
case ${2-} in
--mutants=*) mutants=${2#*=} ;;
esac
box=$tmp/box
service=
trap '[ -z "$service" ] || kill "$service"; wait; rm -rf "$tmp"' EXIT

# --- keys, images, bundles -------------------------------------------------

# An image: small, and of no system.
make_image() { # FOLDER EPOCH [ROOT-BYTES KERNEL-BYTES]
	mkdir -p "$1"
	head -c "${3:-3000000}" /dev/urandom >"$1/root.squashfs"
	for slot in a b; do
		{
			head -c "${4:-100000}" /dev/urandom
			printf 'x konklave.slot=%s konklave.version=%s\0' "$slot" "$2"
			head -c "${4:-100000}" /dev/urandom
		} >"$1/$slot.efi"
	done
}

# make_bundle OUT EPOCH [BOARD [KEYS]]
make_bundle() {
	rm -rf "$tmp/image"
	make_image "$tmp/image" "$2"
	sign_image "$@"
}

sign_image() {
	keys=${4:-$tmp/keys}
	rootfs/image/make-bundle --board="${3:-test}" --image="$tmp/image" \
		--version=1 --epoch="$2" --key="$keys/update.key" \
		--cert="$keys/update.pem" --ca="$keys/update-ca.pem" "$tmp/$1"
}

payload_alike() {
	make_bundle one.raucb 4 && sign_image two.raucb 4 || return 1
	# squashfs tells its size at 40.
	bytes=$(od -An -tu8 -j 40 -N 8 "$tmp/one.raucb" | tr -d ' ')
	[ "$bytes" -gt 3000000 ] && cmp -n "$bytes" "$tmp/one.raucb" "$tmp/two.raucb"
}

# --- a box -----------------------------------------------------------------

wrapped() { # PROGRAM OPTION...
	printf '#!/bin/sh\nexec'
	printf ' %s' "$@"
	printf ' "$@"\n'
}

box_make() {
	mkdir -p "$box/vars" "$box/state" "$box/esp/EFI/konklave" \
		"$box/esp/EFI/BOOT" "$box/dev/konklave" \
		"$box/dev/by-partuuid" "$box/sys/class/block" \
		"$box/sys/disk/sdx1" "$box/sys/disk/queue"
	ln -s ../../disk/sdx1 "$box/sys/class/block/sdx1"
	echo 1 >"$box/sys/disk/sdx1/partition"
	echo 2048 >"$box/sys/disk/sdx1/start"
	echo 262144 >"$box/sys/disk/sdx1/size"
	echo 512 >"$box/sys/disk/queue/logical_block_size"
	: >"$box/dev/sdx1"
	ln -s ../sdx1 "$box/dev/konklave/esp"
	ln -s ../sdx1 \
		"$box/dev/by-partuuid/8be4df61-93ca-11d2-aa0d-00e098032b8c"
	echo IMAGE_ID=test >"$box/os-release"
	sed "s/@BOARD@/test/; s,^path=.*,path=$tmp/keys/update-ca.pem,; s,^statusfile=.*,statusfile=$box/rauc.status," \
		rootfs/image/rauc.conf >"$box/rauc.conf"
	head -c 4000000 /dev/zero >"$box/slot-a"
	head -c 4000000 /dev/zero >"$box/slot-b"
	echo a >"$box/esp/EFI/konklave/a.efi"
	wrapped "$bin/konklave-boot" --efivars="$box/vars" \
		--cmdline="$box/cmdline" --boot-id="$box/boot-id" \
		--sys="$box/sys" --dev="$box/dev" >"$box/boot"
	wrapped "$bin/konklave-update" --state="$box/state" \
		--os-release="$box/os-release" --cmdline="$box/cmdline" \
		--boot-id="$box/boot-id" --rauc-conf="$box/rauc.conf" \
		--boot="$box/boot" --slot-a="$box/slot-a" \
		--slot-b="$box/slot-b" --esp="$box/esp" --reboot=/bin/true \
		--socket=control:"$box/control" >"$box/update"
	chmod +x "$box/boot" "$box/update"
}

box_boot() { # SLOT VERSION
	boots=$((${boots:-0} + 1))
	echo "konklave.slot=$1 konklave.version=$2" >"$box/cmdline"
	printf '00000000-0000-0000-0000-%012d\n' "$boots" >"$box/boot-id"
	"$box/boot" started
}

box_starts() {
	box_boot "$1" "$2" && "$box/boot" setup || return 1
	[ -z "$service" ] || { kill "$service" && wait "$service"; }
	rm -f "$box/control"
	"$box/update" serve 2>>"$tmp/service.log" &
	service=$!
	n=0
	until "$box/update" status >/dev/null 2>&1; do
		n=$((n + 1))
		[ "$n" -lt 1200 ] || { cat "$tmp/service.log"; return 1; }
		sleep 0.1
	done
}

remember() {
	rm -rf "$tmp/before"
	mkdir "$tmp/before"
	cp -a "$box/slot-a" "$box/slot-b" "$box/vars" "$box/esp" "$tmp/before/"
}

nothing_written() {
	for part in slot-a slot-b vars esp; do
		diff -r "$box/$part" "$tmp/before/$part" || return 1
	done
	[ -z "$(ls "$box/state")" ] || { ls "$box/state"; return 1; }
}

# refused_as WORD BUNDLE
refused_as() {
	remember
	if "$box/update" install "$tmp/$2"; then
		echo "it was taken"
		return 1
	fi
	says "\"says\":\"$1\"" "$box/update" status --json && nothing_written
}

flipped() { # OUT OFFSET: one bit of one.raucb
	cp "$tmp/one.raucb" "$tmp/$1"
	byte=$(od -An -tu1 -j "$2" -N 1 "$tmp/$1")
	# shellcheck disable=SC2059 # the format is the byte
	printf "\\$(printf %03o $((byte ^ 4)))" |
		dd of="$tmp/$1" bs=1 seek="$2" conv=notrunc status=none
}

flips_refused() {
	size=$(stat -c %s "$tmp/one.raucb")
	for at in 3 100000 2500000 $((size - 30000)); do
		flipped flip.raucb "$at"
		refused_as format flip.raucb || return 1
	done
	for at in $((size - 1)) $((size - 60)) $((size - 900)); do
		flipped flip.raucb "$at"
		refused_as signature flip.raucb || return 1
	done
}

installed() { # SLOT BUNDLE: what is in the slot is what was made
	"$box/update" install "$tmp/$2" &&
	cmp -n 3000000 "$tmp/image/root.squashfs" "$box/slot-$1" &&
	cmp "$tmp/image/$1.efi" "$box/esp/EFI/konklave/$1.efi" &&
	says "\"next\":\"$1\"" "$box/update" status --json
}

# --- tests -----------------------------------------------------------------

mkdir "$tmp/keys" "$tmp/others"
passes "keys for tests are made" rootfs/image/make-test-keys "$tmp/keys"
passes "and others" rootfs/image/make-test-keys "$tmp/others"
passes "made twice, what a bundle holds is the same to the bit" payload_alike
passes "a kernel image of another version makes no bundle" \
	refuses "does not say" sign_image three.raucb 5

box_make
passes "a box with version 3 in slot a starts" box_starts a 3
passes "one that has not shown that it works takes none" \
	refused_as unconfirmed one.raucb
passes "its health checks have passed" "$box/update" mark-good
passes "one flipped bit, anywhere, is refused, and nothing is written" \
	flips_refused
passes "a bundle for another board is made" make_bundle board.raucb 4 other
passes "it is refused, and nothing is written" refused_as board board.raucb
passes "an older one is made" make_bundle older.raucb 2
passes "it is refused, and nothing is written" refused_as older older.raucb
passes "one signed by others is made" make_bundle others.raucb 4 test "$tmp/others"
passes "it is refused, and nothing is written" \
	refused_as signature others.raucb

# By the CA's own key: no certificate for code signing.
signed_by_ca() {
	mkdir -p "$tmp/ca-key" &&
	cp "$tmp/keys/update-ca.pem" "$tmp/ca-key/" &&
	cp "$tmp/keys/update-ca.pem" "$tmp/ca-key/update.pem" &&
	cp "$tmp/keys/update-ca.key" "$tmp/ca-key/update.key" &&
	refuses "a box would not take it" make_bundle ca.raucb 4 test "$tmp/ca-key"
}
passes "one signed by what is not for updates is not made" signed_by_ca

# Small ones, so that there can be many.
make_small() { # OUT
	rm -rf "$tmp/image"
	make_image "$tmp/image" 4 20000 2000
	sign_image "$1" 4
}
passes "small ones are made to be changed" \
	eval 'make_small small.raucb && make_small other.raucb'

mutants_part() { # PART
	"$bin/update-mutants" --bundle="$tmp/small.raucb" \
		--other="$tmp/other.raucb" --rauc-conf="$box/rauc.conf" \
		--server="$(realpath "$bin")/update-mutants.so" \
		--work="$tmp/mutants" --count="$mutants" --part="$1" --parts=2
}

mutants_refused() {
	remember
	mkdir "$tmp/mutants"
	mutants_part 1 >"$tmp/mutants/second" 2>&1 &
	second=$!
	mutants_part 0 >"$tmp/mutants/first" 2>&1
	first=$?
	wait "$second"
	second=$?
	cat "$tmp/mutants/first" "$tmp/mutants/second" | tee "$tmp/counts"
	[ $first -eq 0 ] && [ $second -eq 0 ] && nothing_written
}
passes "of $mutants changed bundles none is taken" mutants_refused
sed 's/^/# /' "$tmp/counts"

passes "a right one is made" make_bundle right.raucb 4
passes "it is written to slot b, and is next" installed b right.raucb
passes "the box starts with it" box_starts b 4
passes "it is tried" says '"state":"trying"' "$box/update" status --json
passes "its health checks have passed" "$box/update" mark-good
passes "the older one may not come back" refused_as older older.raucb

# As a site does it: a CA of its own, whose certificate for updates signs.
site_signs() {
	mkdir -p "$tmp/site" &&
	echo 'a passphrase of the test' >"$tmp/pass" && chmod 600 "$tmp/pass" &&
	"$bin/konklave-pki" init --ca="$tmp/ca" --name=Test \
		--passphrase-file="$tmp/pass" --yes &&
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-384 -nodes \
		-subj "/CN=Updates" -keyout "$tmp/site/update.key" \
		-out "$tmp/site/csr" &&
	"$bin/konklave-pki" issue update "$tmp/site/csr" --ca="$tmp/ca" \
		--out="$tmp/site/update.pem" --passphrase-file="$tmp/pass" --yes &&
	cp "$tmp/ca/ca.pem" "$tmp/site/update-ca.pem" &&
	make_bundle site.raucb 5 test "$tmp/site"
}
passes "a bundle is signed by what konklave-pki has issued" site_signs
passes "this box does not know that CA" refused_as signature site.raucb
sed -i "s,^path=.*,path=$tmp/site/update-ca.pem," "$box/rauc.conf"
passes "one that does installs it" installed a site.raucb
finish
