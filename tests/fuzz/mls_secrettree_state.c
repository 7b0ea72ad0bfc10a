/*
 * mls_secrettree_state.c - saved secret trees: byte 0 is the width's power of
 * two, byte 1 the bound of the ratchets, then the state.
 *
 * What is read must be written again as it was, and must work.
 */
#include <stdlib.h>
#include <string.h>

#include "mls/secrettree.h"

enum { SUITE = 2, WIDTH_BITS_MAX = 6 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void must(bool is_true)
{
	if (!is_true)
		abort();
}

/* Skipped keys beyond the bound are dropped, so that it may get shorter. */
static void check_written(const struct mls_secret_tree *tree,
    struct kk_view state)
{
	struct kk_writer w;

	kk_writer_init(&w);
	mls_secret_tree_write(tree, &w);
	must(!w.err && w.bytes <= state.bytes);
	if (w.bytes == state.bytes)
		must(!memcmp(w.data, state.data, w.bytes));
	kk_writer_clear(&w);
}

static void check_use(struct mls_secret_tree *tree, uint32_t leaf,
    uint32_t generation)
{
	struct mls_message_key key;
	enum kk_err err;

	err = mls_secret_tree_peek(tree, leaf, MLS_RATCHET_APPLICATION,
	    generation, &key);
	must(mls_secret_tree_consume(tree, leaf, MLS_RATCHET_APPLICATION,
		 generation) == err);
	if (!err)
		must(mls_secret_tree_peek(tree, leaf, MLS_RATCHET_APPLICATION,
			 generation, &key) == KK_EREPLAY);
	err = mls_secret_tree_next(tree, leaf, MLS_RATCHET_HANDSHAKE, &key,
	    &generation);
	must(!err || err == KK_ESPENT);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct mls_secret_tree *tree;
	struct kk_view state;
	struct kk_reader r;
	uint32_t width;

	if (bytes < 2 || crypto_init())
		return 0;
	width = UINT32_C(1) << data[0] % (WIDTH_BITS_MAX + 1);
	kk_reader_init(&r, kk_view_of(data + 2, bytes - 2));
	if (mls_secret_tree_read(&tree, crypto_suite_get(SUITE), width, data[1],
		&r))
		return 0;
	state = kk_view_of(data + 2, bytes - 2 - r.left_bytes);
	check_written(tree, state);
	check_use(tree, data[0] % width, data[1] / 2);
	check_use(tree, width - 1, UINT32_MAX - 1);
	mls_secret_tree_free(tree);
	return 0;
}
