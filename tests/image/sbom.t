#!/bin/sh
# sbom.t - the bill of materials of a small root that is made up here: what it
# names, what it refuses, and that its checker finds what is wrong.
. tests/build/lib.sh

runtime=$tmp/runtime
root=$tmp/root
build=$tmp/build

# package NAME VERSION SOURCE NEEDS FILE...
package() {
	printf 'Package: %s\nStatus: install ok installed\nArchitecture: amd64\nVersion: %s\nSource: %s\nDepends: %s\nDescription: d\n more\n\n' \
		"$1" "$2" "$3" "$4" >>"$runtime/var/lib/dpkg/status"
	name=$1
	shift 4
	mkdir -p "$runtime/usr/share/doc/$name"
	printf 'The text is in /usr/share/common-licenses/GPL-3.\n' \
		>"$runtime/usr/share/doc/$name/copyright"
	for file in "$@"; do
		echo "/$file" >>"$runtime/var/lib/dpkg/info/$name:amd64.list"
		file=usr/${file#usr/}
		mkdir -p "$runtime/$(dirname "$file")"
		echo "$file of $name" >"$runtime/$file"
	done
}

world() {
	rm -rf "$runtime" "$root" "$build"
	mkdir -p "$runtime/var/lib/dpkg/info" "$runtime/usr/lib" \
		"$runtime/usr/share/common-licenses" "$root/etc" \
		"$root/usr/lib/konklave" "$root/usr/share/konklave/web" \
		"$build/bin" "$build/web" "$tmp/one" "$tmp/two"
	ln -s usr/lib "$runtime/lib"
	echo GPL >"$runtime/usr/share/common-licenses/GPL-3"
	package libc6 1:2.41+x~1 'glibc (2.41)' '' lib/libc.so.6
	echo /lib >>"$runtime/var/lib/dpkg/info/libc6:amd64.list"
	package tool 3-1 tool 'libc6 (>= 2), perl | absent' usr/bin/tool \
		usr/share/tool/setting
	package unused 9 unused libc6 usr/bin/unused
	cat >"$runtime/usr/share/doc/tool/copyright" <<'END'
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/

Files: *
Copyright: somebody
License: Expat
 Do what you like.

Files: debian/*
Copyright: another
License: Odd-1
END
	mkdir -p "$runtime/etc" "$root/usr/share/tool"
	cp -r "$runtime/usr/bin" "$runtime/usr/lib" "$root/usr/"
	rm "$root/usr/bin/unused"
	ln -s usr/lib "$root/lib"
	ln -s tool "$root/usr/bin/other"
	echo ours >"$root/usr/share/tool/setting"
	echo here >"$root/etc/hostname"
	cp /bin/true "$build/bin/keyd"
	cp /bin/true "$root/usr/lib/konklave/keyd"
	printf 'preact\n\nMIT\n' >"$build/web/licences.txt"
	cp "$build/web/licences.txt" "$root/usr/share/konklave/web/"
	printf '%s\n' 'libmbedtls-dev-amd64-cross:all 3.5' \
		'libmbedtls-dev:amd64 3.6' 'emscripten:all 3.1' >"$build/manifest"
}

# make_sbom OUT
make_sbom() {
	rootfs/image/make-sbom --root="$root" --runtime="$runtime" \
		--build="$build" --built-with="$build/manifest" \
		--board=sandbox --version=1 --epoch=1000000000 --out="$1"
}

# has PYTHON: is true of the bill, where by[NAME] are its components.
has() {
	python3 -c 'import json, sys
bom = json.load(open(sys.argv[1]))
by = {c["name"]: c for c in bom["components"]}
files = lambda name: sorted(f["name"] for f in by[name]["components"])
sys.exit(0 if eval(f"({sys.argv[2]})") else 1)' "$tmp/one/sbom.cdx.json" "$1"
}

checked() { tests/image/sbom-check "$tmp/one/sbom.cdx.json" "$root"; }

# broken PYTHON: the checker finds what this does to the bill.
broken() {
	python3 -c 'import json, sys
bom = json.load(open(sys.argv[1]))
tool = [c for c in bom["components"] if c["name"] == "tool"][0]
exec(sys.argv[2])
json.dump(bom, open(sys.argv[3], "w"))' "$tmp/one/sbom.cdx.json" "$1" \
		"$tmp/broken.json" &&
	not tests/image/sbom-check "$tmp/broken.json" "$root"
}

# In static.list the page has a library whose notice this Debian has not.
world
passes "a library that is linked for good has to have its notice" \
	refuses "no package libmbedtls21" make_sbom "$tmp/one"
package libmbedtls21 3.6 mbedtls libc6 usr/lib/libmbedtls.so.21
passes "a bill is made" make_sbom "$tmp/one"
passes "it has what it must have, and each file of the root once" checked
passes "it is made again, and is the same" eval \
	'make_sbom "$tmp/two" && diff -r "$tmp/one" "$tmp/two"'
passes "a package has its files, and its URL is encoded" has \
	'files("libc6") == ["/lib", "/usr/lib/libc.so.6"] and by["libc6"]["purl"] ==
	"pkg:deb/debian/libc6@1%3A2.41%2Bx~1?arch=amd64&distro=debian-13"'
passes "its source and licences are told" has \
	'by["libc6"]["properties"][0]["value"] == "glibc 2.41" and
	[l["license"] for l in by["tool"]["licenses"]] ==
	[{"id": "MIT"}, {"name": "Odd-1"}] and
	[l["license"] for l in by["libc6"]["licenses"]] ==
	[{"id": "GPL-3.0-only"}]'
passes "what is not a package's own is ours, and says what it replaces" has \
	'"/usr/share/tool/setting" in files("image") and
	"/etc/hostname" in files("image") and "tool:amd64 3-1" in
	[p["value"] for f in by["image"]["components"]
	for p in f.get("properties", [])]'
passes "a program is a component that names what it is linked with" has \
	'files("keyd") == ["/usr/lib/konklave/keyd"] and
	[d["dependsOn"] for d in bom["dependencies"]
	if d["ref"] == "konklave/keyd"] == [[by["libc6"]["purl"]]]'
passes "the page names what is bundled and linked into it" has \
	'[d["dependsOn"] for d in bom["dependencies"]
	if d["ref"] == "konklave/page"] == [sorted([by["preact"]["purl"],
	by["libmbedtls-dev"]["purl"], by["emscripten"]["purl"]])]'
passes "what is linked is the target's, where that has it" has \
	'by["libmbedtls-dev"]["version"] == "3.6" and
	"libmbedtls-dev-amd64-cross" not in by'
passes "the manifest names packages that files came from, no other" eval \
	'printf "libc6:amd64 1:2.41+x~1\ntool:amd64 3-1\n" |
		diff - "$tmp/one/manifest"'
passes "the notices are of these, of ours, of the page, of the library" eval \
	'tar -tJf "$tmp/one/licences.tar.xz" | paste -s -d " " |
		grep -x "licences/common/GPL-3 licences/debian/libc6 licences/debian/libmbedtls21 licences/debian/tool licences/konklave licences/page.txt"'

passes "the checker finds a file that is not there" \
	broken 'tool["components"].pop()'
passes "the checker finds a file that is there twice" \
	broken 'bom["components"][0]["components"] += tool["components"]'
passes "the checker finds another hash" \
	broken 'tool["components"][-1]["hashes"][0]["content"] = "0" * 64'
passes "the checker finds a link that leads elsewhere" broken \
	'[f for c in bom["components"] for f in c.get("components", [])
	if f["name"] == "/lib"][0]["properties"][0]["value"] = "usr"'
passes "the checker finds a component without licence" \
	broken 'del tool["licenses"]'
passes "the checker finds a package URL that is none" \
	broken 'tool["purl"] = "tool 3-1"'
passes "the checker finds a need that leads nowhere" \
	broken 'bom["dependencies"][1]["dependsOn"] = ["nothing"]'

sed -i '/^libmbedtls-dev:/d' "$build/manifest"
passes "a bill is made where a compiler for another processor brings it" \
	make_sbom "$tmp/one"
passes "then that is what it names" has \
	'by["libmbedtls-dev-amd64-cross"]["version"] == "3.5"'

echo secret >"$runtime/usr/bin/stray"
cp "$runtime/usr/bin/stray" "$root/usr/bin/stray"
passes "a file of the Debian that no package has is refused by name" \
	refuses "usr/bin/stray" make_sbom "$tmp/one"
world
package libmbedtls21 3.6 mbedtls libc6 usr/lib/libmbedtls.so.21
rm "$runtime/usr/share/doc/tool/copyright"
passes "a package without notice is refused by name" \
	refuses "tool has no copyright file" make_sbom "$tmp/one"
finish
