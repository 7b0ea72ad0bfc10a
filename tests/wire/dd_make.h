/*
 * dd_make.h - dependency descriptors as Chromium's encoders send them: the
 * structures L3T3 and L3T3_KEY of three spatial and three temporal layers
 * (https://www.w3.org/TR/webrtc-svc/#scalabilitymodes*), one descriptor for
 * each frame of a stream in them.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "wire/dd.h"

enum {
	DD_MAKE_TARGETS = 9,
	DD_MAKE_CHAINS = 3,
	DD_MAKE_TEMPLATES = 15,
	DD_MAKE_OFFSET = 60, /* so that template ids wrap around */
	DD_MAKE_BYTES = 255
};

struct dd_template {
	uint8_t spatial, temporal;
	const char *uses; /* of each target: - D S R */
	uint8_t chains[DD_MAKE_CHAINS];
	uint8_t refs[2]; /* 0: none */
};

static const struct dd_template dd_l3t3[DD_MAKE_TEMPLATES] = {
	{ 0, 0, "SSSSSSSSS", { 0, 0, 0 }, { 0 } },
	{ 0, 0, "SSSRRRRRR", { 12, 11, 10 }, { 12 } },
	{ 0, 1, "-DS-RR-RR", { 6, 5, 4 }, { 6 } },
	{ 0, 2, "--D--R--R", { 3, 2, 1 }, { 3 } },
	{ 0, 2, "--D--R--R", { 9, 8, 7 }, { 3 } },
	{ 1, 0, "---SSSSSS", { 1, 1, 1 }, { 1 } },
	{ 1, 0, "---SSSRRR", { 1, 1, 1 }, { 12, 1 } },
	{ 1, 1, "----DS-RR", { 7, 6, 5 }, { 6, 1 } },
	{ 1, 2, "-----D--R", { 4, 3, 2 }, { 3, 1 } },
	{ 1, 2, "-----D--R", { 10, 9, 8 }, { 3, 1 } },
	{ 2, 0, "------SSS", { 2, 1, 1 }, { 1 } },
	{ 2, 0, "------SSS", { 2, 1, 1 }, { 12, 1 } },
	{ 2, 1, "-------DS", { 8, 7, 6 }, { 6, 1 } },
	{ 2, 2, "--------D", { 5, 4, 3 }, { 3, 1 } },
	{ 2, 2, "--------D", { 11, 10, 9 }, { 3, 1 } },
};

static const struct dd_template dd_l3t3_key[DD_MAKE_TEMPLATES] = {
	{ 0, 0, "SSSSSSSSS", { 0, 0, 0 }, { 0 } },
	{ 0, 0, "SSS------", { 12, 11, 10 }, { 12 } },
	{ 0, 1, "-DS------", { 6, 5, 4 }, { 6 } },
	{ 0, 2, "--D------", { 3, 2, 1 }, { 3 } },
	{ 0, 2, "--D------", { 9, 8, 7 }, { 3 } },
	{ 1, 0, "---SSSSSS", { 1, 1, 1 }, { 1 } },
	{ 1, 0, "---SSS---", { 1, 12, 11 }, { 12 } },
	{ 1, 1, "----DS---", { 7, 6, 5 }, { 6 } },
	{ 1, 2, "-----D---", { 4, 3, 2 }, { 3 } },
	{ 1, 2, "-----D---", { 10, 9, 8 }, { 3 } },
	{ 2, 0, "------SSS", { 2, 1, 1 }, { 1 } },
	{ 2, 0, "------SSS", { 2, 1, 12 }, { 12 } },
	{ 2, 1, "-------DS", { 8, 7, 6 }, { 6 } },
	{ 2, 2, "--------D", { 5, 4, 3 }, { 3 } },
	{ 2, 2, "--------D", { 11, 10, 9 }, { 3 } },
};

struct dd_bits { /* a writer; there is room */
	uint8_t *out;
	size_t at;
};

static inline void dd_put(struct dd_bits *b, unsigned width, uint32_t n)
{
	while (width-- > 0) {
		uint8_t bit = (uint8_t)(1u << (7 - b->at % 8));

		if (b->at % 8 == 0)
			b->out[b->at / 8] = 0;
		if (n >> width & 1)
			b->out[b->at / 8] |= bit;
		b->at++;
	}
}

static inline size_t dd_bytes(const struct dd_bits *b)
{
	return (b->at + 7) / 8;
}

static inline void dd_mandatory_put(struct dd_bits *b, bool is_start,
    bool is_end, unsigned template_id, unsigned number)
{
	dd_put(b, 1, is_start);
	dd_put(b, 1, is_end);
	dd_put(b, 6, template_id);
	dd_put(b, 16, number);
}

static inline void dd_layers_put(struct dd_bits *b, const struct dd_template *t)
{
	for (size_t i = 1; i < DD_MAKE_TEMPLATES; i++)
		dd_put(b, 2,
		    t[i].spatial != t[i - 1].spatial       ? 2 :
			t[i].temporal != t[i - 1].temporal ? 1 :
							     0);
	dd_put(b, 2, 3);
}

/* 9 targets; layers, uses, references, chains; no sizes. */
static inline void dd_structure_put(struct dd_bits *b,
    const struct dd_template *t)
{
	dd_put(b, 6, DD_MAKE_OFFSET);
	dd_put(b, 5, DD_MAKE_TARGETS - 1);
	dd_layers_put(b, t);
	for (size_t i = 0; i < DD_MAKE_TEMPLATES; i++) {
		for (size_t j = 0; j < DD_MAKE_TARGETS; j++)
			dd_put(b, 2,
			    (uint32_t)(strchr("-DSR", t[i].uses[j]) - "-DSR"));
	}
	for (size_t i = 0; i < DD_MAKE_TEMPLATES; i++) {
		for (size_t j = 0; j < 2 && t[i].refs[j]; j++)
			dd_put(b, 5, 0x10u | (t[i].refs[j] - 1u));
		dd_put(b, 1, 0);
	}
	dd_put(b, 3, DD_MAKE_CHAINS); /* ns(10): 3 is below 6 */
	for (size_t j = 0; j < DD_MAKE_TARGETS; j++) /* ns(3) */
		dd_put(b, j < 3 ? 1 : 2, j < 3 ? 0 : j < 6 ? 2 : 3);
	for (size_t i = 0; i < DD_MAKE_TEMPLATES; i++) {
		for (size_t j = 0; j < DD_MAKE_CHAINS; j++)
			dd_put(b, 4, t[i].chains[j]);
	}
	dd_put(b, 1, 0); /* no sizes */
}

/* Where a frame of a layer stands in the table; since: pictures since the key
 * picture, whose temporal layers are 0 2 1 2. */
static inline unsigned dd_template_of(unsigned spatial, unsigned since)
{
	static const uint8_t at[] = { 1, 3, 2, 4 };

	return spatial * 5 + (since == 0 ? 0 : at[since % 4]);
}

/* The descriptor of a packet; the key picture's first one has the structure. */
static inline size_t dd_make(const struct dd_template *t, unsigned at,
    unsigned number, bool is_start, bool is_end, uint8_t out[DD_MAKE_BYTES])
{
	struct dd_bits b = { out, 0 };

	dd_mandatory_put(&b, is_start, is_end, (DD_MAKE_OFFSET + at) % 64,
	    number);
	if (at == 0 && is_start) {
		dd_put(&b, 5, 0x10);
		dd_structure_put(&b, t);
	}
	return dd_bytes(&b);
}
