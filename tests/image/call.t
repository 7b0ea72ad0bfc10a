#!/bin/sh
# call.t BUILD - the root of the image in BUILD/image, without a machine: its programs hold
# a call with themselves, with its libraries and plugins, as nobody, without a network
# beyond a loopback, and on a file system that cannot be written.
. tests/build/lib.sh

root=$1/image/root

in_the_root() {
	bwrap --unshare-all --die-with-parent --uid 65534 --gid 65534 \
		--ro-bind "$root" / --dev /dev --proc /proc --tmpfs /tmp \
		--clearenv --setenv ORC_CODE backup "$@"
}

holds_a_call() {
	in_the_root /usr/lib/konklave/konklave-loopback --limit=300 --json \
		>"$tmp/result" || return 1
	grep -q '^{"isHeld":true,' "$tmp/result"
}

names_what_is_missing() {
	refuses '"failed":"forwarder","why":"it does not start"' in_the_root \
		/usr/lib/konklave/konklave-loopback --limit=300 --json \
		--sfud=/usr/lib/konklave/none
}

passes "the image's root holds an encrypted call with itself" holds_a_call
passes "without its forwarder it says so" names_what_is_missing
finish
