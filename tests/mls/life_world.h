/* life_world.h - a random life of a group, and what must always hold in it. */
#pragma once
#include "group_world.h"
#include "life_random.h"

enum { LIFE_LETTERS = 24 };

/* An application message that one member is still to receive, or not. */
struct life_letter {
	struct kk_bytes message; /* empty: no letter */
	uint32_t to;
	uint32_t to_life; /* which of the receiver's lives in the group */
	uint64_t epoch;
	uint32_t number; /* what it says */
	bool is_open; /* received once */
};

enum life_place { LIFE_OUTSIDE, LIFE_INSIDE, LIFE_LOST };

struct life {
	struct life_random random;
	struct group_world w;
	uint32_t people; /* at most GROUP_WORLD_MEMBERS */
	uint32_t aim; /* members that the group drifts to */
	enum life_place place[GROUP_WORLD_MEMBERS];
	uint32_t lives[GROUP_WORLD_MEMBERS]; /* joins so far */
	uint64_t joined[GROUP_WORLD_MEMBERS]; /* in this epoch */
	bool is_asked_in[GROUP_WORLD_MEMBERS]; /* an Add is proposed */
	struct mls_group *ghost[GROUP_WORLD_MEMBERS]; /* after a removal */
	struct life_letter letters[LIFE_LETTERS];
	uint32_t written; /* numbers letters */
	struct life_count {
		uint32_t commits, races, adds, removes, external, updates,
		    letters, late, closed, lost, restarts, rebirths;
	} count;
};

void life_init(struct life *l, uint16_t suite, uint64_t seed, uint32_t people);
void life_clear(struct life *l);
void life_step(struct life *l);
void life_report(struct life *l);

/* Now inside, with its group. */
void life_enter(struct life *l, uint32_t who);

/* Parts of a step. */
void life_commit(struct life *l);
void life_external(struct life *l, uint32_t who);
void life_propose(struct life *l);
void life_letter_write(struct life *l);
void life_letter_read(struct life *l);
void life_letters_clear(struct life *l);
void life_restart(struct life *l);
void life_rebirth(struct life *l);

/* Somebody at this place, or UINT32_MAX. */
uint32_t life_somebody(struct life *l, enum life_place place);
uint32_t life_count_at(const struct life *l, enum life_place place);

/*
 * Carries an accepted commit to all who are inside but by, and the welcome to
 * those who join (NULL: nobody).  Now and then somebody misses it.
 */
void life_spread(struct life *l, uint32_t by, struct kk_view commit,
    struct kk_view welcome, const bool *joins);
void life_check(struct life *l); /* all who are inside agree */
