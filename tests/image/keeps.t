#!/bin/sh
# keeps.t - what a box makes at its first boot and keeps: the scripts of an image,
# with other programs in place of those that touch disks and TPMs, and the power cut
# before each of their commands.
. tests/build/lib.sh

lib=$PWD/rootfs/image/files/usr/lib/konklave

# --- a machine of files ---------------------------------------------------

# disk_make NAME: as rootfs/image/make-disk has it.
disk_make() {
	partition=1
	for label in esp root-a root-b profile key; do
		part_make "$1" "$partition" "$label"
		partition=$((partition + 1))
	done
	echo "a profile" >"$w/dev/${1}4"
}

# part_make DISK NUMBER LABEL
part_make() {
	mkdir -p "$w/sys/devices/pci/$1/$1$2" "$w/sys/class/block"
	printf 'DEVNAME=%s\nPARTN=%s\nPARTNAME=%s\n' "$1$2" "$2" "$3" \
		>"$w/sys/devices/pci/$1/$1$2/uevent"
	ln -sfn "../../devices/pci/$1/$1$2" "$w/sys/class/block/$1$2"
	truncate -s 1M "$w/dev/$1$2"
}

# fake NAME: a program, which the power may leave before it does anything.
fake() {
	{
		echo '#!/bin/sh'
		# shellcheck disable=SC2016 # when it runs
		echo 'n=$(($(cat "$W/count") + 1)); echo "$n" >"$W/count"
[ "$n" -ne "${CUT:-0}" ] || kill -9 0
echo "${0##*/} $*" >>"$W/did"'
		cat
	} >"$w/bin/$1"
	chmod +x "$w/bin/$1"
}

real() { # NAME: the program itself, after that
	echo "exec $(command -v "$1") \"\$@\"" | fake "$1"
}

world_make() {
	w=$tmp/world
	rm -rf "$w"
	mkdir -p "$w/dev/disk/konklave" "$w/bin" "$w/run" \
		"$w/sys/class/block/dm-0/dm" "$w/sys/class/block/dm-0/slaves" \
		"$w/sys/class/block/dm-1/dm"
	disk_make sda # a stick with the same labels
	part_make sda 6 data
	disk_make vda
	echo other >"$w/sys/class/block/dm-1/dm/name"
	echo root >"$w/sys/class/block/dm-0/dm/name"
	ln -s ../../../../devices/pci/vda/vda2 \
		"$w/sys/class/block/dm-0/slaves/vda2"
	: >"$w/did"
	echo 0 >"$w/count"
	real dd
	fake modprobe </dev/null
	fake udevadm <<'END'
case $1 in
wait) for last; do :; done; [ -e "$last" ] ;;
info) cat "$W/sees" ;;
esac
END
	fake e2fsck <<'END'
exit "$(cat "$W/e2fsck")"
END
	echo ext4 >"$w/sees"
	echo 1 >"$w/e2fsck"
	# The table, with the new partition in it, is written last.
	fake systemd-repart <<'END'
grep -qx "PARTNAME=data" "$W/sys/devices/pci/vda/vda6/uevent" 2>/dev/null &&
	case $* in *--factory-reset=yes*) ;; *) exit 0 ;; esac
case $* in
*--tpm2-device=auto*) key=tpm ;;
*) key=$(cksum <"$(echo "$*" | sed 's/.*--key-file=\([^ ]*\).*/\1/')") ;;
esac
[ -z "${TORN-}" ] || kill -9 0
mkdir -p "$W/sys/devices/pci/vda/vda6"
echo "LUKS $n $key" >"$W/dev/vda6"
printf 'DEVNAME=vda6\nPARTNAME=data\n' >"$W/sys/devices/pci/vda/vda6/uevent"
ln -sf ../../vda6 "$W/dev/disk/konklave/data"
END
	fake systemd-cryptsetup <<'END'
case $5 in
*tpm2-device=auto*) key=tpm ;;
*) key=$(cksum <"$4") ;;
esac
[ "$1 $2" = "attach data" ] && [ "$(sed 's/^LUKS [0-9]* //' "$3")" = "$key" ]
END
}

tpm_make() {
	mkdir -p "$w/sys/firmware/acpi/tables"
	: >"$w/sys/firmware/acpi/tables/TPM2"
	: >"$w/dev/tpmrm0"
}

# boots: the script as its unit runs it.  The power's cut ends the session.
boots() {
	echo 0 >"$w/count"
	: >"$w/did"
	rm -rf "$w/run"
	mkdir "$w/run"
	W=$w KK_SYS=$w/sys KK_DEV=$w/dev KK_LIB=$lib \
		KK_CONFIG=$w/bin/konklave-config RUNTIME_DIRECTORY=$w/run \
		PATH="$w/bin:$PATH" setsid -w "$lib/data"
}

did() { grep -q -e "$1" "$w/did"; }
data() { cat "$w/dev/vda6"; }
is_zero() { [ -z "$(tr -d '\0' <"$1")" ]; }
mark() {
	printf KKRESET1 | dd of="$w/dev/vda5" bs=4096 seek=1 conv=notrunc \
		status=none
}

# --- which disk -----------------------------------------------------------

own_disk() { KK_SYS=$w/sys "$lib/own-disk" "$@"; }

world_make
finds_own_disk() {
	[ "$(own_disk)" = "$w/sys/devices/pci/vda" ] && own_disk vda1 &&
		not own_disk sda1 && not own_disk sda6
}
passes "the root's own disk is known from a stick with the same labels" \
	finds_own_disk
knows_no_disk() {
	echo no >"$w/sys/class/block/dm-0/dm/name"
	refuses "root's disk is not known" boots
}
passes "without the root's mapping nothing is opened" knows_no_disk

# --- the data partition ---------------------------------------------------

first_boot_with_tpm() {
	world_make && tpm_make && boots && did "systemd-repart.*tpm2-pcrs=7" &&
		is_zero "$w/dev/vda5" && not did "sda"
}
passes "where there is a TPM it seals the data's key" first_boot_with_tpm
second_boot() {
	before=$(data)
	boots && [ "$(data)" = "$before" ] && not did systemd-repart
}
passes "the second boot opens what the first one made" second_boot

first_boot_without_tpm() {
	world_make && says "WARNING: no TPM" boots &&
		did "systemd-repart.*key-file=" && not is_zero "$w/dev/vda5" &&
		[ -z "$(ls "$w/run")" ]
}
passes "where there is none the key is on the disk, and a warning says so" \
	first_boot_without_tpm
passes "the second boot opens that, too" second_boot

tpm_is_late() {
	world_make && tpm_make && rm "$w/dev/tpmrm0" &&
		refuses "has a TPM, and it does not come" boots &&
		not did systemd-repart && is_zero "$w/dev/vda5"
}
passes "a TPM that does not come is not taken for none" tpm_is_late

# Its superblock is torn apart: udev sees no file system.
torn() {
	world_make && tpm_make && boots && not did e2fsck && : >"$w/sees"
}
is_mended() {
	torn && says "mends the file system" boots &&
		did "^e2fsck -y $w/dev/mapper/data" &&
		[ "$(tail -n 1 "$w/did")" = \
			"udevadm trigger --action=change $w/dev/mapper/data" ]
}
passes "a file system that udev does not see is mended, and looked at again" \
	is_mended
cannot_be_mended() {
	torn && echo 8 >"$w/e2fsck" && refuses "cannot be read" boots &&
		not did "udevadm trigger"
}
passes "one that cannot be mended is told" cannot_be_mended

does_not_open() {
	world_make && tpm_make && boots && echo "LUKS 1 other" >"$w/dev/vda6" &&
		refuses "cannot be opened" boots && not did systemd-repart &&
		[ "$(data)" = "LUKS 1 other" ]
}
passes "data that do not open stay as they are" does_not_open

stick_helps() {
	echo 'echo "KKRESET1" | dd of="$W/dev/vda5" bs=4096 seek=1 conv=notrunc' |
		fake konklave-config
	fake mount </dev/null
	fake umount </dev/null
	refuses "no data" boots && not did konklave-config || return 1
	: >"$w/dev/disk/konklave-stick"
	refuses "no data" boots && did "konklave-config stick" && boots &&
		did factory-reset=yes && data | grep -q "tpm$"
}
passes "but a stick may say that they are to be erased" stick_helps

# cuts COMMAND...: the power goes before each command of a boot, and inside of
# systemd-repart; after each the next boot has to end well, and COMMAND says whether
# what it left is right.  start makes the world before.
cuts() {
	rm -rf "$tmp/start"
	start && cp -a "$w" "$tmp/start" && boots || return 1
	last=$(cat "$w/count")
	[ "$last" -gt 2 ] || return 1
	for cut in TORN=yes $(seq -f CUT=%g "$last"); do
		rm -rf "$w"
		cp -a "$tmp/start" "$w"
		(eval "export $cut" && boots) >/dev/null 2>&1
		half=$(data 2>/dev/null) || half=
		boots && "$@" || {
			echo "$cut"
			return 1
		}
	done
}

keeps() { # a partition that was there is the one that is there
	[ -z "$half" ] || [ "$(data)" = "$half" ]
}
start() { world_make && tpm_make; }
passes "a first boot that the power cuts ends well, and makes nothing twice" \
	cuts keeps
start() { world_make; }
passes "without a TPM, too" cuts keeps

# --- a factory reset ------------------------------------------------------

start() { world_make && tpm_make && boots && old=$(data) && mark; }
is_reset() {
	! grep -qx "$old" "$w/dev/vda6" && is_zero "$w/dev/vda5" &&
		is_zero "$w/dev/vda4" && data | grep -q LUKS &&
		[ "$(cat "$w/dev/sda4")" = "a profile" ]
}
resets() { start && says "factory reset: done" boots && is_reset; }
passes "a reset erases keys, data and profile, and makes the data anew" resets
keys_go_first() {
	start && boots &&
		grep -n "of=$w/dev/vda6\|of=$w/dev/vda5\|repart" "$w/did" |
		sed 's/[^:]*:\([a-z-]*\).*of=[^ ]*dev\/\([a-z0-9]*\) .*/\2/
			s/[^:]*:systemd-repart.*/repart/' | uniq | tr '\n' ' ' \
			>"$tmp/order" && cat "$tmp/order" &&
		[ "$(cat "$tmp/order")" = "vda6 vda5 repart vda5 " ]
}
passes "first the data's own keys, then the disk's, and its word at the end" \
	keys_go_first
passes "a reset that the power cuts is done again, to its end" cuts is_reset
start() { world_make && boots && old=$(data) && mark; }
is_reset_to_disk() {
	! grep -qx "$old" "$w/dev/vda6" && data | grep -q LUKS &&
		is_zero "$w/dev/vda4" &&
		[ -z "$(dd if="$w/dev/vda5" bs=4096 skip=1 status=none |
			tr -d '\0')" ]
}
passes "without a TPM, too: the old key is on the disk no more" \
	cuts is_reset_to_disk
not_asked() {
	world_make && tpm_make && boots && old=$(data) &&
		printf KKRESET0 | dd of="$w/dev/vda5" bs=4096 seek=1 \
			conv=notrunc status=none && boots && [ "$(data)" = "$old" ]
}
passes "no other word is one for a reset" not_asked

# --- the keys that seal keyd's state --------------------------------------

# sync is what makes files last: the others lose their content with the power.
setup_make() {
	w=$tmp/world
	rm -rf "$w"
	mkdir -p "$w/bin" "$w/run" "$w/state"
	: >"$w/lasts"
	for command in dd rm mv cmp mkdir; do real "$command"; done
	# As the real one: what it says is not what it was told.
	fake systemd-creds <<'END'
turned() { tr '\0-\377' '\200-\377\0-\177'; }
case $1$2 in
encrypt--with-key=host)
	echo host >>"$W/state/secret"
	{ echo Whxqht+dQJax1aZeCGLxm; turned <"$4"; } >"$5"
	;;
encrypt*) exit 1 ;;
decrypt*)
	head -n 1 "$3" | grep -q TPM && [ -e "$W/lockout" ] && exit 1
	tail -c 32 "$3" | turned >"$4"
	;;
esac
END
	fake sync <<'END'
[ "$1" != -f ] || find "$W/state" -type f -exec cksum {} + |
	sed 's/ [^ ]*$//' >>"$W/lasts"
END
}

makes_keys() {
	echo 0 >"$w/count"
	: >"$w/did"
	rm -rf "$w/run"
	mkdir "$w/run"
	W=$w KK_STATE=$w/state RUNTIME_DIRECTORY=$w/run \
		PATH="$w/bin:$PATH" setsid -w "$lib/setup"
}

power_goes() { # what no sync has seen is empty
	find "$w/state" -type f | while read -r file; do
		sum=$(cksum <"$file" | sed 's/ *$//')
		grep -qx "$sum" "$w/lasts" || : >"$file"
	done
}

keys_are_whole() {
	for key in keyd.wrap-key lines-keyd.wrap-key; do
		[ "$(stat -c %s "$w/state/credstore.encrypted/$key")" = 54 ] &&
			grep -a -q ^Whxq "$w/state/credstore.encrypted/$key" ||
			return 1
	done
	[ -z "$(find "$w/run" "$w/state" -name '*.new' -o -name key \
		-o -name again)" ]
}
first_keys() { setup_make && makes_keys && keys_are_whole; }
passes "the first boot makes keys, and none is left in the clear" first_keys
second_keys() {
	before=$(cat "$w/state/credstore.encrypted/"* | cksum)
	makes_keys && [ "$(cat "$w/state/credstore.encrypted/"* | cksum)" = \
		"$before" ] && not did systemd-creds
}
passes "the second boot leaves them as they are" second_keys

setup_cuts() {
	setup_make && makes_keys || return 1
	for at in $(seq "$(cat "$w/count")"); do
		setup_make
		(export CUT="$at" && makes_keys) >/dev/null 2>&1
		power_goes
		whole=$(find "$w/state/credstore.encrypted" -name '*-key' \
			-exec cksum {} + 2>/dev/null | sort)
		case $whole in
		*" 0 "*)
			echo "cut $at leaves an empty key"
			return 1
			;;
		esac
		makes_keys && keys_are_whole || return 1
		[ -z "$whole" ] || find "$w/state/credstore.encrypted" \
			-name '*-key' -exec cksum {} + | sort |
			grep -qF "$(echo "$whole" | head -n 1)" || return 1
	done
}
passes "the power may go at any moment: keys are whole, and stay" setup_cuts

# What was sealed by the TPM, too: the same keys, and that of the wired port.
of_tpm() {
	setup_make && makes_keys || return 1
	cp "$w/state/credstore.encrypted/keyd.wrap-key" \
		"$w/state/credstore.encrypted/port.key"
	sed -i 1s/.*/KindOfTPM/ "$w/state/credstore.encrypted/"*
	W=$w PATH="$w/bin:$PATH" sync -f
	in_them >"$w/before"
}
in_them() { tail -q -c 32 "$w/state/credstore.encrypted/"*key | od -An -tx1; }
sealed_by() { # TEXT: all three, with what is in them
	[ "$(head -q -n 1 "$w/state/credstore.encrypted/"*key | uniq)" = "$1" ] &&
		in_them | cmp - "$w/before"
}
seals_anew() {
	of_tpm && makes_keys && keys_are_whole && sealed_by Whxqht+dQJax1aZeCGLxm
}
passes "keys that a TPM seals, too, are sealed by the disk" seals_anew
in_lockout() {
	of_tpm && : >"$w/lockout" && makes_keys && sealed_by KindOfTPM
}
passes "they stay as they are where the TPM does not open them" in_lockout
anew_cuts() {
	seals_anew || return 1
	for at in $(seq "$(cat "$w/count")"); do
		of_tpm
		(export CUT="$at" && makes_keys) >/dev/null 2>&1
		power_goes
		in_them | cmp - "$w/before" && makes_keys && keys_are_whole &&
			sealed_by Whxqht+dQJax1aZeCGLxm || return 1
	done
}
passes "the power may go then, too" anew_cuts
finish
