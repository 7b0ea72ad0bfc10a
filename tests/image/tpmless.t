#!/bin/sh
# tpmless.t BUILD - the image of board qemu-x86_64 in BUILD/image in a machine without
# a TPM: the data's key is on the disk, which it says; and it is reset by a stick.
. tests/build/lib.sh
MACHINE_SECONDS=${MACHINE_SECONDS:-3600}
. tests/image/machine.sh

build=$1
runtime=
image=$build/image
keys=$build/test-keys
machine_port=yes
machine_tpm=
. tests/image/variants.sh

# The machine's, as machine_start gives it.
uuid=4b4f4e4b-4c41-4556-8000-00000000beef

reset_stick_make() {
	truncate -s 40M "$tmp/stick" &&
		mkfs.vfat -F 32 -n KONKLAVE "$tmp/stick" >"$tmp/mkfs.log" &&
		echo "erase $uuid" >"$tmp/konklave-reset.txt" &&
		mcopy -i "$tmp/stick" "$tmp/konklave-reset.txt" ::
}

starts() {
	machine_start "$tmp/disk" "$tmp/vars"
}

starts_with_stick() {
	machine_more="-device qemu-xhci -drive if=none,id=stick,format=raw,file=$tmp/stick -device usb-storage,drive=stick,removable=on" \
		starts
}

# The key opens the data from a copy of the disk: whoever has it reads them.
key_is_there() {
	part key | head -c 64 | tr -d '\0' | grep -q .
}

passes "a machine without a TPM is made" machine_new
passes "it starts" starts
passes "it warns that the key is on the disk" \
	machine_says "WARNING: no TPM: the key of the data is on the same disk" \
	"not booted"
passes "it is well, and that is noted" works a
passes "a mark is left in its data" \
	asks 'echo kept >/var/lib/konklave/mark && sync'
machine_end
passes "the key is on the disk" key_is_there
part key | head -c 64 >"$tmp/key"
passes "a stick that asks for a reset is made" reset_stick_make
passes "it starts again, with the stick" starts_with_stick
passes "it warns again" machine_says \
	"WARNING: the key of the data is on the same disk" "makes its data"
passes "it is well with the data that it made" works a
passes "the mark is there" eval \
	'asks "cat /var/lib/konklave/mark" | grep -x kept'
passes "the stick is seen, and it says that it will erase all" \
	machine_says "At its next start this box erases all that it keeps"
machine_end
passes "it starts once more" starts
passes "it erases its data" machine_says "factory reset: done" "not booted"
passes "it is well with new ones" works a
passes "the mark is gone" not asks "cat /var/lib/konklave/mark"
machine_end
passes "the key is another one" \
	eval 'part key | head -c 64 >"$tmp/key.new"; ! cmp "$tmp/key" "$tmp/key.new"'
finish
