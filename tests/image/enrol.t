#!/bin/sh
# enrol.t - a stick in a box that is set up: how it is mounted, and who is asked.
. tests/build/lib.sh

script=$PWD/rootfs/image/files/usr/lib/konklave/enrol-stick
mkdir "$tmp/bin"
export PATH="$tmp/bin:$PATH"

# Mounting is a link to the folder that plays the stick.
cat >"$tmp/bin/mount" <<EOF
#!/bin/sh
echo "mount \$*" >>"$tmp/did"
case "\$*" in *" rw,"*) [ ! -e "$tmp/protected" ] || exit 32 ;; esac
rmdir "$tmp/mnt" && ln -s "$tmp/stick" "$tmp/mnt"
EOF
cat >"$tmp/bin/umount" <<EOF
#!/bin/sh
echo "umount \$*" >>"$tmp/did"
rm "$tmp/mnt" && mkdir "$tmp/mnt"
EOF
cat >"$tmp/bin/welcome" <<EOF
#!/bin/sh
echo "welcome \$*" >>"$tmp/did"
[ ! -e "$tmp/fails" ]
EOF
chmod +x "$tmp/bin/"*

begin() {
	rm -rf "$tmp/did" "$tmp/stick" "$tmp/fails" "$tmp/protected" "$tmp/mnt"
	mkdir "$tmp/stick" "$tmp/mnt"
}

comes() {
	KK_STICK=/dev/none KK_WELCOME=$tmp/bin/welcome KK_MOUNT=$tmp/mnt \
		KK_FOLDER=$tmp/folder "$script"
}

# did LINE...: that and nothing else, in this order; not mounted any more.
did() {
	printf '%s\n' "$@" | diff - "$tmp/did" && [ ! -L "$tmp/mnt" ]
}

ro="mount -t vfat -o ro,nosuid,nodev,noexec /dev/none $tmp/mnt"
rw="mount -t vfat -o rw,nosuid,nodev,noexec /dev/none $tmp/mnt"
off="umount $tmp/mnt"
look="welcome --folder=$tmp/folder look $tmp/mnt"
ask="welcome ask $tmp/mnt"

is_read() { begin && comes && did "$ro" "$look" "$off"; }
gets_requests() {
	for file in konklave-request konklave-request.txt; do
		begin && : >"$tmp/stick/$file" && comes &&
			did "$ro" "$look" "$off" "$rw" "$ask" "$off" || return 1
	done
}
is_protected() {
	begin && : >"$tmp/stick/konklave-request" && : >"$tmp/protected" && comes &&
		did "$ro" "$look" "$off" "$rw" "$ro" "$ask" "$off"
}
fails() {
	begin && : >"$tmp/stick/konklave-request" && : >"$tmp/fails" && not comes &&
		did "$ro" "$look" "$off" "$rw" "$ask" "$off"
}

passes "a stick is only read" is_read
passes "one that asks for them gets the requests" gets_requests
passes "one that cannot be written is told of by who would write" is_protected
passes "what fails is told, and the stick is let go" fails
finish
