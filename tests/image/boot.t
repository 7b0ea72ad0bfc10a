#!/bin/sh
# boot.t BUILD [--short] - the image of board qemu-x86_64 in BUILD/image, and its twin in
# BUILD/image2, made of the same: alike; booted in a machine with Secure Boot and a
# TPM, where it has a camera and keys; and not booted where a bit or the signature is
# wrong.
. tests/build/lib.sh
MACHINE_SECONDS=${MACHINE_SECONDS:-2400}
MACHINE_PROCESSORS=${MACHINE_PROCESSORS:-2} # as boxes have
. tests/image/machine.sh

build=$1
image=$build/image
is_short=${2:+yes} # without a twin, with two starts

# A signature has its time in it: what is signed is compared.
alike() {
	for file in root.squashfs initrd a.unsigned.efi b.unsigned.efi; do
		cmp "$image/$file" "$build/image2/$file" || return 1
	done
}

small() { # 120 MiB at a release's compression; CI's is weaker
	[ "$(stat -c %s "$image/root.squashfs")" -le $((120 * 1048576)) ]
}

# disk_with A.EFI: a new disk of the image, whose slot a has another kernel image.
disk_with() {
	rootfs/image/make-disk qemu-x86_64 "$tmp/disk" "$image/root.squashfs" "$1" \
		"$image/b.efi"
}

# part_at NAME: the offset of the first byte of a partition.
part_at() {
	sfdisk --json "$tmp/disk" | python3 -c 'import json, sys
for p in json.load(sys.stdin)["partitiontable"]["partitions"]:
    if p["name"] == sys.argv[1]:
        print(p["start"] * 512)' "$1"
}

# with_profile: as konklave-flash leaves one (konklave-profile(5)).
with_profile() {
	python3 -c 'import hashlib, sys
text = b"name = Room of the test\n"
with open(sys.argv[1], "r+b") as disk:
    disk.seek(int(sys.argv[2]))
    disk.write(b"KKPROF01" + len(text).to_bytes(4, "big") +
        hashlib.sha256(text).digest() + text)' "$tmp/disk" "$(part_at profile)"
}

# The data are LUKS2's, the TPM has their key, and what the profile said is
# nowhere in the clear.
is_sealed() {
	python3 -c 'import sys
with open(sys.argv[1], "rb") as disk:
    disk.seek(int(sys.argv[2]))
    head = disk.read(1 << 20)
    disk.seek(int(sys.argv[3]))
    key = disk.read(1 << 20)
    disk.seek(0)
    clear = b"Room of the test" in disk.read()
sys.exit(not (head[:8] == b"LUKS\xba\xbe\0\2" and b"systemd-tpm2" in head and
    not any(key) and not clear))' "$tmp/disk" "$(part_at data)" "$(part_at key)"
}

# As konklave-config(8) does it.
with_reset() {
	printf KKRESET1 | dd of="$tmp/disk" bs=4096 conv=notrunc \
		seek=$(($(part_at key) / 4096 + 1)) status=none
}

# flip OFFSET: one bit of the root, which every boot reads: its superblock.
flip() {
	at=$(($(part_at root-a) + $1))
	byte=$(od -An -tu1 -j "$at" -N1 "$tmp/disk")
	# shellcheck disable=SC2059 # the format is the byte
	printf "\\$(printf %03o $((byte ^ 1)))" |
		dd of="$tmp/disk" bs=1 seek="$at" conv=notrunc status=none
}

# What a machine's firmware keeps, with our keys and nothing else.
new_vars() {
	vars_make "$tmp/vars" "$build/test-keys"
}

starts() {
	machine_start "$tmp/disk" "$tmp/vars"
}

# Its own pictures come some time after the console's.
shows_the_room() {
	for _ in $(seq 300); do
		picture "$tmp/picture.ppm" || return 1
		! tests/image/colours "$tmp/picture.ppm" 1280 720 200 ||
			return 0
		sleep 1
	done
	return 1
}

# The kernel's own camera (vivid) in place of the synthetic room.
has_a_camera() {
	asks "modprobe vivid" &&
		asks "echo 'MEDIAD_CHOSEN=--camera=v4l2:auto:vivid" \
			"--size=1280x720' >>/run/konklave/config/mediad.env" &&
		asks "systemctl restart mediad.service"
}

# What is plugged into the machine's screen's socket, as its kernel is told.
screen_is() { # off, or detect: as it is
	asks "for s in /sys/class/drm/card*-*/status; do echo $1 >\$s; done"
}

# mediad_says TEXT: of its pictures.
mediad_says() {
	asks_until "$1" "systemctl show --property=StatusText mediad.service" &&
		cat "$tmp/answer"
}

mediad_logs() {
	asks_until "$1" "journalctl --quiet --unit=mediad.service" &&
		grep -e "$1" "$tmp/answer"
}

starts_without_a_screen() {
	screen_is off && asks "systemctl restart mediad.service" &&
		mediad_logs "no picture on the screen: none is connected" &&
		mediad_says "pictures=[1-9][0-9]* shown=0$"
}

is_switched_on() {
	screen_is detect && mediad_says "shown=[1-9]" && shows_the_bars
}

is_unplugged_and_plugged_in() {
	screen_is off && mediad_logs "the screen: it was unplugged" &&
		screen_is detect && shows_it_twice
}

# Since it was switched on, and since it is back.
shows_it_twice() {
	until mediad_logs "the screen has its picture" >"$tmp/shown" &&
		[ "$(wc -l <"$tmp/shown")" -ge 2 ]; do
		kill -0 "$machine" 2>/dev/null || return 1
		sleep 1
	done
}

shows_the_bars() {
	for _ in $(seq 300); do
		picture "$tmp/picture.ppm" || return 1
		! tests/image/bars "$tmp/picture.ppm" 10 || return 0
		sleep 1
	done
	return 1
}

# A key of its keyboard opens the number pad, whose Call key is the only large thing
# in this green.
shows_the_pad() {
	echo "sendkey 5" >&8
	for _ in $(seq 300); do
		picture "$tmp/picture.ppm" || return 1
		! tests/image/colours "$tmp/picture.ppm" 1280 720 200 6bc794 \
			10000 || return 0
		sleep 1
	done
	return 1
}

shows_no_pad() {
	echo "sendkey esc" >&8
	for _ in $(seq 300); do
		picture "$tmp/picture.ppm" || return 1
		! tests/image/colours "$tmp/picture.ppm" 1280 720 200 ||
			tests/image/colours "$tmp/picture.ppm" 1280 720 200 \
				6bc794 10000 || return 0
		sleep 1
	done
	return 1
}

[ -n "$is_short" ] ||
	passes "made twice, all that is signed is the same to the bit" alike
passes "its root is no larger than 120 MiB" small

passes "a new disk of it is made, with a profile" \
	eval 'disk_with "$image/a.efi" && with_profile'
passes "a firmware with Secure Boot is made" new_vars
machine_more="-device virtio-keyboard-pci"
machine_port=yes
passes "a machine with it and a TPM starts" starts
machine_more=
passes "it boots, its services start, and it says that it is ready" \
	journal_when_not machine_says "konklave: ready" "not booted\|not well"
passes "before its root was looked for, the boot was counted" \
	console_has "boot: started slot=a state=good boots=1"
passes "it is well, with a picture, and the watchdog is fed" \
	journal_when_not machine_says "konklave: well" "not well"
passes "only then its slot is called good" \
	machine_says "boot: this slot works slot=a" "refused"
passes "at its first boot it has made keys" \
	console_has "konklave: makes keyd.wrap-key"
passes "the firmware's Secure Boot was on" \
	console_has "secureboot: Secure boot enabled"
passes "it is what the profile says" \
	console_has "konklave-config.*disk: this is what the box is"
passes "the room's picture is on the screen" shows_the_room
passes "a digit opens the number pad on it" shows_the_pad
passes "Escape closes it" shows_no_pad
passes "it is given a camera that the kernel plays" journal_when_not has_a_camera
passes "what the camera's driver gives is on the room's picture" \
	journal_when_not shows_the_bars
passes "its log says which camera it took" asks "journalctl --quiet \
	--unit=mediad.service --grep='the camera is vivid, /dev/video'"
has_no_screen() {
	passes "mediad starts while its screen is off, and waits for it" \
		starts_without_a_screen
	passes "switched on, it shows the room's picture" is_switched_on
	passes "pulled and plugged in again, it has it again" \
		is_unplugged_and_plugged_in
}
[ -n "$is_short" ] || has_no_screen
machine_end
machine_port=
passes "its data are sealed by the TPM" is_sealed
starts_again() {
	passes "its TPM is put in lockout, as after some cuts of power" \
		tests/image/lockout "$tmp/tpm"
	passes "it starts again, from the same disk with the same firmware" starts
	passes "what it made for itself at first is there, and it is ready again" \
		machine_says "konklave: well" "konklave: makes\|not booted\|not well"
	passes "the boot before was confirmed, and is in the firmware's order" \
		eval 'console_has "boot: started slot=a state=good boots=1" &&
			not console_has "there is no boot entry"'
	machine_end
	passes "a factory reset is asked for" with_reset
	passes "it starts once more" starts
	passes "it erases its data, and makes its keys anew" \
		machine_says "konklave: makes lines-keyd.wrap-key" "not booted"
	machine_end
	passes "its new data are sealed by the TPM" is_sealed
}
[ -n "$is_short" ] || starts_again

passes "a disk with one bit of its root flipped is made" \
	eval 'disk_with "$image/a.efi" && flip 8'
passes "the machine starts with it" starts
passes "it does not boot, since no root is this image's" machine_says \
	"rootinit: no root of this image: not booted" "konklave: ready"
machine_end

[ -z "$is_short" ] || finish

fill_disk() {
	echo 'type=swap, name=other' | sfdisk --quiet --append "$tmp/disk"
}

ends() {
	wait "$machine"
	! kill -0 "$machine" 2>/dev/null
}

passes "a disk without room for the box's data is made" \
	eval 'disk_with "$image/a.efi" && fill_disk'
passes "the machine starts with that" starts
passes "it says that its file systems do not come" machine_says \
	"konklave: not well: its file systems are not there" "konklave: ready"
passes "it starts again by itself, for the other slot's turn" ends
machine_end

passes "a disk whose kernel image has no signature is made" \
	disk_with "$image/a.unsigned.efi"
passes "the machine starts with this one" starts
passes "its firmware refuses it, since it is not signed" \
	machine_says "Access Denied" "Linux version"
machine_end
finish
