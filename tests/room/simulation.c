/* simulation.c - many lives of a meeting, in simulated time. */
#include <stdlib.h>
#include <string.h>

#include "sim.h"

enum {
	SETTLE_MS = 90000, /* a refusal, and 30 s until the next try */
	SECOND_MS = 1000,
	SEEDS = 60,
	FAULTS = 40
};

static struct sim *sim_make(size_t count, uint64_t seed)
{
	struct sim *sim = calloc(1, sizeof(*sim));

	CHECK(sim != NULL);
	sim_init(sim, count, seed);
	return sim;
}

static void sim_free(struct sim *sim)
{
	sim_clear(sim);
	free(sim);
}

static struct sim *sim_started(size_t count, uint64_t seed)
{
	struct sim *sim = sim_make(count, seed);

	for (size_t i = 0; i < count; i++)
		sim_box_start(sim, i);
	if (!sim_run_until(sim, sim_is_calm, SETTLE_MS)) {
		tap_diag("seed %llu", (unsigned long long)seed);
		sim_tell(sim);
		CHECK(false);
	}
	return sim;
}

TEST(creator_alone_makes_its_meeting_and_is_in)
{
	struct sim *sim = sim_make(1, 1);

	sim_box_start(sim, 0);
	CHECK(sim_run_until(sim, sim_is_calm, SECOND_MS));
	CHECK_EQ(sim_members(sim, 0), 1);
	sim_free(sim);
}

TEST(boxes_that_come_at_once_are_all_in_within_seconds)
{
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		struct sim *sim = sim_make(6, seed);

		for (size_t i = 0; i < 6; i++)
			sim_box_start(sim, i);
		if (!sim_run_until(sim, sim_is_calm, 60 * SECOND_MS))
			sim_tell(sim);
		CHECK(sim_is_calm(sim));
		CHECK_EQ(sim_members(sim, 3), 6);
		sim_free(sim);
	}
}

/* Every camera that the box watches is asked for at this width. */
static void widths_check(const struct sim *sim, size_t box, unsigned width)
{
	unsigned cameras = 0;

	for (size_t i = 0; i < SIM_SLOTS; i++) {
		unsigned told = sim->server.guests[box].widths[i];

		cameras += told > 0;
		CHECK(told == 0 || told == width);
	}
	CHECK(cameras > 0);
}

static void report(struct sim *sim, size_t i, bool is_speaking)
{
	const struct room_report r = { .is_speaking = is_speaking,
		.has_microphone = true,
		.has_camera = true };

	room_media_report(sim->box[i].room, &r, sim->now_ms);
	sim_drain(sim, i);
}

/* Boxes that are in, and whose mediads have their end: they publish. */
static struct sim *sim_publishing_by(size_t count, size_t audio_slots,
    bool allows_levels)
{
	struct sim *sim = sim_make(count, 1);
	struct room_view view;

	sim->audio_slots = audio_slots;
	sim->allows_levels = allows_levels;
	for (size_t i = 0; i < count; i++)
		sim_box_start(sim, i);
	CHECK(sim_run_until(sim, sim_is_calm, SETTLE_MS));
	sim_run(sim, 5 * SECOND_MS);
	for (size_t i = 0; i < count; i++) {
		room_look(sim->box[i].room, &view);
		CHECK_OK(room_media_connect(sim->box[i].room,
		    &(struct room_end){ .generation = view.generation,
			.fingerprint = "AB" },
		    sim->now_ms));
		sim_drain(sim, i);
		report(sim, i, false);
	}
	sim_run(sim, 5 * SECOND_MS);
	return sim;
}

static struct sim *sim_publishing(size_t count, size_t audio_slots)
{
	return sim_publishing_by(count, audio_slots, false);
}

/* Does the one box hear the other? */
static bool hears(const struct sim *sim, size_t who, size_t whom)
{
	struct room_view view;

	room_look(sim->box[who].room, &view);
	for (size_t i = 0; i < view.slot_count; i++) {
		if (view.slots[i].has_leaf && view.slots[i].slot->is_audio &&
		    view.slots[i].leaf == sim->box[whom].keyd.group.own_leaf)
			return true;
	}
	return false;
}

static void all_hear(const struct sim *sim, size_t whom)
{
	for (size_t i = 0; i < sim->count; i++)
		CHECK(i == whom || hears(sim, i, whom));
}

enum { TALKERS = 6, EARS = 3, ROUNDS = 200 };

/* Of six, one or two speak at a time, with pauses in between. */
TEST(with_six_members_and_three_slots_everybody_hears_who_speaks)
{
	struct sim *sim = sim_publishing(TALKERS, EARS);

	for (int round = 0; round < ROUNDS; round++) {
		const size_t one = sim_random(sim, TALKERS);
		const size_t two = sim_random(sim, TALKERS);

		report(sim, one, true);
		report(sim, two, true);
		/* Slots that others held just now are free after a while. */
		sim_run(sim, ROOM_HOLD_MS + SECOND_MS);
		all_hear(sim, one);
		all_hear(sim, two);
		report(sim, two, false);
		sim_run(sim, sim_random(sim, 3 * SECOND_MS));
		all_hear(sim, one);
		report(sim, one, false);
		sim_run(sim, sim_random(sim, 3 * SECOND_MS));
	}
	sim_free(sim);
}

TEST(three_who_talk_in_turns_and_pauses_change_no_slot_again)
{
	struct sim *sim = sim_publishing(TALKERS, EARS);
	uint64_t before = 0;

	for (int round = 0; round < ROUNDS; round++) {
		const size_t who = 3 + (size_t)round % 3;

		report(sim, who, true);
		sim_run(sim, SECOND_MS + sim_random(sim, 10 * SECOND_MS));
		report(sim, who, false);
		sim_run(sim, sim_random(sim, 10 * SECOND_MS));
		if (round == 3)
			before = sim->watches;
	}
	CHECK_EQ(sim->watches, before);
	sim_free(sim);
}

static void loudest_tell(struct sim *sim, size_t to, uint64_t slot, size_t of)
{
	struct room_heard heard = { slot, true, sim->server.guests[of].id };
	struct room_signal s = { .type = ROOM_LOUDEST,
		.heard = &heard,
		.heard_count = 1 };

	room_signal(sim->box[to].room, &s, sim->now_ms);
	sim_drain(sim, to);
}

TEST(where_levels_are_allowed_boxes_hear_whom_the_server_puts_in_their_slots)
{
	struct sim *sim = sim_publishing_by(TALKERS, EARS, true);
	const uint64_t before = sim->watches;

	for (size_t i = 0; i < TALKERS; i++) {
		CHECK(sim->server.guests[i].tells_level);
		for (size_t n = 0; n < SIM_SLOTS; n++)
			CHECK_EQ(sim->server.guests[i].is_loudest[n], n < EARS);
	}
	report(sim, 5, true);
	sim_run(sim, 5 * SECOND_MS);
	CHECK_EQ(sim->watches, before); /* nobody asks for the speaker */
	loudest_tell(sim, 0, 1, 5);
	CHECK(hears(sim, 0, 5));
	loudest_tell(sim, 0, 1, 4);
	CHECK(hears(sim, 0, 4) && !hears(sim, 0, 5));
	loudest_tell(sim, 0, EARS, 5); /* no slot of its */
	CHECK(!hears(sim, 0, 5));
	sim_free(sim);
}

static size_t wanted_of(const struct sim *sim, size_t i)
{
	struct room_view view;

	room_look(sim->box[i].room, &view);
	return view.camera_wanted;
}

static void wanted_tell(struct sim *sim, enum room_source source, size_t count)
{
	struct room_signal s = { .type = ROOM_WANTED,
		.source = source,
		.encodings = count };

	room_signal(sim->box[0].room, &s, sim->now_ms);
	sim_drain(sim, 0);
}

TEST(which_sizes_are_drawn_is_in_the_plan_until_the_transport_ends)
{
	struct sim *sim = sim_publishing(2, 0);
	uint64_t version;

	CHECK_EQ(wanted_of(sim, 0), 0); /* all */
	version = room_version(sim->box[0].room);
	wanted_tell(sim, ROOM_CAMERA, 1);
	CHECK_EQ(wanted_of(sim, 0), 1);
	CHECK(room_version(sim->box[0].room) > version);
	wanted_tell(sim, ROOM_SCREEN, 2); /* it has none */
	CHECK_EQ(wanted_of(sim, 0), 1);
	room_media_gone(sim->box[0].room, sim->now_ms);
	sim_drain(sim, 0);
	CHECK_EQ(wanted_of(sim, 0), 0);
	wanted_tell(sim, ROOM_CAMERA, 1); /* before it is published anew */
	CHECK_EQ(wanted_of(sim, 0), 0);
	sim_free(sim);
}

TEST(where_levels_are_allowed_and_ears_are_enough_boxes_name_whom_they_hear)
{
	struct sim *sim = sim_publishing_by(TALKERS, 0, true);

	for (size_t i = 0; i < TALKERS; i++) {
		CHECK(sim->server.guests[i].tells_level);
		for (size_t n = 0; n < SIM_SLOTS; n++)
			CHECK(!sim->server.guests[i].is_loudest[n]);
		all_hear(sim, i);
	}
	sim_free(sim);
}

TEST(with_slots_for_all_who_speaks_is_told_to_nobody_outside)
{
	struct sim *sim = sim_publishing(TALKERS, 0);
	const uint64_t before = sim->watches;

	for (int round = 0; round < ROUNDS; round++) {
		const size_t who = sim_random(sim, TALKERS);

		report(sim, who, true);
		sim_run(sim, sim_random(sim, 3 * SECOND_MS));
		report(sim, who, false);
		sim_run(sim, sim_random(sim, 3 * SECOND_MS));
	}
	CHECK_EQ(sim->watches, before);
	sim_free(sim);
}

TEST(pictures_are_asked_for_at_the_size_that_so_many_are_drawn)
{
	struct sim *sim = sim_publishing(6, 0);

	for (size_t i = 0; i < 6; i++)
		widths_check(sim, i, 512); /* three columns of 1536 */
	room_leave(sim->box[5].room, sim->now_ms);
	sim_drain(sim, 5);
	sim_box_kill(sim, 5);
	sim_run(sim, 5 * SECOND_MS);
	for (size_t i = 0; i < 5; i++)
		widths_check(sim, i, 768);
	sim_free(sim);
}

TEST(leaver_is_out_of_the_group_within_a_second)
{
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		struct sim *sim = sim_started(5, seed);
		const size_t who = sim_random(sim, 5);

		sim_run(sim, 3 * SECOND_MS + sim_random(sim, 40 * SECOND_MS));
		room_leave(sim->box[who].room, sim->now_ms);
		sim_drain(sim, who);
		sim_box_kill(sim, who);
		sim_run(sim, SECOND_MS);
		if (!sim_is_calm(sim))
			sim_tell(sim);
		CHECK(sim_is_calm(sim));
		CHECK_EQ(sim_members(sim, (who + 1) % 5), 4);
		sim_free(sim);
	}
}

/* The one in turn cannot: its keyd is down.  Others take over. */
TEST(leaver_is_removed_though_the_member_in_turn_is_deaf)
{
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		struct sim *sim = sim_started(4, seed);
		const uint64_t epoch = sim->box[0].keyd.group.epoch;
		const size_t deaf = (size_t)(epoch % 3);
		size_t left = 3, other = (deaf + 1) % 3;

		/* Leaves are in order of joining; find whose leaf it is. */
		for (size_t i = 0; i < 4; i++) {
			if (sim->box[i].keyd.group.own_leaf == 3)
				left = i;
		}
		for (size_t i = 0; i < 4; i++) {
			if (sim->box[i].keyd.group.own_leaf == deaf)
				sim_keyd_kill(sim, i);
			else if (i != left)
				other = i;
		}
		sim_box_kill(sim, left);
		sim_run(sim, 2 * SECOND_MS);
		CHECK_EQ(sim_members(sim, other), 3);
		sim_free(sim);
	}
}

TEST(epoch_changes_every_thirty_seconds_by_one_commit)
{
	struct sim *sim = sim_started(5, 7);
	uint64_t before;

	sim_run(sim, 10 * SECOND_MS);
	before = sim->commits;
	sim_run(sim, 10 * 31 * SECOND_MS);
	CHECK(sim->commits >= before + 9);
	CHECK(sim->commits <= before + 11);
	CHECK(sim_is_calm(sim));
	sim_free(sim);
}

TEST(rotation_is_taken_over_when_the_member_in_turn_is_deaf)
{
	struct sim *sim = sim_started(3, 9);
	uint64_t before;

	sim_run(sim, 5 * SECOND_MS);
	sim_keyd_kill(sim, 1);
	before = sim->commits;
	sim_run(sim, 100 * SECOND_MS);
	CHECK(sim->commits >= before + 2);
	sim_keyd_start(sim, 1);
	sim_run(sim, 5 * SECOND_MS);
	CHECK(sim_is_calm(sim));
	sim_free(sim);
}

static void fault(struct sim *sim)
{
	const size_t i = sim_random(sim, sim->count);

	switch (sim_random(sim, 14)) {
	case 0:
	case 1:
		sim_box_cut(sim, i, true);
		break;
	case 2:
	case 3:
		sim_box_cut(sim, i, false);
		break;
	case 4:
		sim_box_kill(sim, i);
		break;
	case 5:
	case 6:
		if (!sim->box[i].room)
			sim_box_start(sim, i);
		break;
	case 7:
		sim_keyd_kill(sim, i);
		break;
	case 8:
	case 9:
		if (!sim->box[i].keyd.is_up)
			sim_keyd_start(sim, i);
		break;
	case 10:
		sim_server_kill(sim);
		break;
	case 11:
	case 12:
		if (sim->box[i].room)
			sim_media_start(sim, i);
		break;
	default:
		sim_server_start(sim);
		break;
	}
}

static void mend(struct sim *sim)
{
	sim_server_start(sim);
	for (size_t i = 0; i < sim->count; i++) {
		sim_box_cut(sim, i, false);
		if (!sim->box[i].keyd.is_up)
			sim_keyd_start(sim, i);
		if (!sim->box[i].room)
			sim_box_start(sim, i);
	}
}

static void chaos(uint64_t seed, uint64_t refuses_one_in,
    void (*more)(struct sim *sim))
{
	struct sim *sim = sim_started(3 + seed % 4, seed);

	sim->refuses_one_in = refuses_one_in;
	for (int i = 0; i < FAULTS; i++) {
		fault(sim);
		if (more)
			more(sim);
		sim_run(sim, sim_random(sim, sim_random(sim, 6) ? 300 : 20000));
	}
	mend(sim);
	sim->refuses_one_in = 0;
	if (!sim_run_until(sim, sim_is_calm, 2 * SETTLE_MS)) {
		tap_diag("seed %llu", (unsigned long long)seed);
		sim_tell(sim);
		CHECK(false);
	}
	sim_free(sim);
}

TEST(no_fault_of_links_and_processes_forks_a_group_and_all_meet_again)
{
	for (uint64_t seed = 1; seed <= 5 * SEEDS; seed++)
		chaos(seed, 0, NULL);
}

TEST(keyd_that_refuses_now_and_then_is_asked_again)
{
	for (uint64_t seed = 1; seed <= SEEDS; seed++)
		chaos(2000 + seed, 10, NULL);
}

static void disks_lose(struct sim *sim)
{
	const size_t i = sim_random(sim, sim->count);

	if (!sim->box[i].keyd.is_up && sim_random(sim, 4) == 0)
		sim_keyd_lose(sim, i);
	if (!sim->server.is_up && sim_random(sim, 8) == 0)
		sim_server_lose(sim);
}

TEST(lost_disks_of_boxes_and_of_the_server_heal_too)
{
	for (uint64_t seed = 1; seed <= 3 * SEEDS; seed++)
		chaos(1000 + seed, 0, disks_lose);
}

TEST(all_boxes_lose_their_groups_and_the_creator_makes_a_new_one)
{
	struct sim *sim = sim_started(3, 5);

	for (size_t i = 0; i < 3; i++) {
		sim_keyd_kill(sim, i);
		sim_keyd_lose(sim, i);
		sim_keyd_start(sim, i);
	}
	if (!sim_run_until(sim, sim_is_calm, 60 * SECOND_MS))
		sim_tell(sim);
	CHECK(sim_is_calm(sim));
	sim_free(sim);
}
