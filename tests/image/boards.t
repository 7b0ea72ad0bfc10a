#!/bin/sh
# boards.t - each board's configuration is one, and says no more than it must.
. tests/build/lib.sh

export CONFIG_=KK_ srctree=.

# A name that Kconfig does not know is a warning.
is_taken() {
	KCONFIG_CONFIG=$tmp/config python3 -m defconfig --kconfig Kconfig \
		"board/$1/defconfig" >"$tmp/said" 2>&1 &&
	! grep -i warning "$tmp/said"
}

lines() {
	grep -E '^KK_|^# KK_' "$1" | sort
}

is_short() {
	KCONFIG_CONFIG=$tmp/config python3 -m savedefconfig --kconfig Kconfig \
		--out "$tmp/saved" &&
	lines "$tmp/saved" >"$tmp/least"
	lines "board/$1/defconfig" | diff - "$tmp/least"
}

modules_are_named() {
	for list in "board/$1"/*modules.list; do
		[ ! -e "$list" ] || ! sed 's/#.*//' "$list" | grep '[^a-zA-Z0-9_ -]' ||
			return 1
	done
}

# Its kernel image's name and its libraries' folder follow from it.
has_processor() (
	. rootfs/image/lib.sh
	arch_of "$1" && [ -n "$triplet$loader$efi" ]
)

# An image of another processor is made on x86_64 alone: elsewhere it is refused
# before anything is fetched.
elsewhere() {
	mkdir "$tmp/bin" && printf '#!/bin/sh\necho aarch64\n' >"$tmp/bin/uname" &&
	chmod +x "$tmp/bin/uname" &&
	refuses "its image is made on one of its kind" env BOARD="$1" \
		PATH="$tmp/bin:$PATH" BUILD="$tmp" LEVEL=1 KEY= CERT= tools/image
}

for board in board/*/; do
	board=$(basename "$board")
	passes "$board: its configuration is taken" is_taken "$board"
	passes "$board: it says only what differs" is_short "$board"
	passes "$board: its lists name modules" modules_are_named "$board"
	passes "$board: its processor is known" has_processor "$board"
	passes "$board: board/README.md tells of it" \
		grep -q "$board" board/README.md
done

passes "on an Arm machine no image of x86_64 is made" elsewhere x86_64-uefi

mkdir "$tmp/board" && echo mips >"$tmp/board/arch"
passes "another processor is refused by name" \
	refuses "there is no mips" sh -c '. rootfs/image/lib.sh
		arch_of "$1"' sh "$(realpath --relative-to=board "$tmp/board")"
finish
