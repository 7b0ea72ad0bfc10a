#!/bin/sh
# switch.t BUILD FOLDER - the image of board qemu-x86_64 in BUILD/image at a switch that asks
# by 802.1X who is there (tests/image/switch, which serves in FOLDER): without a
# certificate the box has no address; with one, which a stick brings, the port opens.
. tests/build/lib.sh
. tests/image/machine.sh

build=$1
folder=$2
pki=$build/bin/konklave-pki
image=$build/image
keys=$build/test-keys
machine_port=yes
. tests/image/variants.sh
. tests/image/stick.sh
trap ': >"$folder/end"; rm -rf "$tmp"' EXIT

# end NAME: of the switch.
end() {
	echo "-netdev dgram,id=$1,local.type=unix,local.path=$folder/$1.qemu,remote.type=unix,remote.path=$folder/$1"
}

machine_nic="$(end box) -device virtio-net-pci,netdev=box
	-netdev user,id=site,restrict=on -netdev hubport,id=one,hubid=1,netdev=site
	$(end lan) -netdev hubport,id=two,hubid=1,netdev=lan"

# The network's server has one of the site's, for its name.
radius_make() {
	ca_make site &&
		openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-384 -nodes \
			-keyout "$folder/radius.key" -subj /CN=radius.site \
			-addext subjectAltName=DNS:radius.site \
			-out "$tmp/radius.csr" &&
		"$pki" issue server "$tmp/radius.csr" --ca="$tmp/site" \
			--out="$tmp/radius.pem" \
			--passphrase-file="$tmp/pass" --yes &&
		cp "$tmp/site/ca.pem" "$folder/ca.pem" &&
		cp "$tmp/radius.pem" "$folder/radius.new" &&
		mv "$folder/radius.new" "$folder/radius.pem"
}

with_profile() {
	{
		printf 'name = Room 4\n8021x = eap-tls\n8021x-server = radius.site\n'
		printf '[anchors]\n'
		cat "$tmp/site/ca.pem"
	} >"$tmp/profile" && profile_put
}

switch_is_there() {
	for _ in $(seq 600); do
		! grep -q "AP-ENABLED" "$folder/switch.log" || return 0
		sleep 0.1
	done
	cat "$folder/switch.log"
	return 1
}

switch_says() {
	until grep -q -e "$1" "$folder/switch.log"; do
		kill -0 "$machine" 2>/dev/null || {
			cat "$folder/switch.log"
			return 1
		}
		sleep 1
	done
}

gives_request() {
	plug && asks_until "^request-put" "cat /run/konklave/notice/port" &&
		asks sync && pull
}

# The address that QEMU's network gives.
has_address() { asks_until " 10\.0\.2\.15/" "ip -4 address"; }

has_no_address() {
	asks "ip -4 address" >"$tmp/answer"
	cat "$tmp/answer"
	grep -q 127.0.0.1 "$tmp/answer" && ! grep -q " 10\." "$tmp/answer"
}

passes "the site's CA certifies the network's server" radius_make
passes "the switch is there" switch_is_there
passes "a new machine is made, with a profile" eval 'machine_new && with_profile'
passes "a stick is made" stick_new
passes "the machine starts" starts
passes "it is well, though nobody lets it in" \
	machine_says "konklave: well" "not booted\|not well"
passes "its port waits for a certificate" port_is no-certificate
passes "it has no address" has_no_address
passes "the stick gets the port's request" gives_request
passes "the site's CA issues the certificate" port_issued
passes "it is taken from the stick" brings_the_ports
passes "the network knows the box, without a restart" port_is open
passes "by EAP-TLS" eval 'switch_says "EAP-PROPOSED-METHOD vendor=0 method=13" &&
	switch_says "802.1X: authorizing port"'
passes "it has an address" has_address
machine_end
finish
