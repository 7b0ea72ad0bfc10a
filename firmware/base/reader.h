/*
 * reader.h - a bounded reader of the TLS presentation language.
 *
 * The first error sticks: every later read gives zero or an empty view and
 * leaves the error alone.  So a parser reads its fields one after another and
 * asks once, with kk_reader_end() or kk_reader_err().  A loop over elements
 * asks kk_reader_more(), which is false after an error, so that it always ends.
 *
 * Source: RFC 8446, 3 (integers); RFC 9420, 2.1 (optional and variable-size
 * vectors with lengths as in RFC 9000, 16, in shortest form).
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"

enum { KK_VARINT_MAX = 0x3fffffff }; /* RFC 9420, 2.1.2: 30 bits */

struct kk_reader {
	const uint8_t *p;
	size_t left_bytes;
	enum kk_err err;
};

void kk_reader_init(struct kk_reader *r, struct kk_view in); /* in borrowed */

uint8_t kk_read_u8(struct kk_reader *r);
uint16_t kk_read_u16(struct kk_reader *r);
uint32_t kk_read_u32(struct kk_reader *r);
uint64_t kk_read_u64(struct kk_reader *r);

/* Sticks KK_ETRUNC, KK_EMINIMAL, or KK_EFORMAT for the reserved prefix 11. */
uint32_t kk_read_varint(struct kk_reader *r);

/* The presence octet of optional<T>: sticks KK_EFORMAT unless it is 0 or 1. */
bool kk_read_present(struct kk_reader *r);

/* Views into the input, valid as long as the input is. */
struct kk_view kk_read_raw(struct kk_reader *r, size_t bytes);
struct kk_view kk_read_vec(struct kk_reader *r); /* opaque<V> */

/* A reader over the inside of the next vector; carries an error inward. */
struct kk_reader kk_read_sub(struct kk_reader *r);

/* Takes the inner reader's outcome over; sticks KK_ETRAIL if it has bytes. */
void kk_read_sub_end(struct kk_reader *r, const struct kk_reader *sub);

/* Copies of vectors; on any error the output is empty. */
void kk_read_vec_copy(struct kk_reader *r, struct kk_bytes *out);

void kk_reader_fail(struct kk_reader *r, enum kk_err err); /* first one wins */
bool kk_reader_more(const struct kk_reader *r); /* no error, and bytes left */
MUST_CHECK enum kk_err kk_reader_err(const struct kk_reader *r);
MUST_CHECK enum kk_err kk_reader_end(const struct kk_reader *r); /* KK_ETRAIL */
