/* selftest.c - what an engine has to show before it may serve. */
#include <string.h>

#include "drivers/crypto-engine/engine_internal.h"
#include "drivers/crypto-engine/vectors.h"

enum { MANY = 17 }; /* more than any engine has lanes */

/* --- published vectors ---------------------------------------------------- */

struct trial { /* head, text and tail, where a packet has them */
	uint8_t run[ENGINE_VECTOR_MAX_BYTES];
	uint8_t opened[ENGINE_VECTOR_MAX_BYTES];
	uint8_t tag[ENGINE_GCM_TAG_BYTES];
};

static struct engine_job trial_seal_job(struct trial *t,
    const struct engine_vector *v, void *state)
{
	const size_t run_bytes = v->head.bytes + v->text.bytes + v->tail.bytes;

	memset(t, 0, sizeof(*t));
	if (v->head.bytes)
		memcpy(t->run, v->head.data, v->head.bytes);
	if (v->tail.bytes)
		memcpy(t->run + v->head.bytes + v->text.bytes, v->tail.data,
		    v->tail.bytes);
	return (struct engine_job){ .iv = v->iv,
		.aad = v->head,
		.auth = kk_view_of(t->run, run_bytes),
		.in = v->text,
		.out = t->run + v->head.bytes,
		.tag = t->tag,
		.err = KK_ECRYPTO,
		.state = state };
}

static bool is_sealed(const struct trial *t, const struct engine_vector *v)
{
	return (v->text.bytes == 0 ||
		   memcmp(t->run + v->head.bytes, v->sealed, v->text.bytes) ==
		       0) &&
	    memcmp(t->tag, v->tag, engine_tag_bytes(v->cipher)) == 0;
}

static enum kk_err trial_open(const struct engine *engine, struct trial *t,
    const struct engine_vector *v, void *state)
{
	struct engine_job job = trial_seal_job(t, v, state);

	if (v->text.bytes)
		memcpy(job.out, v->sealed, v->text.bytes);
	memcpy(t->tag, v->tag, engine_tag_bytes(v->cipher));
	job.in.data = job.out;
	job.out = t->opened;
	return engine->ops->open(engine->device, v->cipher, &job);
}

/* The tag, with each of its bits turned once. */
static bool refuses(const struct engine *engine, const struct engine_vector *v,
    void *state)
{
	struct engine_vector bad = *v;
	struct trial t;

	for (size_t bit = 0; bit < engine_tag_bytes(v->cipher) * 8; bit++) {
		memcpy(bad.tag, v->tag, sizeof(bad.tag));
		bad.tag[bit / 8] ^= (uint8_t)(1u << bit % 8);
		if (trial_open(engine, &t, &bad, state) != KK_EAUTH)
			return false;
	}
	return true;
}

static bool vector_check(const struct engine *engine,
    const struct engine_vector *v, void *state)
{
	struct trial trials[MANY], *t = &trials[0];
	struct engine_job jobs[MANY];

	jobs[0] = trial_seal_job(t, v, state);
	if (engine->ops->seal(engine->device, v->cipher, &jobs[0]) ||
	    !is_sealed(t, v))
		return false;
	if (trial_open(engine, t, v, state) ||
	    (v->text.bytes &&
		memcmp(t->opened, v->text.data, v->text.bytes) != 0) ||
	    !refuses(engine, v, state))
		return false;
	for (size_t i = 0; i < MANY; i++)
		jobs[i] = trial_seal_job(&trials[i], v, state);
	engine_ops_seal_many(engine, v->cipher, jobs, MANY);
	for (size_t i = 0; i < MANY; i++) {
		if (jobs[i].err || !is_sealed(&trials[i], v))
			return false;
	}
	return true;
}

enum kk_err engine_vectors_check(struct engine *engine,
    enum engine_cipher cipher)
{
	for (size_t i = 0; i < engine_vector_count; i++) {
		const struct engine_vector *v = &engine_vectors[i];
		void *state = NULL;
		enum kk_err err;
		bool is_good;

		if (v->cipher != cipher)
			continue;
		err = engine->ops->key_new(engine->device, &state, cipher,
		    &v->secret);
		if (err)
			return err;
		is_good = vector_check(engine, v, state);
		engine->ops->key_free(engine->device, cipher, state);
		if (!is_good)
			return KK_ECRYPTO;
	}
	return KK_OK;
}

/* --- sizes ---------------------------------------------------------------- */

/* About the edges of blocks, of vector registers, of packets. */
static const uint16_t sizes[] = { 0, 1, 15, 16, 17, 31, 32, 33, 47, 48, 55, 63,
	64, 65, 119, 127, 128, 129, 191, 255, 256, 257, 511, 512, 513, 767,
	1000, 1024, 1188, 1400, 1472, 4084 };

enum {
	SIZES = KK_ARRAY_LEN(sizes),
	HEADER_MAX_BYTES = 12 + 4 * 15, /* RFC 3550, 5.1 */
	AREA_BYTES = 4200
};

struct agreement {
	struct engine_secret secret;
	void *state, *with_state;
	uint8_t iv[ENGINE_CM_IV_BYTES], text[AREA_BYTES];
	uint8_t ours[SIZES][AREA_BYTES], theirs[SIZES][AREA_BYTES];
	uint8_t our_tags[SIZES][ENGINE_GCM_TAG_BYTES];
	uint8_t their_tags[SIZES][ENGINE_GCM_TAG_BYTES];
};

static struct engine_job size_job(struct agreement *a, size_t i, uint8_t *area,
    uint8_t *tag, void *state)
{
	const size_t head_bytes = 12 + 4 * (i % 16);

	memcpy(area, a->text, head_bytes);
	return (struct engine_job){ .iv = a->iv,
		.aad = kk_view_of(area, head_bytes),
		.auth = kk_view_of(area, head_bytes + sizes[i] + 4),
		.in = kk_view_of(a->text + i, sizes[i]),
		.out = area + head_bytes,
		.tag = tag,
		.err = KK_ECRYPTO,
		.state = state };
}

static bool is_equal(const struct agreement *a, size_t i,
    enum engine_cipher cipher)
{
	return memcmp(a->ours[i], a->theirs[i], AREA_BYTES) == 0 &&
	    memcmp(a->our_tags[i], a->their_tags[i],
		engine_tag_bytes(cipher)) == 0;
}

/* Seals alone and in place, and opens the other's. */
static bool size_check(struct agreement *a, const struct engine *engine,
    const struct engine *with, enum engine_cipher cipher, size_t i)
{
	struct engine_job ours = size_job(a, i, a->ours[i], a->our_tags[i],
	    a->state);
	struct engine_job theirs = size_job(a, i, a->theirs[i],
	    a->their_tags[i], a->with_state);

	if (with->ops->seal(with->device, cipher, &theirs))
		return false;
	memcpy(ours.out, ours.in.data, ours.in.bytes);
	ours.in.data = ours.out;
	if (engine->ops->seal(engine->device, cipher, &ours) ||
	    !is_equal(a, i, cipher) ||
	    engine->ops->open(engine->device, cipher, &ours))
		return false;
	return memcmp(ours.out, theirs.in.data, ours.in.bytes) == 0;
}

static bool many_check(struct agreement *a, const struct engine *engine,
    enum engine_cipher cipher)
{
	struct engine_job jobs[SIZES];

	memset(a->ours, 0, sizeof(a->ours));
	for (size_t i = 0; i < SIZES; i++)
		jobs[i] = size_job(a, i, a->ours[i], a->our_tags[i], a->state);
	engine_ops_seal_many(engine, cipher, jobs, SIZES);
	for (size_t i = 0; i < SIZES; i++) {
		if (jobs[i].err || !is_equal(a, i, cipher))
			return false;
	}
	return true;
}

static void agreement_init(struct agreement *a)
{
	for (size_t i = 0; i < sizeof(a->text); i++)
		a->text[i] = (uint8_t)(i * 7 + i / 256);
	for (size_t i = 0; i < sizeof(a->secret.key); i++)
		a->secret.key[i] = (uint8_t)(0x80 + 3 * i);
	for (size_t i = 0; i < sizeof(a->secret.auth); i++)
		a->secret.auth[i] = (uint8_t)(5 * i);
	for (size_t i = 0; i < ENGINE_GCM_IV_BYTES; i++)
		a->iv[i] = (uint8_t)(0xff - 0x11 * i);
}

static enum kk_err agreement_check(struct agreement *a,
    const struct engine *engine, const struct engine *with,
    enum engine_cipher cipher)
{
	enum kk_err err = engine->ops->key_new(engine->device, &a->state,
	    cipher, &a->secret);

	if (!err)
		err = with->ops->key_new(with->device, &a->with_state, cipher,
		    &a->secret);
	if (err)
		return err;
	for (size_t i = 0; i < SIZES; i++) {
		if (!size_check(a, engine, with, cipher, i))
			return KK_ECRYPTO;
	}
	return many_check(a, engine, cipher) ? KK_OK : KK_ECRYPTO;
}

enum kk_err engine_agree_check(struct engine *engine, struct engine *with,
    enum engine_cipher cipher)
{
	struct agreement *a = kk_calloc(1, sizeof(*a));
	enum kk_err err;

	if (!a)
		return KK_ENOMEM;
	agreement_init(a);
	err = agreement_check(a, engine, with, cipher);
	if (a->state)
		engine->ops->key_free(engine->device, cipher, a->state);
	if (a->with_state)
		with->ops->key_free(with->device, cipher, a->with_state);
	kk_free(a);
	return err;
}
