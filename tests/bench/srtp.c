/*
 * srtp.c - what sealing and opening a packet costs, profile by profile.
 *
 * CPU time of this process, so that neighbours on the machine disturb it
 * little; the median of several rounds, for the same reason.
 */
#define _POSIX_C_SOURCE 200809L /* clock_gettime */
#include "srtp/srtp.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "wire/rtp.h"

enum {
	PACKET_BYTES = 1200,
	PACKETS = 2000, /* a round */
	ROUNDS = 9,
	SEALED_BYTES = PACKET_BYTES + SRTP_OVERHEAD_BYTES
};

struct bench {
	struct srtp_tx *tx;
	struct srtp_rx *rx;
	uint16_t seq;
	uint8_t plain[PACKET_BYTES], opened[SEALED_BYTES];
	uint8_t sealed[PACKETS][SEALED_BYTES];
	size_t sealed_bytes[PACKETS];
};

static void must(enum kk_err err)
{
	if (!err)
		return;
	(void)fprintf(stderr, "bench-srtp: %s\n", kk_err_text(err));
	exit(1);
}

static double now_us(void)
{
	struct timespec t;

	if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t))
		must(KK_EIO);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void bench_init(struct bench *b, enum srtp_profile profile)
{
	static const uint8_t bytes[SRTP_KEY_MAX_BYTES] = { 1, 2, 3 };
	struct kk_view key = kk_view_of(bytes, srtp_key_bytes(profile));
	struct kk_view salt = kk_view_of(bytes, srtp_salt_bytes(profile));

	must(srtp_tx_new(&b->tx, profile, key, salt, 1));
	must(srtp_rx_new(&b->rx, profile, key, salt, 1));
	b->seq = 0;
	b->plain[0] = 0x80; /* version 2, no more than a header */
}

static double seal_round(struct bench *b)
{
	double start = now_us();

	for (size_t i = 0; i < PACKETS; i++) {
		const struct wire_rtp_rewrite to = { 96, b->seq++, 0, 1 };

		must(wire_rtp_rewrite(b->plain, sizeof(b->plain), &to));
		b->sealed_bytes[i] = SEALED_BYTES;
		must(srtp_tx_seal_rtp(b->tx,
		    kk_view_of(b->plain, sizeof(b->plain)), b->sealed[i],
		    &b->sealed_bytes[i]));
	}
	return (now_us() - start) / PACKETS;
}

static double open_round(struct bench *b)
{
	double start = now_us();

	for (size_t i = 0; i < PACKETS; i++) {
		size_t opened_bytes = sizeof(b->opened);

		must(srtp_rx_open_rtp(b->rx,
		    kk_view_of(b->sealed[i], b->sealed_bytes[i]), b->opened,
		    &opened_bytes));
	}
	return (now_us() - start) / PACKETS;
}

static int double_compare(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void profile_run(struct bench *b, enum srtp_profile profile)
{
	double seal_us[ROUNDS], open_us[ROUNDS];

	bench_init(b, profile);
	for (size_t i = 0; i < ROUNDS; i++) {
		seal_us[i] = seal_round(b);
		open_us[i] = open_round(b);
	}
	qsort(seal_us, ROUNDS, sizeof(seal_us[0]), double_compare);
	qsort(open_us, ROUNDS, sizeof(open_us[0]), double_compare);
	printf("%-24s %6.2f %6.2f\n", srtp_profile_name(profile),
	    seal_us[ROUNDS / 2], open_us[ROUNDS / 2]);
	srtp_tx_free(b->tx);
	srtp_rx_free(b->rx);
}

int main(void)
{
	static struct bench b;

	must(srtp_library_init());
	printf("us of CPU for a packet of %d bytes\n", PACKET_BYTES);
	printf("%-24s %6s %6s\n", "", "seal", "open");
	profile_run(&b, SRTP_PROFILE_AEAD_AES_256_GCM);
	profile_run(&b, SRTP_PROFILE_AEAD_AES_128_GCM);
	profile_run(&b, SRTP_PROFILE_AES128_CM_SHA1_80);
	return 0;
}
