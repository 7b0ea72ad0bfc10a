#!/bin/sh
# certificate.t BUILD - the image of board qemu-x86_64 in BUILD/image, whose profile has
# the box's key made in the TPM: a stick takes the request to a CA (BUILD/bin/konklave-pki)
# and brings the certificate back, and the room has its verified name, also when the
# machine starts again.  A certificate of a CA that the profile does not name is refused.
# Then the profile asks for 802.1X, as the first-boot screen's units have it kept: the
# same for the port's request and certificate, which its port tries at once.
. tests/build/lib.sh
. tests/image/machine.sh

build=$1
pki=$build/bin/konklave-pki
image=$build/image
keys=$build/test-keys
machine_port=yes
. tests/image/variants.sh
. tests/image/stick.sh

cas_make() {
	ca_make site && ca_make others
}

with_profile() {
	{
		printf 'name = Room 4\nlanguage = de\nkeys = tpm\nscreen-size = 1280x720\n'
		printf '[anchors]\n'
		cat "$tmp/site/ca.pem"
	} >"$tmp/profile" && profile_put
}

# room_tells KIND: of firmware/notice, for the room's picture.
room_tells() {
	asks_until "^$1\b" "cat /run/konklave/notice/certificate" &&
		cat "$tmp/answer"
}

gives_request() {
	plug && room_tells request-put && asks sync && pull &&
		[ -n "$(on_stick csr)" ]
}

is_a_request() {
	mcopy -n -o -i "$tmp/stick" "::$(on_stick csr)" "$tmp/csr" &&
		openssl req -in "$tmp/csr" -noout -verify -subject \
			>"$tmp/subject" 2>&1 &&
		cat "$tmp/subject" && grep -q 'CN *= *Room 4' "$tmp/subject"
}

# issued CA: what it makes of the request is all that is on the stick.
issued() {
	stem=$(basename "$(on_stick csr)" .csr)
	"$pki" issue box "$tmp/csr" --ca="$tmp/$1" --out="$tmp/$1.pem" \
		--passphrase-file="$tmp/pass" --yes &&
		mcopy -n -o -i "$tmp/stick" "$tmp/$1.pem" "::$stem.pem" &&
		{ [ -z "$(on_stick request)" ] ||
			mdel -i "$tmp/stick" ::konklave-request; }
}

# brings KIND: the stick is plugged in, and the room's picture tells that.
brings() {
	plug && room_tells "$1" && pull
}

# keyd_says TEXT: of its key and certificate, once it does.
keyd_says() {
	asks_until "$1" 'varlinkctl --json=short call /run/konklave/keyd/setup io.konklave.Keys.Enrolment "{}"' &&
		cat "$tmp/answer"
}

room_is_verified() {
	asks_until '"name":"Room 4".*"verified":true\|"verified":true.*"name":"Room 4"' \
		'varlinkctl --json=short call /run/konklave/roomd/face io.konklave.Room.Status "{}"' &&
		cat "$tmp/answer"
}

is_not_verified() {
	asks 'varlinkctl --json=short call /run/konklave/roomd/face io.konklave.Room.Status "{}"' \
		>"$tmp/answer"
	cat "$tmp/answer"
	! grep -q '"verified":true' "$tmp/answer"
}

# --- the network asks who is there ------------------------------------------

# As the first-boot screen's yes, with a stick that is plugged in already.
asks_for_8021x() {
	plug && asks "mkdir -p /run/konklave-welcome && {" \
		"echo 8021x = eap-tls; echo 8021x-server = radius.site;" \
		"cat /var/lib/konklave/site/profile; }" \
		">/run/konklave-welcome/profile &&" \
		"systemctl start konklave-welcome-keep.service"
}

# As its page does: the box's request is the screen's.
gives_both_requests() {
	asks "printf konklave-00000000 >/run/konklave-welcome/name &&" \
		"echo a request >/run/konklave-welcome/request &&" \
		"systemctl start konklave-welcome-write.service && sync" && pull &&
		[ -n "$(on_stick '/konklave-00000000\.csr')" ] &&
		[ -n "$(on_stick '/port-[0-9a-f]*\.csr')" ]
}

has_started_once() {
	[ "$(grep -a -c "boot: started" "$tmp/console")" = 1 ]
}

well() {
	machine_says "konklave: well" "not booted\|not well"
}

passes "a site's CA is made, and another one" cas_make
passes "a new machine is made, with a profile" eval 'machine_new && with_profile'
passes "a stick that asks for the box's request is made" stick_new
passes "the machine starts" starts
passes "it is what the profile says" \
	machine_says "konklave-config.*disk: this is what the box is" "not booted"
passes "it is well" journal_when_not well
passes "its key was made in the TPM" keyd_says '"keystore":"tpm"'
passes "the stick gets the request, and the room's picture says so" gives_request
passes "it is one for a box of that name" is_a_request
passes "both CAs issue a certificate for it" eval 'issued site && issued others'
passes "that of a CA which the profile does not name is refused" \
	brings certificate-foreign
passes "the console says so in the profile's language" \
	machine_says "CA, der dieses Ger.*t nicht vertraut"
passes "the room has no verified name" is_not_verified
passes "the site's is on the stick in its place" issued site
passes "it is taken, alone in its meeting" brings certificate-taken
passes "the room has its verified name" room_is_verified
passes "the machine is stopped" eval 'asks sync && machine_end'
passes "it starts again" starts
passes "it is well again" journal_when_not well
passes "its key is in the TPM, and the room has its verified name" \
	eval 'keyd_says "\"keystore\":\"tpm\"" && room_is_verified'
passes "the same certificate once more changes nothing" brings certificate-same
passes "802.1X is chosen, with a stick plugged in" asks_for_8021x
passes "its port has a key, and waits for a certificate" port_is no-certificate
passes "the stick gets both requests" gives_both_requests
passes "the site's CA issues the network's certificate" port_issued
passes "it is taken from the stick" brings_the_ports
passes "the port tries it, in a network in which nobody asks" port_is no-answer
passes "the machine has not started again" has_started_once
machine_end
finish
