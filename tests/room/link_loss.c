/* link_loss.c - how often a room tries to connect, and what is out of place. */
#include <string.h>

#include "harness/tap.h"
#include "room/room.h"

static struct room *room_make(void)
{
	const struct room_config config = { .microphone_ssrc = 1,
		.camera_ssrcs = { 2, 3, 4 },
		.camera_rtx_ssrcs = { 5, 6, 7 },
		.seed = 7 };
	struct room *room = NULL;

	CHECK_OK(room_new(&room, &config));
	return room;
}

static bool connects(struct room *room)
{
	struct room_action a;
	bool is_so = false;

	while (room_action_take(room, &a)) {
		is_so |= a.type == ROOM_DO_CONNECT;
		room_request_free(a.request);
	}
	return is_so;
}

static enum room_trouble trouble_of(const struct room *room)
{
	struct room_view v;

	room_look(room, &v);
	return v.trouble;
}

TEST(tries_to_connect_come_at_growing_distances_within_their_bounds)
{
	struct room *room = room_make();
	uint64_t now_ms = 1000, most_ms = ROOM_BACKOFF_MS;

	room_start(room, now_ms);
	CHECK(connects(room));
	for (int i = 0; i < 12; i++) {
		uint64_t at_ms;

		room_link_down(room, ROOM_LINK_UNREACHABLE, now_ms);
		CHECK(!connects(room));
		CHECK_EQ(trouble_of(room), ROOM_UNREACHABLE);
		at_ms = room_deadline(room);
		CHECK(at_ms >= now_ms + most_ms / 2);
		CHECK(at_ms <= now_ms + most_ms);
		room_tick(room, at_ms - 1);
		CHECK(!connects(room));
		room_tick(room, at_ms);
		CHECK(connects(room));
		now_ms = at_ms;
		most_ms = most_ms * 2 < ROOM_BACKOFF_MAX_MS ?
		    most_ms * 2 :
		    ROOM_BACKOFF_MAX_MS;
	}
	room_free(room);
}

TEST(server_that_does_not_answer_is_given_up)
{
	struct room *room = room_make();
	struct room_view v;

	room_start(room, 1000);
	CHECK(connects(room));
	room_link_up(room, 1000);
	CHECK(!connects(room));
	CHECK_EQ(room_deadline(room), 1000 + ROOM_ANSWER_MS);
	room_tick(room, 1000 + ROOM_ANSWER_MS);
	room_look(room, &v);
	CHECK_EQ(v.state, ROOM_CONNECTING);
	room_free(room);
}

TEST(what_comes_out_of_place_is_dropped_and_counted)
{
	static const enum room_signal_type types[] = { ROOM_JOINED, ROOM_LEFT,
		ROOM_PUBLISHED, ROOM_COMMIT, ROOM_WELCOME, ROOM_MESSAGE,
		ROOM_TRANSPORT, ROOM_ANSWER };
	struct room *room = room_make();
	struct room_view v;

	room_start(room, 1000);
	CHECK(connects(room));
	room_link_up(room, 1000);
	for (size_t i = 0; i < KK_ARRAY_LEN(types); i++) {
		struct room_signal s = { .type = types[i], .id = 99 };

		CHECK_EQ(room_dropped(room), i);
		room_signal(room, &s, 1000);
	}
	room_look(room, &v);
	CHECK_EQ(v.state, ROOM_ENTERING);
	CHECK_EQ(room_media_connect(room,
		     &(struct room_end){ .fingerprint = "AA" }, 1000),
	    KK_ESTATE);
	room_free(room);
}

TEST(what_cannot_be_read_costs_the_link)
{
	struct room *room = room_make();
	struct room_view v;

	room_start(room, 1000);
	CHECK(connects(room));
	room_link_up(room, 1000);
	room_signal_bad(room, KK_EFORMAT, 1000);
	room_look(room, &v);
	CHECK_EQ(v.state, ROOM_CONNECTING);
	room_free(room);
}

TEST(room_that_left_does_nothing_more)
{
	struct room *room = room_make();

	room_start(room, 1000);
	CHECK(connects(room));
	room_leave(room, 1000);
	(void)connects(room);
	room_tick(room, 1000000);
	room_key_up(room, 1000000);
	CHECK(!connects(room));
	CHECK_EQ(room_deadline(room), UINT64_MAX);
	room_free(room);
}
