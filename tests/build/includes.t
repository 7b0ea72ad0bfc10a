#!/bin/sh
# tools/check-includes catches includes that point the wrong way.
. tests/build/lib.sh

check=tools/check-includes

# tree: an empty tree with one header in each folder
tree() {
	rm -rf "$tmp/tree"
	for folder in base wire crypto sframe mls sfu room bin/sfud; do
		mkdir -p "$tmp/tree/firmware/$folder"
		: >"$tmp/tree/firmware/$folder/$(basename $folder).h"
	done
	mkdir -p "$tmp/tree/drivers/keystore" "$tmp/tree/drivers/camera" \
		"$tmp/tree/tests/mock"
	: >"$tmp/tree/drivers/keystore/keystore.h"
	: >"$tmp/tree/tests/mock/alloc.h"
	: >"$tmp/tree/firmware/mls/tree_private.h"
}

# with FILE INCLUDE: checks a tree in which FILE has that include
with() {
	tree
	mkdir -p "$(dirname "$tmp/tree/firmware/$1")"
	echo "#include $2" >"$tmp/tree/firmware/$1"
	$check --top "$tmp/tree"
}

passes "mls sees crypto" with mls/a.c '"crypto/crypto.h"'
passes "a program sees everything" with bin/sfud/main.c '"mls/mls.h"'
passes "crypto does not see mls" \
	refuses 'crypto may not see firmware/mls' with crypto/a.c '"mls/mls.h"'
passes "sframe and mls do not see each other" \
	refuses 'may not see' with sframe/a.c '"mls/mls.h"'
passes "sfu does not see sframe" \
	refuses 'sfu may not see' with sfu/a.c '"sframe/sframe.h"'
passes "sfu does not see crypto" \
	refuses 'sfu may not see' with sfu/a.c '"crypto/crypto.h"'
passes "base sees nobody" refuses 'may not see' with base/a.h '"wire/wire.h"'
passes "firmware does not see drivers" refuses 'may not see' \
	with mls/a.c '"drivers/keystore/keystore.h"'
passes "firmware does not see tests" \
	refuses 'may not see' with mls/a.c '"mock/alloc.h"'
passes "a private header stays inside" refuses 'for the inside' \
	with bin/sfud/main.c '"mls/tree_private.h"'
passes "a private header serves its own folder" \
	with mls/a.c '"mls/tree_private.h"'
passes "the key store sees crypto" \
	with ../drivers/keystore/a.c '"crypto/crypto.h"'
passes "a camera does not" refuses 'may not see' \
	with ../drivers/camera/a.c '"crypto/crypto.h"'
passes "logic has no sockets" \
	refuses 'no sockets' with mls/a.c '<sys/socket.h>'
passes "logic has no clock" refuses 'no sockets' with sfu/a.c '<time.h>'
passes "a program has both" with bin/sfud/main.c '<sys/socket.h>'
passes "mbedTLS is crypto's" refuses 'belongs to' with mls/a.c '<psa/crypto.h>'
passes "a folder without a row is refused" \
	refuses 'has no row' with other/a.c '<stdio.h>'
finish
