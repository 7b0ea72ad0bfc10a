/* states.h - all states of something, each once: its search has to look at
 * them in order. */
#pragma once
#include <stddef.h>
#include <stdint.h>

enum { STATES_MAX = 1 << 18 };

struct states {
	uint8_t *node;
	uint32_t *table; /* index + 1, or 0 */
	size_t bytes; /* of a state, which has no padding */
	size_t count;
	size_t steps; /* how often one was reached */
};

void states_open(struct states *s, size_t bytes);
void states_close(struct states *s);
void states_add(struct states *s, const void *node);
void states_get(const struct states *s, size_t index, void *node);
