/* hex.h - test vectors as text. */
#pragma once
#include "base/base.h"

enum { HEX_MAX_BYTES = 512 };

struct hex {
	uint8_t data[HEX_MAX_BYTES];
	size_t bytes;
};

/* Ends the test when text is no hex, or too long. */
struct hex hex_of(const char *text);
struct kk_view hex_view(const struct hex *hex);
/* bytes of fill */
struct hex hex_run(uint8_t fill, size_t bytes);
/* first, first + 1, ... */
struct hex hex_count(uint8_t first, size_t bytes);
