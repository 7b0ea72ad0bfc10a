/* types.c - numbers of RFC 9420. */
#include "mls/types.h"

bool mls_u16_list_has(struct mls_u16_list list, uint16_t number)
{
	for (size_t at = 0; at + 1 < list.raw.bytes; at += 2) {
		unsigned int high = list.raw.data[at];
		unsigned int low = list.raw.data[at + 1];

		if ((high << 8 | low) == number)
			return true;
	}
	return false;
}

bool mls_is_grease(uint16_t number)
{
	/* 0x0a0a, 0x1a1a, ... 0xeaea; 0xfafa is for private use. */
	return (number & 0x0f0f) == 0x0a0a && number >> 8 == (number & 0xff) &&
	    number != 0xfafa;
}
