#!/bin/sh
# units.t - what an image is made of, without one: its units are right and know each
# other, each is confined, and its lists are of what is there.
. tests/build/lib.sh

# A place as an image has it: our units beside the system's, and our programs'
# names.
tree=$tmp/tree
system=$tree/usr/lib/systemd/system
make_tree() {
	mkdir -p "$tree/etc" "$tree/usr/bin" "$system" "$tree/usr/lib/konklave" &&
	cp -r /usr/lib/systemd/system/. "$system/" &&
	cp rootfs/units/*.service "$system/" &&
	cp -r rootfs/image/files/. "$tree/" || return 1
	[ -z "${1-}" ] || [ ! -d "board/$1/files" ] ||
		cp -rL "board/$1/files/." "$tree/" || return 1
	cp /usr/bin/true "$tree/usr/bin/" || return 1
	# What a unit starts is there, and can be started.
	grep -h '^Exec[A-Za-z]*=' "$system"/konklave-*.service \
		rootfs/units/*.service | sed 's/^[^=]*=[-@+!:]*\([^ ]*\).*/\1/' |
		while read -r program; do
			mkdir -p "$tree$(dirname "$program")"
			cp /usr/bin/true "$tree$program"
		done
}

# Units of the root that the image has not, and man pages, are not asked for.
verifies() {
	unit=$1
	systemd-analyze verify --root="$tree" --man=no --recursive-errors=no \
		"$system/$unit" >"$tmp/said" 2>&1 || {
		cat "$tmp/said"
		return 1
	}
	! grep -v "^$" "$tmp/said"
}

# words FILE...
words() {
	cat "$@" | sed 's/#.*//' | tr -s ' \t\n' '\n\n\n' | sed '/^$/d'
}

# Each unit of the lists is one of ours, the board's, or a file of files.list.
units_at() {
	echo rootfs/image/files/usr/lib/systemd/system
}

units_are_there() {
	for unit in $(words rootfs/image/units.list board/*/units.list); do
		[ -e "rootfs/units/$unit" ] ||
			[ -e "$(units_at)/$unit" ] ||
			ls board/*/files/usr/lib/systemd/system/"$unit" >/dev/null ||
			grep -q "/$unit\$" rootfs/image/files.list || {
			echo "$unit"
			return 1
		}
	done
}

# Each program that a unit of ours starts is in the image.
programs_are_there() {
	listed=$(sed -n 's/^programs="\(.*\)"$/\1/p' rootfs/image/make-root |
		tr '\n' ' ')
	grep -ho '^Exec[A-Za-z]*=[-@+!:]*[^ ]*' rootfs/units/*.service \
		"$(units_at)"/*.service | sed 's/^[^=]*=[-@+!:]*//' | sort -u |
		while read -r program; do
			case $program in
			/usr/lib/konklave/*)
				name=${program##*/}
				case " $listed " in
				*" $name "*) continue ;;
				esac
				[ -e "rootfs/image/files$program" ] && continue
				;;
			*)
				grep -q "^${program#/}\$" rootfs/image/files.list &&
					continue
				;;
			esac
			echo "$program"
		done >"$tmp/missing"
	! grep . "$tmp/missing"
}

# Those that make or mount what all others stand on.
loose="konklave-config.service konklave-data.service konklave-stick.service"
loose="$loose konklave-welcome-write.service konklave-port-stick.service"

# A level of 10 is a unit that is not confined at all.
confined() {
	case " $loose " in
	*" $1 "*) return 0 ;;
	esac
	systemd-analyze security --offline=yes --root="$tree" --threshold=50 \
		--no-pager "$1" >"$tmp/level" 2>&1 || {
		tail -n 3 "$tmp/level"
		return 1
	}
}

# --- what a unit needs to start -------------------------------------------

# Our units and what is added to them, a line each setting.
ours() {
	cat rootfs/units/*.service "$(units_at)"/*.service \
		"$(units_at)"/*.d/*.conf board/*/files/usr/lib/systemd/system/*.service \
		board/*/files/usr/lib/systemd/system/*.d/*.conf |
		sed -e ':a' -e '/\\$/N; s/\\\n//; ta' | grep -v '^#'
}

# users: name and number are the same among users and groups.
users_are_there() {
	for user in $(ours | sed -n 's/^User=//p' | sort -u); do
		uid=$(sed -n "s/^$user:x:\([0-9]*\):.*/\1/p" rootfs/image/users)
		[ -n "$uid" ] && grep -q "^$user:x:$uid:" rootfs/image/groups || {
			echo "$user"
			return 1
		}
	done
	for uid in $(ours | grep -o -e '--allow=[a-z]*:[0-9]*' | sed 's/.*://' |
		sort -u); do
		[ "$uid" = 0 ] || grep -q ":x:$uid:$uid:" rootfs/image/users || {
			echo "--allow=...:$uid"
			return 1
		}
	done
}

# Each file of the profile's is read by a unit, and what units read is made.
files_are_read() {
	ours >"$tmp/ours"
	for file in $(sed -n 's,.*"\(konklave/config/[a-z0-9-]*\.env\)".*,\1,p' \
		firmware/profile/files.c); do
		grep -q "^EnvironmentFile=-/run/$file\$" "$tmp/ours" || {
			echo "nobody reads $file"
			return 1
		}
	done
	for file in $(sed -n 's,^EnvironmentFile=-/run/,,p' "$tmp/ours" |
		sort -u); do
		grep -q "\"$file\"" firmware/profile/files.c || {
			echo "nobody makes $file"
			return 1
		}
	done
	for secret in $(sed -n 's,.*"credstore/\([a-z0-9.-]*\)".*,\1,p' \
		firmware/profile/files.c); do
		grep -q "^LoadCredential=$secret\$" "$tmp/ours" || {
			echo "nobody loads $secret"
			return 1
		}
	done
}

# Each option in a unit is one of its program's.
options_are_known() {
	ours | sed -n 's,^Exec[A-Za-z]*=[-@+!:]*/usr/lib/konklave/,,p' |
		while read -r program rest; do
			[ -d "firmware/bin/$program" ] || continue
			for option in $(echo "$rest" | grep -o -e '--[a-z0-9-]*='); do
				option=${option#--}
				grep -q "{ \"${option%=}\"" \
					"firmware/bin/$program"/*.c ||
					echo "$program --$option"
			done
		done >"$tmp/unknown"
	! grep . "$tmp/unknown"
}

# systemd looks up the numbers of a group of devices when it starts a unit, and a group
# is there once its driver's core is (the kernel has that of input).
devices_are_known() {
	grep -H -o '^DeviceAllow=char-[^ ]*' rootfs/units/*.service \
		"$(units_at)"/*.service | while IFS=: read -r path group; do
		case ${group#*char-} in
		alsa) core=snd ;;
		drm) core=drm ;;
		input) continue ;;
		media) core=mc ;;
		video4linux) core=videodev ;;
		*) core="?" ;;
		esac
		for word in Wants After; do
			grep -q "^$word=\(.* \)\?modprobe@$core\.service" "$path" ||
				echo "$path: $group: $word=modprobe@$core.service"
		done
	done >"$tmp/missing"
	! grep . "$tmp/missing"
}

# Who is waited for, or asked for, is there.
neighbours_are_there() {
	ours | sed -n 's/^\(After\|Before\|Wants\|Requires\|BindsTo\|OnFailure\)=//p' |
		tr ' ' '\n' | grep -e '^konklave-' -e 'd\.service$' |
		sed 's/@.*\./@./' | sort -u |
		while read -r unit; do
			[ -e "rootfs/units/$unit" ] || [ -e "$(units_at)/$unit" ] ||
				[ -e "/usr/lib/systemd/system/$unit" ] ||
				grep -q "/$unit\$" rootfs/image/files.list ||
				echo "$unit"
		done >"$tmp/missing"
	! grep . "$tmp/missing"
}

# What runs on is looked at before a boot is called good; templates by all that
# there are.
health_looks_at() {
	health=$(ours | grep '^ExecStart=.*/konklave-health')
	for path in rootfs/units/*.service "$(units_at)"/*@.service; do
		unit=$(basename "$path" | sed 's/@\./@*./')
		grep -q '^Type=oneshot' "$path" && continue
		# In a box it is a board's own.
		[ "$unit" != sfud.service ] || continue
		case $health in
		*" --unit=$unit "*) continue ;;
		esac
		echo "$unit is not looked at"
		return 1
	done
	for unit in konklave-setup.service konklave-port-key.service; do
		case $health in
		*" --unit=$unit "*) continue ;;
		esac
		echo "$unit is not looked at"
		return 1
	done
}

# Its driver is in the image, and systemd feeds what it drives.
has_a_watchdog() {
	arch=$(words "board/$1/arch" 2>/dev/null)
	words "rootfs/image/${arch:-x86_64}.absent.list" 2>/dev/null >"$tmp/absent"
	words rootfs/image/modules.list $(ls "board/$1/modules.list" 2>/dev/null) |
		grep -v -x -F -f "$tmp/absent" |
		grep -q -x -e iTCO_wdt -e i6300esb -e sbsa_gwdt &&
	grep -q '^RuntimeWatchdogSec=[1-9]' \
		rootfs/image/files/usr/lib/systemd/system.conf.d/*.conf
}

passes "units of the lists are there" units_are_there
passes "programs that units start are in the image" programs_are_there
passes "a tree of units is made" make_tree
for path in rootfs/units/*.service "$(units_at)"/*.service; do
	unit=$(basename "$path")
	passes "$unit says nothing that systemd does not know" verifies "$unit"
	passes "$unit is confined" confined "$unit"
done
passes "users of units have their numbers" users_are_there
passes "files of the profile are read, and those that are read are made" \
	files_are_read
passes "options in units are their programs'" options_are_known
passes "units that others wait for are there" neighbours_are_there
passes "a unit's devices may come after it" devices_are_known
passes "health looks at all that runs on" health_looks_at
passes "the timer that looks for updates is right" verifies konklave-look.timer
passes "the target for what does not start is right" verifies emergency.target
for board in board/*/; do
	board=$(basename "$board")
	[ "$board" = sandbox ] ||
		passes "$board: a watchdog is fed" has_a_watchdog "$board"
	[ -d "board/$board/files" ] || continue
	rm -rf "$tree"
	passes "$board: a tree of its units is made" make_tree "$board"
	passes "$board: its first units are right" \
		eval 'verifies konklave-health.service && verifies mediad.service &&
			verifies konklave-loopback.service'
done
finish
