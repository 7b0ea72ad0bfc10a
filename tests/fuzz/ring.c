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

	must(err == KK_OK ||
	    (f.samples == RING_SAMPLES &&
		!memcmp(f.pcm, silence, sizeof(silence))));
	must(f.samples <= RING_SAMPLES && f.pcm);
	must((f.samples == 0) == (f.kind != RING_SOUND));
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
	switch (what % 9) {
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
	case 5:
		(void)!ring_put_low(r, line, pcm, kk_read_u16(in));
		break;
	case 6:
		(void)!ring_put_word(r, line,
		    (enum ring_kind)(kk_read_u8(in) % 4));
		break;
	case 7:
		ring_want_set(r, line, (enum ring_want)(kk_read_u8(in) % 3));
		must((unsigned)ring_want(r, line) <= RING_WANT_LOOK);
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
