#!/bin/sh
# quiet.t BUILD - what the image of board qemu-x86_64 in BUILD/image sends into its network
# that nobody has asked for: from power on, for a minute after it is well, it looks for an
# address and for its neighbours, and with a time server it asks that one.
. tests/build/lib.sh
. tests/image/machine.sh

build=$1
image=$build/image
keys=$build/test-keys
machine_port=yes
. tests/image/variants.sh
. tests/image/stick.sh
machine_nic="-netdev user,id=site,restrict=on -object filter-dump,id=wire,netdev=site,file=$tmp/wire
	-device virtio-net-pci,netdev=site,mac=52:54:00:4b:4f:4e"

with_profile() {
	printf 'name = Room 4\n' >"$tmp/profile" && profile_put
}

starts() { machine_start "$tmp/disk" "$tmp/vars"; }

sends() { tests/image/frames "$tmp/wire" 52:54:00:4b:4f:4e; }

# sends_but EXPRESSION: a line of each kind that it has sent and is not one of these.
sends_but() {
	sends >"$tmp/sent" || return 1
	cat "$tmp/sent"
	! grep -v -x -e "$1" "$tmp/sent"
}

# Address, router, neighbours, and which groups it is in (ARP; DHCP, with the host's name,
# which is that of all boxes; ICMPv6's neighbour discovery, RFC 4861, and MLD, RFC 2710 and
# 3810; DHCPv6 where a router says that there is one).
network='arp\|dhcp konklave\|icmp6 13[1356]\|icmp6 143\|udp ff02::1:2 547'

has_a_time_server() {
	asks "mkdir -p /run/konklave-welcome && {" \
		"echo time = 10.0.2.2; cat /var/lib/konklave/site/profile; }" \
		">/run/konklave-welcome/profile &&" \
		"systemctl start konklave-welcome-keep.service"
}

asks_the_time_server() {
	until sends | grep -q -x "udp 10.0.2.2 123"; do
		kill -0 "$machine" 2>/dev/null || return 1
		sleep 1
	done
}

passes "a new machine is made, with a profile" eval 'machine_new && with_profile'
passes "the machine starts" starts
passes "it is well" machine_says "konklave: well" "not booted\|not well"
passes "it has an address" asks_until " 10\.0\.2\.15/" "ip -4 address"
passes "a minute goes by" asks "sleep 60"
passes "it has asked for its address, and said nothing else to anybody" \
	eval 'sends_but "$network" && grep -q "^dhcp" "$tmp/sent"'
passes "its profile names a time server" has_a_time_server
passes "that one is asked" asks_the_time_server
passes "and nobody else" sends_but "$network"'\|udp 10\.0\.2\.2 123'
machine_end
finish
