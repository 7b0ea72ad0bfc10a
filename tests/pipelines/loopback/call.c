/* call.c - two participants whose packets go straight to each other, and what
 * each broken part of their call is called. */
#define _GNU_SOURCE /* mkdtemp(), O_DIRECTORY */
#include <fcntl.h>
#include <glib.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crypto/crypto.h"
#include "drivers/audio/wav.h"
#include "harness/process.h"
#include "harness/tap.h"
#include "pipelines/loopback/loopback_private.h"
#include "wire/rtp.h"

enum {
	WIDTH = 320,
	HEIGHT = 180,
	FPS = 10,
	AUDIO_TYPE = 111,
	VIDEO_TYPE = 96,
	KEY_BYTES = 32,
	SSRC = 77,
	SETTLED = 20 /* frames */
};

#define AWAIT(condition)                     \
	do {                                 \
		while (!(condition))         \
			g_usleep(20 * 1000); \
	} while (0)

struct pair;

struct end {
	struct pair *pair;
	unsigned index;
	struct loopback *loopback;
	struct loopback_config config;
	char sound[96];
};

/* False: the packet is lost. */
typedef bool wire_fn(struct pair *p, bool is_video, uint8_t *packet,
    size_t bytes);

struct pair {
	char folder[64];
	int fd;
	struct end ends[2];
	uint8_t keys[2][KEY_BYTES];
	wire_fn *wire; /* from the first to the second, or NULL */
	gint pictures, sounds; /* that went there */
	GMutex lock;
	bool is_over; /* nothing goes to the other one any more */
};

static void packet_send(void *arg, bool is_video, uint8_t *packet, size_t bytes)
{
	const struct end *e = arg;
	struct end *to = &e->pair->ends[!e->index];

	wire_put_u32(packet + 8, SSRC + is_video);
	packet[1] = (uint8_t)((packet[1] & 0x80) |
	    (is_video ? VIDEO_TYPE : AUDIO_TYPE));
	if (e->index == 0 && e->pair->wire &&
	    !e->pair->wire(e->pair, is_video, packet, bytes))
		return;
	g_mutex_lock(&e->pair->lock);
	if (!e->pair->is_over)
		loopback_packet(to->loopback, is_video,
		    kk_view_of(packet, bytes));
	g_mutex_unlock(&e->pair->lock);
}

static void key_frame_ask(void *arg)
{
	const struct end *e = arg;

	g_mutex_lock(&e->pair->lock);
	if (!e->pair->is_over)
		loopback_key_frame(e->pair->ends[!e->index].loopback);
	g_mutex_unlock(&e->pair->lock);
}

static void end_start(struct pair *p, unsigned index)
{
	static const char *const names[] = { "0.wav", "1.wav" };
	struct end *e = &p->ends[index];

	e->pair = p;
	e->index = index;
	e->config = (struct loopback_config){ .width = WIDTH,
		.height = HEIGHT,
		.fps = FPS,
		.microphone = e->sound,
		.send = packet_send,
		.key_frame_ask = key_frame_ask,
		.arg = e };
	CHECK_OK(crypto_random(e->config.nonce, LOOPBACK_NONCE_BYTES));
	(void)g_snprintf(e->sound, sizeof(e->sound), "%s/%s", p->folder,
	    names[index]);
	CHECK_OK(loopback_sound_write(p->fd, names[index], e->config.nonce));
}

static void pair_init(struct pair *p)
{
	*p = (struct pair){ .folder = "/tmp/loopback.XXXXXX" };
	CHECK(mkdtemp(p->folder) != NULL);
	p->fd = open(p->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	CHECK(p->fd >= 0);
	g_mutex_init(&p->lock);
	CHECK_OK(crypto_init());
	CHECK_OK(crypto_random(p->keys[0], KEY_BYTES));
	memcpy(p->keys[1], p->keys[0], KEY_BYTES);
	end_start(p, 0);
	end_start(p, 1);
}

static void pair_call(struct pair *p)
{
	for (int i = 0; i < 2; i++)
		CHECK_OK(loopback_new(&p->ends[i].loopback,
		    &p->ends[i].config));
	for (int i = 0; i < 2; i++)
		CHECK_OK(loopback_expect(p->ends[i].loopback,
		    p->ends[!i].loopback, AUDIO_TYPE, VIDEO_TYPE));
	for (unsigned i = 0; i < 2; i++) {
		const uint8_t other = (uint8_t)(1U << !i);
		const struct vault_epoch epoch = { .epoch = 1,
			.suite = SFRAME_AES_256_GCM_SHA512_128,
			.base_key = kk_view_of(p->keys[i], KEY_BYTES),
			.own_leaf = i,
			.members = kk_view_of(&other, 1),
			.may_seal = true };

		CHECK_OK(loopback_epoch_set(p->ends[i].loopback, &epoch));
	}
}

static void pair_end(struct pair *p)
{
	g_mutex_lock(&p->lock);
	p->is_over = true;
	g_mutex_unlock(&p->lock);
	loopback_free(p->ends[0].loopback);
	loopback_free(p->ends[1].loopback);
	g_mutex_clear(&p->lock);
	CHECK_EQ(close(p->fd), 0);
	folder_remove(p->folder);
}

static struct loopback_seen seen_by(struct pair *p, int index)
{
	return loopback_look(p->ends[index].loopback);
}

static bool is_held(struct pair *p, int index)
{
	const struct loopback_seen seen = seen_by(p, index);

	return loopback_missing(&seen).part == LOOPBACK_NOTHING;
}

/* All that the first one's call to the second lacks, but one thing. */
static bool lacks(struct pair *p, enum loopback_part part)
{
	const struct loopback_seen seen = seen_by(p, 1);

	return loopback_missing(&seen).part == part && seen.frames >= SETTLED;
}

/* The lowest row of the pattern: what the number is not. */
static void check_colours(struct pair *p, int index)
{
	enum { WHITE_MIN = 192, BLACK_MAX = 64, HIGHEST = 15, A_COLUMN = 2 };
	const struct loopback_seen seen = seen_by(p, index);
	const unsigned number = p->ends[index].loopback->number;

	for (int x = 0; x < LOOPBACK_COLUMNS; x++) {
		const bool is_white = !(number >> (HIGHEST - A_COLUMN * x) & 1);

		for (int i = 0; i < 3; i++)
			CHECK(is_white ? seen.colours[x][i] >= WHITE_MIN :
					 seen.colours[x][i] <= BLACK_MAX);
	}
}

TEST(call_is_held_both_ways)
{
	struct pair p;

	pair_init(&p);
	pair_call(&p);
	for (int i = 0; i < 2; i++) {
		struct loopback_seen seen;

		AWAIT(is_held(&p, i));
		seen = seen_by(&p, i);
		CHECK_EQ(loopback_broken(&seen).part, LOOPBACK_NOTHING);
		CHECK_EQ(seen.refused, 0);
		CHECK_EQ(seen.readable, 0);
		check_colours(&p, i);
	}
	pair_end(&p);
}

TEST(another_key_is_named)
{
	struct pair p;
	struct loopback_seen seen;

	pair_init(&p);
	p.keys[1][3] ^= 1;
	pair_call(&p);
	AWAIT(lacks(&p, LOOPBACK_KEYS));
	seen = seen_by(&p, 1);
	CHECK_EQ(seen.opened, 0);
	CHECK_EQ(seen.refused, seen.frames);
	pair_end(&p);
}

TEST(muted_sound_is_named)
{
	uint8_t file[WAV_HEADER_BYTES + 96000] = { 0 };
	struct pair p;
	struct loopback_seen seen;

	pair_init(&p);
	wav_header_write(file, 48000);
	file_write(p.ends[0].sound, file, sizeof(file));
	pair_call(&p);
	AWAIT(is_held(&p, 0));
	AWAIT(lacks(&p, LOOPBACK_SOUND) && seen_by(&p, 1).pictures > 5);
	seen = seen_by(&p, 1);
	CHECK(seen.sound_percent < TUNE_HEARD_PERCENT);
	pair_end(&p);
}

TEST(sound_of_somebody_else_is_named)
{
	struct pair p;

	pair_init(&p);
	p.ends[0].config.microphone = p.ends[1].sound;
	pair_call(&p);
	AWAIT(is_held(&p, 0));
	AWAIT(lacks(&p, LOOPBACK_SOUND) && seen_by(&p, 1).pictures > 5);
	pair_end(&p);
}

/* The first picture's packets alone pass. */
static bool first_picture_pass(struct pair *p, bool is_video, uint8_t *packet,
    size_t bytes)
{
	const bool is_last = packet[1] & 0x80;

	(void)bytes;
	if (!is_video)
		return true;
	if (g_atomic_int_get(&p->pictures) > 0)
		return false;
	if (is_last)
		g_atomic_int_inc(&p->pictures);
	return true;
}

TEST(picture_that_stands_still_is_named)
{
	struct pair p;
	struct loopback_seen seen;

	pair_init(&p);
	p.wire = first_picture_pass;
	pair_call(&p);
	AWAIT(is_held(&p, 0));
	AWAIT(lacks(&p, LOOPBACK_PICTURE) && seen_by(&p, 1).has_picture);
	seen = seen_by(&p, 1);
	CHECK_STR(loopback_missing(&seen).why, "it stands still");
	pair_end(&p);
}

static bool sound_pass(struct pair *p, bool is_video, uint8_t *packet,
    size_t bytes)
{
	(void)p;
	(void)packet;
	(void)bytes;
	return !is_video;
}

TEST(picture_that_does_not_come_is_named)
{
	struct pair p;
	struct loopback_seen seen;

	pair_init(&p);
	p.wire = sound_pass;
	pair_call(&p);
	AWAIT(lacks(&p, LOOPBACK_PICTURE));
	seen = seen_by(&p, 1);
	CHECK_STR(loopback_missing(&seen).why, "it does not come back");
	pair_end(&p);
}

static bool sound_flip(struct pair *p, bool is_video, uint8_t *packet,
    size_t bytes)
{
	if (!is_video && g_atomic_int_add(&p->sounds, 1) == SETTLED)
		packet[bytes - 1] ^= 1;
	return true;
}

TEST(one_changed_byte_of_one_frame_is_named)
{
	struct pair p;
	struct loopback_seen seen;

	pair_init(&p);
	p.wire = sound_flip;
	pair_call(&p);
	do {
		g_usleep(20 * 1000);
		seen = seen_by(&p, 1);
	} while (loopback_broken(&seen).part == LOOPBACK_NOTHING);
	CHECK_EQ(loopback_broken(&seen).part, LOOPBACK_SEAL);
	CHECK_EQ(seen.refused, 1);
	pair_end(&p);
}

static bool nothing_pass(struct pair *p, bool is_video, uint8_t *packet,
    size_t bytes)
{
	(void)is_video;
	(void)packet;
	(void)bytes;
	g_atomic_int_inc(&p->sounds);
	return false;
}

TEST(way_by_which_nothing_comes_is_named)
{
	struct pair p;
	struct loopback_seen seen;

	pair_init(&p);
	p.wire = nothing_pass;
	pair_call(&p);
	AWAIT(g_atomic_int_get(&p.sounds) > SETTLED);
	seen = seen_by(&p, 1);
	CHECK_EQ(loopback_missing(&seen).part, LOOPBACK_WAY);
	pair_end(&p);
}
