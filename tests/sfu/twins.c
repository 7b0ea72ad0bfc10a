/*
 * twins.c - two forwarders to which the same happens: one takes each packet by
 * itself and looks at each tick what is due; the other one takes bursts, or
 * looks only when something is due.  What they send must be the same.
 */
#include <string.h>

#include "harness/tap.h"
#include "hop/rtx.h"
#include "hop/rx_twcc.h"
#include "sfu/sfu_internal.h"
#include "sfu/world.h"

enum {
	KBPS = 1000,
	S = 1000000,
	TICK_US = 10 * WORLD_MS,
	TWCC_ID = 3,
	PACKETS_MAX = 64, /* of a step */
	LATE_MAX = 16,
	CAM = 1000,
	MIC = 2000,
	CAM_2 = 3000,
	TYPE_RTX = 121,
	SEQ_AT = 2,
	SSRC_AT = 8
};

enum peer { ALICE, DAVE, BOB, CAROL, PEERS };
enum stream { ALICES_CAM, ALICES_MIC, DAVES_CAM, STREAMS };

static const uint64_t t0 = WORLD_START_US;
static const struct estimate_config path = { 300 * KBPS, 50 * KBPS,
	5000 * KBPS };

struct twin {
	struct sfu_counts counts;
	struct sfu_burst *burst; /* NULL: none */
	struct world_peer peers[PEERS];
	struct world_stream streams[STREAMS];
	struct sfu_slot *slots[PEERS][STREAMS]; /* of receivers */
	struct hop_rx_twcc rx[PEERS];
};

struct packet {
	uint8_t data[WORLD_PACKET_BYTES];
	size_t bytes;
	enum peer from;
};

struct twins {
	struct twin plain, other;
	uint64_t chance;
	/* What comes in this step, and what comes later. */
	struct packet packets[PACKETS_MAX], late[LATE_MAX];
	size_t count, late_count;
	uint16_t rtx_seq;
	bool is_measured;
	uint64_t sent; /* compared */
	uint64_t ticks, skipped; /* of the other's */
};

static unsigned chance(struct twins *w, unsigned below)
{
	w->chance = w->chance * 6364136223846793005U + 1442695040888963407U;
	return (unsigned)(w->chance >> 33) % below;
}

/* --- two of everything --------------------------------------------------- */

static void twin_open(struct twin *t, bool is_measured)
{
	static const uint32_t ssrcs[STREAMS] = { CAM, MIC, CAM_2 };

	for (int i = 0; i < PEERS; i++) {
		world_peer_open_in(&t->peers[i], &t->counts, t->burst);
		hop_rx_twcc_init(&t->rx[i]);
	}
	for (int i = 0; i < STREAMS; i++)
		world_publish(&t->streams[i],
		    &t->peers[i == DAVES_CAM ? DAVE : ALICE],
		    i == ALICES_MIC ? SFU_AUDIO : SFU_VIDEO, ssrcs[i]);
	for (int p = BOB; p < PEERS; p++) {
		if (is_measured)
			CHECK_OK(sfu_link_measure(t->peers[p].link, TWCC_ID,
			    &path, t0));
		for (int i = 0; i < STREAMS; i++)
			t->slots[p][i] = world_slot(&t->peers[p],
			    i == ALICES_MIC ? SFU_AUDIO : SFU_VIDEO,
			    10 + 10 * (uint32_t)i);
	}
}

static void twin_close(struct twin *t)
{
	for (int i = 0; i < PEERS; i++)
		world_peer_close(&t->peers[i]);
	sfu_burst_free(t->burst);
}

static void watch(struct twins *w, enum peer who, enum stream slot,
    enum stream what, bool is_on, uint64_t now_us)
{
	CHECK_OK(sfu_slot_watch(w->plain.slots[who][slot],
	    is_on ? w->plain.streams[what].source : NULL, now_us));
	CHECK_OK(sfu_slot_watch(w->other.slots[who][slot],
	    is_on ? w->other.streams[what].source : NULL, now_us));
}

static void target(struct twins *w, enum peer who, uint8_t temporal,
    uint64_t now_us)
{
	sfu_slot_target(w->plain.slots[who][ALICES_CAM], 0, temporal, now_us);
	sfu_slot_target(w->other.slots[who][ALICES_CAM], 0, temporal, now_us);
}

/* --- packets ------------------------------------------------------------- */

static void packet_put(struct twins *w, enum peer from, const uint8_t *data,
    size_t bytes)
{
	struct packet *p = &w->packets[w->count++];

	CHECK(w->count <= PACKETS_MAX);
	memcpy(p->data, data, bytes);
	p->bytes = bytes;
	p->from = from;
}

/* Lost on the way; it comes again, as it was or by RTX. */
static void packet_delay(struct twins *w, const struct packet *p)
{
	if (w->late_count < LATE_MAX)
		w->late[w->late_count++] = *p;
}

static void late_give(struct twins *w)
{
	struct packet *p = &w->late[chance(w, (unsigned)w->late_count)];
	uint32_t ssrc = wire_get_u32(p->data + SSRC_AT);
	const struct hop_rtx to = { ssrc + 1, TYPE_RTX, w->rtx_seq };
	uint8_t out[WORLD_PACKET_BYTES];
	struct wire_out o;

	wire_out_init(&o, out, sizeof(out));
	hop_rtx_wrap(&o, kk_view_of(p->data, p->bytes), &to);
	CHECK_OK(o.err);
	if (ssrc != MIC && chance(w, 2)) {
		w->rtx_seq++;
		packet_put(w, p->from, out, o.bytes);
	} else {
		packet_put(w, p->from, p->data, p->bytes);
	}
	*p = w->late[--w->late_count];
}

static void stream_give(struct twins *w, enum stream which)
{
	struct world_stream *s = &w->plain.streams[which];
	bool is_key = chance(w, 20) == 0;
	unsigned count = which == ALICES_MIC ? 1 : 1 + chance(w, 8);

	for (unsigned i = 0; i < count; i++) {
		const struct world_frame f = { is_key, i == 0, i + 1 == count,
			(uint8_t)s->seq };
		struct packet p = { .from = which == DAVES_CAM ? DAVE : ALICE };

		p.bytes = world_packet(s, &f, p.data);
		if (chance(w, 15) == 0)
			packet_delay(w, &p);
		else
			packet_put(w, p.from, p.data, p.bytes);
	}
	s->timestamp += 3000;
	s->picture_id++;
	s->tl0++;
}

static void swap_some(struct twins *w)
{
	for (size_t i = 1; i < w->count; i++) {
		struct packet p = w->packets[i - 1];

		if (chance(w, 10))
			continue;
		w->packets[i - 1] = w->packets[i];
		w->packets[i] = p;
	}
}

static void packets_take(struct twins *w, uint64_t now_us)
{
	for (size_t i = 0; i < w->count; i++) {
		const struct packet *p = &w->packets[i];
		struct kk_view view = kk_view_of(p->data, p->bytes);

		CHECK_EQ(sfu_link_rtp(w->plain.peers[p->from].link, view,
			     now_us),
		    sfu_link_rtp(w->other.peers[p->from].link, view, now_us));
	}
	w->count = 0;
	if (w->other.burst)
		sfu_burst_end(w->other.burst);
}

/* --- what receivers say -------------------------------------------------- */

static void nack(struct twins *w, enum peer who, uint64_t now_us)
{
	const struct sfu_slot *slot = w->plain.slots[who][ALICES_CAM];
	const uint16_t seq = (uint16_t)(slot->top_seq - chance(w, 12));

	world_nack(&w->plain.peers[who], slot->config.ssrc, &seq, 1, now_us);
	world_nack(&w->other.peers[who], slot->config.ssrc, &seq, 1, now_us);
}

static void pli(struct twins *w, enum peer who, uint64_t now_us)
{
	world_pli(&w->plain.peers[who], 10, now_us);
	world_pli(&w->other.peers[who], 10, now_us);
}

/* So many of a hundred are told as lost. */
static void feedback(struct twin *t, enum peer who, uint64_t lost,
    uint64_t now_us)
{
	struct wire_rtp rtp;
	uint8_t out[1200];
	struct kk_view data;
	struct wire_out o;

	for (size_t i = 0; world_rtp_at(&t->peers[who], i, &rtp); i++) {
		CHECK_OK(wire_rtp_ext_find(&rtp, TWCC_ID, &data));
		if (lost == 0 || (rtp.seq * 2654435761U >> 8) % 100 >= lost)
			hop_rx_twcc_packet(&t->rx[who], wire_get_u16(data.data),
			    now_us);
	}
	wire_out_init(&o, out, sizeof(out));
	while (hop_rx_twcc_write(&t->rx[who], &o, 1, 10, now_us)) {
		CHECK_OK(sfu_link_rtcp(t->peers[who].link, wire_out_view(&o),
		    now_us));
		wire_out_init(&o, out, sizeof(out));
	}
}

/* --- the same? ----------------------------------------------------------- */

/* RTP by its stream and number; RTCP is in its order. */
static bool is_like(const struct world_out *a, size_t i,
    const struct world_out *b, size_t j)
{
	if (a->list[i].is_rtcp || b->list[j].is_rtcp)
		return a->list[i].is_rtcp == b->list[j].is_rtcp;
	return wire_get_u32(a->list[i].data + SSRC_AT) ==
	    wire_get_u32(b->list[j].data + SSRC_AT) &&
	    wire_get_u16(a->list[i].data + SEQ_AT) ==
	    wire_get_u16(b->list[j].data + SEQ_AT);
}

/*
 * A burst has streams one after the other, and where one begins with a packet
 * that was late, those behind it in their order rather than as they came.
 */
static size_t place(const struct twins *w, const struct world_out *a, size_t i,
    const struct world_out *b)
{
	size_t nth = 0, at = 0;

	if (!w->other.burst)
		return i;
	for (size_t j = 0; j < i; j++)
		nth += is_like(a, j, a, i);
	while (at < b->count && (!is_like(a, i, b, at) || nth-- > 0))
		at++;
	return at;
}

static void compare(struct twins *w, enum peer who)
{
	struct world_out *a = w->plain.peers[who].out;
	struct world_out *b = w->other.peers[who].out;

	CHECK_EQ(a->count, b->count);
	for (size_t i = 0; i < a->count; i++) {
		size_t at = place(w, a, i, b);

		CHECK(at < b->count);
		CHECK_EQ(a->list[i].is_rtcp, b->list[at].is_rtcp);
		CHECK_EQ(a->list[i].bytes, b->list[at].bytes);
		CHECK_MEM(a->list[i].data, b->list[at].data, a->list[i].bytes);
	}
	w->sent += a->count;
}

static void happen(struct twins *w, uint64_t now_us)
{
	const enum peer who = BOB + (enum peer)chance(w, 2);
	const bool is_on = chance(w, 4) > 0;

	switch (chance(w, 60)) {
	case 0:
		watch(w, who, ALICES_CAM, chance(w, 2) ? ALICES_CAM : DAVES_CAM,
		    is_on, now_us);
		break;
	case 1:
		watch(w, who, ALICES_MIC, ALICES_MIC, is_on, now_us);
		break;
	case 2:
		pli(w, who, now_us);
		break;
	case 3:
	case 4:
		nack(w, who, now_us);
		break;
	case 5:
		target(w, who, (uint8_t)chance(w, 3), now_us);
		break;
	default:
		break;
	}
}

static void step(struct twins *w, uint64_t now_us, uint64_t lost,
    bool is_silent)
{
	for (int i = 0; i < STREAMS; i++) {
		if (chance(w, 3) == 0)
			stream_give(w, i);
	}
	if (w->late_count > 0 && chance(w, 4) == 0)
		late_give(w);
	swap_some(w);
	packets_take(w, now_us);
	happen(w, now_us);
	for (enum peer i = ALICE; i < PEERS; i++) {
		struct sfu_link *other = w->other.peers[i].link;

		w->ticks++;
		w->skipped += now_us < other->due_us;
		sfu_link_tick_all(w->plain.peers[i].link, now_us);
		if (w->is_measured)
			sfu_link_tick(other, now_us);
		else
			sfu_link_tick_all(other, now_us);
	}
	for (enum peer i = BOB; w->is_measured && !is_silent && i < PEERS;
	    i++) {
		feedback(&w->plain, i, lost, now_us);
		feedback(&w->other, i, lost, now_us);
	}
	for (enum peer i = ALICE; i < PEERS; i++) {
		compare(w, i);
		world_out_clear(&w->plain.peers[i]);
		world_out_clear(&w->other.peers[i]);
	}
}

static void twins_run(struct twins *w)
{
	uint64_t us = t0;

	twin_open(&w->plain, w->is_measured);
	twin_open(&w->other, w->is_measured);
	for (enum peer p = BOB; p < PEERS; p++) {
		for (int i = 0; i < STREAMS; i++)
			watch(w, p, i, i, true, us);
	}
	/* In spells of two seconds, of all kinds. */
	for (; us < t0 + 60 * S; us += TICK_US)
		step(w, us, us / (2 * S) % 3 * 20, us / (2 * S) % 7 == 6);
	CHECK_MEM(&w->plain.counts, &w->other.counts, sizeof(w->plain.counts));
	CHECK(w->plain.counts.retransmissions > 0);
	CHECK(w->plain.counts.keyframe_requests > 0);
	CHECK(w->sent > 5000);
	twin_close(&w->plain);
	twin_close(&w->other);
}

TEST(a_burst_shows_each_slot_what_it_would_have_had_packet_by_packet)
{
	for (uint64_t seed = 1; seed <= 10; seed++) {
		struct twins *w = kk_calloc(1, sizeof(*w));

		CHECK(w);
		w->chance = seed;
		CHECK_OK(sfu_burst_new(&w->other.burst));
		twins_run(w);
		kk_free(w);
	}
}

TEST(a_tick_that_looks_only_when_due_sends_the_same_at_the_same_time)
{
	for (uint64_t seed = 1; seed <= 10; seed++) {
		struct twins *w = kk_calloc(1, sizeof(*w));

		CHECK(w);
		w->chance = seed;
		w->is_measured = true;
		twins_run(w);
		CHECK(w->plain.counts.nacks > 0);
		/* Packets come to two of the four at most ticks. */
		CHECK(w->skipped > w->ticks / 5);
		kk_free(w);
	}
}
