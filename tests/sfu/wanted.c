/* wanted.c - tests of which sizes of a source anybody draws. */
#include "harness/tap.h"
#include "sfu/world.h"

enum { S = 1000000, SIZES = 3 };

static const uint64_t t0 = WORLD_START_US;

struct call { /* alice's camera, and slots of bob's and carol's */
	struct sfu_counts counts;
	struct world_peer alice, bob, carol;
	struct sfu_source *source;
	struct sfu_slot *bobs, *carols;
};

static void call_open(struct call *c)
{
	const struct sfu_source_config config = { .kind = SFU_VIDEO,
		.payload_type = 96,
		.encodings = { { .ssrc = 1,
				   .max_width = 320,
				   .max_height = 180 },
		    { .ssrc = 2, .max_width = 640, .max_height = 360 },
		    { .ssrc = 3, .max_width = 1280, .max_height = 720 } },
		.encoding_count = SIZES };

	*c = (struct call){ .source = NULL };
	world_peer_open(&c->alice, &c->counts);
	world_peer_open(&c->bob, &c->counts);
	world_peer_open(&c->carol, &c->counts);
	CHECK_OK(sfu_source_new(&c->source, c->alice.link, &config));
	c->bobs = world_slot(&c->bob, SFU_VIDEO, 10);
	c->carols = world_slot(&c->carol, SFU_VIDEO, 10);
}

static void call_close(struct call *c)
{
	world_peer_close(&c->carol);
	world_peer_close(&c->bob);
	world_peer_close(&c->alice);
}

static void draw(struct call *c, struct sfu_slot *slot, uint16_t width)
{
	sfu_slot_tile(slot, width, width * 9 / 16, t0);
	CHECK_OK(sfu_slot_watch(slot, c->source, t0));
}

TEST(the_largest_tile_says_how_many_sizes_are_wanted)
{
	struct call c;

	call_open(&c);
	CHECK_EQ(sfu_source_wanted(c.source), 1); /* always */
	draw(&c, c.bobs, 300);
	CHECK_EQ(sfu_source_wanted(c.source), 1);
	draw(&c, c.carols, 600);
	CHECK_EQ(sfu_source_wanted(c.source), 2);
	draw(&c, c.bobs, 0); /* of a size that is not told: all */
	CHECK_EQ(sfu_source_wanted(c.source), SIZES);
	/* That there is no room for it now is no reason. */
	sfu_slot_target(c.bobs, 0, 0, t0);
	CHECK_EQ(sfu_source_wanted(c.source), SIZES);
	CHECK_OK(sfu_slot_watch(c.bobs, NULL, t0));
	CHECK_EQ(sfu_source_wanted(c.source), 2);
	call_close(&c);
}

TEST(fewer_are_told_after_a_while_and_more_at_once)
{
	struct call c;
	size_t wanted = 0;

	call_open(&c);
	draw(&c, c.bobs, 300);
	CHECK(!sfu_source_wants(c.source, t0, &wanted));
	CHECK(!sfu_source_wants(c.source, t0 + SFU_WANTED_HOLD_US - 1,
	    &wanted));
	CHECK(sfu_source_wants(c.source, t0 + SFU_WANTED_HOLD_US, &wanted));
	CHECK_EQ(wanted, 1);
	CHECK(!sfu_source_wants(c.source, t0 + 10ULL * S, &wanted));
	draw(&c, c.bobs, 1280);
	CHECK(sfu_source_wants(c.source, t0 + 10ULL * S, &wanted));
	CHECK_EQ(wanted, SIZES);
	CHECK(!sfu_source_wants(c.source, t0 + 10ULL * S, &wanted));
	call_close(&c);
}

TEST(who_looks_away_for_a_moment_changes_nothing)
{
	struct call c;
	size_t wanted = 0;

	call_open(&c);
	for (unsigned i = 0; i < 20; i++) {
		draw(&c, c.bobs, i % 2 ? 1280 : 300);
		CHECK(!sfu_source_wants(c.source, t0 + i * (uint64_t)S,
		    &wanted));
	}
	call_close(&c);
}
