#!/bin/sh
# installer.t BUILD - the installer stick of board qemu-x86_64 in BUILD/installer, in
# a machine with Secure Boot and one empty disk: it writes the image there.
. tests/build/lib.sh
. tests/image/machine.sh

build=$1

disk_make() {
	truncate -s 1100M "$tmp/disk" &&
	vars_make "$tmp/vars" "$build/test-keys" >"$tmp/vars.log" 2>&1
}

# The disk has no table: the firmware goes on to the stick.
starts() {
	machine_more="-device qemu-xhci -drive if=none,id=stick,format=raw,snapshot=on,file=$build/installer/installer-qemu-x86_64.img -device usb-storage,drive=stick,removable=on" \
		machine_start "$tmp/disk" "$tmp/vars"
}

is_written() {
	cmp -n "$(stat -c %s "$build/image/disk.img")" "$build/image/disk.img" \
		"$tmp/disk"
}

passes "an empty disk is made" disk_make
passes "the machine starts" starts
passes "the stick's package is by who may sign" \
	machine_says "Konklave .* signed by" "not signed"
passes "it counts down before it writes the only disk" \
	machine_says "vda will be overwritten in 30 s" "not find"
passes "it has written and read back all" \
	machine_says "Pull out the stick" "does not boot"
machine_end
passes "the disk has the image" is_written
finish
