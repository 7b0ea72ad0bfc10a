/* forwarder.c - links against the forwarder's packets' half. */
#include "call.h"

enum { LOSS_PERCENT = 5, FAR_MS = 100, PACKETS = 500, MANY = 2000 };

static bool has_run(struct call *call)
{
	return call_run_length(call) >= call->want;
}

static bool has_sound(struct call *call)
{
	return call->seats[1].audio_count >= call->want;
}

static bool is_lost(struct call *call)
{
	return call->seats[1].state == LINK_LOST;
}

TEST(media_of_one_box_comes_to_the_slots_of_another)
{
	struct call *call = call_new(0, 0);
	struct link_counts counts;

	call->is_sending = true;
	call->want = PACKETS;
	call_until(call, has_run);
	call->want = PACKETS / (2 * CALL_FRAME_PACKETS);
	call_until(call, has_sound);
	CHECK(call->seats[1].is_first_key);
	CHECK_EQ(call->seats[1].doubles, 0);
	CHECK_EQ(call->seats[0].video_count, 0); /* nobody sends to it */
	counts = link_counts(call->seats[1].link);
	CHECK_EQ(counts.refused, 0);
	CHECK_EQ(counts.lost, 0);
	call_free(call);
}

TEST(media_go_over_tcp_where_the_forwarder_offers_nothing_else)
{
	struct call *call = call_new_tcp();

	call->is_sending = true;
	call->want = PACKETS;
	call_until(call, has_run);
	call->want = PACKETS / (2 * CALL_FRAME_PACKETS);
	call_until(call, has_sound);
	CHECK(call->seats[1].is_first_key);
	CHECK_EQ(call->seats[1].doubles, 0);
	CHECK_EQ(link_counts(call->seats[1].link).refused, 0);
	CHECK_EQ(media_counts(call->media).dropped_packets, 0);
	call_free(call);
}

static bool has_many(struct call *call)
{
	return call->seats[1].video_count >= MANY;
}

/*
 * Each way loses so many packets, and so nearly twice as many are lost in all.
 * What is left of them has been given up: it was lost again and again, or a
 * busy machine was slow.
 */
static void bad_network_run(unsigned delay_ms)
{
	struct call *call = call_new(LOSS_PERCENT, delay_ms);
	struct link_counts sent, got;
	unsigned missing;

	call->is_sending = true;
	call_until(call, has_many);
	sent = link_counts(call->seats[0].link);
	got = link_counts(call->seats[1].link);
	missing = call_missing(call, MANY / 2); /* the others may yet come */
	tap_diag("relays lost %u and %u; %u asked for, %u sent again; "
		 "%u recovered by RTX, %u of %u missing; round trip %u ms",
	    call->seats[0].relay.lost, call->seats[1].relay.lost,
	    (unsigned)sent.nacked, (unsigned)sent.resent,
	    (unsigned)got.recovered, missing, (unsigned)(MANY / 2),
	    sent.round_trip_ms);
	CHECK(sent.resent > 0);
	CHECK(got.recovered > 0);
	CHECK(missing * 100 < LOSS_PERCENT * MANY / 2 / 2);
	CHECK_EQ(call->seats[1].doubles, 0);
	call_free(call);
}

TEST(what_a_bad_network_loses_comes_in_the_end)
{
	bad_network_run(0);
}

TEST(what_a_bad_network_loses_comes_in_the_end_from_far_away)
{
	bad_network_run(FAR_MS);
}

static bool first_is_asked(struct call *call)
{
	return call->seats[0].wanted > call->want;
}

TEST(a_decoder_that_asks_gets_a_key_frame_of_the_sender)
{
	struct call *call = call_new(0, 0);

	call->is_sending = true;
	call->want = CALL_FRAME_PACKETS;
	call_until(call, has_run);
	call->want = call->seats[0].wanted;
	link_key_frame_ask(call->seats[1].link, call->seats[1].slots[1].ssrc);
	call_until(call, first_is_asked);
	call_free(call);
}

static bool room_is_told(struct call *call)
{
	return call->seats[0].room_bps >= CALL_MIN_BPS &&
	    call->seats[0].room_bps <= CALL_MAX_BPS;
}

TEST(the_forwarder_tells_a_box_enough_to_know_its_way)
{
	struct call *call = call_new(0, 0);

	call->is_sending = true;
	call_until(call, room_is_told);
	call_free(call);
}

static bool reports_have_come(struct call *call)
{
	return call->seats[1].reported > 0;
}

TEST(reports_of_the_sender_come_with_its_media)
{
	struct call *call = call_new(0, 0);

	call->is_sending = true;
	call_until(call, reports_have_come);
	call_free(call);
}

TEST(a_participant_that_the_forwarder_drops_is_told)
{
	struct call *call = call_new(0, 0);

	media_peer_free(call->seats[1].peer);
	call->seats[1].peer = NULL;
	call_until(call, is_lost);
	CHECK_ERR(call->seats[1].why, KK_EDENIED);
	CHECK_EQ(call->seats[0].state, LINK_CONNECTED);
	call_free(call);
}
