/*
 * out.h - a writer into the caller's buffer.  No heap.
 *
 * The first error sticks and later writes do nothing, so a builder writes its
 * fields and asks once.  Numbers are big-endian.
 */
#pragma once
#include "base/base.h"

struct wire_out {
	uint8_t *data; /* borrowed */
	size_t room_bytes;
	size_t bytes; /* written */
	enum kk_err err; /* KK_ENOSPC, or what a builder found */
};

void wire_out_init(struct wire_out *w, uint8_t *data, size_t room_bytes);
void wire_out_u8(struct wire_out *w, unsigned n);
void wire_out_u16(struct wire_out *w, unsigned n);
void wire_out_u24(struct wire_out *w, uint32_t n);
void wire_out_u32(struct wire_out *w, uint32_t n);
void wire_out_raw(struct wire_out *w, struct kk_view v);
void wire_out_zero(struct wire_out *w, size_t bytes);

struct kk_view wire_out_view(const struct wire_out *w); /* borrowed */
void wire_out_fail(struct wire_out *w, enum kk_err err); /* first one wins */

/* Big-endian numbers at a place that is known to have room. */
void wire_put_u16(uint8_t *at, unsigned n);
void wire_put_u32(uint8_t *at, uint32_t n);
uint16_t wire_get_u16(const uint8_t *at);
uint32_t wire_get_u24(const uint8_t *at);
uint32_t wire_get_u32(const uint8_t *at);
