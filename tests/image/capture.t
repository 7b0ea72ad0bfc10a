#!/bin/sh
# capture.t BUILD RUNTIME - the root of the image of board qemu-x86_64 in BUILD/image, in a
# machine with its kernel and without its services: it holds an encrypted call with
# itself through what the kernel has in place of a camera (vivid) and of a sound card
# (snd-aloop).
#
# Sound comes in time or not at all, so this machine's clock goes by the instructions
# that it has had (-icount): on a busy host it is slow, and never late.
. tests/build/lib.sh
MACHINE_SECONDS=${MACHINE_SECONDS:-2400}
. tests/image/machine.sh

root=$1/image/root
runtime=$2

with_an_init() {
	mkdir "$tmp/tree" || return 1
	cat >"$tmp/tree/init" <<'END'
#!/bin/sh
export PATH=/usr/bin:/usr/sbin ORC_CODE=backup
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mount -t tmpfs tmp /tmp
ip link set lo up
for module in virtio_pci virtio_console virtio_rng vivid snd-aloop; do
	modprobe "$module"
done
until [ -e /dev/vport1p1 ]; do
	sleep 1
done
exec /usr/lib/konklave/test-console /dev/vport1p1
END
	chmod 755 "$tmp/tree/init"
	for tree in "$root" "$tmp/tree"; do
		(cd "$tree" && find . | cpio --quiet -o -H newc --owner 0:0) ||
			return 1
	done >"$tmp/initrd"
}

starts() {
	port_make || return 1
	# shellcheck disable=SC2046 # words
	timeout "$MACHINE_SECONDS" qemu-system-x86_64 -machine q35 \
		-cpu Nehalem,+aes,+pclmulqdq -m 1024 -smp 1 \
		-accel tcg,thread=single -icount shift=1,sleep=on \
		-kernel "$(echo "$runtime"/boot/vmlinuz-*)" -initrd "$tmp/initrd" \
		-append "console=ttyS0 mitigations=off quiet panic=-1" -no-reboot \
		-device virtio-rng-pci -nic none -vga none -display none \
		$(port_options) -serial file:"$tmp/console" -monitor none \
		>"$tmp/qemu.log" 2>&1 &
	machine=$!
	until grep -a -q '^ready' "$tmp/answers"; do
		kill -0 "$machine" 2>/dev/null || {
			cat "$tmp/qemu.log" "$tmp/console"
			return 1
		}
		sleep 1
	done
}

ends() {
	kill "$machine" 2>/dev/null || :
	wait "$machine" 2>/dev/null || :
	port_end
}

# What is played on one side of the card is heard on the other.
holds_a_call() {
	asks "/usr/lib/konklave/konklave-loopback --json --limit=120" \
		"--camera=v4l2:auto --microphone=alsa:plughw:Loopback,1,1" \
		"--loudspeaker=alsa:plughw:Loopback,0,1" >"$tmp/said"
	status=$?
	cat "$tmp/said"
	grep -a '^{"isHeld":true,' "$tmp/said" >"$tmp/call" && return $status
}

# held EXPRESSION: of that call (konklave-loopback(8), --json; Python, of call, first
# and second).
held() {
	cat "$tmp/call"
	python3 -c 'import json, sys
call = json.load(open(sys.argv[1]))
first, second = call["participants"]
sys.exit(not eval(sys.argv[2]))' "$tmp/call" "$1"
}

# The first participant alone has a camera; the second one gets its picture.
held_bars() {
	held True && tests/image/bars --colours "$(python3 -c 'import json, sys
print(json.load(open(sys.argv[1]))["participants"][1]["colours"])' "$tmp/call")"
}

passes "the image's root gets a first process that tests can ask" with_an_init
passes "a machine with it and with the image's kernel starts" starts
passes "it holds an encrypted call through its camera and its sound card" holds_a_call
passes "what was played on one side of the card came by the other side and the call" \
	held 'second["soundPercent"] >= 60'
passes "the bars of the camera's driver came by the call" held_bars
passes "these were no still picture, and the other participant's came, too" \
	held '(second["pictures"] >= 3 and first["pictures"] >= 3 and
		first["soundPercent"] >= 60)'
passes "each frame of it was opened, and none was readable without the key" \
	held 'all(p["opened"] == p["frames"] > 0 == p["readable"]
		for p in call["participants"])'
ends
finish
