# stick.sh - a site's CA, a profile on the disk, and a stick that goes between them and a
# machine.  Sourced after variants.sh, with $pki.
# shellcheck shell=sh

ca_make() { # NAME
	[ -e "$tmp/pass" ] || {
		echo 'a passphrase of the test' >"$tmp/pass" &&
			chmod 600 "$tmp/pass"
	} || return 1
	"$pki" init --ca="$tmp/$1" --name="$1" --passphrase-file="$tmp/pass" --yes
}

# profile_put: $tmp/profile is on the disk, as konklave-flash leaves it.
profile_put() {
	python3 -c 'import hashlib, sys
text = open(sys.argv[1], "rb").read()
with open(sys.argv[2], "r+b") as disk:
    disk.seek(int(sys.argv[3]))
    disk.write(b"KKPROF01" + len(text).to_bytes(4, "big") +
        hashlib.sha256(text).digest() + text)' \
		"$tmp/profile" "$tmp/disk" "$(part_at profile | cut -d ' ' -f 1)"
}

stick_new() {
	truncate -s 16M "$tmp/stick" &&
		mkfs.vfat -n KONKLAVE "$tmp/stick" >"$tmp/mkfs.log" &&
		: >"$tmp/empty" && mcopy -i "$tmp/stick" "$tmp/empty" ::konklave-request
}

starts() {
	machine_more="-device qemu-xhci,id=usb
		-blockdev driver=file,node-name=stick,filename=$tmp/stick" \
		machine_start "$tmp/disk" "$tmp/vars"
}

plug() {
	echo "device_add usb-storage,id=plugged,bus=usb.0,drive=stick,removable=on" >&8
}

# pull: and waits until the machine has seen that.
pull() {
	echo "device_del plugged" >&8
	until ! asks "test -e /dev/disk/konklave-stick"; do
		kill -0 "$machine" 2>/dev/null || return 1
		sleep 1
	done
}

on_stick() { # SUFFIX: the name of a file on it
	mdir -b -i "$tmp/stick" :: | tr -d '\r' | sed -n "s,^::/*\(.*$1\)$,\1,p"
}

# port_is STATE: the machine's one port comes to be that.
port_is() {
	asks_until "\"$1\"" "/usr/lib/konklave/konklave-port --json status" &&
		cat "$tmp/answer"
}

# The port's certificate: by CA site, onto the stick, and from there.
port_issued() {
	mcopy -n -o -i "$tmp/stick" "::$(on_stick 'port-[0-9a-f]*\.csr')" \
		"$tmp/port.csr" &&
		openssl req -in "$tmp/port.csr" -noout -verify || return 1
	stem=$(basename "$(on_stick 'port-[0-9a-f]*\.csr')" .csr)
	"$pki" issue network "$tmp/port.csr" --ca="$tmp/site" \
		--out="$tmp/port.pem" --passphrase-file="$tmp/pass" --yes &&
		mcopy -n -o -i "$tmp/stick" "$tmp/port.pem" "::$stem.pem"
}

brings_the_ports() {
	plug && asks_until "^port-taken" "cat /run/konklave/notice/port" &&
		cat "$tmp/answer" && pull
}
