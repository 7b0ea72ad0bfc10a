/*
 * busy.c - more comes in than the link's thread can do, as after a standstill
 * of the whole process, or on a busy machine.
 */
#include "world.h"

enum {
	AHEAD = 3, /* packets that wait in the link's socket at any time */
	FLOOD = 2000 /* packets in which something has to go out */
};

struct flood {
	struct world *w;
	GMutex mutex;
	GCond changed;
	unsigned sent, taken;
	bool is_over;
};

/* On the link's thread, which is not done with one packet before there are
 * more: its socket is never empty. */
static void slowly_taken(void *arg, struct kk_view packet)
{
	struct flood *f = arg;

	(void)packet;
	g_mutex_lock(&f->mutex);
	f->taken++;
	g_cond_broadcast(&f->changed);
	while (!f->is_over && f->sent < f->taken + AHEAD)
		g_cond_wait(&f->changed, &f->mutex);
	g_mutex_unlock(&f->mutex);
}

static void flood_one(struct flood *f)
{
	world_peer_send(f->w, WORLD_SLOT, (uint16_t)f->sent);
	g_mutex_lock(&f->mutex);
	f->sent++;
	g_cond_broadcast(&f->changed);
	/* No more than these: none is lost for want of room. */
	while (f->taken + AHEAD + 1 < f->sent)
		g_cond_wait(&f->changed, &f->mutex);
	g_mutex_unlock(&f->mutex);
	peer_step(f->w->peer, 0);
}

static void flood_begin(struct flood *f)
{
	*f = (struct flood){ .w = world_new("127.0.0.1") };
	g_mutex_init(&f->mutex);
	g_cond_init(&f->changed);
	world_connect(f->w);
	CHECK_OK(link_receiver_set(f->w->link, WORLD_SLOT, slowly_taken, NULL,
	    f));
	while (f->sent <= AHEAD + 1)
		flood_one(f);
}

static void flood_end(struct flood *f)
{
	g_mutex_lock(&f->mutex);
	f->is_over = true;
	g_cond_broadcast(&f->changed);
	g_mutex_unlock(&f->mutex);
	world_free(f->w);
	g_mutex_clear(&f->mutex);
	g_cond_clear(&f->changed);
}

TEST(packets_go_out_while_more_come_in_than_can_be_taken)
{
	struct flood f;

	flood_begin(&f);
	CHECK_OK(world_send(f.w, 1));
	while (f.w->peer->rtp_count == 0 && f.sent < FLOOD)
		flood_one(&f);
	CHECK_EQ(f.w->peer->rtp_count, 1);
	CHECK(f.sent < FLOOD);
	flood_end(&f);
}

TEST(a_key_frame_is_asked_for_while_more_comes_in_than_can_be_taken)
{
	struct flood f;

	flood_begin(&f);
	link_key_frame_ask(f.w->link, WORLD_SLOT);
	while (f.w->peer->pli_count == 0 && f.sent < FLOOD)
		flood_one(&f);
	CHECK(f.w->peer->pli_count > 0);
	CHECK(f.sent < FLOOD);
	flood_end(&f);
}

TEST(no_packet_is_lost_or_out_of_order_when_a_turn_ends)
{
	struct world *w = world_new("127.0.0.1");

	world_connect(w);
	for (uint16_t seq = 1; seq <= 150; seq++)
		world_peer_send(w, WORLD_SLOT, seq);
	w->want = 150;
	world_until(w, world_has_packets);
	for (unsigned i = 0; i < 150; i++)
		CHECK_EQ(w->seqs[i], i + 1);
	CHECK_EQ(link_counts(w->link).lost, 0);
	world_free(w);
}
