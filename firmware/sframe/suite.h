/* suite.h - the constants of each suite.  Internal. */
#pragma once
#include "crypto/crypto.h"
#include "sframe/sframe.h"

enum {
	SFRAME_NONCE_BYTES = 12, /* Nn of every suite (RFC 9605, 4.5) */
	SFRAME_KEY_MAX_BYTES = 96, /* Nk of suites 6-8 */
	SFRAME_TAG_MAX_BYTES = 16
};

struct sframe_params {
	enum sframe_suite suite;
	const char *name;
	enum crypto_hash hash;
	enum crypto_aead aead; /* 0: AES-CTR with HMAC (RFC 9605, 4.5.1) */
	size_t hash_bytes; /* Nh */
	size_t aes_key_bytes; /* Nka */
	size_t key_bytes; /* Nk */
	size_t tag_bytes; /* Nt */
};

/* Constant, no release; NULL when the suite does not exist. */
const struct sframe_params *sframe_params_get(enum sframe_suite suite);

/* Whether a base key of this length may be used in the product: as long as the
 * exporter or the ratchet makes them (RFC 9605, 5.2 and 5.1). */
bool sframe_base_key_fits(const struct sframe_params *params, size_t bytes);
