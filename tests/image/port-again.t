#!/bin/sh
# port-again.t - which of the wired ports try 802.1X anew, with another program in
# place of systemctl.
. tests/build/lib.sh

mkdir -p "$tmp/run/config" "$tmp/run/port"
cat >"$tmp/systemctl" <<EOF
#!/bin/sh
case "\$*" in
*list-units*)
	echo "konklave-port@eth0.service loaded inactive dead Konklave: 802.1X on eth0"
	echo "konklave-port@eth1.service loaded active running Konklave: 802.1X on eth1"
	;;
*is-active*) [ ! -e "$tmp/ended" ] ;;
*) echo "\$*" >>"$tmp/did" ;;
esac
EOF
chmod +x "$tmp/systemctl"

# again PROFILE [STATE-OF-ETH1]: the profile has 802.1X or none; eth0 has no state.
again() {
	rm -f "$tmp/did" "$tmp/run/config/8021x.conf" "$tmp/run/port/"*
	: >"$tmp/did"
	[ "$1" = none ] || : >"$tmp/run/config/8021x.conf"
	[ -z "${2-}" ] || echo "$2" >"$tmp/run/port/eth1"
	KK_SYSTEMCTL=$tmp/systemctl KK_RUN=$tmp/run \
		rootfs/image/files/usr/lib/konklave/port-again
}

did() { # PORT...: these were started anew, and no other
	for port in "$@"; do
		echo "restart konklave-port@$port.service"
	done | diff - "$tmp/did"
}

passes "ports that nobody has heard of start" eval 'again eap-tls && did eth0 eth1'
for state in no-certificate own-date refused no-answer asked; do
	passes "one that is $state tries anew" \
		eval 'again eap-tls "$state" && did eth0 eth1'
done
passes "one that is open stays" eval 'again eap-tls open && did eth0'
passes "without 802.1X it ends" eval 'again none open && did eth0 eth1'
passes "one that was open and has ended tries anew" \
	eval ': >"$tmp/ended" && again eap-tls open && did eth0 eth1'
finish
