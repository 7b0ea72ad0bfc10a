/* known.c - places by the number; a taken one leads to the next. */
#include "tests/cuts/known.h"

#include <stdlib.h>

#include "harness/tap.h"

void known_open(struct known *k, size_t places)
{
	CHECK(places > 0 && (places & (places - 1)) == 0);
	*k = (struct known){ .place = calloc(places, sizeof(*k->place)),
		.places = places };
	CHECK(k->place != NULL);
}

void known_close(struct known *k)
{
	free(k->place);
	*k = (struct known){ 0 };
}

bool known_is(struct known *k, uint64_t number)
{
	const uint64_t taken = number | 1; /* 0: nothing is there */
	size_t at = (size_t)(taken % k->places);

	for (; k->place[at]; at = (at + 1) % k->places) {
		if (k->place[at] == taken)
			return true;
	}
	CHECK(k->count < k->places / 2);
	k->place[at] = taken;
	k->count++;
	return false;
}
