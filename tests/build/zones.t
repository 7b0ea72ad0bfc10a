#!/bin/sh
# tools/check-zones catches binaries that break their zone's rule.
. tests/build/lib.sh

bin=$O/gcc/zones
check=tools/check-zones

passes "a binary that keeps the rule passes" \
	$check --zone forward "$bin/keeps-the-rule"
passes "a forbidden function inside a binary is caught" \
	refuses 'defines mls_group_new' $check --zone forward "$bin/breaks-by-code"
[ ! -e "$O/bin/sframe-vectors" ] ||
	passes "the real SFrame code is caught in a forwarder" \
		refuses 'defines sframe_' \
		$check --zone forward "$O/bin/sframe-vectors"
passes "a forbidden call into a shared library is caught" \
	refuses 'calls socket' $check --zone keys "$bin/breaks-by-call"
passes "the same call is fine in another zone" \
	$check --zone forward "$bin/breaks-by-call"

# A stand-in of a codec's library, needed by name alone.
echo 'int codec;' >"$tmp/codec.c"
gcc -shared -fPIC -Wl,-soname,libopus.so.0 -o "$tmp/libopus.so" "$tmp/codec.c"
echo 'int main(void) { return 0; }' >"$tmp/main.c"
gcc -o "$tmp/sfud" "$tmp/main.c" -Wl,--no-as-needed "$tmp/libopus.so"
passes "a forbidden library is caught, in the zone of the binary's name" \
	refuses 'needs libopus.so.0' $check "$tmp/sfud"

cp "$bin/keeps-the-rule" "$tmp/unknown"
passes "a binary that no line names is refused" \
	refuses 'has no zone' $check "$tmp/unknown"
strip "$tmp/unknown"
passes "a stripped binary is refused" \
	refuses 'stripped' $check --zone forward "$tmp/unknown"
echo 'zone x' >"$tmp/zones.conf"
passes "a broken table is refused" refuses 'zones.conf:1' \
	$check --conf "$tmp/zones.conf" --zone x "$bin/keeps-the-rule"

for folder in firmware/bin/*/; do
	[ -d "$folder" ] || continue
	name=$(basename "$folder")
	passes "$name has a zone" \
		grep -q "^binary $name " tools/zones.conf
done
finish
