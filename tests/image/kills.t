#!/bin/sh
# kills.t BUILD RUNTIME KILLS [SEED] - the image of board qemu-x86_64 in a machine
# that is killed at random moments: of a first boot, of an ordinary one, of an update
# being written, of its try, of its being called good.  What the machine had written
# is there, and no more.  Each time the box comes to be well in at most three boots,
# with what it keeps, in a slot that is whole.  KILLS=1000 is the long form; MOMENTS=write
# or others (first boot write try confirm) are those that are drawn from.
#
# kills.t BUILD first KILLS [SEED] - the short form: one machine, killed again and again
# from its first boot on, once its kernel runs.
. tests/build/lib.sh
MACHINE_SECONDS=${MACHINE_SECONDS:-3600}
. tests/image/machine.sh

build=$1
runtime=$2
kills=$3
seed=${4:-$(od -An -tu2 -N 2 /dev/urandom | tr -d ' ')}
image=$build/image
keys=$build/test-keys
machine_port=yes
. tests/image/variants.sh

# draw MAX: a random number below MAX, in $drawn; the same for the same seed.
drawn=0
draw() {
	seed_now=$(((${seed_now:-$seed} * 1103515245 + 12345) % 2147483648))
	drawn=$((seed_now / 1024 % $1))
}

# --- machines that were switched off ------------------------------------------

is_off() { [ -z "${machine-}" ] || ! kill -0 "$machine" 2>/dev/null; }

# machine_keep NAME, machine_take NAME: disk, firmware's variables and TPM.
machine_keep() {
	mkdir -p "$tmp/kept/$1" && rm -rf "$tmp/kept/$1/tpm" &&
		cp --sparse=always "$tmp/disk" "$tmp/vars" "$tmp/kept/$1/" &&
		cp -r "$tmp/tpm" "$tmp/kept/$1/tpm"
}

machine_take() {
	is_off || machine_end
	rm -rf "$tmp/tpm" &&
		cp --sparse=always "$tmp/kept/$1/disk" "$tmp/kept/$1/vars" \
			"$tmp/" && cp -r "$tmp/kept/$1/tpm" "$tmp/tpm"
}

now_ms() { date +%s%3N; }
begin() { began=$(now_ms); }
took() { echo $(($(now_ms) - began)); }

# The three that kills begin with: never started; well in slot a; an update in slot
# b that is to be tried.  How long each takes is measured on the way.
prepare() {
	machine_new && machine_keep new && begin &&
		boots && works a || return 1
	first_ms=$(took)
	asks "echo kept >/var/lib/konklave/mark && sync" && has_stick &&
		asks "sync" && machine_keep_now || return 1
	begin
	update install /run/stick/good.raucb || return 1
	write_ms=$(took)
	machine_leaves && machine_stop && machine_keep next
	echo "a first boot $first_ms ms, an update's writing $write_ms ms"
}

# machine_keep_now: as it would be found if the power went now.
machine_keep_now() {
	printf 'stop\ninfo status\n' >&8
	until grep -q "VM status: paused" "$tmp/qemu.log"; do
		kill -0 "$machine" || return 1
		sleep 0.1
	done
	machine_keep well && echo cont >&8
}

update_make() {
	stick_make 200M && variant good "$((epoch + 10))" other_release &&
		sealed good "$tmp/good" "$((epoch + 10))"
}

# --- one kill ---------------------------------------------------------------

wait_ms() {
	sleep "$(awk -v m="$1" 'BEGIN { printf "%.3f", m / 1000 }')"
}

# The machine that the last kill has left would do.
is_well_in_a() {
	! is_off && asks "cat /var/lib/konklave/mark" | grep -x kept &&
		asks "/usr/lib/konklave/konklave-boot get-current" | grep -x a &&
		stands '"state":"idle"'
}

# kill_in MOMENT: a machine of that moment, killed in it.
kill_in() {
	case $1 in
	first | boot | try)
		case $1 in
		first) machine_take new ;;
		boot) machine_take well ;;
		try) machine_take next ;;
		esac
		draw "$first_ms"
		boots machine_power
		;;
	write)
		is_well_in_a || { machine_take well && boots && works a; } ||
			return 1
		has_stick || return 1
		asked=$(($(cat "$tmp/asked") + 1))
		echo "$asked /usr/lib/konklave/konklave-update install /run/stick/good.raucb" >&9
		draw "$write_ms"
		;;
	confirm)
		machine_take next && boots &&
			machine_says "konklave: well" "not well" || return 1
		draw 8000
		;;
	esac
	echo "$1: killed after $drawn ms"
	wait_ms "$drawn"
	machine_kill
}

# lives: well in at most three boots from here.
lives() {
	for boot in 1 2 3; do
		boots
		if machine_says "boot: this slot works" "not booted"; then
			echo "well in boot $boot"
			return 0
		fi
		machine_stop
	done
	return 1
}

# A slot that may be started holds one of the two images, whole.
is_whole() {
	asks sync
	asks "/usr/lib/konklave/konklave-boot status" >"$tmp/record"
	cat "$tmp/record"
	for slot in a b; do
		grep -q "^$slot \(good\|trying\|failed\)," "$tmp/record" ||
			continue
		holds "$slot" "$image" || holds "$slot" "$tmp/good" || {
			echo "slot $slot is half an image"
			return 1
		}
	done
}

keeps() { # MOMENT
	[ "$1" = first ] || asks "cat /var/lib/konklave/mark" | grep -x kept
}

survives() {
	kill_in "$1" && lives && is_whole && keeps "$1" || {
		machine_end
		return 1
	}
}

# --- from its first boot on -------------------------------------------------

KILL_MS=40000 # from its kernel on; most of a first boot's writes are then done

first_make() { truncate -s 1M "$tmp/stick" && machine_new; }

is_killed_again_and_again() {
	for kill in $(seq "$kills"); do
		boots && machine_says "Linux version" "Access Denied" || return 1
		draw "$KILL_MS"
		wait_ms "$drawn"
		machine_kill
		echo "kill $kill: after $drawn ms, $(reached)"
	done
}

# The last that it had said of these.
reached() {
	grep -a -o -e "Linux version" -e "boot: started slot=." \
		-e "konklave: makes [a-z-]*" -e "konklave: ready" \
		-e "konklave: well" -e "boot: this slot works" "$tmp/console" |
		tail -n 1
}

short() {
	passes "a machine is made that was never started" first_make
	passes "it is killed $kills times, from its first boot on" \
		is_killed_again_and_again
	sed 's/^/# /' "$tmp/output"
	passes "it comes to be well in at most three boots" lives
	passes "the slots that may be started are whole" is_whole
	machine_end
}

echo "# seed $seed"
if [ "$runtime" = first ]; then
	short
	finish
fi
passes "an update is made" update_make
passes "machines are made: one that was never started, one that is well, one with \
an update that is to be tried" prepare
sed 's/^/# /' "$tmp/output" | tail -n 1
for _ in $(seq "$kills"); do
	# shellcheck disable=SC2086 # words
	set -- ${MOMENTS:-first boot write try confirm}
	draw $#
	shift "$drawn"
	passes "killed in '$1', it comes to be well with what it keeps" survives "$1"
	grep 'killed after\|well in boot' "$tmp/output" | sed 's/^/# /'
done
is_off || machine_end
echo "# seed $seed"
finish
