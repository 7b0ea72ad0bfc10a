/* sizes.c - the sizes that a camera's picture is sent in. */
#include "pipelines/graphs/sizes.h"

enum {
	/* libwebrtc, media/config/simulcast.cc: so that all of us send alike.
	 */
	THREE_PIXELS = 960 * 540,
	TWO_PIXELS = 480 * 270
};

static size_t count_of(unsigned width, unsigned height)
{
	unsigned pixels = width * height;

	return pixels >= THREE_PIXELS ? 3 : pixels >= TWO_PIXELS ? 2 : 1;
}

struct sizes sizes_of(unsigned width, unsigned height, unsigned most)
{
	struct sizes s = { .count = count_of(width, height) };

	if (most > 0 && s.count > most)
		s.count = most;
	for (size_t i = 0; i < s.count; i++) {
		unsigned by = 1U << (s.count - 1 - i);

		/* Colours have half a picture's size. */
		s.list[i] = (struct size){ width / by & ~1U,
			height / by & ~1U };
	}
	return s;
}
