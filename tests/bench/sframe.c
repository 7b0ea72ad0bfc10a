/*
 * sframe.c - what sealing and opening a frame costs, suite by suite.
 *
 * CPU time of this process, so that neighbours on the machine disturb it
 * little; the median of several rounds, for the same reason.
 */
#define _POSIX_C_SOURCE 200809L /* clock_gettime */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "crypto/crypto.h"
#include "sframe/sframe.h"

enum {
	FRAME_BYTES = 1200, /* a full packet's payload */
	FRAMES = 2000, /* a round */
	ROUNDS = 9,
	SEALED_BYTES = FRAME_BYTES + SFRAME_OVERHEAD_BYTES,
	FIRST = SFRAME_AES_128_CTR_HMAC_SHA256_80,
	LAST = SFRAME_AES_256_CTR_HMAC_SHA512_32
};

struct bench {
	struct sframe_epoch *epoch;
	struct sframe_tx *tx;
	struct sframe_rx *rx;
	uint8_t plain[FRAME_BYTES];
	uint8_t sealed[FRAMES][SEALED_BYTES];
	size_t sealed_bytes[FRAMES];
};

static void must(enum kk_err err)
{
	if (!err)
		return;
	(void)fprintf(stderr, "bench-sframe: %s\n", kk_err_text(err));
	exit(1);
}

static double now_us(void)
{
	struct timespec t;

	if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t))
		must(KK_EIO);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void bench_init(struct bench *b, enum sframe_suite suite)
{
	static const uint8_t members[] = { 1 };
	uint8_t key[SFRAME_BASE_KEY_MAX_BYTES] = { 0 };
	struct kk_view base_key = kk_view_of(key, sframe_base_key_bytes(suite));

	must(sframe_epoch_new(&b->epoch, suite, 1, 0, base_key));
	must(sframe_epoch_tx_take(b->epoch, 0, 0, &b->tx));
	must(sframe_rx_new(&b->rx, suite));
	must(sframe_rx_epoch_add(b->rx, 1, base_key,
	    kk_view_of(members, sizeof(members))));
}

static void bench_clear(struct bench *b)
{
	sframe_tx_free(b->tx);
	sframe_epoch_free(b->epoch);
	sframe_rx_free(b->rx);
}

static double seal_us(struct bench *b)
{
	double start_us = now_us();

	for (size_t i = 0; i < FRAMES; i++) {
		b->sealed_bytes[i] = SEALED_BYTES;
		must(sframe_tx_seal(b->tx, kk_view_of(b->plain, FRAME_BYTES), 0,
		    b->sealed[i], &b->sealed_bytes[i]));
	}
	return (now_us() - start_us) / FRAMES;
}

static double open_us(struct bench *b)
{
	double start_us = now_us();

	for (size_t i = 0; i < FRAMES; i++) {
		size_t bytes = FRAME_BYTES;

		must(sframe_rx_open(b->rx,
		    kk_view_of(b->sealed[i], b->sealed_bytes[i]), 0, b->plain,
		    &bytes, NULL));
	}
	return (now_us() - start_us) / FRAMES;
}

static int double_compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *values)
{
	qsort(values, ROUNDS, sizeof(*values), double_compare);
	return values[ROUNDS / 2];
}

static void suite_measure(struct bench *b, enum sframe_suite suite)
{
	double seals[ROUNDS], opens[ROUNDS];

	bench_init(b, suite);
	for (size_t round = 0; round < ROUNDS; round++) {
		seals[round] = seal_us(b);
		opens[round] = open_us(b);
	}
	printf("%-28s %8.2f %8.2f %8zu\n", sframe_suite_name(suite),
	    median(seals), median(opens), b->sealed_bytes[0] - FRAME_BYTES);
	bench_clear(b);
}

int main(void)
{
	static struct bench b;

	must(crypto_init());
	printf("%d byte frames, CPU us a frame, median of %d rounds of %d\n",
	    FRAME_BYTES, ROUNDS, FRAMES);
	printf("%-28s %8s %8s %8s\n", "suite", "seal", "open", "overhead");
	for (unsigned n = FIRST; n <= LAST; n++)
		suite_measure(&b, (enum sframe_suite)n);
	return 0;
}
