/*
 * ring.c - fuzzes both sides of the sound between processes: a row of what
 * each does, and of bytes that somebody writes anywhere into the memory.
 */
#include <stdlib.h>
#include <string.h>

#include "ring/ring.h"

enum { LINES = 2, PAGE = 4096 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void must(bool is_true)
{
	if (!is_true)
		abort();
}

static void take(struct ring *r, size_t line)
{
	static const int16_t silence[RING_SAMPLES];
	struct ring_frame f;
	const enum kk_err err = ring_take(r, line, &f);

	must(err == KK_OK || !memcmp(f.pcm, silence, sizeof(silence)));
	must((err == KK_EINVAL) == (line >= LINES));
	must(ring_waiting(r, line) <= RING_FRAMES);
}

static void step(struct kk_reader *in, struct ring *r, uint8_t *memory,
    size_t memory_bytes)
{
	static int16_t pcm[RING_SAMPLES];
	const uint8_t what = kk_read_u8(in), line = kk_read_u8(in);
	uint32_t at;

	pcm[what % RING_SAMPLES] = (int16_t)line;
	switch (what % 6) {
	case 0:
		(void)!ring_put(r, line, pcm);
		break;
	case 1:
		(void)!ring_common_set(r, pcm);
		break;
	case 2:
		(void)!ring_put_common(r, line);
		break;
	case 3:
		take(r, line);
		break;
	case 4:
		ring_drop(r, line);
		break;
	default:
		at = kk_read_u32(in);
		memory[at % memory_bytes] = kk_read_u8(in);
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	const size_t memory_bytes = (ring_bytes(LINES) + PAGE - 1) / PAGE *
	    PAGE;
	uint8_t *memory = aligned_alloc(PAGE, memory_bytes);
	struct ring *sides[2];
	struct kk_reader in;

	if (!memory)
		abort();
	must(!ring_format(memory, memory_bytes, LINES));
	must(!ring_new(&sides[0], RING_LINED, memory, memory_bytes, LINES));
	must(!ring_new(&sides[1], RING_MIXD, memory, memory_bytes, LINES));
	kk_reader_init(&in, kk_view_of(data, bytes));
	while (kk_reader_more(&in))
		step(&in, sides[kk_read_u8(&in) % 2], memory, memory_bytes);
	ring_free(sides[0]);
	ring_free(sides[1]);
	free(memory);
	return 0;
}
