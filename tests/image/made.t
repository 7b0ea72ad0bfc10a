#!/bin/sh
# made.t BUILD - what is beside the image in BUILD/image and its twin in
# BUILD/image2: the bill of materials, the manifest, the notices.  Needs no machine.
. tests/build/lib.sh

image=$1/image

alike() { cmp "$image/$1" "${image}2/$1"; }

# Each package of the manifest has its notice.
noticed() {
	tar -tJf "$image/licences.tar.xz" >"$tmp/notices" || return 1
	while IFS=: read -r package _; do
		grep -q -x "licences/debian/$package" "$tmp/notices" || {
			echo "$package"
			return 1
		}
	done <"$image/manifest"
}

for file in sbom.cdx.json manifest licences.tar.xz; do
	passes "made twice, $file is the same" alike "$file"
done
passes "the bill of materials has each file of the root once" \
	tests/image/sbom-check "$image/sbom.cdx.json" "$image/root"
for file in 'initrd:/init' 'uki:linux' 'uki:stub'; do
	passes "it has $file" grep -q "\"name\": \"$file\"" \
		"$image/sbom.cdx.json"
done
passes "each package of the manifest has its notice" noticed
finish
