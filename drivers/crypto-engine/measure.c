/* measure.c - what a packet costs with an engine. */
#define _POSIX_C_SOURCE 200809L /* clock_gettime */
#include <stdlib.h>
#include <time.h>

#include "drivers/crypto-engine/engine_internal.h"

enum {
	TEXT_BYTES = 1188, /* a packet of 1200 without its header */
	HEADER_BYTES = 12,
	ROC_BYTES = 4, /* room for a tag, too */
	KEYS = 16,
	TURNS = 2, /* through all keys, a round */
	ROUNDS = 7
};

struct bench {
	struct engine_secret secret;
	void *states[KEYS];
	struct engine_job jobs[KEYS];
	uint8_t iv[ENGINE_CM_IV_BYTES], text[TEXT_BYTES];
	uint8_t out[KEYS][HEADER_BYTES + TEXT_BYTES + ENGINE_GCM_TAG_BYTES];
};

/* The thread's own time: neighbours disturb it less. */
static uint64_t now_ns(void)
{
	struct timespec t = { 0 };

	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void job_lay_out(struct bench *b, size_t i)
{
	uint8_t *out = b->out[i];

	b->jobs[i] = (struct engine_job){ .iv = b->iv,
		.aad = kk_view_of(out, HEADER_BYTES),
		.auth = kk_view_of(out, HEADER_BYTES + TEXT_BYTES + ROC_BYTES),
		.in = kk_view_of(b->text, TEXT_BYTES),
		.out = out + HEADER_BYTES,
		.tag = out + HEADER_BYTES + TEXT_BYTES,
		.state = b->states[i] };
}

static enum kk_err bench_init(struct bench *b, const struct engine *engine,
    enum engine_cipher cipher)
{
	enum kk_err err = KK_OK;

	for (size_t i = 0; !err && i < KEYS; i++) {
		b->secret.key[0] = (uint8_t)i;
		err = engine->ops->key_new(engine->device, &b->states[i],
		    cipher, &b->secret);
		job_lay_out(b, i);
	}
	return err;
}

static void bench_clear(struct bench *b, const struct engine *engine,
    enum engine_cipher cipher)
{
	for (size_t i = 0; i < KEYS; i++) {
		if (b->states[i])
			engine->ops->key_free(engine->device, cipher,
			    b->states[i]);
	}
}

static void turn_run(struct bench *b, const struct engine *engine,
    enum engine_cipher cipher, enum engine_mode mode)
{
	if (mode == ENGINE_MANY) {
		engine_ops_seal_many(engine, cipher, b->jobs, KEYS);
		return;
	}
	for (size_t i = 0; i < KEYS; i++)
		b->jobs[i].err = engine->ops->seal(engine->device, cipher,
		    &b->jobs[i]);
}

static int ns_compare(const void *a, const void *b)
{
	const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static uint32_t mode_measure(struct bench *b, const struct engine *engine,
    enum engine_cipher cipher, enum engine_mode mode)
{
	uint32_t ns[ROUNDS];

	turn_run(b, engine, cipher, mode); /* caches warm up */
	for (size_t round = 0; round < ROUNDS; round++) {
		const uint64_t start = now_ns();

		for (size_t turn = 0; turn < TURNS; turn++)
			turn_run(b, engine, cipher, mode);
		ns[round] = (uint32_t)((now_ns() - start) / (TURNS * KEYS));
	}
	qsort(ns, ROUNDS, sizeof(ns[0]), ns_compare);
	return ns[ROUNDS / 2] ? ns[ROUNDS / 2] : 1;
}

enum kk_err engine_measure(struct engine *engine, enum engine_cipher cipher)
{
	struct bench *b = kk_calloc(1, sizeof(*b));
	enum kk_err err;

	if (!b)
		return KK_ENOMEM;
	err = bench_init(b, engine, cipher);
	for (enum engine_mode m = 0; !err && m < ENGINE_MODE_COUNT; m++)
		engine->ns[cipher][m] = mode_measure(b, engine, cipher, m);
	bench_clear(b, engine, cipher);
	kk_free_wiped(b, sizeof(*b));
	return err;
}
