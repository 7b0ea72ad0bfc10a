/* twcc_private.h - packet chunks of the feedback.  Internal.
 * Source: draft-holmer-rmcat-transport-wide-cc-extensions-01, 3.1.1 to 3.1.4.
 */
#pragma once

enum {
	TWCC_VECTOR_BIT = 0x8000, /* else a run */
	TWCC_TWO_BIT = 0x4000, /* a vector of 2-bit symbols, else of 1-bit */
	TWCC_RUN_SHIFT = 13,
	TWCC_RUN_MAX = 0x1fff,
	TWCC_VECTOR_ONE = 14, /* symbols in a vector */
	TWCC_VECTOR_TWO = 7
};

enum twcc_symbol {
	TWCC_LOST,
	TWCC_SMALL, /* a delta of 8 bits, unsigned */
	TWCC_LARGE, /* of 16 bits, signed */
	TWCC_RESERVED
};
