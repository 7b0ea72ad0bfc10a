#!/bin/sh
# welcome.t BUILD - the image of board qemu-x86_64 in BUILD/image, on a machine that
# asks for the first-boot screen: it is operated by a keyboard from its first page to
# the room's picture, and a stick gets the box's certificate request.
. tests/build/lib.sh
. tests/image/machine.sh

build=$1
focus=5ca8f5 # what shines (pipelines/graphs/paint.c)
lock=6bc794  # what is safe

disk_make() {
	cp --sparse=always "$build/image/disk.img" "$tmp/disk" &&
	vars_make "$tmp/vars" "$build/test-keys" >"$tmp/vars.log" 2>&1 &&
	truncate -s 16M "$tmp/stick" &&
	mkfs.vfat -n KONKLAVE "$tmp/stick" >/dev/null
}

starts() {
	machine_more="-smbios type=1,version=welcome -device qemu-xhci,id=usb
		-device usb-kbd,bus=usb.0
		-drive if=none,id=stick,format=raw,file=$tmp/stick" \
		machine_start "$tmp/disk" "$tmp/vars"
}

# shines X Y: waits until what is there has the focus.
shines() {
	for _ in $(seq 300); do
		picture "$tmp/picture.ppm" || return 1
		[ "$(tests/image/pixel "$tmp/picture.ppm" "$1" "$2")" != \
			"$focus" ] || return 0
		sleep 1
	done
	tests/image/pixel "$tmp/picture.ppm" "$1" "$2"
	return 1
}

# press KEY...: each, and waits until the screen shows it.
press() {
	for key in "$@"; do
		picture "$tmp/before.ppm" || return 1
		echo "sendkey $key" >&8
		for _ in $(seq 300); do
			picture "$tmp/picture.ppm" || return 1
			! cmp -s "$tmp/before.ppm" "$tmp/picture.ppm" ||
				{ sleep 0.2; continue; }
			continue 2
		done
		echo "nothing changed after $key"
		return 1
	done
}

# To the last button of a page, and on.
next() {
	press shift-tab ret
}

has_request() {
	mdir -b -i "$tmp/stick" :: 2>/dev/null | grep -q 'konklave-[0-9a-f]*\.csr'
}

# It takes the kernel a moment to find the stick; until then it is told that there
# is none.
writes_the_request() {
	echo "device_add usb-storage,bus=usb.0,drive=stick,removable=on" >&8
	for _ in $(seq 60); do
		press ret || return 1
		for _ in $(seq 20); do
			! has_request || {
				shines 0.32 0.89 # it has ended
				return
			}
			sleep 1
		done
	done
	return 1
}

is_a_request() {
	request=$(mdir -b -i "$tmp/stick" :: | tr -d '\r' | grep csr)
	mcopy -n -i "$tmp/stick" "$request" "$tmp/request.csr" &&
	openssl req -in "$tmp/request.csr" -noout -verify -subject \
		>"$tmp/subject" 2>&1 && grep -q 'CN *= *room' "$tmp/subject"
}

# The lock of the meeting that the room has opened; no page has it.
shows_the_room() {
	for _ in $(seq 300); do
		picture "$tmp/picture.ppm" || return 1
		[ "$(tests/image/pixel "$tmp/picture.ppm" 0.7953 0.2153)" != \
			"$lock" ] || return 0
		sleep 1
	done
	return 1
}

passes "a disk, a firmware and a stick are made" disk_make
passes "a machine that asks for the first-boot screen starts" starts
passes "it starts without a profile, and is well with that screen" \
	machine_says "konklave: well" "not booted\|not well"
passes "its slot is called good" machine_says "boot: this slot works slot=a" \
	"refused"
passes "the first page is there, English has the focus" shines 0.1 0.42
passes "the right arrow leads to German, and left back" \
	eval 'press right && shines 0.9 0.42 && press left && shines 0.1 0.42'
passes "a name is typed" press ret r o o m ret
passes "all other pages are passed" eval 'press tab tab tab ret && next && next &&
	next'
passes "the last question is there, and nothing was kept yet" \
	eval 'shines 0.9 0.89 && ! console_has "kept; it counts"'
passes "with yes the profile is kept" eval 'press ret &&
	machine_says "konklave-welcome/profile: kept; it counts"'
passes "the certificate's page is there" shines 0.32 0.89
passes "a stick that is plugged in gets the request" writes_the_request
passes "done is pressed" press tab tab ret
passes "the room's picture comes, without a restart" shows_the_room
passes "the machine has not started again" eval \
	'[ "$(grep -a -c "boot: started" "$tmp/console")" = 1 ]'
machine_end
passes "it is a request for a box of that name" is_a_request
finish
