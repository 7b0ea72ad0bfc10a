/* ivr.c - fuzzes a caller: what happens, and the milliseconds before it. */
#include <stdlib.h>

#include "ivr/ivr.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void must(bool is_true)
{
	if (!is_true)
		abort();
}

static void step(struct ivr *i, uint8_t what, uint64_t now_ms)
{
	if (what < 128)
		ivr_key(i, (char)what, now_ms);
	else if (what < 160)
		(void)ivr_answer(i, what - 128, now_ms);
	else if (what < 192)
		ivr_mute(i, what & 1, now_ms);
	else if (what < 224)
		ivr_played(i, now_ms);
	else
		ivr_tick(i, now_ms);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	uint64_t now_ms = 0;
	struct ivr_action a;
	struct kk_reader in;
	struct ivr *i;

	if (ivr_new(&i, now_ms))
		return 0;
	kk_reader_init(&in, kk_view_of(data, bytes));
	while (kk_reader_more(&in)) {
		now_ms += kk_read_u16(&in);
		step(i, kk_read_u8(&in), now_ms);
		while (ivr_action_take(i, &a)) {
			must(a.type <= IVR_HANG_UP);
			must(a.type != IVR_PLAY || ivr_prompt_name(a.prompt));
			must((a.type == IVR_HANG_UP) <= ivr_is_over(i));
		}
	}
	/* Whoever waits for long enough is rid of the call. */
	for (unsigned n = 0; n < 20 && ivr_due_ms(i) != UINT64_MAX; n++) {
		now_ms = ivr_due_ms(i);
		ivr_played(i, now_ms);
		ivr_tick(i, now_ms);
	}
	ivr_free(i);
	return 0;
}
