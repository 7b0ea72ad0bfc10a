/*
 * seq.h - sequence numbers and timestamps that wrap around.  No state.
 *
 * Of two numbers the newer one is less than half of the range ahead; exactly
 * half a range apart, neither is.
 * Source: RFC 3550, A.1; RFC 3711, 3.3.1 (the index of a packet); RFC 1982.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

bool wire_seq_is_newer(uint16_t a, uint16_t than);
bool wire_ts_is_newer(uint32_t a, uint32_t than);

/* How far a is ahead of from, negative when behind. */
int32_t wire_seq_diff(uint16_t a, uint16_t from);
int64_t wire_ts_diff(uint32_t a, uint32_t from);

/*
 * The extended number nearest to near whose low bits are seq (or ts).
 * The upper bits count the wraps (of SRTP: the rollover counter).  There is
 * nothing below 0: a number that would be is taken one wrap later.
 */
uint64_t wire_seq_extend(uint64_t near, uint16_t seq);
uint64_t wire_ts_extend(uint64_t near, uint32_t ts);
