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

for board in board/*/; do
	board=$(basename "$board")
	passes "$board: its configuration is taken" is_taken "$board"
	passes "$board: it says only what differs" is_short "$board"
	passes "$board: its lists name modules" modules_are_named "$board"
	passes "$board: board/README.md tells of it" \
		grep -q "$board" board/README.md
done
finish
