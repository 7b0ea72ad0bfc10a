#!/bin/sh
# unwell.t - what a box does whose health checks have not passed, with other programs
# in place of those that know and act.
. tests/build/lib.sh

# fake NAME STATUS [TEXT]: a program that ends so, and says TEXT.
fake() {
	{
		echo '#!/bin/sh'
		echo "echo $1 \$* >>'$tmp/did'"
		printf "printf '%%s' '%s'\n" "${3-}"
		echo "exit $2"
	} >"$tmp/$1"
	chmod +x "$tmp/$1"
}

record() { # STATE-OF-A STATE-OF-B
	printf 'running a\npreferred a\nfloor 3\n'
	for slot in "a $1" "b $2"; do
		printf '%s, 1 boots since it was confirmed\n' "$slot"
	done
}

# unwell UPDATE-STATUS STATE-OF-A STATE-OF-B: what it did.
unwell() {
	: >"$tmp/did"
	fake update "$1"
	fake boot 0 "$(record "$2" "$3")
"
	fake systemctl 0
	KK_UPDATE=$tmp/update KK_BOOT=$tmp/boot KK_SYSTEMCTL=$tmp/systemctl \
		rootfs/image/files/usr/lib/konklave/unwell || return 1
	cat "$tmp/did"
}

restarts() {
	unwell "$@" | grep -x "systemctl reboot"
}

leaves_it() {
	says "^update mark-bad$" unwell 0 trying good && not grep -q reboot "$tmp/did"
}

passes "konklave-update is told, and does what follows" leaves_it
passes "where it does not answer, a new version is left" \
	restarts 1 trying good
passes "a version that was good goes on" not restarts 1 good good
passes "also where the other slot's is to be tried" not restarts 1 good trying
passes "and where both have failed" not restarts 1 failed failed
finish
