/* libs: wire */
/*
 * estimate.c - fuzzes feedback of a hostile receiver.
 *
 *     steps: what (1) | argument (1) | with what = 0, 1: the body of a feedback
 *     packet, its length in front (1)
 */
#include <stdlib.h>

#include "estimate/estimate.h"

enum { STEPS_MAX = 5000, MIN_BPS = 50000, MAX_BPS = 5000000 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void must(bool is_true)
{
	if (!is_true)
		abort();
}

/* As RTCP: a header of our own in front, so that most of it is read. */
static void feedback(struct estimate *e, struct kk_view body, uint64_t now_us)
{
	struct wire_rtcp_fb fb = { .fmt = WIRE_RTCP_RTPFB_TWCC, .fci = body };
	struct estimate_state before = estimate_get(e), after;
	struct wire_twcc twcc;
	enum kk_err err;

	if (wire_twcc_parse(&twcc, &fb))
		return;
	err = estimate_feedback(e, &twcc, now_us);
	after = estimate_get(e);
	must(!err || after.bps == before.bps);
	must(after.refused == before.refused + (err ? 1 : 0));
}

static void step(struct estimate *e, struct kk_reader *r, uint64_t *now_us)
{
	unsigned what = kk_read_u8(r), argument = kk_read_u8(r);
	struct kk_view in;

	*now_us += (uint64_t)argument << (argument % 17);
	switch (what % 5) {
	case 0:
	case 1:
		in = kk_read_raw(r, kk_read_u8(r));
		if (!kk_reader_err(r))
			feedback(e, in, *now_us);
		return;
	case 2:
		estimate_tick(e, *now_us);
		must(estimate_probe_bytes(e, *now_us) < (size_t)2 * MAX_BPS);
		return;
	case 3:
		estimate_want(e, (uint64_t)argument << (what / 10),
		    (uint64_t)argument << (what / 5));
		return;
	default:
		for (unsigned i = 0; i <= what / 5; i++)
			(void)estimate_sent(e, (size_t)argument << (what % 7),
			    *now_us);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	const struct estimate_config config = { 300000, MIN_BPS, MAX_BPS };
	uint64_t now_us = 1000000;
	struct estimate *e;
	struct kk_reader r;

	must(!estimate_new(&e, &config, now_us));
	kk_reader_init(&r, kk_view_of(data, bytes));
	for (unsigned i = 0; i < STEPS_MAX && kk_reader_more(&r); i++) {
		step(e, &r, &now_us);
		must(estimate_get(e).bps >= MIN_BPS);
		must(estimate_get(e).bps <= MAX_BPS);
	}
	estimate_free(e);
	return 0;
}
