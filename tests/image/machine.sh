# machine.sh - a machine of QEMU's, emulated, with UEFI and mostly a TPM.  Sourced after
# tests/build/lib.sh; its files are in $tmp.
# shellcheck shell=sh

MACHINE_SECONDS=${MACHINE_SECONDS:-1200} # an end for one that hangs

# Its processor decides what the firmware is.  That of Arm has no TPM: Debian's kernel
# has no driver for the one that QEMU has there (tpm-tis-device, CONFIG_TCG_TIS).
machine_arch=${machine_arch:-x86_64}
case $machine_arch in
x86_64)
	firmware=/usr/share/OVMF/OVMF_CODE_4M.secboot.fd
	variables=/usr/share/OVMF/OVMF_VARS_4M.fd
	machine_kind="-machine q35,smm=on -cpu Nehalem -device virtio-vga,xres=1280,yres=720
		-global driver=cfi.pflash01,property=secure,value=on
		-chardev socket,id=tpm,path=$tmp/tpm/socket
		-tpmdev emulator,id=tpm0,chardev=tpm -device tpm-crb,tpmdev=tpm0"
	;;
aarch64)
	firmware=/usr/share/AAVMF/AAVMF_CODE.secboot.fd
	variables=/usr/share/AAVMF/AAVMF_VARS.fd
	machine_kind="-machine virt -cpu cortex-a72 -device virtio-gpu-pci,xres=1280,yres=720"
	;;
esac

tpm=

# vars_make OUT KEYS: the firmware's variables with the keys of a folder enrolled.
vars_make() {
	guid=4b4f4e4b-4c41-5645-8000-0000000000ff
	virt-fw-vars --input "$variables" --output "$1" \
		--set-pk "$guid" "$2/PK.pem" --add-kek "$guid" "$2/KEK.pem" \
		--add-db "$guid" "$2/db.pem" --secure-boot
}

tpm_start() {
	mkdir -p "$tmp/tpm"
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

# machine_start DISK VARS: its console is $tmp/console, its monitor reads from
# file descriptor 8.  $machine_more are options more.
machine_start() {
	: >"$tmp/console"
	rm -f "$tmp/monitor"
	mkfifo "$tmp/monitor"
	[ "$machine_arch" = aarch64 ] || tpm_start || return 1
	# shellcheck disable=SC2086 # words
	timeout "$MACHINE_SECONDS" "qemu-system-$machine_arch" \
		-accel tcg,thread=multi -smp 2 -m 1024 \
		-uuid 4b4f4e4b-4c41-4556-8000-00000000beef \
		-drive if=pflash,unit=0,format=raw,readonly=on,file="$firmware" \
		-drive if=pflash,unit=1,format=raw,file="$2" \
		$machine_kind \
		-drive if=none,id=disk,format=raw,file="$1" \
		-device virtio-blk-pci,drive=disk \
		-device virtio-rng-pci \
		-device i6300esb -action watchdog=reset \
		-nic user,model=virtio-net-pci,restrict=on -no-reboot \
		${machine_more-} -display none -serial file:"$tmp/console" -monitor stdio \
		<"$tmp/monitor" >"$tmp/qemu.log" 2>&1 &
	machine=$!
	exec 8>"$tmp/monitor"
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

machine_end() {
	echo quit >&8 2>/dev/null || :
	exec 8>&-
	wait "$machine" 2>/dev/null || :
	[ -z "$tpm" ] || kill "$tpm" 2>/dev/null || :
	[ -z "$tpm" ] || wait "$tpm" 2>/dev/null || :
}
