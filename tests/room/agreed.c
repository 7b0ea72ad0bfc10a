/* agreed.c - telephone lines and hosts, as all members see them. */
#include <stdlib.h>
#include <string.h>

#include "agreed.h"

enum { FAULTS = 30 };

struct sim *agreed_started(size_t count, uint64_t seed)
{
	struct sim *sim = calloc(1, sizeof(*sim));

	CHECK(sim != NULL);
	sim_init(sim, count, seed);
	for (size_t i = 0; i < count; i++)
		sim_box_start(sim, i);
	CHECK(sim_run_until(sim, sim_is_calm, SETTLE_MS));
	sim_run(sim, 2 * SECOND_MS);
	CHECK(sim_is_calm(sim));
	return sim;
}

void agreed_free(struct sim *sim)
{
	sim_clear(sim);
	free(sim);
}

struct conference_line agreed_line_of(uint8_t id)
{
	return (struct conference_line){ .id = { id },
		.label = "030 123456",
		.since_ms = 1700000000000 + id,
		.transport = CONFERENCE_TLS };
}

enum kk_err agreed_put(struct sim *sim, size_t i,
    const struct conference_line *line)
{
	const enum kk_err err = room_line_put(sim->box[i].room, line,
	    sim->now_ms);

	sim_drain(sim, i);
	return err;
}

static void drop(struct sim *sim, size_t i, uint8_t id)
{
	const struct conference_line line = agreed_line_of(id);

	room_line_drop(sim->box[i].room, line.id, sim->now_ms);
	sim_drain(sim, i);
}

const struct conference *agreed_of(const struct sim *sim, size_t i)
{
	static const struct conference none;
	struct room_view view;

	if (!sim->box[i].room)
		return &none;
	room_look(sim->box[i].room, &view);
	return view.agreed ? view.agreed : &none;
}

uint32_t agreed_leaf_of(const struct sim *sim, size_t i)
{
	return sim->box[i].keyd.group.own_leaf;
}

/* As box who sees it; NULL: it does not. */
const struct conference_line *agreed_seen(const struct sim *sim, size_t who,
    size_t whose, uint8_t id)
{
	const struct conference_line line = agreed_line_of(id);

	return conference_line_find(agreed_of(sim, who),
	    agreed_leaf_of(sim, whose), line.id);
}

static bool all_see(const struct sim *sim, size_t whose, uint8_t id)
{
	for (size_t i = 0; i < sim->count; i++) {
		if (sim->box[i].room && !agreed_seen(sim, i, whose, id))
			return false;
	}
	return true;
}

bool agreed_all_see_lines(const struct sim *sim, size_t count)
{
	for (size_t i = 0; i < sim->count; i++) {
		if (sim->box[i].room && agreed_of(sim, i)->line_count != count)
			return false;
	}
	return true;
}

enum room_line_state agreed_state_of(const struct sim *sim, size_t i,
    uint8_t id, bool *is_muted)
{
	const struct conference_line line = agreed_line_of(id);

	return room_line_look(sim->box[i].room, line.id, is_muted);
}

enum kk_err agreed_change(struct sim *sim, size_t i, size_t whose, uint8_t id,
    enum room_change_type type, bool is_on)
{
	const struct room_change x = { .type = type,
		.leaf = agreed_leaf_of(sim, whose),
		.id = { id },
		.is_on = is_on };
	const enum kk_err err = room_change(sim->box[i].room, &x, sim->now_ms);

	sim_drain(sim, i);
	return err;
}

TEST(who_makes_the_meeting_is_its_host_and_nobody_else)
{
	struct sim *sim = agreed_started(3, 1);

	for (size_t i = 0; i < 3; i++) {
		CHECK_EQ(agreed_of(sim, i)->host_count, 1);
		CHECK(conference_is_host(agreed_of(sim, i),
		    agreed_leaf_of(sim, 0)));
	}
	agreed_free(sim);
}

TEST(line_is_seen_by_all_and_gone_within_a_second)
{
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		struct sim *sim = agreed_started(4, seed);
		struct conference_line line = agreed_line_of(1);
		bool is_muted;

		CHECK_EQ(agreed_state_of(sim, 2, 1, &is_muted), ROOM_LINE_NONE);
		CHECK_OK(agreed_put(sim, 2, &line));
		CHECK_EQ(agreed_state_of(sim, 2, 1, &is_muted),
		    ROOM_LINE_COMING);
		CHECK(!agreed_seen(sim, 2, 2, 1)); /* not before all are told */
		sim_run(sim, SECOND_MS);
		CHECK(all_see(sim, 2, 1));
		CHECK_EQ(agreed_state_of(sim, 2, 1, &is_muted), ROOM_LINE_IN);
		CHECK_STR(agreed_seen(sim, 0, 2, 1)->label, line.label);
		CHECK_EQ(agreed_seen(sim, 0, 2, 1)->transport, CONFERENCE_TLS);
		line.is_muted = line.has_hand_up = true;
		CHECK_OK(agreed_put(sim, 2, &line));
		sim_run(sim, SECOND_MS);
		CHECK(agreed_seen(sim, 1, 2, 1)->is_muted);
		CHECK(agreed_seen(sim, 1, 2, 1)->has_hand_up);
		drop(sim, 2, 1);
		sim_run(sim, SECOND_MS);
		CHECK(agreed_all_see_lines(sim, 0));
		agreed_free(sim);
	}
}

/* Of commits that meet, one wins, and the others are made anew from it. */
TEST(lines_that_come_everywhere_at_once_are_all_there)
{
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		struct sim *sim = agreed_started(4, seed);

		for (uint8_t i = 0; i < 4; i++) {
			for (uint8_t n = 0; n < 3; n++) {
				const struct conference_line line =
				    agreed_line_of((uint8_t)(i * 8 + n));

				CHECK_OK(agreed_put(sim, i, &line));
			}
		}
		CHECK_OK(agreed_change(sim, 0, 0, 0, ROOM_CHANGE_LOCK, true));
		sim_run(sim, 4 * SECOND_MS);
		CHECK(agreed_all_see_lines(sim, 12));
		for (size_t i = 0; i < 4; i++)
			CHECK(agreed_of(sim, i)->is_locked);
		CHECK(sim_is_calm(sim));
		CHECK_EQ(sim->lies_told, 0);
		agreed_free(sim);
	}
}

TEST(many_changes_of_a_line_are_few_commits)
{
	struct sim *sim = agreed_started(3, 3);
	struct conference_line line = agreed_line_of(1);
	const uint64_t before = sim->commits;

	for (int i = 0; i < 100; i++) {
		line.is_muted = !line.is_muted;
		CHECK_OK(agreed_put(sim, 1, &line));
		sim_run(sim, 10);
	}
	sim_run(sim, SECOND_MS);
	CHECK(agreed_seen(sim, 0, 1, 1) &&
	    !agreed_seen(sim, 0, 1, 1)->is_muted);
	CHECK(sim->commits - before <= 7);
	agreed_free(sim);
}

TEST(host_mutes_and_takes_out_lines_and_its_owner_is_told)
{
	struct sim *sim = agreed_started(3, 4);
	const struct conference_line one = agreed_line_of(1),
				     two = agreed_line_of(2);
	bool is_muted;

	CHECK_OK(agreed_put(sim, 1, &one));
	CHECK_OK(agreed_put(sim, 1, &two));
	sim_run(sim, SECOND_MS);
	CHECK_OK(agreed_change(sim, 0, 1, 1, ROOM_CHANGE_MUTE, true));
	CHECK_OK(agreed_change(sim, 0, 1, 2, ROOM_CHANGE_REMOVE, true));
	sim_run(sim, SECOND_MS);
	CHECK(agreed_all_see_lines(sim, 1));
	CHECK(agreed_seen(sim, 2, 1, 1)->is_muted_by_host);
	CHECK_EQ(agreed_state_of(sim, 1, 1, &is_muted), ROOM_LINE_IN);
	CHECK(is_muted);
	CHECK_EQ(agreed_state_of(sim, 1, 2, &is_muted), ROOM_LINE_OUT);
	CHECK_EQ(agreed_put(sim, 1, &two), KK_ESTATE);
	sim_run(sim, 40 * SECOND_MS); /* it does not come back */
	CHECK(agreed_all_see_lines(sim, 1));
	CHECK_OK(agreed_change(sim, 0, 1, 1, ROOM_CHANGE_MUTE, false));
	sim_run(sim, SECOND_MS);
	CHECK(!agreed_seen(sim, 1, 1, 1)->is_muted_by_host);
	agreed_free(sim);
}

TEST(host_forbids_lines_and_none_stays_or_comes)
{
	struct sim *sim = agreed_started(3, 5);
	const struct conference_line one = agreed_line_of(1),
				     two = agreed_line_of(2);
	bool is_muted;

	CHECK_OK(agreed_put(sim, 1, &one));
	sim_run(sim, SECOND_MS);
	CHECK_OK(agreed_change(sim, 0, 0, 0, ROOM_CHANGE_ALLOW, false));
	sim_run(sim, SECOND_MS);
	CHECK(agreed_all_see_lines(sim, 0));
	CHECK(agreed_of(sim, 2)->forbids_lines);
	CHECK_EQ(agreed_state_of(sim, 1, 1, &is_muted), ROOM_LINE_OUT);
	CHECK_OK(agreed_put(sim, 1, &two));
	CHECK_EQ(agreed_state_of(sim, 1, 2, &is_muted), ROOM_LINE_OUT);
	drop(sim, 1, 2);
	CHECK_OK(agreed_change(sim, 0, 0, 0, ROOM_CHANGE_ALLOW, true));
	sim_run(sim, SECOND_MS);
	CHECK_OK(agreed_put(sim, 1, &two));
	sim_run(sim, SECOND_MS);
	CHECK(all_see(sim, 1, 2));
	agreed_free(sim);
}

TEST(who_is_no_host_is_refused_and_so_is_a_line_that_is_not_there)
{
	struct sim *sim = agreed_started(2, 6);
	const struct conference_line one = agreed_line_of(1);
	struct conference_line bad = agreed_line_of(2);

	CHECK_OK(agreed_put(sim, 1, &one));
	CHECK_EQ(agreed_change(sim, 0, 1, 1, ROOM_CHANGE_MUTE, true),
	    KK_ENOENT);
	sim_run(sim, SECOND_MS);
	CHECK_EQ(agreed_change(sim, 1, 1, 1, ROOM_CHANGE_MUTE, true),
	    KK_EDENIED);
	CHECK_EQ(agreed_change(sim, 1, 0, 0, ROOM_CHANGE_LOCK, true),
	    KK_EDENIED);
	CHECK_EQ(agreed_change(sim, 0, 1, 9, ROOM_CHANGE_REMOVE, true),
	    KK_ENOENT);
	CHECK_EQ(agreed_change(sim, 0, 1, 9, ROOM_CHANGE_ADMIT, true),
	    KK_ENOENT);
	CHECK_EQ(agreed_change(sim, 1, 1, 1, ROOM_CHANGE_ADMIT, true),
	    KK_EDENIED);
	memcpy(bad.label, "two\nlines", sizeof("two\nlines"));
	CHECK_EQ(agreed_put(sim, 1, &bad), KK_EFORMAT);
	sim_box_cut(sim, 0, true);
	CHECK_EQ(agreed_change(sim, 0, 1, 1, ROOM_CHANGE_MUTE, true),
	    KK_ESTATE);
	agreed_free(sim);
}

TEST(no_more_lines_of_our_own_than_a_meeting_may_have)
{
	struct sim *sim = agreed_started(1, 7);
	struct conference_line line = agreed_line_of(1);

	for (unsigned i = 0; i < CONFERENCE_LINES_MAX; i++) {
		line.id[1] = (uint8_t)i;
		CHECK_OK(room_line_put(sim->box[0].room, &line, sim->now_ms));
	}
	line.id[2] = 1;
	CHECK_EQ(room_line_put(sim->box[0].room, &line, sim->now_ms),
	    KK_ELIMIT);
	agreed_free(sim);
}

/* The host too, which is nobody any more then. */
TEST(box_that_goes_takes_its_lines_and_its_host_s_rights_along)
{
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		struct sim *sim = agreed_started(4, seed);
		const size_t who = sim_random(sim, 4);
		const struct conference_line one = agreed_line_of(1),
					     two = agreed_line_of(2);

		CHECK_OK(agreed_put(sim, who, &one));
		CHECK_OK(agreed_put(sim, (who + 1) % 4, &two));
		sim_run(sim, SECOND_MS);
		CHECK(agreed_all_see_lines(sim, 2));
		sim_box_kill(sim, who);
		sim_run(sim, SECOND_MS);
		CHECK(sim_is_calm(sim));
		CHECK(agreed_all_see_lines(sim, 1));
		CHECK(all_see(sim, (who + 1) % 4, 2));
		CHECK_EQ(agreed_of(sim, (who + 1) % 4)->host_count,
		    who == 0 ? 0 : 1);
		agreed_free(sim);
	}
}

TEST(who_made_the_meeting_is_its_host_again_after_it_was_away)
{
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		struct sim *sim = agreed_started(3, seed);

		sim_box_kill(sim, 0);
		sim_run(sim, 3 * SECOND_MS);
		CHECK_EQ(agreed_of(sim, 1)->host_count, 0);
		sim_box_start(sim, 0);
		CHECK(sim_run_until(sim, sim_is_calm, SETTLE_MS));
		sim_run(sim, SECOND_MS);
		for (size_t i = 0; i < 3; i++)
			CHECK(conference_is_host(agreed_of(sim, i),
			    agreed_leaf_of(sim, 0)));
		CHECK_EQ(agreed_of(sim, 1)->host_count, 1);
		CHECK_OK(agreed_change(sim, 0, 0, 0, ROOM_CHANGE_LOCK, true));
		sim_run(sim, SECOND_MS);
		CHECK(agreed_of(sim, 2)->is_locked);
		agreed_free(sim);
	}
}

TEST(roomd_that_starts_again_takes_out_the_lines_of_its_life_before)
{
	struct sim *sim = agreed_started(3, 8);
	const struct conference_line one = agreed_line_of(1);

	CHECK_OK(agreed_put(sim, 1, &one));
	sim_run(sim, SECOND_MS);
	CHECK(all_see(sim, 1, 1));
	sim_box_kill(sim, 1);
	sim_box_start(sim, 1); /* before anybody has removed it */
	sim_run(sim, 3 * SECOND_MS);
	CHECK(sim_is_calm(sim));
	CHECK(agreed_all_see_lines(sim, 0));
	agreed_free(sim);
}

static bool line_is_everywhere(struct sim *sim)
{
	return sim_is_calm(sim) && all_see(sim, 1, 1);
}

/* Each of the lies is by somebody who is no host, about another's line. */
static void lie_by(const struct conference *truth, int kind, uint32_t liar,
    struct sim_agreed *lie)
{
	static struct conference c;
	struct kk_bytes text;

	c = *truth;
	switch (kind) {
	case 0: /* hides it */
		c.line_count = 0;
		break;
	case 1: /* says that it is sealed */
		c.lines[0].transport = CONFERENCE_SRTP;
		break;
	case 2: /* says that it is muted */
		c.lines[0].is_muted_by_host = true;
		break;
	case 3: /* invents one */
		c.lines[1] = c.lines[0];
		c.lines[1].id[0]++;
		c.line_count = 2;
		break;
	case 4:
		c.is_locked = true;
		break;
	case 5: /* says that the exchange has told it */
		c.lines[0].origin = CONFERENCE_EXCHANGE;
		break;
	case 6:
		memcpy(c.label, "Public", sizeof("Public"));
		break;
	default: /* makes itself a host */
		c.hosts[c.host_count++] = liar;
		break;
	}
	CHECK_OK(conference_write(&c, &text));
	CHECK(text.bytes <= sizeof(lie->text));
	memcpy(lie->text, text.data, text.bytes);
	lie->bytes = text.bytes;
	kk_bytes_clear(&text);
}

TEST(member_that_lies_about_lines_and_rights_is_believed_by_nobody)
{
	for (int kind = 0; kind < 8; kind++) {
		struct sim *sim = agreed_started(4, (uint64_t)kind + 1);
		const struct conference_line one = agreed_line_of(1),
					     two = agreed_line_of(2);
		struct sim_agreed lie;

		CHECK_OK(agreed_put(sim, 1, &one));
		sim_run(sim, SECOND_MS);
		CHECK(all_see(sim, 1, 1));
		lie_by(agreed_of(sim, 3), kind, agreed_leaf_of(sim, 3), &lie);
		sim->box[3].lie = &lie;
		CHECK_OK(agreed_put(sim, 3, &two));
		sim_run(sim, SECOND_MS);
		CHECK_EQ(sim->lies_told, 1);
		/* They go, and come again; what they have, they say anew. */
		CHECK(sim_run_until(sim, line_is_everywhere, SETTLE_MS));
		CHECK_EQ(sim->lies_applied, 0);
		agreed_free(sim);
	}
}

TEST(text_that_is_no_state_is_dropped_like_any_bad_commit)
{
	struct sim *sim = agreed_started(3, 9);
	const struct conference_line one = agreed_line_of(1);
	static const struct sim_agreed lie = { .text = { 2 }, .bytes = 1 };

	sim->box[1].lie = &lie;
	CHECK_OK(agreed_put(sim, 1, &one));
	sim_run(sim, SECOND_MS);
	CHECK_EQ(sim->lies_told, 1);
	CHECK_EQ(sim->lies_applied, 0);
	agreed_free(sim);
}

/*
 * Whatever happens.
 */
static void fault(struct sim *sim)
{
	const size_t i = sim_random(sim, sim->count);

	switch (sim_random(sim, 8)) {
	case 0:
		sim_box_cut(sim, i, true);
		break;
	case 1:
	case 2:
		sim_box_cut(sim, i, false);
		break;
	case 3:
		sim_box_kill(sim, i);
		break;
	case 4:
	case 5:
		if (!sim->box[i].room)
			sim_box_start(sim, i);
		break;
	case 6:
		sim_keyd_kill(sim, i);
		break;
	default:
		if (!sim->box[i].keyd.is_up)
			sim_keyd_start(sim, i);
		break;
	}
}

/* Some lines of some box; what the host says is not checked at the end. */
static void telephones(struct sim *sim)
{
	const size_t i = sim_random(sim, sim->count);
	struct conference_line line = agreed_line_of(
	    (uint8_t)(1 + sim_random(sim, 3)));

	if (!sim->box[i].room)
		return;
	if (sim_random(sim, 3) == 0) {
		drop(sim, i, line.id[0]);
		return;
	}
	line.is_muted = sim_random(sim, 2);
	(void)!agreed_put(sim, i, &line);
	(void)!agreed_change(sim, i, i, line.id[0], ROOM_CHANGE_MUTE,
	    sim_random(sim, 2));
}

static void mend(struct sim *sim)
{
	for (size_t i = 0; i < sim->count; i++) {
		sim_box_cut(sim, i, false);
		if (!sim->box[i].keyd.is_up)
			sim_keyd_start(sim, i);
		if (!sim->box[i].room)
			sim_box_start(sim, i);
	}
}

/* Each box's lines are those that it wants, for all to see. */
static bool is_true_everywhere(struct sim *sim)
{
	size_t wanted = 0;

	for (size_t i = 0; i < sim->count; i++) {
		for (uint8_t id = 1; id <= 3; id++) {
			bool is_muted;

			if (agreed_state_of(sim, i, id, &is_muted) ==
			    ROOM_LINE_NONE)
				continue;
			wanted++;
			if (!all_see(sim, i, id))
				return false;
		}
	}
	return agreed_all_see_lines(sim, wanted) && sim_is_calm(sim);
}

TEST(whatever_fails_in_the_end_all_see_the_lines_that_are_there)
{
	for (uint64_t seed = 1; seed <= 2 * SEEDS; seed++) {
		struct sim *sim = agreed_started(3 + seed % 3, seed);

		for (int i = 0; i < FAULTS; i++) {
			fault(sim);
			telephones(sim);
			sim_run(sim,
			    sim_random(sim, sim_random(sim, 6) ? 300 : 20000));
		}
		mend(sim);
		if (!sim_run_until(sim, is_true_everywhere, 2 * SETTLE_MS)) {
			tap_diag("seed %llu", (unsigned long long)seed);
			sim_tell(sim);
			CHECK(false);
		}
		agreed_free(sim);
	}
}
