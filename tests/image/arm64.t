#!/bin/sh
# arm64.t BUILD - the image of board qemu-arm64 in BUILD/image, booted in a machine of
# that processor with Secure Boot, without a TPM; and not booted without a signature.
. tests/build/lib.sh
machine_arch=aarch64
# Its processor is emulated instruction by instruction.
MACHINE_SECONDS=${MACHINE_SECONDS:-3600}
MACHINE_PROCESSORS=${MACHINE_PROCESSORS:-2}
. tests/image/machine.sh

build=$1
image=$build/image

# disk_with A.EFI: a new disk of the image, whose slot a has another kernel image.
disk_with() {
	rootfs/image/make-disk qemu-arm64 "$tmp/disk" "$image/root.squashfs" \
		"$1" "$image/b.efi"
}

# Every program of ours that is in it is for that processor.
is_for_arm() {
	for program in "$image"/root/usr/lib/konklave/*; do
		[ "$(od -An -tx1 -N4 "$program" | tr -d ' ')" = 7f454c46 ] ||
			continue
		readelf -h "$program" | grep -q 'Machine:.*AArch64' || {
			echo "$program"
			return 1
		}
	done
	[ -n "$program" ]
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

passes "its programs are for that processor" is_for_arm
passes "a disk of it is made" disk_with "$image/a.efi"
passes "a firmware with Secure Boot is made" \
	vars_make "$tmp/vars" "$build/test-keys"
passes "a machine with it starts" starts
passes "it boots, its services start, and it says that it is ready" \
	machine_says "konklave: ready" "not booted\|not well"
passes "it says that its data are not sealed, since there is no TPM" \
	console_has "WARNING: no TPM"
passes "before its root was looked for, the boot was counted" \
	console_has "boot: started slot=a state=good boots=1"
passes "it is well, with a picture, and the watchdog is fed" \
	machine_says "konklave: well" "not well"
passes "only then its slot is called good" \
	machine_says "boot: this slot works slot=a" "refused"
passes "the firmware's Secure Boot was on" \
	console_has "secureboot: Secure boot enabled"
passes "the room's picture is on the screen" shows_the_room
machine_end

passes "a disk whose kernel image has no signature is made" \
	disk_with "$image/a.unsigned.efi"
passes "the machine starts with it" starts
passes "its firmware refuses it, since it is not signed" \
	machine_says "Access Denied" "Linux version"
machine_end
finish
