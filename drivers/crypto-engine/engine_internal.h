/* engine_internal.h - what an engine has to do.  Internal. */
#pragma once
#include "drivers/crypto-engine/engine.h"

struct engine_secret { /* of one key */
	uint8_t key[ENGINE_KEY_MAX_BYTES];
	uint8_t auth[ENGINE_AUTH_KEY_BYTES];
};

/* Jobs have been checked; their state is this engine's.  open may leave
 * anything in out after an error. */
struct engine_ops {
	const char *name;
	/* Errors: KK_EUNSUP not on this machine; KK_ENOMEM; KK_ECRYPTO. */
	enum kk_err (*device_new)(void **devicep, void *arg);
	void (*device_free)(void *device);
	bool (*has)(void *device, enum engine_cipher cipher);
	enum kk_err (*key_new)(void *device, void **statep,
	    enum engine_cipher cipher, const struct engine_secret *secret);
	void (*key_free)(void *device, enum engine_cipher cipher,
	    void *state); /* wipes */
	enum kk_err (*seal)(void *device, enum engine_cipher cipher,
	    struct engine_job *job);
	enum kk_err (*open)(void *device, enum engine_cipher cipher,
	    struct engine_job *job);
	/* Sets each err.  NULL: one after another. */
	void (*seal_many)(void *device, enum engine_cipher cipher,
	    struct engine_job *jobs, size_t count);
};

extern const struct engine_ops engine_ipsec_mb;
extern const struct engine_ops engine_ossl;
extern const struct engine_ops engine_af_alg;
extern const struct engine_ops engine_sandbox_ops;

enum kk_err engine_ossl_keystream(void *device, struct kk_view key,
    const uint8_t *iv, uint8_t *out, size_t bytes);

struct engine { /* one of a set */
	const struct engine_ops *ops;
	void *device; /* NULL: not on this machine */
	bool can[ENGINE_CIPHER_COUNT]; /* has it, and has proved it */
	bool is_out;
	uint32_t ns[ENGINE_CIPHER_COUNT][ENGINE_MODE_COUNT];
	uint64_t jobs, checks, faults;
};

struct engine_set {
	const struct kk_log *log;
	const char *wanted;
	unsigned check_every, since_check;
	bool is_ready; /* tested and chosen */
	size_t count;
	struct engine engines[ENGINE_ENGINES_MAX];
	size_t ossl; /* place of the one that is always there */
	/* Place of the one that serves. */
	size_t serving[ENGINE_CIPHER_COUNT][ENGINE_MODE_COUNT];
	uint8_t scratch[ENGINE_RUN_MAX_BYTES]; /* a checker's output */
};

struct engine_key {
	struct engine_set *set;
	enum engine_cipher cipher;
	struct engine_secret secret;
	void *state[ENGINE_ENGINES_MAX]; /* made with the first job */
};

static inline size_t engine_tag_bytes(enum engine_cipher cipher)
{
	return cipher == ENGINE_AES128_CM_SHA1 ? ENGINE_CM_TAG_BYTES :
						 ENGINE_GCM_TAG_BYTES;
}

/* selftest.c: vectors alone, and with an engine that has passed them. */
MUST_CHECK enum kk_err engine_vectors_check(struct engine *engine,
    enum engine_cipher cipher);
MUST_CHECK enum kk_err engine_agree_check(struct engine *engine,
    struct engine *with, enum engine_cipher cipher);

/* measure.c: sets ns of an engine. */
MUST_CHECK enum kk_err engine_measure(struct engine *engine,
    enum engine_cipher cipher);

/* engine.c: it is out; who serves is chosen again. */
void engine_take_out(struct engine_set *set, struct engine *engine,
    const char *why);
/* Place of the best one, apart from one; ENGINE_ENGINES_MAX: none is left. */
size_t engine_best(const struct engine_set *set, enum engine_cipher cipher,
    enum engine_mode mode, size_t apart);

/* seal_many, or seal for each. */
void engine_ops_seal_many(const struct engine *engine,
    enum engine_cipher cipher, struct engine_job *jobs, size_t count);
