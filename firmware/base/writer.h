/*
 * writer.h - a growing, bounded writer of the TLS presentation language.
 *
 * The first error sticks and later writes do nothing, so a serializer writes
 * its fields and asks once.  The memory is wiped when it is released or grows,
 * so secrets may be written.
 *
 * Source: RFC 8446, 3; RFC 9420, 2.1.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"

enum { KK_WRITER_MAX_BYTES = 64 * 1024 * 1024 };

struct kk_writer {
	uint8_t *data;
	size_t bytes; /* written */
	size_t room_bytes;
	enum kk_err err; /* KK_ENOMEM, KK_ELIMIT */
};

void kk_writer_init(struct kk_writer *w);
void kk_writer_clear(struct kk_writer *w); /* wipes; may be called twice */

void kk_write_u8(struct kk_writer *w, uint8_t n);
void kk_write_u16(struct kk_writer *w, uint16_t n);
void kk_write_u32(struct kk_writer *w, uint32_t n);
void kk_write_u64(struct kk_writer *w, uint64_t n);
void kk_write_varint(struct kk_writer *w, size_t n); /* sticks KK_ELIMIT */
void kk_write_raw(struct kk_writer *w, struct kk_view v);
void kk_write_vec(struct kk_writer *w, struct kk_view v); /* opaque<V> */

/*
 * A vector whose content is written piece by piece between the two calls:
 * size_t at = kk_write_vec_begin(w); ... kk_write_vec_end(w, at);
 */
size_t kk_write_vec_begin(struct kk_writer *w);
void kk_write_vec_end(struct kk_writer *w, size_t at);

void kk_writer_fail(struct kk_writer *w, enum kk_err err); /* first one wins */
struct kk_view kk_writer_view(const struct kk_writer *w); /* borrowed */

/*
 * Gives the written bytes to *out and leaves the writer empty.  *out is
 * overwritten without being released.  On error *out is empty and the writer's
 * memory is wiped and released.
 */
MUST_CHECK enum kk_err kk_writer_take(struct kk_writer *w,
    struct kk_bytes *out);
