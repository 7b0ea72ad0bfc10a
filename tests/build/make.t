#!/bin/sh
# The build itself: what is rebuilt when, and what an option leaves out.
. tests/build/lib.sh

# compiled ARGUMENT...: how many C files make would compile
compiled() {
	make --no-print-directory -n O="$O" "$@" 2>"$tmp/errors" |
		grep -c -e ' -c -o '
}

passes "nothing is compiled when nothing changed" \
	test "$(compiled libs)" -eq 0
passes "one changed C file is compiled alone" \
	test "$(compiled -W firmware/base/bytes.c libs)" -eq 1
passes "a changed header compiles who includes it" \
	test "$(compiled -W firmware/base/bytes.h libs)" -gt 3
passes "changed options compile all" \
	test "$(compiled -W "$O/config/autoconf.h" libs)" -gt 5
passes "a change of flags compiles all of a variant" \
	test "$(compiled -W "$O/gcc/flags" libs)" -gt 5

# One build with options off.
off=$tmp/off
mkdir -p "$off"
cat >"$off/.config" <<'END'
# KK_CRYPTO_OPENSSL is not set
# KK_DTLS_OPENSSL is not set
# KK_SFRAME is not set
# KK_KEYSTORE_FILE is not set
END
passes "a build with options off succeeds" \
	make O="$off" olddefconfig libs programs
passes "a library that is off is not built" \
	not test -e "$off/gcc/lib/libsframe.a"
passes "nor are its programs" not test -e "$off/bin/sframe-vectors"
passes "nor is there a symbol of it in any archive" sh -c "
	nm '$off'/gcc/lib/*.a >'$tmp/symbols' 2>&1 &&
	! grep -e ' [A-Za-z] sframe_' '$tmp/symbols'"
passes "a part that is off leaves no symbol" sh -c "
	nm '$off/gcc/lib/libcrypto.a' >'$tmp/symbols' &&
	! grep -i -e ' EVP_' -e ossl '$tmp/symbols'"
# The engines of the forwarder's packets have OpenSSL's among them; konklave-port's
# key and request are wpa_supplicant's, which has no other library.
passes "programs then do not need its library, but for those that speak TLS, 802.1X or measure engines" sh -c "
	for program in '$off'/bin/*; do
		test \"\$program\" = '$off/bin/bench-srtp' && continue
		test \"\$program\" = '$off/bin/konklave-port' && continue
		readelf -d \"\$program\" | grep -q 'NEEDED.*libssl' && continue
		readelf -d \"\$program\" | grep -q 'NEEDED.*libcrypto' && exit 1
	done
	exit 0"
passes "what depends on it is off too" \
	not grep -q '^KK_MLS_ALL_SUITES=y' "$off/config/auto.conf"

make O="$tmp/on" sandbox_defconfig >/dev/null
for option in CRYPTO_OPENSSL MLS_ALL_SUITES SFRAME KEYSTORE_FILE; do
	passes "KK_$option is on in the sandbox" \
		grep -q "^KK_$option=y" "$tmp/on/.config"
done
passes "a number reaches C" sh -c "
	sed -i 's/^KK_LOG_LEVEL=.*/KK_LOG_LEVEL=2/' '$tmp/on/.config' &&
	make O='$tmp/on' '$tmp/on/config/auto.conf' &&
	grep '#define KK_LOG_LEVEL 2' '$tmp/on/config/autoconf.h'"
passes "savedefconfig keeps what differs and nothing else" sh -c "
	make O='$tmp/on' savedefconfig OUT='$tmp/defconfig' &&
	test \"\$(cat '$tmp/defconfig')\" = KK_LOG_LEVEL=2"
passes "tools/enter inside the root only runs the command" \
	test "$(tools/enter echo here)" = here
passes "the root itself cannot be written" not touch /usr/touched

# The host's half of the build, on a cache of its own.
cleans_cache() {
	mkdir -p "$tmp/cache/konklave/home" &&
	for folder in root-1 making.1 janus-old server-making.1; do
		mkdir "$tmp/cache/konklave/$folder" || return 1
	done
	MAKEFLAGS='' XDG_CACHE_HOME="$tmp/cache" make -f mk/host.mk clean-cache &&
	test "$(ls "$tmp/cache/konklave")" = home
}
passes "clean-cache leaves no build root and no small Debian" cleans_cache
finish
