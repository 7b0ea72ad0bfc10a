/* guess.c - who has given wrong PINs too often. */
#include "world.h"

static void guess(struct world *w, struct phone *p, const char *number)
{
	phone_open(p, CODEC_PCMA, OFFER_SRTP_NEVER, "127.0.0.1");
	phone_call(w, p, number);
	phone_press(w, p, "1#2#");
}

TEST(caller_of_too_many_guesses_is_told_wrong_late_and_roomd_is_not_asked)
{
	static struct world w;
	struct lined_call *c;

	world_open(&w, NULL);
	w.answer = "wrong";
	for (unsigned i = 0; i < IVR_CALLER_WRONG_MAX; i++)
		ivr_limits_wrong(w.lined.limits,
		    lined_caller_of(&w.lined, "trunk", "+49301"),
		    rtp_now_us() / 1000);
	guess(&w, &w.phones[0], "+49301");
	c = w.lined.lanes[0].call;
	UNTIL(&w, c->ask_us != 0 || w.asks > 0);
	CHECK(c->ask_us > rtp_now_us());
	c->ask_us = 1; /* that time is over */
	UNTIL(&w, phone_hears(&w.phones[0], prompt_hz(IVR_WRONG)));
	CHECK_EQ(w.asks, 0);
	/* Who has another number is asked about. */
	guess(&w, &w.phones[1], "+49302");
	UNTIL(&w, w.asks == 1);
	CHECK_EQ(w.lane, 1);
	world_close(&w);
}
