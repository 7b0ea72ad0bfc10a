/*
 * lined.h - a box's lines: its second roomd and keyd, in the place of the
 * world's second box, and a lined that the test plays.  Checks end a test.
 */
#pragma once
#include "world.h"

#define NUMBER "4711"
#define PIN "835214"

enum { ROOM, LINES }; /* the boxes' numbers */

struct lined {
	struct world *w;
	char socket[96], dial_in[96], option[4][128];
	const char *origin; /* of what lines ask with */
	sd_varlink *watch, *link;
	sd_json_variant *told; /* last */
};

/* The lines of the first box; more: another option, or NULL. */
void lines_make(struct lined *l, struct world *w, const char *more);
void lined_start(struct lined *l);
void lined_stop(struct lined *l);
/* A box with lines, both in its meeting, and a lined. */
void lines_meet(struct lined *l, struct world *w, const char *more);
void lines_begin(struct lined *l); /* of what lines_make() has made */
void lines_end(struct lined *l, struct world *w);
bool is_told(struct world *w, const void *arg);

/* What lined says.  Gives the answer, or the error's last name, or "", until
 * the next; the others have to be taken. */
const char *ask_as(struct lined *l, uint64_t lane, const char *number,
    const char *pin, const char *label, const char *transport);
const char *ask_line(struct lined *l, uint64_t lane); /* with what is right */
void tell_line(struct lined *l, uint64_t lane, bool is_muted, bool has_hand_up);
void end_line(struct lined *l, uint64_t lane);
const char *placed(struct lined *l, uint64_t serial, uint64_t lane,
    const char *state);
/* The same of one that takes tones. */
const char *placed_with_tones(struct lined *l, uint64_t serial, uint64_t lane,
    const char *state);

/* What it is told: NULL: nothing of such a line. */
struct wanted {
	const struct lined *l;
	uint64_t lane;
	const char *answer;
	bool is_muted;
};

sd_json_variant *line_told(const struct lined *l, uint64_t lane);
bool is_answered(struct world *w, const void *arg); /* struct wanted */
void answer_await(struct lined *l, uint64_t lane, const char *answer);
void come(struct lined *l, uint64_t lane); /* in */

/* What boxes are told: the first line, or NULL. */
sd_json_variant *line_of(const struct box *b);
bool line_has(const struct box *b, const char *name);
/* Until a box is told of so many; gives how long it took. */
double lines_await(struct lined *l, size_t box, size_t count);
uint64_t refusals(struct lined *l, const char *name);

/* What people ask: gives the error's last name, or "". */
sd_json_variant *in_line(const struct box *b, const char *flag, bool is_on);
sd_json_variant *in_flag(const char *name, bool is_on);
const char *host_asks(struct box *b, const char *method, sd_json_variant *in);
