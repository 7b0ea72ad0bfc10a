/* vectors.h - known answers, from the RFCs.  Internal. */
#pragma once
#include "drivers/crypto-engine/engine_internal.h"

enum { ENGINE_VECTOR_MAX_BYTES = 128 };

/* head, text and tail follow one another: GCM's AAD is head; the run under
 * CM_SHA1's tag is head, what text became, and tail. */
struct engine_vector {
	enum engine_cipher cipher;
	struct engine_secret secret;
	uint8_t iv[ENGINE_CM_IV_BYTES];
	struct kk_view head, text, tail;
	uint8_t sealed[ENGINE_VECTOR_MAX_BYTES];
	uint8_t tag[ENGINE_GCM_TAG_BYTES];
};

extern const struct engine_vector engine_vectors[];
extern const size_t engine_vector_count;
