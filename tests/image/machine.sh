# machine.sh - a machine of QEMU's, emulated, with UEFI and mostly a TPM.  Sourced after
# tests/build/lib.sh; its files are in $tmp.
# shellcheck shell=sh

MACHINE_SECONDS=${MACHINE_SECONDS:-1200} # an end for one that hangs
FIRMWARE_SECONDS=${FIRMWARE_SECONDS:-300} # until its firmware loads something
# More than one at a time, QEMU does not emulate quite right: of some hundreds of starts
# with two, one stood still in its firmware and two ended in a kernel that fell over
# what the other processor had just written.
MACHINE_PROCESSORS=${MACHINE_PROCESSORS:-1}
exec 7>&1

trap '' PIPE # a machine that has ended reads no more: the test says so, and goes on

# Its processor decides what the firmware is.  That of Arm has no TPM: Debian's kernel
# has no driver for the one that QEMU has there (tpm-tis-device, CONFIG_TCG_TIS).
machine_arch=${machine_arch:-x86_64}
case $machine_arch in
x86_64)
	firmware=/usr/share/OVMF/OVMF_CODE_4M.secboot.fd
	variables=/usr/share/OVMF/OVMF_VARS_4M.fd
	machine_kind="-machine q35,smm=on -cpu Nehalem,+aes,+pclmulqdq -device virtio-vga,xres=1280,yres=720
		-global driver=cfi.pflash01,property=secure,value=on"
	machine_tpm=yes
	;;
aarch64)
	firmware=/usr/share/AAVMF/AAVMF_CODE.secboot.fd
	variables=/usr/share/AAVMF/AAVMF_VARS.fd
	machine_kind="-machine virt -cpu cortex-a72 -device virtio-gpu-pci,xres=1280,yres=720"
	machine_tpm=
	;;
esac

# vars_make OUT KEYS: the firmware's variables with the keys of a folder enrolled.
vars_make() {
	guid=4b4f4e4b-4c41-5645-8000-0000000000ff
	virt-fw-vars --input "$variables" --output "$1" \
		--set-pk "$guid" "$2/PK.pem" --add-kek "$guid" "$2/KEK.pem" \
		--add-db "$guid" "$2/db.pem" --secure-boot
}

# One bank, as boxes' TPMs have: OVMF hashes all that it starts for each, and that is
# most of its time.
tpm_make() {
	mkdir -p "$tmp/tpm"
	[ -e "$tmp/tpm/tpm2-00.permall" ] ||
		swtpm_setup --tpm2 --tpmstate "$tmp/tpm" --pcr-banks sha256 \
			>"$tmp/tpm.log" 2>&1
}

tpm_start() {
	tpm_make || return 1
	rm -f "$tmp/tpm/socket"
	timeout "$MACHINE_SECONDS" swtpm socket --tpm2 \
		--tpmstate "dir=$tmp/tpm" \
		--ctrl "type=unixio,path=$tmp/tpm/socket" --terminate \
		>"$tmp/tpm.log" 2>&1 &
	tpm=$!
	n=0
	until [ -S "$tmp/tpm/socket" ]; do
		n=$((n + 1))
		[ "$n" -lt 600 ] || return 1
		sleep 0.1
	done
}

# machine_power DISK VARS: its console is $tmp/console, its monitor reads from
# file descriptor 8.  $machine_more are options more; with a $machine_port tests may
# ask it (below); without $machine_tpm it has none; $machine_time says how it keeps the
# time, if not by the host's clock; $machine_nic into what it is plugged.  What it writes
# to the disk is also in the file $machine_log, where that is set, as dm-log-writes has it.
machine_power() {
	: >"$tmp/console"
	rm -f "$tmp/monitor" "$tmp/qemu.pid"
	mkfifo "$tmp/monitor"
	tpm=
	[ -z "$machine_tpm" ] || tpm_start || return 1
	[ -z "${machine_port-}" ] || port_make || return 1
	# shellcheck disable=SC2046,SC2086 # words
	timeout "$MACHINE_SECONDS" "qemu-system-$machine_arch" \
		${machine_time:--accel tcg,thread=multi -smp $MACHINE_PROCESSORS} -m 1024 \
		-uuid 4b4f4e4b-4c41-4556-8000-00000000beef \
		-drive if=pflash,unit=0,format=raw,readonly=on,file="$firmware" \
		-drive if=pflash,unit=1,format=raw,file="$2" \
		$machine_kind \
		-drive "$(disk_options "$1")" \
		-device virtio-blk-pci,drive=disk \
		-device virtio-rng-pci \
		-device i6300esb -action watchdog=reset \
		${machine_nic:--nic user,model=virtio-net-pci,restrict=on} -no-reboot \
		$(tpm_options) ${machine_port:+$(port_options)} ${machine_more-} \
		-pidfile "$tmp/qemu.pid" -display none \
		-serial file:"$tmp/console" -monitor stdio \
		<"$tmp/monitor" >"$tmp/qemu.log" 2>&1 &
	machine=$!
	exec 8>"$tmp/monitor"
}

# machine_start DISK VARS: as machine_power, until its firmware has begun to load what it
# boots.  Where it stands still before that, what its processors did is told, and it
# starts anew.
machine_start() {
	for _ in 1 2 3; do
		machine_power "$@" || return 1
		! firmware_loads || return 0
		kill -0 "$machine" 2>/dev/null || return 1
		echo "# nothing was loaded for $FIRMWARE_SECONDS s: it starts anew" >&7
		processors_say | sed 's/^/# /' >&7
		machine_kill
	done
	return 1
}

firmware_loads() {
	from=$(date +%s)
	until console_has "BdsDxe: "; do
		[ $(($(date +%s) - from)) -lt "$FIRMWARE_SECONDS" ] &&
			kill -0 "$machine" 2>/dev/null || return 1
		sleep 0.2
	done
}

# Where they are now: of each its number, registers and state.
processors_say() {
	printf 'info registers -a\ninfo status\n' >&8
	n=0
	until grep -q "^VM status" "$tmp/qemu.log" || [ "$n" -eq 100 ]; do
		n=$((n + 1))
		sleep 0.1
	done
	grep -a "^CPU#\|^[ER][A-Z]*=\|^CR0" "$tmp/qemu.log"
}

disk_options() {
	if [ -n "${machine_log-}" ]; then
		echo "if=none,id=disk,driver=blklogwrites,file.driver=raw,file.file.driver=file,file.file.filename=$1,log.driver=raw,log.file.driver=file,log.file.filename=$machine_log"
	else
		echo "if=none,id=disk,format=raw,file=$1"
	fi
}

tpm_options() {
	[ -z "$machine_tpm" ] ||
		echo "-chardev socket,id=tpm,path=$tmp/tpm/socket" \
			"-tpmdev emulator,id=tpm0,chardev=tpm" \
			"-device tpm-crb,tpmdev=tpm0"
}

console_has() {
	grep -a -q -e "$1" "$tmp/console"
}

# machine_says TEXT [OTHER]: waits until the console has TEXT; status 1, and the
# end of the console, when OTHER stands there too, or the machine has ended.
machine_says() {
	while :; do
		ended=
		kill -0 "$machine" 2>/dev/null || ended=yes
		if [ -n "${2-}" ] && console_has "$2"; then
			echo "it says: $2"
			break
		fi
		! console_has "$1" || return 0
		if [ -n "$ended" ]; then
			echo "the machine has ended"
			break
		fi
		sleep 1
	done
	cat "$tmp/qemu.log"
	tail -c 4000 "$tmp/console" | tr -d '\033'
	return 1
}

# picture FILE.ppm: what is on its screen.
picture() {
	rm -f "$1"
	echo "screendump $1" >&8
	n=0
	until [ -s "$1" ]; do
		kill -0 "$machine" || return 1
		n=$((n + 1))
		[ "$n" -lt 600 ] || return 1
		sleep 0.1
	done
}

machine_stop() {
	exec 8>&-
	wait "$machine" 2>/dev/null || :
	[ -z "$tpm" ] || kill "$tpm" 2>/dev/null || :
	[ -z "$tpm" ] || wait "$tpm" 2>/dev/null || :
	[ -z "${machine_port-}" ] || port_end
}

# One that has ended reads nothing: writing to it would end us.
machine_end() {
	! kill -0 "$machine" 2>/dev/null || echo quit >&8 2>/dev/null || :
	machine_stop
}

# machine_kill: as the power goes.  What it has written is there, and no more.
machine_kill() {
	until [ -s "$tmp/qemu.pid" ] || ! kill -0 "$machine" 2>/dev/null; do
		sleep 0.1
	done
	kill -9 "$(cat "$tmp/qemu.pid")" 2>/dev/null || :
	machine_stop
}

# machine_leaves: waits until it has switched off, or starts again (-no-reboot).
machine_leaves() {
	wait "$machine"
	! kill -0 "$machine" 2>/dev/null
}

# --- the port that board qemu-x86_64's test-console reads --------------------

port_options() {
	echo "-device virtio-serial-pci -chardev pipe,id=port,path=$tmp/port" \
		"-device virtserialport,chardev=port,name=konklave.test"
}

port_make() {
	rm -f "$tmp/port.in" "$tmp/port.out"
	mkfifo "$tmp/port.in" "$tmp/port.out" || return 1
	exec 9<>"$tmp/port.in"
	: >"$tmp/answers"
	echo 0 >"$tmp/asked"
	cat "$tmp/port.out" >>"$tmp/answers" &
	port=$!
}

port_end() {
	exec 9>&-
	kill "$port" 2>/dev/null || :
	wait "$port" 2>/dev/null || :
}

# asks COMMAND...: the machine's shell runs it; what it says, and its status.
asks() {
	asked=$(($(cat "$tmp/asked") + 1))
	echo "$asked" >"$tmp/asked"
	echo "$asked $*" >&9
	until grep -a -q "^done $asked " "$tmp/answers"; do
		kill -0 "$machine" 2>/dev/null || {
			echo "the machine has ended"
			return 1
		}
		sleep 0.2
	done
	awk -v n="$asked" 'BEGIN { on = n == 1 }
		/^done / { on = $2 == n - 1; next }
		on { print }' "$tmp/answers"
	return "$(sed -n "s/^done $asked //p" "$tmp/answers")"
}

# asks_until TEXT COMMAND: again and again, until it says TEXT (a basic expression).
asks_until() {
	until asks "$2" >"$tmp/answer" 2>&1 && grep -q -e "$1" "$tmp/answer"; do
		kill -0 "$machine" 2>/dev/null || {
			cat "$tmp/answer"
			return 1
		}
		sleep 1
	done
}

# journal_when_not COMMAND...: when it fails, the last that the machine's journal has of
# what a picture and a call need, where it can still be asked.
journal_when_not() {
	"$@" && return
	! grep -a -q '^ready' "$tmp/answers" || for unit in mediad \
		konklave-loopback; do
		echo "$unit:"
		asks "journalctl --quiet --no-pager --output=short-monotonic" \
			"--lines=10 --unit=$unit.service"
	done
	return 1
}
