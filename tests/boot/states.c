/* states.c */
#include "states.h"

#include <stdlib.h>
#include <string.h>

#include "harness/tap.h"

enum { TABLE = 4 * STATES_MAX };

void states_open(struct states *s, size_t bytes)
{
	*s = (struct states){ .bytes = bytes };
	s->node = malloc(STATES_MAX * bytes);
	s->table = calloc(TABLE, sizeof(*s->table));
	CHECK(s->node && s->table);
}

void states_close(struct states *s)
{
	free(s->node);
	free(s->table);
}

static size_t hash_of(const uint8_t *at, size_t bytes)
{
	uint64_t h = 0xcbf29ce484222325; /* FNV-1a */

	for (size_t i = 0; i < bytes; i++)
		h = (h ^ at[i]) * 0x100000001b3;
	return (size_t)((h ^ h >> 29) % TABLE);
}

void states_add(struct states *s, const void *node)
{
	size_t at = hash_of(node, s->bytes);

	s->steps++;
	for (; s->table[at]; at = (at + 1) % TABLE) {
		if (!memcmp(s->node + (s->table[at] - 1) * s->bytes, node,
			s->bytes))
			return;
	}
	CHECK(s->count < STATES_MAX);
	memcpy(s->node + s->count * s->bytes, node, s->bytes);
	s->table[at] = (uint32_t)++s->count;
}

void states_get(const struct states *s, size_t index, void *node)
{
	memcpy(node, s->node + index * s->bytes, s->bytes);
}
