/* restart.c - media that hear nothing look for another way. */
#include "sim.h"

enum { SOON_MS = 2000, CALM_MS = 10000 };

static struct sim sim;
static uint64_t first; /* generation */

static struct room_view view(void)
{
	struct room_view v;

	room_look(sim.box[0].room, &v);
	return v;
}

/* A box alone whose media are connected. */
static void call_begin(void)
{
	struct room_end end = { .fingerprint = "AB" };

	sim_init(&sim, 1, 11);
	sim_box_start(&sim, 0);
	CHECK(sim_run_until(&sim, sim_is_calm, CALM_MS));
	sim_run(&sim, SOON_MS);
	end.generation = first = view().generation;
	CHECK_OK(room_media_connect(sim.box[0].room, &end, sim.now_ms));
	sim_drain(&sim, 0);
	sim_run(&sim, SOON_MS);
	CHECK_EQ(view().restarts, 0);
}

static void report(const struct room_report *report)
{
	struct room_report r = *report;

	r.generation = first;
	r.has_microphone = r.has_camera = true;
	room_media_report(sim.box[0].room, &r, sim.now_ms);
	sim_drain(&sim, 0);
}

static const struct room_report is_silent = { .is_silent = true };
static const struct room_report is_connected = { .is_connected = true };
static const struct room_report is_lost = { .is_lost = true };

TEST(media_that_hear_nothing_get_new_credentials_for_the_same_transport)
{
	struct room_view before, now;
	uint64_t number, version;

	call_begin();
	before = view();
	number = before.transport->number;
	version = room_version(sim.box[0].room);
	report(&is_silent);
	report(&is_silent); /* once is enough */
	sim_run(&sim, SOON_MS);
	now = view();
	CHECK_EQ(sim.restarts, 1);
	CHECK_EQ(now.generation, before.generation);
	CHECK_EQ(now.restarts, 1);
	CHECK_EQ(now.transport->number, number);
	CHECK_STR(now.transport->ufrag, "new1");
	CHECK_EQ(now.slot_count, before.slot_count);
	CHECK(room_version(sim.box[0].room) > version);
	CHECK_EQ(sim.server.guests[0].transports, 1);
	report(&is_connected);
	report(&is_silent); /* another time */
	sim_run(&sim, SOON_MS);
	CHECK_EQ(view().restarts, 2);
	CHECK_STR(view().transport->ufrag, "new2");
	sim_clear(&sim);
}

TEST(restart_that_the_server_refuses_makes_a_new_transport)
{
	call_begin();
	sim.refuses_restarts = true;
	report(&is_silent);
	sim_run(&sim, SOON_MS);
	CHECK_EQ(view().generation, first + 1);
	CHECK_EQ(view().restarts, 0);
	CHECK_EQ(sim.server.guests[0].transports, 1);
	sim_clear(&sim);
}

TEST(way_that_is_not_found_in_time_makes_a_new_transport)
{
	call_begin();
	report(&is_silent);
	sim_run(&sim, SOON_MS);
	CHECK_EQ(view().restarts, 1);
	report(&is_lost);
	sim_run(&sim, SOON_MS);
	CHECK_EQ(view().generation, first + 1);
	CHECK_EQ(view().restarts, 0);
	CHECK_EQ(sim.server.guests[0].transports, 1);
	/* Of the old one, nobody wants to hear any more. */
	report(&is_silent);
	sim_run(&sim, SOON_MS);
	CHECK_EQ(sim.restarts, 1);
	sim_clear(&sim);
}

TEST(way_that_is_there_again_before_the_answer_is_kept)
{
	call_begin();
	report(&is_silent);
	report(&is_connected);
	sim_run(&sim, SOON_MS);
	CHECK_EQ(sim.restarts, 1);
	CHECK_EQ(view().generation, first);
	CHECK_EQ(view().restarts, 0);
	sim_clear(&sim);
}

TEST(answer_of_a_transport_that_was_given_up_changes_nothing)
{
	call_begin();
	sim.refuses_restarts = true;
	report(&is_silent);
	report(&is_lost);
	sim_run(&sim, SOON_MS);
	CHECK_EQ(view().generation, first + 1);
	CHECK_EQ(sim.server.guests[0].transports, 1);
	sim_clear(&sim);
}
