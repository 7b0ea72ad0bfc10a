#!/bin/sh
# update.t BUILD RUNTIME - updates of the image of board qemu-x86_64 in BUILD/image,
# in a machine with Secure Boot and a TPM: one that works; those that do not, which
# it leaves by itself; those that it does not take.  What it keeps stays.
. tests/build/lib.sh
MACHINE_SECONDS=${MACHINE_SECONDS:-3600}
. tests/image/machine.sh

build=$1
runtime=$2
image=$build/image
keys=$build/test-keys
machine_port=yes
. tests/image/variants.sh

# --- updates ---------------------------------------------------------------

# A version that does not work need not be waited for as long as an emulated machine
# may take for one that does.
hurry() {
	mkdir -p usr/lib/systemd/system/konklave-health.service.d
	cat >usr/lib/systemd/system/konklave-health.service.d/test.conf <<'END'
[Service]
Environment="HEALTH_OPTIONS=--unit=sfud.service --forwarder=8446 --limit=60"
END
}

crashes() {
	rm usr/lib/konklave/roomd
	printf '#!/bin/sh\nkill -SEGV $$\n' >usr/lib/konklave/roomd
	chmod 755 usr/lib/konklave/roomd
	hurry
}

shows_nothing() {
	sed -i 's/--screen=kms/--screen=none/' \
		usr/lib/systemd/system/mediad.service.d/site.conf
	grep -q screen=none usr/lib/systemd/system/mediad.service.d/site.conf &&
		hurry
}

hangs() {
	rm usr/lib/systemd/systemd
	printf '#!/bin/sh\nexec sleep infinity\n' >usr/lib/systemd/systemd
	chmod 755 usr/lib/systemd/systemd
}

flipped() {
	cp "$tmp/good.raucb" "$tmp/flipped.raucb"
	at=$(($(stat -c %s "$tmp/flipped.raucb") / 2))
	byte=$(od -An -tu1 -j "$at" -N 1 "$tmp/flipped.raucb")
	# shellcheck disable=SC2059 # the format is the byte
	printf "\\$(printf %03o $((byte ^ 4)))" |
		dd of="$tmp/flipped.raucb" bs=1 seek="$at" conv=notrunc \
			status=none
	mcopy -i "$tmp/stick" "$tmp/flipped.raucb" ::
}

updates_make() {
	stick_make 900M &&
		variant good "$((epoch + 10))" other_release &&
		sealed good "$tmp/good" "$((epoch + 10))" &&
		variant crashes "$((epoch + 20))" crashes &&
		sealed crashes "$tmp/crashes" "$((epoch + 20))" &&
		variant blind "$((epoch + 30))" shows_nothing &&
		sealed blind "$tmp/blind" "$((epoch + 30))" &&
		variant hangs "$((epoch + 40))" hangs &&
		sealed hangs "$tmp/hangs" "$((epoch + 40))"
}

wrong_make() {
	rootfs/image/make-test-keys "$tmp/others" &&
		sealed others "$tmp/good" "$((epoch + 10))" qemu-x86_64 \
			"$tmp/others" &&
		sealed board "$tmp/good" "$((epoch + 10))" x86_64-uefi &&
		variant older "$((epoch - 10))" true &&
		sealed older "$tmp/older" "$((epoch - 10))" && flipped
}

# --- what is looked at -----------------------------------------------------

# The box's identity is made in the TPM, as if that had been said before its first
# start, and remembered.
enrolment='varlinkctl --json=short call /run/konklave/keyd/setup io.konklave.Keys.Enrolment "{}"'
key_in_tpm() {
	asks "echo KEYD_OPTIONS=--keystore=tpm2 >/etc/konklave/keyd.env" &&
		asks "systemctl stop keyd.service" &&
		asks "rm -r /var/lib/konklave/keyd/keys" &&
		{ asks "systemctl start keyd.service" ||
			not asks "systemctl status --no-pager keyd.service"; } &&
		asks_until "\"keystore\":\"tpm\"" "$enrolment" &&
		cp "$tmp/answer" "$tmp/identity" && cat "$tmp/identity"
}

is_kept() {
	asks "cat /var/lib/konklave/mark" | grep -x kept &&
		asks_until "\"keystore\":\"tpm\"" "$enrolment" &&
		diff "$tmp/answer" "$tmp/identity"
}

remember() {
	asks sync
	part root-b | cksum
	part esp | cksum
	cksum <"$tmp/vars"
}

# refuses_bundle NAME WHY
refuses_bundle() {
	remember >"$tmp/before"
	! update install "/run/stick/$1.raucb" || return 1
	stands "\"says\":\"$2\"" && remember >"$tmp/after" &&
		cat "$tmp/after" && cmp "$tmp/before" "$tmp/after"
}

record() { # TEXT
	asks "/usr/lib/konklave/konklave-boot status" >"$tmp/record"
	cat "$tmp/record"
	grep -q -x -e "$1" "$tmp/record"
}

# tries NAME: it is installed, and the machine starts again by itself.
tries() {
	update install "/run/stick/$1.raucb" && machine_leaves && machine_stop
}

# comes_back [WHY]: the version that is tried says what is wrong and starts again; the
# boot after that is the old slot's, b.
comes_back() {
	boots && machine_says "boot: started slot=a state=trying" \
		"slot=b" || return 1
	[ -z "${1-}" ] || machine_says "not well: .*$1" "konklave: well" ||
		return 1
	machine_leaves && machine_stop && not console_has "konklave: well" &&
		boots && works b &&
		console_has "the try of the other slot has failed slot=a" &&
		stands '"says":"came_back"' && room_tells update-came-back
}

# room_tells KIND: of firmware/notice, for the room's picture.
room_tells() {
	asks_until "^$1\b" "cat /run/konklave/notice/update"
}

passes "updates are made: one that works, and those that crash, show nothing, hang" \
	updates_make
passes "and wrong ones: another's key, another board, an older one, a flipped bit" \
	wrong_make
passes "a new machine is made" machine_new
passes "it starts" boots
passes "it is well in slot a, and that is noted" works a
passes "its picture is stopped, which leaves the emulated machine more time" \
	asks "systemctl stop mediad.service"
passes "a mark is left in its data" \
	asks 'echo kept >/var/lib/konklave/mark && sync'
passes "its identity is made in the TPM" key_in_tpm
passes "a stick is there" has_stick

for wrong in others:signature board:board older:older flipped:format; do
	passes "the update '${wrong%:*}' is refused, and nothing is written" \
		refuses_bundle "${wrong%:*}" "${wrong#*:}"
done

passes "the right one is installed, and the machine starts again by itself" \
	tries good
passes "it stands in slot b, to the bit" holds b "$tmp/good"
passes "the other slot is as it was" holds a "$image"
passes "the firmware starts it next, and once" \
	eval '[ "$(entries BootNext) $(entries BootOrder)" = "b a" ]'
passes "it starts" boots
passes "slot b is tried" \
	machine_says "boot: started slot=b state=trying boots=1" "slot=a"
passes "it is well, and that is noted" works b
passes "the room's picture is told so" room_tells update-done
passes "it is the new version" \
	eval 'asks "cat /etc/os-release" | grep -x VERSION_ID=other'
passes "it is the first one that the firmware starts, and the old one the second" \
	eval '[ "$(entries BootNext) $(entries BootOrder)" = " b a" ]'
passes "no older version is taken any more" record "floor $((epoch + 10))"
passes "the old slot may still be started" record "a good, .*"
passes "what it keeps is there, its identity in the TPM, too" is_kept
passes "its picture is stopped again" asks "systemctl stop mediad.service"
passes "a stick is there again" has_stick
passes "the update 'older' is refused, and nothing is written" \
	refuses_bundle older older

passes "one whose service crashes is installed, and the machine starts again" \
	tries crashes
passes "the firmware has the new slot first" \
	eval '[ "$(entries BootNext) $(entries BootOrder)" = "a b" ]'
passes "it says so, and comes back by itself" comes_back "roomd.service"
passes "what it keeps is there" is_kept
passes "a stick is there once more" has_stick
passes "one without a picture is installed, and the machine starts again" \
	tries blind
passes "it says so, too, and comes back by itself" comes_back "picture"
passes "what it keeps is there still" is_kept
passes "a stick is there for the last time" has_stick
passes "one that hangs before its services is installed, and the machine starts again" \
	tries hangs
passes "the watchdog ends it, and it comes back" comes_back
passes "what it keeps has stayed" is_kept
passes "its slot is no longer one that starts" record "a empty, .*"
machine_end
finish
