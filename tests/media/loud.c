/* loud.c - tests of slots for the loudest, through real sockets. */
#include "sfu/loud.h"

#include <string.h>

#include "harness/tap.h"
#include "media/client.h"
#include "wire/rtp.h"

enum { SPEAKERS = 3, SLOTS = 2, LEVEL_ID = 7, VOICE = 20, SILENCE = 127 };

struct call { /* bob has slots for the loudest; all others have microphones */
	struct world w;
	struct client speakers[SPEAKERS], bob;
	struct media_slot slots[SLOTS + 1]; /* the last of video */
	struct media_peer *in[SLOTS]; /* as bob was told */
	size_t calls; /* how often */
	uint8_t dbov[SPEAKERS];
};

static void on_loudest(void *arg, struct media_peer *peer,
    const struct media_heard *heard, size_t count)
{
	struct world *w = arg;
	struct call *c = (struct call *)w; /* its first */

	CHECK(peer == c->bob.peer);
	CHECK(count > 0 && count <= SLOTS);
	c->calls++;
	for (size_t i = 0; i < count; i++) {
		CHECK(heard[i].slot == c->slots[0].slot ||
		    heard[i].slot == c->slots[1].slot);
		c->in[heard[i].slot == c->slots[1].slot] = heard[i].of;
	}
}

static void microphone_publish(struct client *c)
{
	const struct media_publish what = { .transport = c->transport.number,
		.source = MEDIA_MICROPHONE,
		.kind = MEDIA_AUDIO,
		.payload_type = AUDIO_TYPE,
		.encodings = { { .ssrc = AUDIO_SSRC } },
		.encoding_count = 1,
		.extensions = { { WIRE_RTP_LEVEL_URI, LEVEL_ID } },
		.extension_count = 1 };

	CHECK_OK(media_publish(c->peer, &what));
}

static void microphone_send(struct client *c, uint8_t dbov)
{
	const struct wire_rtp_ext level = { LEVEL_ID, { &dbov, 1 } };
	struct wire_rtp rtp = { .payload_type = AUDIO_TYPE,
		.seq = c->seq++,
		.timestamp = c->timestamp,
		.ssrc = AUDIO_SSRC,
		.has_ext = true,
		.payload = kk_view_text("sealed") };
	uint8_t out[CLIENT_PACKET_BYTES], ext[8];
	struct wire_out w, e;

	c->timestamp += 960;
	wire_out_init(&e, ext, sizeof(ext));
	wire_rtp_ext_write(&e, &level, 1, &rtp.ext_profile);
	rtp.ext = wire_out_view(&e);
	wire_out_init(&w, out, sizeof(out));
	wire_rtp_write(&w, &rtp);
	client_send(c, wire_out_view(&w), false);
}

static void call_open(struct call *c)
{
	memset(c, 0, sizeof(*c));
	world_open_heard(&c->w, "127.0.0.1", on_loudest);
	for (size_t i = 0; i < SPEAKERS; i++) {
		client_open(&c->speakers[i], &c->w, c->w.meeting, MEDIA_SEND,
		    DTLS_BACKEND_OPENSSL);
		client_connect(&c->speakers[i]);
		microphone_publish(&c->speakers[i]);
		c->dbov[i] = SILENCE;
	}
	client_open(&c->bob, &c->w, c->w.meeting, MEDIA_RECEIVE,
	    DTLS_BACKEND_OPENSSL);
	client_connect(&c->bob);
	CHECK_OK(media_slots_make(c->bob.peer, c->bob.transport.number,
	    &(struct media_slots){ .audio = SLOTS, .video = 1 }, c->slots));
	for (size_t i = 0; i < SLOTS; i++)
		CHECK_OK(media_watch_loudest(c->bob.peer, c->slots[i].slot));
}

/* Everybody's next packets, and a step of the clock: the loudest are chosen by
 * the time that packets have. */
static void all_send(struct call *c)
{
	for (size_t i = 0; i < SPEAKERS; i++)
		microphone_send(&c->speakers[i], c->dbov[i]);
	world_clock_move(20000);
	world_settle(&c->w);
}

static bool is_told(void *arg)
{
	struct call *c = arg;

	all_send(c);
	return c->in[0] && c->in[1];
}

static bool third_is_in(void *arg)
{
	struct call *c = arg;

	all_send(c);
	return c->in[0] == c->speakers[2].peer ||
	    c->in[1] == c->speakers[2].peer;
}

TEST(the_loudest_come_into_the_slots_and_the_receiver_is_told)
{
	static struct call c;
	struct wire_rtp rtp;
	size_t slot;

	call_open(&c);
	c.bob.forgets = true;
	world_until(&c.w, is_told, &c);
	CHECK(c.in[0] != c.in[1]);
	CHECK(c.in[0] != c.speakers[2].peer && c.in[1] != c.speakers[2].peer);
	c.dbov[0] = VOICE;
	c.dbov[2] = VOICE;
	world_until(&c.w, third_is_in, &c);
	slot = c.in[1] == c.speakers[2].peer;
	CHECK(c.in[!slot] == c.speakers[0].peer);
	CHECK_EQ(c.calls, 2);
	all_send(&c);
	CHECK(client_rtp(&c.bob, c.slots[slot].ssrc, 0, &rtp));
	CHECK(!rtp.has_ext || wire_rtp_ext_find(&rtp, LEVEL_ID, &rtp.payload));
	CHECK(media_counts(c.w.media).levels > 0);
	world_close(&c.w);
}

static bool first_is_out(void *arg)
{
	struct call *c = arg;

	all_send(c);
	return c->in[0] != c->speakers[0].peer &&
	    c->in[1] != c->speakers[0].peer;
}

static bool one_is_empty(void *arg)
{
	struct call *c = arg;

	all_send(c);
	return !c->in[0] || !c->in[1];
}

TEST(a_microphone_that_is_gone_leaves_its_slot_to_another)
{
	static struct call c;

	call_open(&c);
	c.bob.forgets = true;
	world_until(&c.w, is_told, &c);
	CHECK_OK(media_unpublish(c.speakers[0].peer, MEDIA_MICROPHONE));
	world_until(&c.w, first_is_out, &c);
	CHECK(c.in[0] && c.in[1] && c.in[0] != c.in[1]);
	/* Nobody is left for it: it is told to be empty. */
	CHECK_OK(media_unpublish(c.speakers[1].peer, MEDIA_MICROPHONE));
	world_until(&c.w, one_is_empty, &c);
	world_close(&c.w);
}

static bool first_is_in(void *arg)
{
	struct call *c = arg;

	all_send(c);
	return c->in[1] != c->speakers[1].peer;
}

TEST(whom_one_names_is_not_among_the_loudest_and_one_may_name_anybody_again)
{
	static struct call c;
	struct media_watch watch = { .source = MEDIA_MICROPHONE };

	call_open(&c);
	c.bob.forgets = true;
	world_until(&c.w, is_told, &c);
	watch.slot = c.slots[0].slot;
	watch.of = c.speakers[2].peer;
	CHECK_OK(media_watch(c.bob.peer, &watch));
	CHECK(c.in[1] == c.speakers[1].peer);
	c.dbov[2] = 0; /* the loudest, and heard already */
	c.dbov[0] = VOICE;
	world_until(&c.w, first_is_in, &c);
	CHECK(c.in[1] == c.speakers[0].peer);
	world_close(&c.w);
}

TEST(slots_of_pictures_and_unknown_ones_are_refused)
{
	static struct call c;

	call_open(&c);
	CHECK_EQ(media_watch_loudest(c.bob.peer, c.slots[SLOTS].slot),
	    KK_EINVAL);
	CHECK_EQ(media_watch_loudest(c.bob.peer, 4711), KK_ENOENT);
	CHECK_OK(media_watch_loudest(c.bob.peer, c.slots[0].slot));
	world_close(&c.w);
}
