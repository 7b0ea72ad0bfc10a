/* libs: drivers-crypto-engine */
/*
 * srtp.c - what sealing and opening a packet costs: libsrtp2 and each engine,
 * profile by profile, for large packets and small ones, alone and many at once.
 *
 * CPU time of this process, so that neighbours on the machine disturb it
 * little.  All take turns, and the median of the rounds counts.  A receiver has
 * a key of its own, so packets go round through as many objects.
 */
#define _POSIX_C_SOURCE 200809L /* clock_gettime */
#include "srtp/srtp.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "drivers/crypto-engine/engine.h"
#include "wire/rtp.h"

enum {
	RECEIVERS = 60,
	TURNS = 10, /* packets to each receiver, a round */
	ROUNDS = 15,
	PACKET_MAX_BYTES = 1200,
	SEALED_BYTES = PACKET_MAX_BYTES + SRTP_OVERHEAD_BYTES,
	HEADER_BYTES = 12,
	BACKENDS_MAX = 1 + ENGINE_ENGINES_MAX
};

enum { SEAL, SEAL_MANY, OPEN, COLUMNS };

struct bench { /* of one backend */
	const char *name;
	struct engine_set *engines; /* NULL: libsrtp2 */
	struct srtp_tx *tx[RECEIVERS];
	struct srtp_rx *rx[RECEIVERS];
	uint16_t seq;
	uint8_t headers[RECEIVERS][HEADER_BYTES];
	uint8_t sealed[RECEIVERS][SEALED_BYTES];
	size_t sealed_bytes[RECEIVERS];
	double us[COLUMNS][ROUNDS];
	size_t memory_bytes; /* of an object that has sent and received */
};

static uint8_t payload[PACKET_MAX_BYTES], opened[SEALED_BYTES];

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

/* --- rounds --------------------------------------------------------------- */

static void headers_make(struct bench *b)
{
	const struct wire_rtp_rewrite to = { 96, b->seq++, 0, 1 };

	for (size_t i = 0; i < RECEIVERS; i++) {
		b->headers[i][0] = 0x80; /* version 2, no more than a header */
		must(wire_rtp_rewrite(b->headers[i], HEADER_BYTES, &to));
	}
}

static void turn_seal(struct bench *b, size_t packet_bytes)
{
	headers_make(b);
	for (size_t i = 0; i < RECEIVERS; i++) {
		b->sealed_bytes[i] = SEALED_BYTES;
		must(srtp_tx_seal_parts(b->tx[i],
		    kk_view_of(b->headers[i], HEADER_BYTES),
		    kk_view_of(payload, packet_bytes - HEADER_BYTES),
		    b->sealed[i], &b->sealed_bytes[i]));
	}
}

static void turn_seal_many(struct bench *b, size_t packet_bytes)
{
	struct srtp_seal seals[RECEIVERS];

	headers_make(b);
	for (size_t i = 0; i < RECEIVERS; i++)
		seals[i] = (struct srtp_seal){ .tx = b->tx[i],
			.header = kk_view_of(b->headers[i], HEADER_BYTES),
			.payload = kk_view_of(payload,
			    packet_bytes - HEADER_BYTES),
			.out = b->sealed[i],
			.out_bytes = SEALED_BYTES };
	srtp_seal_many(seals, RECEIVERS);
	for (size_t i = 0; i < RECEIVERS; i++) {
		must(seals[i].err);
		b->sealed_bytes[i] = seals[i].out_bytes;
	}
}

static void turn_open(struct bench *b, size_t packet_bytes)
{
	(void)packet_bytes;
	for (size_t i = 0; i < RECEIVERS; i++) {
		size_t bytes = sizeof(opened);

		must(srtp_rx_open_rtp(b->rx[i],
		    kk_view_of(b->sealed[i], b->sealed_bytes[i]), opened,
		    &bytes));
	}
}

static void round_run(struct bench *b, size_t round, size_t packet_bytes)
{
	static void (*const runs[COLUMNS])(struct bench *b,
	    size_t packet_bytes) = { turn_seal, turn_seal_many, turn_open };
	double us[COLUMNS] = { 0 };

	for (size_t turn = 0; turn < TURNS; turn++) {
		for (size_t column = 0; column < COLUMNS; column++) {
			const double start = now_us();

			runs[column](b, packet_bytes);
			us[column] += now_us() - start;
		}
	}
	for (size_t column = 0; column < COLUMNS; column++)
		b->us[column][round] = us[column] / (TURNS * RECEIVERS);
}

/* --- a table -------------------------------------------------------------- */

static void objects_make(struct bench *b, enum srtp_profile profile)
{
	const size_t before = mallinfo2().uordblks;

	for (size_t i = 0; i < RECEIVERS; i++) {
		uint8_t bytes[SRTP_KEY_MAX_BYTES] = { (uint8_t)i, 2, 3 };
		struct kk_view key = kk_view_of(bytes, srtp_key_bytes(profile));
		struct kk_view salt = kk_view_of(bytes,
		    srtp_salt_bytes(profile));

		if (b->engines) {
			must(srtp_tx_new_on(&b->tx[i], b->engines, profile, key,
			    salt, 4));
			must(srtp_rx_new_on(&b->rx[i], b->engines, profile, key,
			    salt, 4));
		} else {
			must(srtp_tx_new(&b->tx[i], profile, key, salt, 4));
			must(srtp_rx_new(&b->rx[i], profile, key, salt, 4));
		}
	}
	b->seq = 0;
	round_run(b, 0, PACKET_MAX_BYTES);
	b->memory_bytes = (mallinfo2().uordblks - before) / RECEIVERS;
}

static void objects_free(struct bench *b)
{
	for (size_t i = 0; i < RECEIVERS; i++) {
		srtp_tx_free(b->tx[i]);
		srtp_rx_free(b->rx[i]);
	}
}

static int double_compare(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void line_print(struct bench *b, enum srtp_profile profile,
    size_t packet_bytes)
{
	printf("%-24s %5zu %-10s", srtp_profile_name(profile), packet_bytes,
	    b->name);
	for (size_t column = 0; column < COLUMNS; column++) {
		qsort(b->us[column], ROUNDS, sizeof(b->us[column][0]),
		    double_compare);
		printf(" %7.2f", b->us[column][ROUNDS / 2]);
	}
	printf(" %8zu\n", b->memory_bytes);
}

static void profile_run(struct bench *benches, size_t count,
    enum srtp_profile profile)
{
	static const size_t sizes[] = { PACKET_MAX_BYTES, 120 };

	for (size_t i = 0; i < count; i++)
		objects_make(&benches[i], profile);
	for (size_t s = 0; s < KK_ARRAY_LEN(sizes); s++) {
		for (size_t round = 0; round < ROUNDS; round++) {
			for (size_t i = 0; i < count; i++)
				round_run(&benches[i], round, sizes[s]);
		}
		for (size_t i = 0; i < count; i++)
			line_print(&benches[i], profile, sizes[s]);
	}
	for (size_t i = 0; i < count; i++)
		objects_free(&benches[i]);
}

/* libsrtp2, each engine by itself, and what the start's measurement takes. */
static size_t benches_make(struct bench *benches)
{
	const struct engine_config measured = { .log = NULL };
	struct engine_report report;
	size_t count = 0;

	must(srtp_library_init());
	benches[count++].name = "libsrtp2";
	must(engine_set_new(&benches[count].engines, &measured));
	benches[count].name = "measured";
	count++;
	for (size_t i = 0; i < engine_set_count(benches[1].engines); i++) {
		struct engine_config config = { .log = NULL };

		engine_set_report(benches[1].engines, i, &report);
		config.wanted = report.name;
		if (!report.is_here || report.is_out)
			continue;
		must(engine_set_new(&benches[count].engines, &config));
		benches[count].name = report.name;
		count++;
	}
	return count;
}

int main(void)
{
	static struct bench benches[BACKENDS_MAX + 1];
	size_t count = benches_make(benches);

	printf("us of CPU for a packet; bytes of memory for a receiver's two "
	       "objects\n%-24s %5s %-10s %7s %7s %7s %8s\n",
	    "", "bytes", "", "seal", "many", "open", "memory");
	profile_run(benches, count, SRTP_PROFILE_AEAD_AES_128_GCM);
	profile_run(benches, count, SRTP_PROFILE_AEAD_AES_256_GCM);
	profile_run(benches, count, SRTP_PROFILE_AES128_CM_SHA1_80);
	for (size_t i = 1; i < count; i++)
		engine_set_free(benches[i].engines);
	return 0;
}
