#!/bin/sh
# sound.t BUILD - the image of board qemu-x86_64 in BUILD/image, booted, with its services:
# its board has a sound card (HDA, muted by its driver), and one on USB is plugged into the
# machine, pulled and plugged in again, while mediad runs as its unit confines it.  A second
# member, of the same programs in the same machine, is in its meeting, so that what a call
# brings is played to the card, and what a microphone's card hears (snd-aloop) goes to the
# call.
#
# As in capture.t the machine's clock goes by the instructions that it has had; what was
# played and heard is judged by its tones, not by when it came.
. tests/build/lib.sh
MACHINE_SECONDS=${MACHINE_SECONDS:-5400}
. tests/image/machine.sh

build=$1
image=$build/image
machine_port=yes
machine_tpm=
machine_time="-accel tcg,thread=single -icount shift=1,sleep=on -smp 1"
# What the cards play, and a disk from and one to the test.
machine_more="-device qemu-xhci,id=usb
	-audiodev wav,id=board,path=$tmp/board.wav,out.frequency=48000
	-device intel-hda -device hda-duplex,audiodev=board
	-audiodev wav,id=ear,path=$tmp/played.wav,out.frequency=48000
	-drive if=none,id=tests,format=raw,readonly=on,file=$tmp/tests
	-device virtio-blk-pci,drive=tests,serial=tests
	-drive if=none,id=heard,format=raw,file=$tmp/heard
	-device virtio-blk-pci,drive=heard,serial=heard"
GUEST_HZ=700
ROOM_HZ=1000 # player's

# wav_make FILE HZ: beats as player's, of whole waves of 700 Hz.
wav_make() {
	python3 -c 'import math, struct, sys, wave
with wave.open(sys.argv[1], "wb") as file:
    file.setparams((1, 2, 48000, 0, "NONE", ""))
    file.writeframes(b"".join(struct.pack("<h", int(10000 *
        math.sin(2 * math.pi * int(sys.argv[2]) * i / 48000)) *
        (i // 7680 % 2 == 0)) for i in range(6 * 7680)))' "$@"
}

disks_make() {
	mkdir "$tmp/tree" || return 1
	cp "$build/player" "$tmp/tree/" &&
	wav_make "$tmp/tree/guest.wav" "$GUEST_HZ" &&
	mksquashfs "$tmp/tree" "$tmp/tests" -quiet -no-progress -all-root &&
	truncate -s 256M "$tmp/heard" &&
	rootfs/image/make-disk qemu-x86_64 "$tmp/disk" "$image/root.squashfs" \
		"$image/a.efi" "$image/b.efi"
}

starts() {
	machine_start "$tmp/disk" "$tmp/vars"
}

board_card="the loudspeaker is plughw:.*HDA" # as mediad tells of them
usb_card="the loudspeaker is plughw:.*USB"
guest=/run/guest # what is the test's, and the guest's, in the machine

# --- the box ------------------------------------------------------------------

# mediad_says TEXT [TIMES]: waits until its journal has that.
mediad_says() {
	until asks "journalctl --quiet --no-pager --output=cat" \
		"--unit=mediad.service" >"$tmp/journal" &&
		[ "$(grep -c -e "$1" "$tmp/journal")" -ge "${2:-1}" ]; do
		kill -0 "$machine" 2>/dev/null || {
			tail "$tmp/journal"
			return 1
		}
		sleep 2
	done
}

# The microphone's driver is not there yet.
is_told_of_cards() {
	asks "mkdir -p /run/konklave/config &&" \
		"echo 'MEDIAD_DEVICES=--camera=synthetic --screen=kms" \
		"--size=1280x720 --fps=1 --send-size=320x180 --send-fps=1" \
		"--encodings=1 --loudspeaker=alsa:auto" \
		"--microphone=alsa:plughw:Loopback,1'" \
		">>/run/konklave/config/mediad.env" &&
		asks "systemctl restart mediad.service" &&
		mediad_says "$board_card" &&
		mediad_says "no microphone alsa:plughw:Loopback,1"
}

plugs_in() { # TIMES
	echo "device_add usb-audio,id=card,bus=usb.0,audiodev=ear" >&8
	mediad_says "$usb_card" "$1"
}

pulls() {
	mediad_says "$board_card" || return 1
	before=$(grep -c -e "$board_card" "$tmp/journal")
	echo "device_del card" >&8
	mediad_says "the loudspeaker alsa:auto is gone" && rm "$tmp/played.wav" &&
		mediad_says "$board_card" $((before + 1))
}

# One side of snd-aloop hears what the other plays: from now on somebody speaks.
gets_a_microphone() {
	asks "umask 077; mkdir -p $guest/disk && modprobe snd-aloop &&" \
		"mount -o ro -t squashfs /dev/disk/by-id/virtio-tests" \
		"$guest/disk" &&
		asks "$guest/disk/player plughw:Loopback,0" \
			">>$guest/log 2>&1 </dev/null &" &&
		mediad_says "the microphone is back"
}

# As after a boot.
starts_with_them() {
	asks "systemctl restart mediad.service"
}

# --- who is in its meeting ----------------------------------------------------

# guest_starts PROGRAM OPTION...
guest_starts() {
	program=$1
	shift
	asks "umask 077; /usr/lib/konklave/$program $*" \
		">>$guest/log 2>&1 </dev/null &"
}

its_link() {
	asks "varlinkctl call /run/konklave/roomd/face" \
		"io.konklave.Room.Status '{}'" >"$tmp/status" || return 1
	link=$(sed -n 's/.*"link"[^"]*"\(https[^"]*\)".*/\1/p' "$tmp/status")
	[ -n "$link" ]
}

has_a_guest() {
	its_link &&
		asks "umask 077; mkdir -p $guest/keyd $guest/roomd &&" \
			"dd if=/dev/urandom of=$guest/key bs=32 count=1" &&
		guest_starts keyd --state=$guest/keyd --wrap-key=$guest/key \
			--name=Guest --socket=policy:$guest/policy \
			--socket=media:$guest/keys &&
		asks_until "policy\$" "echo $guest/policy*" &&
		guest_starts roomd --state=$guest/roomd --keyd=$guest/policy \
			--server=localhost:8444 --page=https://box.test \
			"'--link=$link'" --socket=media:$guest/room &&
		guest_starts mediad --keyd=$guest/keys --roomd=$guest/room \
			--name=Guest --microphone=$guest/disk/guest.wav \
			--loudspeaker=$guest/heard.wav --size=320x180 --fps=1 \
			--send-size=320x180 --send-fps=1 --encodings=1
}

# --- what is heard ------------------------------------------------------------

SECONDS_HEARD=2

# is_played FILE: QEMU writes a new one for a card that is plugged in.
is_played() {
	until tests/image/heard "$tmp/$1" "$GUEST_HZ" "$SECONDS_HEARD"; do
		kill -0 "$machine" 2>/dev/null || return 1
		sleep 5
	done
}

is_heard() {
	until asks "dd if=$guest/heard.wav of=/dev/disk/by-id/virtio-heard" \
		"bs=64k conv=fsync" &&
		tests/image/heard "$tmp/heard" "$ROOM_HZ" "$SECONDS_HEARD"; do
		kill -0 "$machine" 2>/dev/null || return 1
		sleep 5
	done
}

# tells_when_not COMMAND...
tells_when_not() {
	journal_when_not "$@" && return
	asks "cat $guest/log"
	return 1
}

passes "a disk of the image, and the test's, are made" disks_make
passes "a firmware with Secure Boot is made" vars_make "$tmp/vars" \
	"$build/test-keys"
passes "a machine with it starts, whose clock goes by its instructions" starts
passes "it boots, and it is well" \
	journal_when_not machine_says "konklave: well" "not booted\|not well"
passes "mediad takes the board's card, and names a microphone that is not there" \
	journal_when_not is_told_of_cards
passes "a microphone comes, into which somebody speaks, and mediad takes it" \
	journal_when_not gets_a_microphone
passes "mediad is started with both there" starts_with_them
passes "a guest comes into the meeting" tells_when_not has_a_guest
passes "what the guest says is heard from the board's card" \
	tells_when_not is_played board.wav
passes "the guest hears who speaks into the microphone" tells_when_not is_heard
passes "a card on USB is plugged in, and mediad, as it runs, takes it" \
	tells_when_not plugs_in 1
passes "what the guest says is played to it" tells_when_not is_played played.wav
passes "it is pulled, and mediad names it and takes the board's again" \
	tells_when_not pulls
passes "it is plugged in again, and mediad takes it again" \
	tells_when_not plugs_in 2
passes "what the guest says is played to it again" \
	tells_when_not is_played played.wav
machine_end
finish
