/*
 * engine.h - AES for packets, by whatever does it fastest on this machine.
 * Zones: forward, media, telephone.  One thread per set and all of its keys.
 *
 * When a set is made, each engine first proves itself: published vectors, then
 * the same answers as the others in many sizes.  Then it is measured, and for
 * each cipher the fastest serves: one for single jobs, one for runs of jobs
 * under different keys, which some engines work on side by side.  While it
 * serves, every so many jobs one is done by a second engine, too.  An engine
 * that was wrong, or failed, is out for good; its keys move to the next one at
 * their next job, and nobody above notices more than one lost packet.
 *
 * Source: RFC 3711, 4.1.1 and 4.2.1 (AES-CM, HMAC-SHA1); RFC 7714 (AES-GCM).
 */
#pragma once
#include "base/base.h"

enum engine_cipher {
	ENGINE_AES128_GCM,
	ENGINE_AES256_GCM,
	ENGINE_AES128_CM_SHA1, /* counter mode, then HMAC-SHA1 over a run */
	ENGINE_CIPHER_COUNT
};

enum engine_mode { ENGINE_ONE, ENGINE_MANY, ENGINE_MODE_COUNT };

enum {
	ENGINE_KEY_MAX_BYTES = 32,
	ENGINE_AUTH_KEY_BYTES = 20, /* of CM_SHA1 */
	ENGINE_GCM_IV_BYTES = 12,
	ENGINE_CM_IV_BYTES = 16,
	ENGINE_GCM_TAG_BYTES = 16,
	ENGINE_CM_TAG_BYTES = 10, /* what travels of the HMAC */
	ENGINE_RUN_MAX_BYTES = 4096 + 32, /* a text; an authenticated run */
	ENGINE_AAD_MAX_BYTES = 4096,
	ENGINE_MANY_MAX = 64, /* jobs of one call */
	ENGINE_ENGINES_MAX = 4
};

size_t engine_key_bytes(enum engine_cipher cipher); /* of the cipher's key */
const char *engine_cipher_name(enum engine_cipher cipher);

struct engine_set;
struct engine_key;
struct engine_sandbox; /* sandbox.h: faults, for tests */

struct engine_config {
	const struct kk_log
	    *log; /* borrowed while the set lives; may be NULL */
	/* The engine that shall serve, where it can; NULL: measure. */
	const char *wanted;
	/* Another set of this process, whose measurements are taken; borrowed
	 * during the call, in which that set's thread may work.  Tests are made
	 * all the same.  NULL: measure. */
	const struct engine_set *like;
	/* Every so many jobs, one is checked; 0: ENGINE_CHECK_EVERY. */
	unsigned check_every;
	struct engine_sandbox *sandbox; /* borrowed; NULL: none */
};

enum { ENGINE_CHECK_EVERY = 4096 };

/*
 * Opens, tests and measures: some milliseconds.  On success *setp is the
 * caller's; on error it is left alone.
 * Errors: KK_ENOMEM; KK_ENOENT the wanted engine is not here, or not fit;
 * KK_ECRYPTO a cipher has no engine at all.
 */
MUST_CHECK enum kk_err engine_set_new(struct engine_set **setp,
    const struct engine_config *config);
/* All keys are gone by then.  NULL is fine. */
void engine_set_free(struct engine_set *set);

struct engine_report { /* for metrics */
	const char *name;
	bool is_here; /* is on this machine at all */
	bool is_out; /* failed its tests, or was wrong since */
	/* Median time for a packet of 1200 bytes, 0: does not do this. */
	uint32_t ns[ENGINE_CIPHER_COUNT][ENGINE_MODE_COUNT];
	bool serves[ENGINE_CIPHER_COUNT][ENGINE_MODE_COUNT];
	uint64_t jobs, checks, faults; /* since the set was made */
};

size_t engine_set_count(const struct engine_set *set);
/* index is less than the count. */
void engine_set_report(const struct engine_set *set, size_t index,
    struct engine_report *report);

/*
 * A key; key and auth (CM_SHA1 alone has one, of ENGINE_AUTH_KEY_BYTES) are
 * copied.  An engine sees it with its first job.  On success *keyp is the
 * caller's; on error it is left alone.
 * Errors: KK_EINVAL a length; KK_ENOMEM.
 */
MUST_CHECK enum kk_err engine_key_new(struct engine_key **keyp,
    struct engine_set *set, enum engine_cipher cipher, struct kk_view key,
    struct kk_view auth);
void engine_key_free(struct engine_key *key); /* wipes; NULL is fine */

/*
 * GCM seals `in` into out and writes the tag.  CM_SHA1 does so too, and the tag
 * is that of the run `auth`, which the caller has laid out: when sealing, out
 * lies inside it and is written before the tag is computed, and the tag may
 * stand over the last bytes of the run.  `in` may be out itself; else they do
 * not overlap.  Opening, tag is only read, and may stand anywhere.
 */
struct engine_job {
	struct engine_key *key;
	const uint8_t *iv; /* 12 or 16 bytes */
	struct kk_view aad; /* GCM */
	struct kk_view auth; /* CM_SHA1 */
	struct kk_view in;
	uint8_t *out; /* in.bytes */
	uint8_t *tag; /* 16 bytes (GCM), or 10 */
	enum kk_err err; /* of engine_seal_many() */
	void *state; /* the engine's */
};

/*
 * After an error out holds nothing to be used.
 * Errors: KK_EINVAL a run too long; KK_EAUTH (opening) not this tag;
 * KK_ENOMEM; KK_ECRYPTO the engine failed, and another will do the next job.
 */
MUST_CHECK enum kk_err engine_seal(struct engine_set *set,
    struct engine_job *job);
MUST_CHECK enum kk_err engine_open(struct engine_set *set,
    struct engine_job *job);
/* Seals under many keys, in any mixture of ciphers; each job has its err.
 * Jobs are independent: none reads what another writes. */
void engine_seal_many(struct engine_set *set, struct engine_job *jobs,
    size_t count);

/*
 * The key stream of AES in counter mode, for key derivation.  key has 16 or 32
 * bytes, iv 16.  Errors: KK_EINVAL; KK_ECRYPTO.
 */
MUST_CHECK enum kk_err engine_keystream(struct engine_set *set,
    struct kk_view key, const uint8_t *iv, uint8_t *out, size_t bytes);
