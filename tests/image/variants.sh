# variants.sh - the image of board qemu-x86_64 with something changed, as updates.
# Sourced after machine.sh, with $build, $runtime, $image and $keys.
# shellcheck shell=sh

epoch=$(grep -a -o -m 1 'konklave\.version=[0-9]*' "$image/a.efi" | head -n 1 |
	cut -d = -f 2)

# variant NAME VERSION CHANGE...: $tmp/NAME has the slots' parts of the image's root,
# in which CHANGE was run.
variant() {
	out=$tmp/$1
	version=$2
	shift 2
	rm -rf "$tmp/root"
	cp -a "$image/root" "$tmp/root" && (cd "$tmp/root" && "$@") &&
		rootfs/image/make-image --board=qemu-x86_64 \
			--runtime="$runtime" --build="$build" \
			--out="$out" --version="$version" \
			--epoch="$version" --key="$keys/db.key" \
			--cert="$keys/db.pem" --root="$tmp/root" \
			--initrd="$image/initrd"
}

# sealed NAME PARTS VERSION [BOARD [KEYS]]: the bundle of $tmp/PARTS is on the stick.
sealed() {
	by=${5:-$keys}
	rootfs/image/make-bundle --board="${4:-qemu-x86_64}" --image="$2" \
		--version="$1" --epoch="$3" --key="$by/update.key" \
		--cert="$by/update.pem" --ca="$by/update-ca.pem" \
		"$tmp/$1.raucb" && mcopy -i "$tmp/stick" "$tmp/$1.raucb" ::
}

# machine_new: that was never started.
machine_new() {
	rm -rf "$tmp/tpm"
	mkdir -p "$tmp/tpm"
	rootfs/image/make-disk qemu-x86_64 "$tmp/disk" "$image/root.squashfs" \
		"$image/a.efi" "$image/b.efi" && vars_make "$tmp/vars" "$keys"
}

stick_make() {
	truncate -s "$1" "$tmp/stick" &&
		mkfs.vfat -F 32 -n UPDATES "$tmp/stick" >"$tmp/mkfs.log"
}

other_release() {
	sed -i 's/^VERSION_ID=.*/VERSION_ID=other/' usr/lib/os-release
}

# part_at NAME: offset and size of a partition of $tmp/disk, in bytes.
part_at() {
	sfdisk --json "$tmp/disk" | python3 -c 'import json, sys
for p in json.load(sys.stdin)["partitiontable"]["partitions"]:
    if p["name"] == sys.argv[1]:
        print(p["start"] * 512, p["size"] * 512)' "$1"
}

# part NAME: its bytes.
part() {
	# shellcheck disable=SC2046 # two words
	set -- $(part_at "$1")
	dd if="$tmp/disk" bs=1M skip="$(($1 / 1048576))" \
		count="$(($2 / 1048576))" status=none
}

# holds SLOT PARTS: the slot's root and kernel image are those of $tmp/PARTS.
holds() {
	bytes=$(stat -c %s "$2/root.squashfs")
	part "root-$1" | cmp -n "$bytes" - "$2/root.squashfs" &&
		part esp >"$tmp/esp" &&
		mcopy -n -o -i "$tmp/esp" "::EFI/konklave/$1.efi" \
			"$tmp/efi" && cmp "$tmp/efi" "$2/$1.efi"
}

# entries VARIABLE: the files that the firmware's boot entries of BootOrder or
# BootNext lead to, in their order.
entries() {
	virt-fw-vars --input "$tmp/vars" --output-json "$tmp/vars.json" \
		>"$tmp/vars.log" 2>&1
	python3 -c 'import json, re, sys
of = {}
for v in json.load(open(sys.argv[1]))["variables"]:
    of[v["name"]] = bytes.fromhex(v["data"])
numbers = of.get(sys.argv[2], b"")
for i in range(0, len(numbers), 2):
    name = "Boot%04X" % int.from_bytes(numbers[i:i + 2], "little")
    found = re.search(rb"k\0o\0n\0k\0l\0a\0v\0e\0\\\0([ab])\0\.\0e\0f\0i\0",
        of.get(name, b""))
    if found:
        print(found.group(1).decode())' "$tmp/vars.json" "$1" | paste -s -d ' ' -
}

update() { # WORD...: of konklave-update
	asks "/usr/lib/konklave/konklave-update $*"
}

stands() { # TEXT: its status comes to have it
	asks_until "$1" "/usr/lib/konklave/konklave-update status --json"
}

# boots: also where a test before this one has left a machine that runs.
boots() { # [machine_power]
	[ -z "${machine-}" ] || ! kill -0 "$machine" 2>/dev/null || machine_end
	machine_more="-drive if=none,id=stick,format=raw,readonly=on,file=$tmp/stick -device virtio-blk-pci,drive=stick" \
		"${1:-machine_start}" "$tmp/disk" "$tmp/vars"
}

has_stick() {
	asks "mkdir -p /run/stick && mount -t vfat -o ro /dev/vdb /run/stick"
}

# works SLOT: it comes to be well there, and it is noted.
works() {
	machine_says "boot: this slot works slot=$1" "not well\|not booted" &&
		console_has "konklave: well" && stands '"state":"idle"'
}
