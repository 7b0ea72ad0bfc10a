/* hosts.c - what hosts decide: who comes in, the label, who is host. */
#include <string.h>

#include "agreed.h"

static enum kk_err label(struct sim *sim, size_t i, const char *text,
    bool may_lines_stay)
{
	struct room_change x = { .type = ROOM_CHANGE_LABEL,
		.is_on = may_lines_stay };
	enum kk_err err;

	memcpy(x.label, text, strlen(text) + 1);
	err = room_change(sim->box[i].room, &x, sim->now_ms);
	sim_drain(sim, i);
	return err;
}

/* Also where commits meet: nobody comes in whom no host has let in. */
TEST(locked_meeting_lets_lines_in_one_by_one)
{
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		struct sim *sim = agreed_started(3, seed);
		const struct conference_line one = agreed_line_of(1),
					     two = agreed_line_of(2);
		bool is_muted;

		CHECK_OK(agreed_change(sim, 0, 0, 0, ROOM_CHANGE_LOCK, true));
		sim_run(sim, SECOND_MS);
		CHECK_OK(agreed_put(sim, 1, &one));
		CHECK_OK(agreed_put(sim, 2, &two));
		sim_run(sim, SECOND_MS);
		CHECK(agreed_seen(sim, 0, 1, 1)->waits &&
		    agreed_seen(sim, 0, 2, 2)->waits);
		CHECK_EQ(agreed_state_of(sim, 1, 1, &is_muted),
		    ROOM_LINE_WAITING);
		CHECK_EQ(agreed_change(sim, 1, 1, 1, ROOM_CHANGE_ADMIT, true),
		    KK_EDENIED);
		CHECK_OK(agreed_change(sim, 0, 1, 1, ROOM_CHANGE_ADMIT, true));
		sim_run(sim, SECOND_MS);
		CHECK_EQ(agreed_state_of(sim, 1, 1, &is_muted), ROOM_LINE_IN);
		CHECK_EQ(agreed_state_of(sim, 2, 2, &is_muted),
		    ROOM_LINE_WAITING);
		for (size_t i = 0; i < 3; i++) {
			CHECK(!agreed_seen(sim, i, 1, 1)->waits);
			CHECK(agreed_seen(sim, i, 2, 2)->waits);
		}
		CHECK_OK(agreed_change(sim, 0, 2, 2, ROOM_CHANGE_REMOVE, true));
		sim_run(sim, SECOND_MS);
		CHECK(agreed_all_see_lines(sim, 1));
		CHECK_EQ(agreed_state_of(sim, 2, 2, &is_muted), ROOM_LINE_OUT);
		CHECK_EQ(sim->lies_told, 0);
		agreed_free(sim);
	}
}

TEST(opened_meeting_lets_all_in_who_wait)
{
	struct sim *sim = agreed_started(3, 5);
	const struct conference_line one = agreed_line_of(1),
				     two = agreed_line_of(2);
	bool is_muted;

	CHECK_OK(agreed_put(sim, 1, &one));
	sim_run(sim, SECOND_MS);
	CHECK_OK(agreed_change(sim, 0, 0, 0, ROOM_CHANGE_LOCK, true));
	sim_run(sim, SECOND_MS);
	CHECK_OK(agreed_put(sim, 2, &two));
	sim_run(sim, SECOND_MS);
	CHECK_EQ(agreed_state_of(sim, 1, 1, &is_muted),
	    ROOM_LINE_IN); /* it was */
	CHECK_EQ(agreed_state_of(sim, 2, 2, &is_muted), ROOM_LINE_WAITING);
	CHECK_OK(agreed_change(sim, 0, 0, 0, ROOM_CHANGE_LOCK, false));
	sim_run(sim, SECOND_MS);
	CHECK_EQ(agreed_state_of(sim, 2, 2, &is_muted), ROOM_LINE_IN);
	CHECK(!agreed_of(sim, 1)->is_locked);
	agreed_free(sim);
}

/* A box cannot bring new calls into a locked meeting by coming anew. */
TEST(line_whose_box_comes_anew_waits_in_a_locked_meeting)
{
	struct sim *sim = agreed_started(3, 6);
	const struct conference_line one = agreed_line_of(1);
	bool is_muted;

	CHECK_OK(agreed_put(sim, 1, &one));
	sim_run(sim, SECOND_MS);
	CHECK_OK(agreed_change(sim, 0, 0, 0, ROOM_CHANGE_LOCK, true));
	sim_run(sim, SECOND_MS);
	CHECK_EQ(agreed_state_of(sim, 1, 1, &is_muted), ROOM_LINE_IN);
	sim_box_cut(sim, 1, true);
	sim_run(sim, 40 * SECOND_MS);
	CHECK_EQ(agreed_of(sim, 0)->line_count, 0);
	sim_box_cut(sim, 1, false);
	CHECK(sim_run_until(sim, sim_is_calm, SETTLE_MS));
	sim_run(sim, 2 * SECOND_MS);
	CHECK_EQ(agreed_state_of(sim, 1, 1, &is_muted), ROOM_LINE_WAITING);
	agreed_free(sim);
}

TEST(label_that_allows_no_lines_ends_them_in_the_same_commit)
{
	struct sim *sim = agreed_started(3, 5);
	const struct conference_line one = agreed_line_of(1);

	CHECK_OK(agreed_put(sim, 1, &one));
	CHECK_OK(label(sim, 0, "Intern", true));
	sim_run(sim, SECOND_MS);
	CHECK_STR(agreed_of(sim, 2)->label, "Intern");
	CHECK(agreed_all_see_lines(sim, 1));
	CHECK_EQ(label(sim, 1, "Offen", true), KK_EDENIED);
	CHECK_EQ(label(sim, 0, "a\nb", true), KK_EFORMAT);
	CHECK_OK(label(sim, 0, "Geheim", false));
	while (strcmp(agreed_of(sim, 2)->label, "Geheim") != 0) {
		CHECK_EQ(agreed_of(sim, 2)->line_count, 1);
		sim_run(sim, 1);
	}
	CHECK_EQ(agreed_of(sim, 2)->line_count, 0);
	CHECK(agreed_of(sim, 2)->forbids_lines);
	CHECK_OK(label(sim, 0, "", true));
	sim_run(sim, SECOND_MS);
	CHECK_STR(agreed_of(sim, 1)->label, "");
	CHECK(agreed_of(sim, 1)->forbids_lines); /* until a host allows them */
	agreed_free(sim);
}

TEST(host_makes_another_one_and_takes_it_back)
{
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		struct sim *sim = agreed_started(3, seed);

		CHECK_EQ(agreed_change(sim, 0, 0, 0, ROOM_CHANGE_HOST, false),
		    KK_ESTATE);
		CHECK_EQ(agreed_change(sim, 1, 1, 0, ROOM_CHANGE_HOST, true),
		    KK_EDENIED);
		CHECK_OK(agreed_change(sim, 0, 2, 0, ROOM_CHANGE_HOST, true));
		sim_run(sim, SECOND_MS);
		CHECK_EQ(agreed_of(sim, 1)->host_count, 2);
		CHECK(conference_is_host(agreed_of(sim, 1),
		    agreed_leaf_of(sim, 2)));
		CHECK_OK(agreed_change(sim, 2, 0, 0, ROOM_CHANGE_LOCK, true));
		sim_run(sim, SECOND_MS);
		CHECK(agreed_of(sim, 1)->is_locked);
		/* Also the first one, by whom it has made a host. */
		CHECK_OK(agreed_change(sim, 2, 0, 0, ROOM_CHANGE_HOST, false));
		sim_run(sim, SECOND_MS);
		CHECK_EQ(agreed_of(sim, 1)->host_count, 1);
		CHECK(!conference_is_host(agreed_of(sim, 1),
		    agreed_leaf_of(sim, 0)));
		CHECK_EQ(agreed_change(sim, 0, 0, 0, ROOM_CHANGE_LOCK, false),
		    KK_EDENIED);
		agreed_free(sim);
	}
}

/* Who made the meeting takes the place that the last host has left. */
TEST(meeting_whose_last_host_leaves_is_its_maker_s_again)
{
	struct sim *sim = agreed_started(3, 7);

	CHECK_OK(agreed_change(sim, 0, 2, 0, ROOM_CHANGE_HOST, true));
	sim_run(sim, SECOND_MS);
	CHECK_OK(agreed_change(sim, 0, 0, 0, ROOM_CHANGE_HOST, false));
	sim_run(sim, SECOND_MS);
	CHECK(!conference_is_host(agreed_of(sim, 1), agreed_leaf_of(sim, 0)));
	sim_box_kill(sim, 2);
	sim_run(sim, 3 * SECOND_MS);
	CHECK_EQ(agreed_of(sim, 1)->host_count, 1);
	CHECK(conference_is_host(agreed_of(sim, 1), agreed_leaf_of(sim, 0)));
	agreed_free(sim);
}

TEST(who_gets_the_leaf_of_one_that_was_to_be_host_is_none)
{
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		struct sim *sim = agreed_started(3, seed);
		const uint32_t leaf = agreed_leaf_of(sim, 2);

		sim_box_kill(sim, 2);
		sim_box_start(sim, 2); /* it comes anew, into its place */
		CHECK_OK(agreed_change(sim, 0, 2, 0, ROOM_CHANGE_HOST, true));
		/* The word comes too late, or it was a host that went. */
		CHECK(sim_run_until(sim, sim_is_calm, SETTLE_MS));
		sim_run(sim, 2 * SECOND_MS);
		CHECK_EQ(agreed_leaf_of(sim, 2), leaf);
		CHECK_EQ(agreed_of(sim, 1)->host_count, 1);
		agreed_free(sim);
	}
}

/* Its line waits beside its claim: members judge both by what was agreed. */
TEST(maker_that_comes_back_with_a_line_into_a_locked_meeting_is_its_host)
{
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		struct sim *sim = agreed_started(3, seed);
		const struct conference_line one = agreed_line_of(1);
		bool is_muted;

		CHECK_OK(agreed_change(sim, 0, 0, 0, ROOM_CHANGE_LOCK, true));
		sim_run(sim, SECOND_MS);
		sim_box_kill(sim, 0);
		sim_run(sim, 3 * SECOND_MS);
		CHECK_EQ(agreed_of(sim, 1)->host_count, 0);
		sim_box_start(sim, 0);
		CHECK_OK(agreed_put(sim, 0, &one));
		CHECK(sim_run_until(sim, sim_is_calm, SETTLE_MS));
		sim_run(sim, 2 * SECOND_MS);
		CHECK(sim_is_calm(sim));
		for (size_t i = 0; i < 3; i++) {
			CHECK(conference_is_host(agreed_of(sim, i),
			    agreed_leaf_of(sim, 0)));
			CHECK(agreed_seen(sim, i, 0, 1));
		}
		CHECK_EQ(agreed_state_of(sim, 0, 1, &is_muted),
		    ROOM_LINE_WAITING);
		CHECK_OK(agreed_change(sim, 0, 0, 1, ROOM_CHANGE_ADMIT, true));
		sim_run(sim, SECOND_MS);
		CHECK_EQ(agreed_state_of(sim, 0, 1, &is_muted), ROOM_LINE_IN);
		CHECK_EQ(sim->lies_told, 0);
		agreed_free(sim);
	}
}

TEST(label_that_forbids_lines_outlasts_a_host_s_word_on_either_side_of_it)
{
	struct sim *sim = agreed_started(3, 9);

	CHECK_OK(agreed_change(sim, 0, 0, 0, ROOM_CHANGE_ALLOW, false));
	sim_run(sim, SECOND_MS);
	CHECK_OK(agreed_change(sim, 0, 0, 0, ROOM_CHANGE_ALLOW, true));
	CHECK_OK(label(sim, 0, "Geheim", false));
	CHECK_EQ(agreed_change(sim, 0, 0, 0, ROOM_CHANGE_ALLOW, true),
	    KK_EDENIED);
	sim_run(sim, 2 * SECOND_MS);
	CHECK_STR(agreed_of(sim, 2)->label, "Geheim");
	CHECK(agreed_of(sim, 2)->forbids_lines);
	agreed_free(sim);
}
