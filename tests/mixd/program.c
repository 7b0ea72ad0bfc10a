/* program.c - the lines' mixer, from the outside. */
#define _GNU_SOURCE /* libsystemd's macros ask for it */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "call/contract.h"
#include "world.h"

static bool is_connected(const struct world *w)
{
	return w->siblings.report.generation == w->siblings.generation &&
	    !strcmp(w->siblings.report.state, "connected");
}

/* Two lines are in the meeting, both talk. */
static void meeting_start(struct world *w)
{
	world_start(w);
	mixd_run(w);
	lined_attach(w);
	w->lane[0].is_used = w->lane[1].is_used = true;
	w->line[0].is_there = w->line[1].is_there = true;
	epoch_next(w);
	UNTIL(w, is_connected(w));
}

static bool lane_has(struct world *w, size_t lane, enum voices voice)
{
	return ear_has(&w->lane[lane].ear, voice);
}

static bool lane_has_not(struct world *w, size_t lane, enum voices voice)
{
	return ear_has_not(&w->lane[lane].ear, voice);
}

enum {
	ONE_HEARS_FAR = 1 << 0,
	ONE_HEARS_B = 1 << 1,
	TWO_HEARS_FAR = 1 << 2,
	TWO_HEARS_A = 1 << 3,
	FAR_HEARS_A = 1 << 4,
	FAR_HEARS_B = 1 << 5,
	ALL_HEAR = (1 << 6) - 1
};

static bool is_heard(struct world *w, unsigned what)
{
	switch (what) {
	case ONE_HEARS_FAR:
		return lane_has(w, 0, VOICE_FAR);
	case ONE_HEARS_B:
		return lane_has(w, 0, VOICE_B);
	case TWO_HEARS_FAR:
		return lane_has(w, 1, VOICE_FAR);
	case TWO_HEARS_A:
		return lane_has(w, 1, VOICE_A);
	case FAR_HEARS_A:
		return far_hears(w, VOICE_A);
	default:
		return far_hears(w, VOICE_B);
	}
}

/* Each at a time of its own: all at once may be rare on a busy machine. */
static void hear(struct world *w, unsigned all)
{
	while (all) {
		world_step(w);
		for (unsigned what = 1; what < ALL_HEAR; what <<= 1) {
			if (all & what && is_heard(w, what))
				all &= ~what;
		}
	}
}

static void listen_again(struct world *w)
{
	lanes_listen(w);
	far_listen(w);
}

/* By how much what is heard is behind what is said, in samples. */
static unsigned behind(const struct ear *e, enum voices voice, uint64_t said)
{
	unsigned lag = 0;

	(void)ear_likeness(e, voice, &lag);
	return (
	    unsigned)((said + lag + VOICE_PERIOD - e->count % VOICE_PERIOD) %
	    VOICE_PERIOD);
}

/* For whoever wants to know, as it stands when lined takes a frame, 10 ms after
 * it has put one and 15 ms after the member spoke; a busy machine has others.
 */
static void delays_tell(struct world *w)
{
	const unsigned per_ms = MIX_HZ / 1000;
	const uint64_t take_us = w->take_us;
	struct ear far;

	UNTIL(w, w->take_us != take_us);
	(void)pthread_mutex_lock(&w->far.lock);
	far = w->far.ear;
	(void)pthread_mutex_unlock(&w->far.lock);
	tap_diag("behind: line to line %u ms, member to line %u ms, "
		 "line to member %u ms",
	    behind(&w->lane[1].ear, VOICE_A, w->lane[0].at) / per_ms,
	    behind(&w->lane[0].ear, VOICE_FAR, w->far.at) / per_ms,
	    behind(&far, VOICE_A, w->lane[0].at) / per_ms);
}

TEST(lines_and_a_far_member_hear_each_other_and_nobody_himself)
{
	struct world w;

	meeting_start(&w);
	hear(&w, ALL_HEAR);
	UNTIL(&w,
	    w.siblings.report.is_speaking && w.siblings.report.has_microphone);
	CHECK(!w.siblings.report.has_camera && !w.siblings.report.needs_epoch);
	CHECK_EQ(w.siblings.report.sizes, 0);
	CHECK_EQ(w.siblings.connects, 1);
	listen_again(&w);
	hear(&w, ALL_HEAR);
	CHECK(lane_has_not(&w, 0, VOICE_A));
	CHECK(lane_has_not(&w, 1, VOICE_B));
	CHECK(far_hears_not(&w, VOICE_FAR));
	delays_tell(&w);
	world_end(&w);
}

TEST(lane_that_the_plan_does_not_name_hears_silence_and_is_not_heard)
{
	struct world w;
	struct lane_end *b = &w.lane[1];

	meeting_start(&w);
	w.line[1].is_there = false;
	plan_tell(&w);
	hear(&w, ONE_HEARS_FAR | FAR_HEARS_A);
	listen_again(&w);
	hear(&w, ONE_HEARS_FAR | FAR_HEARS_A);
	CHECK(b->ear.count > 0 && b->ear.is_silent);
	CHECK(w.lane[2].ear.count > 0 && w.lane[2].ear.is_silent);
	CHECK(lane_has_not(&w, 0, VOICE_B) && far_hears_not(&w, VOICE_B));
	w.line[1].is_there = true;
	plan_tell(&w);
	hear(&w, ALL_HEAR);
	world_end(&w);
}

TEST(muted_lanes_hear_and_are_not_heard)
{
	struct world w;

	meeting_start(&w);
	for (int by_host = 0; by_host < 2; by_host++) {
		w.line[0] = (struct plan_line){ true, !by_host, by_host };
		plan_tell(&w);
		UNTIL(&w, lane_has_not(&w, 1, VOICE_A));
		UNTIL(&w, far_hears_not(&w, VOICE_A));
		listen_again(&w);
		hear(&w,
		    ONE_HEARS_B | ONE_HEARS_FAR | FAR_HEARS_B | TWO_HEARS_FAR);
		CHECK(lane_has_not(&w, 1, VOICE_A));
		CHECK(far_hears_not(&w, VOICE_A));
		w.line[0] = (struct plan_line){ .is_there = true };
		plan_tell(&w);
		hear(&w, ALL_HEAR);
	}
	world_end(&w);
}

TEST(without_lines_nothing_is_sent_and_with_them_packets_of_one_size)
{
	struct world w;
	unsigned count;

	meeting_start(&w);
	hear(&w, ALL_HEAR);
	far_listen(&w);
	/* Both fall silent, and later begin again. */
	UNTIL(&w, w.far.packets > 20);
	w.lane[0].is_quiet = w.lane[1].is_quiet = true;
	UNTIL(&w, !w.siblings.report.is_speaking);
	count = w.far.packets;
	UNTIL(&w, w.far.packets > count + 20);
	w.lane[0].is_quiet = w.lane[1].is_quiet = false;
	UNTIL(&w, w.siblings.report.is_speaking && w.far.packets > count + 40);
	CHECK_EQ(w.far.size_count, 1);
	w.line[0].is_there = w.line[1].is_there = false;
	plan_tell(&w);
	UNTIL(&w,
	    !w.siblings.report.has_microphone &&
		!w.siblings.report.is_speaking);
	far_listen(&w);
	lanes_listen(&w); /* what the ring still has */
	UNTIL(&w, w.lane[0].ear.count > RING_FRAMES * RING_SAMPLES);
	lanes_listen(&w);
	UNTIL(&w, w.lane[0].ear.count >= EAR_SAMPLES);
	CHECK(w.far.packets <= 2); /* that were on their way */
	CHECK(w.lane[0].ear.is_silent && w.lane[1].ear.is_silent);
	world_end(&w);
}

TEST(lined_that_goes_and_comes_back_is_heard_and_its_old_memory_is_not)
{
	struct world w;
	struct ring *old;
	void *memory;
	size_t bytes;

	meeting_start(&w);
	hear(&w, ALL_HEAR);
	/* The old one keeps its memory, and fills it. */
	old = w.ring;
	memory = w.memory;
	bytes = w.memory_bytes;
	w.ring = NULL;
	w.memory = NULL;
	lined_leave(&w);
	UNTIL(&w, !w.siblings.report.is_speaking);
	CHECK(w.siblings.report.has_microphone); /* the plan still names them */
	lined_attach(&w);
	far_listen(&w);
	w.lane[0].is_quiet = true;
	hear(&w, FAR_HEARS_B | ONE_HEARS_B);
	far_listen(&w);
	while (!far_hears(&w, VOICE_B)) {
		int16_t pcm[RING_SAMPLES];

		voice_say(VOICE_A, w.lane[2].at += RING_SAMPLES, pcm);
		(void)!ring_put(old, 0, pcm);
		world_step(&w);
	}
	CHECK(far_hears_not(&w, VOICE_A));
	w.lane[0].is_quiet = false;
	hear(&w, ALL_HEAR);
	ring_free(old);
	CHECK_EQ(munmap(memory, bytes), 0);
	world_end(&w);
}

TEST(garbage_in_the_memory_harms_nobody)
{
	struct world w;
	unsigned packets;

	meeting_start(&w);
	hear(&w, ALL_HEAR);
	far_listen(&w);
	for (unsigned round = 0; w.far.packets < 50; round++) {
		voice_garble(w.memory, w.memory_bytes, round);
		world_step(&w);
	}
	CHECK_EQ(w.far.size_count, 1); /* they went on as before */
	CHECK(is_connected(&w) && !w.siblings.report.needs_epoch);
	packets = w.far.packets;
	lined_leave(&w);
	lined_attach(&w);
	hear(&w, ALL_HEAR);
	UNTIL(&w, w.far.packets > packets);
	world_end(&w);
}

TEST(media_go_on_over_epochs_and_a_new_transport)
{
	struct world w;

	meeting_start(&w);
	hear(&w, ALL_HEAR);
	for (int i = 0; i < 3; i++) {
		epoch_next(&w);
		listen_again(&w);
		hear(&w, ALL_HEAR);
	}
	CHECK_EQ(w.siblings.connects, 1);
	generation_next(&w);
	UNTIL(&w, is_connected(&w));
	CHECK_EQ(w.siblings.connects, 2);
	listen_again(&w);
	hear(&w, ALL_HEAR);
	world_end(&w);
}

TEST(after_kill_9_it_asks_for_an_epoch_and_seals_only_in_that)
{
	struct world w;

	meeting_start(&w);
	hear(&w, ALL_HEAR);
	lined_leave(&w);
	mixd_kill(&w);
	generation_next(&w); /* as the forwarder and roomd would */
	w.siblings.report = (struct siblings_report){ 0 };
	mixd_run(&w);
	lined_attach(&w);
	far_listen(&w);
	UNTIL(&w, w.siblings.report.needs_epoch && is_connected(&w));
	/* It hears, and sends nothing. */
	hear(&w, ONE_HEARS_FAR | ONE_HEARS_B);
	CHECK_EQ(w.far.packets, 0);
	epoch_next(&w);
	hear(&w, ALL_HEAR);
	UNTIL(&w, !w.siblings.report.needs_epoch);
	world_end(&w);
}

TEST(interface_is_that_of_the_contract_s_file)
{
	sd_varlink *link = NULL;
	struct world w;

	world_start(&w);
	mixd_run(&w);
	CHECK(sd_varlink_connect_address(&link, w.lines) >= 0);
	contract_check(link, "io.konklave.Mix",
	    "firmware/bin/mixd/io.konklave.Mix.varlink");
	sd_varlink_close_unref(link);
	world_end(&w);
}

static int run_with(const char *argument, char *out, size_t room)
{
	const char *const args[] = { "--keyd=/x", "--roomd=/y", argument,
		NULL };

	return process_run("mixd", args, out, room);
}

TEST(a_wrong_option_says_what_is_wrong_and_ends_with_2)
{
	static const char *const wrong[][2] = {
		{ "--lines=0", "not a number from 1 to 256" },
		{ "--lines=257", "not a number from 1 to 256" },
		{ "--socket=media:/z", "no such role" },
		{ "--allow=lines:root", "lines:root" },
		{ "--lines=4", "--socket: needed" },
		{ "--keyd", "requires an argument" },
		{ "more", "what is this for?" },
	};
	char text[4096];

	for (size_t i = 0; i < KK_ARRAY_LEN(wrong); i++) {
		CHECK_EQ(run_with(wrong[i][0], text, sizeof(text)), 2);
		if (!strstr(text, wrong[i][1]))
			tap_diag("%s: %s", wrong[i][0], text);
		CHECK(strstr(text, wrong[i][1]) != NULL);
	}
	CHECK_EQ(run_with("--help", text, sizeof(text)), 0);
	CHECK(strstr(text, "--socket=lines:PATH") != NULL);
}
