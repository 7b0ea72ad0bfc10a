/* codec_sample.h - one example of every struct that travels in messages. */
#pragma once
#include "mls/message.h"

struct codec_kind {
	const char *name;
	unsigned int variants;
	/* Writes an example from fields. */
	void (*write)(struct kk_writer *w, unsigned int variant);
	/* Reads one and writes what was read; errors stick in r. */
	void (*rewrite)(struct kk_reader *r, struct kk_writer *w);
};

const struct codec_kind *codec_kinds(size_t *count);

/* Borrowed, constant. */
struct mls_leaf_fields codec_sample_leaf(unsigned int variant);
struct mls_proposal codec_sample_proposal(unsigned int variant);

enum { CODEC_LEAVES = 4, CODEC_PROPOSALS = 8 };
