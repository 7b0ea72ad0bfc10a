/* rauc.c - a bundle that RAUC 1.13 has made, read as it is loaded: its end, its
 * tree, its blocks. */
#include <stdlib.h>

#include "bundle/bundle.h"
#include "crypto/crypto.h"
#include "harness/tap.h"
#include "program/program.h"

/* KK_BUNDLE: another one. */
static struct kk_bytes bundle_of_rauc(void)
{
	const char *path = getenv("KK_BUNDLE");
	struct kk_bytes bundle;

	CHECK_OK(program_file_read(path ? path : "tests/bundle/small.raucb",
	    BUNDLE_BYTES_MAX, &bundle));
	return bundle;
}

static struct kk_view tail_of(const struct kk_bytes *b)
{
	const size_t n = b->bytes < BUNDLE_TAIL_BYTES ? b->bytes :
							BUNDLE_TAIL_BYTES;

	return kk_view_of(b->data + b->bytes - n, n);
}

TEST(bundle_as_rauc_makes_it_is_right_in_each_block)
{
	struct kk_bytes b = bundle_of_rauc();
	struct bundle_frame f;
	struct kk_view tree;

	CHECK_OK(crypto_init());
	CHECK_OK(bundle_frame_read(&f, tail_of(&b), b.bytes));
	CHECK_STR(f.board, "konklave-test");
	CHECK_EQ(f.version, 4);
	tree = kk_view_of(b.data + f.payload_bytes, (size_t)f.tree_bytes);
	CHECK_OK(bundle_tree_check(&f, tree));
	for (uint64_t i = 0; i < f.payload_bytes / BUNDLE_BLOCK_BYTES; i++) {
		uint8_t *block = b.data + i * BUNDLE_BLOCK_BYTES;

		CHECK_OK(bundle_block_check(&f, tree, i, block));
		block[i % BUNDLE_BLOCK_BYTES] ^= 1;
		CHECK_ERR(bundle_block_check(&f, tree, i, block), KK_EVERIFY);
	}
	kk_bytes_clear(&b);
}
