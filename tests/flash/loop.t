#!/bin/sh
# loop.t PROGRAM - the flash tool onto real block devices: loop devices on files of
# a small tmpfs.  Where the kernel gives us none, one test says why it is skipped.
# Broken blocks beyond what a loop device can do are in tests/flash/write.c.
flash=$1
if [ -z "${KK_LOOPS-}" ]; then
	# Mounts of our own: the root's /dev has no devices, and takes none.
	why=$(unshare --mount true 2>&1) &&
		KK_LOOPS=yes exec unshare --mount "$0" "$@"
	echo "ok 1 - block devices # SKIP no mounts of our own: $why"
	echo "1..1"
	exit 0
fi
. tests/build/lib.sh
export KK_LANG=en

MIB=1048576
place=$tmp/place # where the devices and what they stand on are
image_bytes=$((12 * MIB + 3584))
used=

# --- devices --------------------------------------------------------------

nodes_make() {
	mkdir "$place" &&
	mount -t tmpfs -o size=96m none "$place" &&
	mkdir "$place/dev" || return 1
	for n in $(seq 0 63); do
		mknod "$place/dev/loop$n" b 7 "$n" || return 1
	done
	: <"$place/dev/loop0"
}

# loop FILE [OPTION...]: a device on a file, in $loop.  losetup's own search wants
# its nodes in /dev, so each is tried.
loop() {
	file=$1
	shift
	for loop in "$place"/dev/loop[0-9]*; do
		losetup "$@" "$loop" "$file" 2>/dev/null && {
			used="$used $loop"
			return 0
		}
	done
	echo "there is no loop device left"
	return 1
}

unloop() {
	for one in $used; do
		losetup -d "$one"
	done
	used=
}

end() {
	unloop
	umount -l "$place" 2>/dev/null
	rm -rf "$tmp"
}
trap end EXIT
trap 'exit 1' HUP INT TERM PIPE

# disk BYTES: a file of that size that a device can be made of; nothing is on it.
disk() {
	rm -f "$place/disk"
	truncate -s "$1" "$place/disk"
}

if ! nodes_make 2>"$tmp/why" || ! disk $MIB ||
	! loop "$place/disk" 2>>"$tmp/why"; then
	echo "ok 1 - block devices # SKIP the kernel gives none:" \
		"$(tail -n 1 "$tmp/why")"
	echo "1..1"
	exit 0
fi
unloop

# --- what is written ------------------------------------------------------

key() {
	openssl req "$@" -newkey ec -pkeyopt ec_paramgen_curve:P-384 -nodes
}

# signed WHO: by a certificate of WHO's CA, WHO.pem.
signed() {
	printf '%s\n' keyUsage=critical,digitalSignature \
		extendedKeyUsage=critical,codeSigning >"$tmp/ext"
	key -x509 -keyout "$tmp/$1.key" -subj "/CN=$1" -days 2 \
		-out "$tmp/$1.pem" &&
	key -keyout "$tmp/leaf.key" -subj "/CN=$1 leaf" -out "$tmp/leaf.csr" &&
	openssl x509 -req -in "$tmp/leaf.csr" -CA "$tmp/$1.pem" \
		-CAkey "$tmp/$1.key" -days 2 -extfile "$tmp/ext" \
		-out "$tmp/leaf.pem" &&
	"$flash" pack --from="$tmp/image" --image="$tmp/$1.kkf" \
		--board=qemu-x86_64 --release=1 --key="$tmp/leaf.key" \
		--chain="$tmp/leaf.pem"
}

packed() {
	head -c "$image_bytes" /dev/urandom >"$tmp/image" &&
	signed site && signed stranger
}

# ends STATUS TEXT OPTION...: the tool's status onto $loop, and what it says.
ends() {
	status=$1
	text=$2
	shift 2
	"$flash" write --trust="$tmp/site.pem" --image="$tmp/site.kkf" \
		--to="$loop" "$@" >"$tmp/told" 2>&1 </dev/null
	got=$?
	cat "$tmp/told"
	[ "$got" -eq "$status" ] || {
		echo "status $got, not $status"
		return 1
	}
	grep -q -e "$text" "$tmp/told"
}

is_image() { cmp -n "$image_bytes" "$tmp/image" "$place/disk"; }

untouched() { cmp -n "$(stat -c %s "$place/disk")" /dev/zero "$place/disk"; }

# refused TEXT OPTION...: before anything is written.
refused() {
	ends 3 "$@" && untouched
}

# The table of what boots is written last.
boots_not() { cmp -n 17408 /dev/zero "$place/disk"; }

# --- devices that are as they should be -----------------------------------

passes "an image and a stranger's are packed" packed
disk $((16 * MIB))
passes "a device is made" loop "$place/disk"
passes "it is written, read back, and has the image" eval \
	'ends 0 "read back without a difference" --yes && is_image'
passes "again, all but the table is kept" eval \
	'ends 0 "\"keptBytes\":$((image_bytes - 34 * 512))" --yes --resume --json &&
	is_image'
unloop
disk "$image_bytes"
passes "a device just as large is enough" eval 'loop "$place/disk" &&
	ends 0 "without a difference" --yes && is_image'
unloop

# --- refused, and untouched -----------------------------------------------

disk $((16 * MIB))
loop "$place/disk" --sizelimit $((12 * MIB))
passes "too small a device is refused" refused "Too small" --yes
unloop
loop "$place/disk" --read-only
passes "a read-only device is refused" refused "$loop: read-only" --yes
unloop
loop "$place/disk"
passes "an image for another board is refused" \
	refused "not for x86_64-uefi" --yes --board=x86_64-uefi
passes "a stranger's image is refused" \
	refused "not signed by anybody" --yes --image="$tmp/stranger.kkf"
passes "a broken image is refused" \
	refused "not a whole image" --yes --image="$tmp/image"
passes "without an answer nothing is written" refused "will be lost"

# Held as a mount holds it (open(2), O_EXCL).
held() {
	mkfifo "$tmp/held" "$tmp/free"
	python3 -c 'import os, sys
os.open(sys.argv[1], os.O_RDWR | os.O_EXCL)
open(sys.argv[2], "w").close()
open(sys.argv[3]).read()' "$loop" "$tmp/held" "$tmp/free" &
	holder=$!
	cat "$tmp/held"
	"$@"
	result=$?
	: >"$tmp/free"
	wait "$holder"
	rm "$tmp/held" "$tmp/free"
	return "$result"
}
passes "a device that is in use is refused" held refused "in use" --yes
passes "named twice, it is written" eval \
	'held ends 0 "without a difference" --yes --over="$loop" && is_image'
unloop

# --- devices that fail on the way -----------------------------------------

# What a device stands on is full after some MiB: its writes fail from there on.
full() {
	mkdir -p "$place/full" && mount -t tmpfs -o size=8m none "$place/full" &&
	truncate -s $((16 * MIB)) "$place/full/disk" &&
	loop "$place/full/disk" && ends 1 "\"failed\"" --yes --json &&
	cmp -n 17408 /dev/zero "$place/full/disk"
}
passes "blocks that take no writes: told, and it does not boot" full
unloop

# The tool has opened the device and asks; then it shrinks to so many bytes, as one
# that is pulled out has none.
asked() {
	left=$1
	mkfifo "$tmp/answer"
	script -q -e -c "$flash write --trust=$tmp/site.pem \
		--image=$tmp/site.kkf --to=$loop --resume" /dev/null \
		<"$tmp/answer" >"$tmp/told" 2>&1 &
	tool=$!
	exec 7>"$tmp/answer"
	until grep -q "will be lost" "$tmp/told"; do
		kill -0 "$tool" || break
		sleep 0.1
	done
	truncate -s "$left" "$place/disk"
	losetup -c "$loop"
	echo "$loop" >&7
	wait "$tool"
	status=$?
	exec 7>&-
	rm "$tmp/answer"
	cat "$tmp/told"
	# Where it asks for the size behind that, it is one that is too small.
	[ "$status" -eq 1 ] || { [ "$status" -eq 3 ] &&
		grep -q "Too small.*Nothing was written" "$tmp/told"; }
}
for left in 0 4096 $((5 * MIB)) $((9 * MIB)); do
	disk $((16 * MIB))
	loop "$place/disk"
	passes "it vanishes behind its first $left bytes: told, and does not boot" \
		eval 'asked $left && { [ $left -lt 17408 ] || boots_not; }'
	unloop
done
disk $((16 * MIB))
loop "$place/disk"
passes "after all this, a device is written as ever" eval \
	'ends 0 "without a difference" --yes && is_image'
finish
