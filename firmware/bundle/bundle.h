/*
 * bundle.h - an update bundle and its parts, as they come: what can be known of
 * it before all of it is there.  Any zone.  Any thread.
 *
 * A bundle is RAUC's, in its verity format: a payload of whole blocks, the tree
 * of its hashes, a signature (CMS) that has the manifest inside, and the
 * signature's size in 8 bytes.  The manifest names the tree's root, so whoever
 * has the signature can hold each block of the rest against it.
 * Source: RAUC, "Bundle Formats"; the kernel's dm-verity (hash version 1, no
 * superblock).
 *
 * No sockets, no clock, no files.
 */
#pragma once
#include "base/base.h"

enum {
	BUNDLE_BLOCK_BYTES = 4096,
	BUNDLE_HASH_BYTES = 32, /* SHA-256 */
	BUNDLE_BYTES_MAX = 1 << 29,
	BUNDLE_SEAL_BYTES_MAX = 65536,
	BUNDLE_SIZE_BYTES = 8, /* of the seal's size, big end first */
	BUNDLE_TAIL_BYTES = BUNDLE_SEAL_BYTES_MAX + BUNDLE_SIZE_BYTES,
	BUNDLE_BOARD_BYTES = 80,
	BUNDLE_FILE_BYTES = 128, /* a name, and its end */
	BUNDLE_URL_BYTES = 512,
	BUNDLE_INDEX_BYTES_MAX = 4096
};

/*
 * The signature's frame (seal.c).  RAUC reads its parts that no signature
 * covers leniently; here each byte of them has to be the one byte that is
 * right, so that no bit of a bundle can be turned.  bundle_seal_read() gives
 * the manifest as well, a view into cms.  Whether the signature is right and
 * whose it is, neither looks at: RAUC does.
 * Errors: KK_EFORMAT.
 * Source: RFC 5652, 5; RFC 5754, 3.2; RAUC, "Bundle Formats".
 */
MUST_CHECK enum kk_err bundle_seal_check(struct kk_view cms);
MUST_CHECK enum kk_err bundle_seal_read(struct kk_view cms,
    struct kk_view *manifest);

/* What the end of a bundle says of the whole (frame.c). */
struct bundle_frame {
	char board[BUNDLE_BOARD_BYTES];
	uint64_t version;
	uint64_t payload_bytes, tree_bytes, seal_bytes; /* in this order */
	uint8_t root[BUNDLE_HASH_BYTES], salt[BUNDLE_HASH_BYTES];
};

/*
 * tail: the last bytes of a bundle that has so many in all, up to
 * BUNDLE_TAIL_BYTES.  Each key of the manifest that is read here has to be
 * there once, and the sizes have to be those of the payload's tree.
 * Errors: KK_ETRUNC tail is too short, KK_ELIMIT a bundle too large,
 * KK_EFORMAT.
 */
MUST_CHECK enum kk_err bundle_frame_read(struct bundle_frame *f,
    struct kk_view tail, uint64_t bytes);

/*
 * Bytes of the tree of so many blocks; 0 for one that is not of these bundles
 * (fewer than two, more than they can have).
 */
uint64_t bundle_tree_bytes(uint64_t payload_bytes);

/*
 * The tree (tree.c): whether all of it leads to the frame's root, and nothing
 * else is in it.  tree has f->tree_bytes.
 * Errors: KK_EVERIFY, KK_EINVAL another size, KK_ECRYPTO.
 */
MUST_CHECK enum kk_err bundle_tree_check(const struct bundle_frame *f,
    struct kk_view tree);
/*
 * A block of the payload, against a tree that was checked.
 * Errors: KK_EVERIFY, KK_EINVAL no such block, KK_ECRYPTO.
 */
MUST_CHECK enum kk_err bundle_block_check(const struct bundle_frame *f,
    struct kk_view tree, uint64_t block,
    const uint8_t data[BUNDLE_BLOCK_BYTES]);

/*
 * What a site's server says it has (index.c): a text of up to
 * BUNDLE_INDEX_BYTES_MAX, "konklave-updates 1", then a line for each board:
 * BOARD VERSION FILE BYTES, with one space between.  Empty lines and those that
 * begin with # say nothing.  Nobody has signed it: it is a hint where to look.
 */
struct bundle_offer {
	uint64_t version, bytes;
	char file[BUNDLE_FILE_BYTES]; /* beside the index; a plain name */
};

/* All of the text has to be right.  Errors: KK_EFORMAT, KK_ELIMIT, KK_ENOENT
 * nothing for this board. */
MUST_CHECK enum kk_err bundle_index_read(struct bundle_offer *o,
    struct kk_view text, const char *board);

/* https://HOST[:PORT]/PATH without names, queries or marks (url.c). */
bool bundle_url_is_right(const char *url);
/* The file beside what url names.  Errors: KK_ELIMIT, KK_EINVAL. */
MUST_CHECK enum kk_err bundle_url_beside(const char *url, const char *file,
    char out[BUNDLE_URL_BYTES]);

/*
 * A header "bytes FROM-TO/ALL" (range.c): FROM <= TO < ALL.
 * Errors: KK_EFORMAT.
 * Source: RFC 9110, 14.4.
 */
struct bundle_range {
	uint64_t from, to, all; /* to: the last byte */
};

MUST_CHECK enum kk_err bundle_range_parse(struct bundle_range *r,
    const char *text);
