/* agreed.h - what tests of the members' state share. */
#pragma once
#include "sim.h"

enum { SECOND_MS = 1000, SETTLE_MS = 90000, SEEDS = 40 };

/* So many boxes in a meeting, at rest; the first has made it. */
struct sim *agreed_started(size_t count, uint64_t seed);
void agreed_free(struct sim *sim);

/* A line of a box's own, by its number. */
struct conference_line agreed_line_of(uint8_t id);
enum kk_err agreed_put(struct sim *sim, size_t i,
    const struct conference_line *line);

uint32_t agreed_leaf_of(const struct sim *sim, size_t i);
/* As box who sees it; NULL: it does not. */
const struct conference_line *agreed_seen(const struct sim *sim, size_t who,
    size_t whose, uint8_t id);
bool agreed_all_see_lines(const struct sim *sim, size_t count);
enum room_line_state agreed_state_of(const struct sim *sim, size_t i,
    uint8_t id, bool *is_muted);
enum kk_err agreed_change(struct sim *sim, size_t i, size_t whose, uint8_t id,
    enum room_change_type type, bool is_on);
const struct conference *agreed_of(const struct sim *sim, size_t i);
