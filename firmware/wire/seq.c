/* seq.c - sequence numbers and timestamps that wrap around. */
#include "wire/seq.h"

enum { SEQ_HALF = 0x8000 };
static const uint32_t ts_half = 0x80000000;

int32_t wire_seq_diff(uint16_t a, uint16_t from)
{
	int32_t ahead = (uint16_t)(a - from);

	return ahead > SEQ_HALF ? ahead - 2 * SEQ_HALF : ahead;
}

int64_t wire_ts_diff(uint32_t a, uint32_t from)
{
	int64_t ahead = (uint32_t)(a - from);

	return ahead > ts_half ? ahead - 2 * (int64_t)ts_half : ahead;
}

bool wire_seq_is_newer(uint16_t a, uint16_t than)
{
	uint16_t ahead = (uint16_t)(a - than);

	return ahead > 0 && ahead < SEQ_HALF;
}

bool wire_ts_is_newer(uint32_t a, uint32_t than)
{
	uint32_t ahead = a - than;

	return ahead > 0 && ahead < ts_half;
}

uint64_t wire_seq_extend(uint64_t near, uint16_t seq)
{
	int32_t ahead = wire_seq_diff(seq, (uint16_t)near);

	if (ahead < 0 && near < (uint64_t)-ahead)
		ahead += 2 * SEQ_HALF;
	return near + (uint64_t)(int64_t)ahead;
}

uint64_t wire_ts_extend(uint64_t near, uint32_t ts)
{
	int64_t ahead = wire_ts_diff(ts, (uint32_t)near);

	if (ahead < 0 && near < (uint64_t)-ahead)
		ahead += 2 * (int64_t)ts_half;
	return near + (uint64_t)ahead;
}
