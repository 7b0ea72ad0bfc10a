/*
 * pipeline.c - a box's media with encryption and without, one after the other
 * in the same run: 720p up, nine members down, composed to 720p.
 *
 * Without it calls to seal and to open copy (switch.h); all else is the same.
 * CPU time of this process, medians of rounds.
 */
#define _POSIX_C_SOURCE 200809L /* clock_gettime */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "crypto/crypto.h"
#include "load.h"
#include "pipelines/graphs/studio.h"

enum {
	PAIRS = 13,
	ROUND_MS = 2000,
	GAP_MS = 400, /* in which a round's packets are made */
	EPOCH_MEMBERS = 1 + LOAD_MEMBERS,
	HOP_SSRCS = 2 * EPOCH_MEMBERS
};

struct box {
	struct studio *studio;
	struct vault *vaults[LOAD_MEMBERS];
	struct srtp_tx *forwarder, *up;
	struct srtp_rx *down;
	GMutex lock; /* of up */
	gint asks;
	struct load *load;
	int64_t zero_us; /* of the load's time */
	uint64_t now_ms; /* on it */
};

struct round {
	double cpu_ms; /* of a second */
	double crypto_ms[SWITCH_CALLS], calls[SWITCH_CALLS];
	double pictures; /* of a member in a second, the fewest */
	double up_packets; /* a second */
};

static void must(enum kk_err err)
{
	if (err)
		g_error("bench: %s", kk_err_text(err));
}

static double cpu_ms(void)
{
	struct timespec t = { 0 };

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void packet_sent(void *arg, struct kk_view packet)
{
	uint8_t out[STUDIO_PACKET_MAX_BYTES + SRTP_OVERHEAD_BYTES];
	size_t bytes = sizeof(out);
	struct box *b = arg;

	g_mutex_lock(&b->lock);
	must(srtp_tx_seal_rtp(b->up, packet, out, &bytes));
	g_mutex_unlock(&b->lock);
}

static void key_frame_asked(void *arg, uint32_t ssrc)
{
	struct box *b = arg;

	(void)ssrc;
	g_atomic_int_inc(&b->asks);
}

static void changed(void *arg)
{
	(void)arg;
}

static struct vault_epoch epoch_of(uint32_t leaf)
{
	static const uint8_t base_key[SFRAME_BASE_KEY_MAX_BYTES] = { 7 };
	static const uint8_t members[] = { 0xff, 0x03 };
	const enum sframe_suite suite = SFRAME_AES_256_GCM_SHA512_128;

	return (struct vault_epoch){ .epoch = SWITCH_SEALED_EPOCH,
		.suite = suite,
		.base_key = kk_view_of(base_key, sframe_base_key_bytes(suite)),
		.own_leaf = leaf,
		.members = kk_view_of(members, sizeof(members)),
		.retire_ms = 10000,
		.may_seal = true };
}

static void hops_make(struct box *b)
{
	/* What an endpoint's DTLS agrees on (pipelines/link/secure.c). */
	const enum srtp_profile profile = SRTP_PROFILE_AES128_CM_SHA1_80;
	static const uint8_t up[SRTP_KEY_MAX_BYTES] = { 1 };
	static const uint8_t down[SRTP_KEY_MAX_BYTES] = { 2 };
	size_t key_bytes = srtp_key_bytes(profile);
	size_t salt_bytes = srtp_salt_bytes(profile);

	must(srtp_library_init());
	must(srtp_tx_new(&b->up, profile, kk_view_of(up, key_bytes),
	    kk_view_of(up, salt_bytes), HOP_SSRCS));
	must(srtp_tx_new(&b->forwarder, profile, kk_view_of(down, key_bytes),
	    kk_view_of(down, salt_bytes), HOP_SSRCS));
	must(srtp_rx_new(&b->down, profile, kk_view_of(down, key_bytes),
	    kk_view_of(down, salt_bytes), HOP_SSRCS));
}

static void meeting_enter(struct box *b)
{
	struct view view = { .phase = VIEW_IN,
		.epoch = SWITCH_SEALED_EPOCH,
		.code = "12345 67890 12345 67890 12345 67890",
		.people_count = EPOCH_MEMBERS };
	struct studio_slot slots[2 * LOAD_MEMBERS];
	struct vault_epoch epoch = epoch_of(0);
	size_t count = 0;

	for (uint32_t leaf = 0; leaf < EPOCH_MEMBERS; leaf++) {
		struct view_person *p = &view.people[leaf];

		*p = (struct view_person){ .leaf = leaf,
			.is_verified = true,
			.is_self = leaf == 0,
			.has_microphone = true,
			.has_camera = true };
		(void)snprintf(p->name, sizeof(p->name), "Room %u", leaf);
		if (leaf == 0)
			continue;
		slots[count++] = (struct studio_slot){ load_ssrc(leaf, false),
			LOAD_AUDIO_TYPE, false, leaf, 0 };
		slots[count++] = (struct studio_slot){ load_ssrc(leaf, true),
			LOAD_VIDEO_TYPE, true, leaf, 0 };
	}
	must(studio_epoch_set(b->studio, &epoch));
	must(studio_slots_set(b->studio, slots, count));
	studio_view_set(b->studio, &view);
}

static void box_start(struct box *b)
{
	const struct studio_config config = { .name = "Room",
		.language = "en",
		.camera = "synthetic",
		.microphone = "synthetic",
		.loudspeaker = "none",
		.screen = "none",
		.width = 1280,
		.height = 720,
		.fps = 25,
		.send_width = 1280,
		.send_height = 720,
		.send_fps = 25,
		.send_encodings = 1,
		.send = packet_sent,
		.key_frame_ask = key_frame_asked,
		.changed = changed,
		.arg = b };
	const struct studio_publish publish = { load_ssrc(0, false),
		{ load_ssrc(0, true) }, LOAD_AUDIO_TYPE, LOAD_VIDEO_TYPE };

	must(crypto_init());
	g_mutex_init(&b->lock);
	hops_make(b);
	for (uint32_t i = 0; i < LOAD_MEMBERS; i++) {
		struct vault_epoch epoch = epoch_of(i + 1);

		must(vault_new(&b->vaults[i]));
		must(vault_epoch_set(b->vaults[i], &epoch, 0));
	}
	b->load = load_new(b->vaults, b->forwarder);
	must(studio_new(&b->studio, &config));
	meeting_enter(b);
	studio_publish_set(b->studio, &publish);
	b->zero_us = g_get_monotonic_time();
}

static void box_stop(struct box *b)
{
	studio_free(b->studio);
	load_free(b->load);
	for (int i = 0; i < LOAD_MEMBERS; i++)
		vault_free(b->vaults[i]);
	srtp_tx_free(b->up);
	srtp_tx_free(b->forwarder);
	srtp_rx_free(b->down);
	g_mutex_clear(&b->lock);
}

static void until_ms(const struct box *b, uint64_t ms)
{
	int64_t wait_us = b->zero_us + (int64_t)ms * 1000 -
	    g_get_monotonic_time();

	if (wait_us > 0)
		g_usleep((gulong)wait_us);
}

/* What a link does with a packet that came. */
static void packet_take(struct box *b, const struct load_packet *p)
{
	uint8_t plain[LOAD_PACKET_MAX_BYTES];
	size_t bytes = sizeof(plain);

	must(srtp_rx_open_rtp(b->down, kk_view_of(p->data, p->bytes), plain,
	    &bytes));
	studio_packet(b->studio, p->ssrc, kk_view_of(plain, bytes));
}

static uint64_t pictures_of(struct box *b, uint32_t leaf)
{
	return studio_person_pictures(b->studio, leaf);
}

static struct round result_of(double cpu, double ms,
    const struct switch_cost *cost)
{
	struct round r = { .cpu_ms = cpu * 1000 / ms,
		.up_packets = (double)cost->calls[SWITCH_HOP_SEAL] * 1000 /
		    ms };

	for (int i = 0; i < SWITCH_CALLS; i++) {
		r.crypto_ms[i] = (double)cost->ns[i] / 1e6 * 1000 / ms;
		r.calls[i] = (double)cost->calls[i] * 1000 / ms;
	}
	return r;
}

static struct round round_run(struct box *b, bool is_sealed)
{
	uint64_t before[LOAD_MEMBERS], least = UINT64_MAX;
	const struct load_packet *packets;
	struct switch_cost cost;
	struct round r;
	int64_t began_us;
	size_t count;
	double cpu;

	switch_set(is_sealed);
	b->now_ms += GAP_MS;
	load_make(b->load, b->now_ms, ROUND_MS);
	packets = load_packets(b->load, &count);
	until_ms(b, b->now_ms);
	for (uint32_t i = 0; i < LOAD_MEMBERS; i++)
		before[i] = pictures_of(b, i + 1);
	(void)switch_cost_take();
	cpu = cpu_ms();
	began_us = g_get_monotonic_time();
	for (size_t i = 0; i < count; i++) {
		until_ms(b, b->now_ms + packets[i].due_ms);
		packet_take(b, &packets[i]);
	}
	b->now_ms += ROUND_MS;
	until_ms(b, b->now_ms);
	cost = switch_cost_take();
	r = result_of(cpu_ms() - cpu,
	    (double)(g_get_monotonic_time() - began_us) / 1000, &cost);
	for (uint32_t i = 0; i < LOAD_MEMBERS; i++)
		least = MIN(least, pictures_of(b, i + 1) - before[i]);
	r.pictures = (double)least * 1000 / ROUND_MS;
	return r;
}

static int double_compare(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Of the field at an offset, over the rounds. */
static double median(const struct round *rounds, size_t offset)
{
	double values[PAIRS];

	for (int i = 0; i < PAIRS; i++)
		memcpy(&values[i], (const char *)&rounds[i] + offset,
		    sizeof(values[i]));
	qsort(values, PAIRS, sizeof(values[0]), double_compare);
	return values[PAIRS / 2];
}

static double ratio(const struct round *sealed, const struct round *plain)
{
	double values[PAIRS];

	for (int i = 0; i < PAIRS; i++)
		values[i] = sealed[i].cpu_ms / plain[i].cpu_ms;
	qsort(values, PAIRS, sizeof(values[0]), double_compare);
	return values[PAIRS / 2];
}

#define MEDIAN(rounds, field) median((rounds), offsetof(struct round, field))

static void report(const struct round *sealed, const struct round *plain)
{
	static const char *const names[SWITCH_CALLS] = { "SFrame seal",
		"SFrame open", "SRTP seal", "SRTP open" };
	double crypto = 0;

	printf("ms of CPU a second, medians of %d rounds of %d s\n", PAIRS,
	    ROUND_MS / 1000);
	printf("%-12s %9s %9s %9s\n", "", "sealed", "copied", "calls/s");
	for (int i = 0; i < SWITCH_CALLS; i++) {
		double on = MEDIAN(sealed, crypto_ms[i]);
		double off = MEDIAN(plain, crypto_ms[i]);

		crypto += on - off;
		printf("%-12s %9.2f %9.2f %9.0f\n", names[i], on, off,
		    MEDIAN(sealed, calls[i]));
	}
	printf("%-12s %9.1f %9.1f\n", "process", MEDIAN(sealed, cpu_ms),
	    MEDIAN(plain, cpu_ms));
	printf("%-12s %9.1f %9.1f\n", "pictures/s", MEDIAN(sealed, pictures),
	    MEDIAN(plain, pictures));
	printf("process, sealed over copied: %.3f (of pairs)\n",
	    ratio(sealed, plain));
	printf("encryption by its calls: %.2f ms, %.1f %% of the process\n",
	    crypto, 100 * crypto / MEDIAN(sealed, cpu_ms));
}

int main(void)
{
	struct round sealed[PAIRS], plain[PAIRS];
	struct box b = { 0 };

	box_start(&b);
	(void)round_run(&b, true); /* decoders are made */
	for (int i = 0; i < PAIRS; i++) {
		/* Neither is always the first. */
		if (i % 2)
			plain[i] = round_run(&b, false);
		sealed[i] = round_run(&b, true);
		if (i % 2 == 0)
			plain[i] = round_run(&b, false);
	}
	report(sealed, plain);
	box_stop(&b);
	return 0;
}
