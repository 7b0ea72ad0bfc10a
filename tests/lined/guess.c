/* guess.c - who has given wrong PINs too often, alone and with others. */
#include <stdio.h>

#include "telephone.h"

enum {
	SECOND_US = 1000000,
	/* In all, so that everybody waits for 3 s, and still for 2 s where this
	 * takes three minutes. */
	GUESSES = IVR_ALL_WRONG_MAX + 30,
	ADDRESSES = 250,
	WRONG_TICKS = 150
};

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

/*
 * At the program, each from an address of its own.
 */
struct caller {
	struct sip sip;
	struct phone *phone;
};

static void caller_open(struct world *w, struct caller *c, unsigned n,
    size_t phone, uint16_t port)
{
	char address[16];

	(void)snprintf(address, sizeof(address), "127.0.%u.%u",
	    1 + n / ADDRESSES, 1 + n % ADDRESSES);
	c->phone = &w->phones[phone];
	phone_open(c->phone, CODEC_PCMA, OFFER_SRTP_NEVER, address);
	sip_open_at(&c->sip, address, port);
	sip_invite(w, &c->sip, c->phone);
}

static void caller_close(struct world *w, struct caller *c)
{
	sip_ask(w, &c->sip, "BYE", "");
	CHECK_EQ(c->sip.status, 200);
	sip_close(&c->sip);
	phone_close(c->phone);
}

/* How long it is at least until roomd is asked. */
static uint64_t asked_us(struct world *w, const struct caller *c,
    const char *keys)
{
	const uint64_t from_us = rtp_now_us();
	const unsigned asks = w->asks;

	c->phone->hears_hz = prompt_hz(IVR_WRONG);
	c->phone->times = 0;
	phone_press(w, c->phone, keys);
	UNTIL(w, w->asks > asks);
	return rtp_now_us() - from_us;
}

/* Until it is told so: what it presses before is not taken.  A machine that is
 * very busy may leave out the words. */
static void wrong_wait(struct world *w, const struct caller *c)
{
	const uint32_t tick = w->mix_tick;

	UNTIL(w, c->phone->times > 0 || w->mix_tick > tick + WRONG_TICKS);
}

static void many_guess(struct world *w, uint16_t port)
{
	static struct caller callers[PHONES];
	char log[64];

	(void)snprintf(log, sizeof(log), "%s/log", w->folder);
	for (unsigned n = 0; n < GUESSES; n += PHONES) {
		const unsigned asks = w->asks;

		for (unsigned i = 0; i < PHONES; i++)
			caller_open(w, &callers[i], n + i, i, port);
		for (unsigned i = 0; i < PHONES; i++)
			phone_press(w, callers[i].phone, "1#2#");
		UNTIL(w, w->asks == asks + PHONES);
		for (unsigned i = 0; i < PHONES; i++)
			caller_close(w, &callers[i]);
		/* Its lines are free a moment after it has said so. */
		UNTIL(w, file_count(log, "call ended ") == n + PHONES);
	}
}

static void guess_open(struct world *w, uint16_t port)
{
	static const char *const options[] = { "--calls-from=anybody",
		"--calls-per-second=1000", NULL };

	program_open_with(w, port, options);
	w->right = "1#0815#";
}

TEST(second_and_third_guess_of_a_caller_are_passed_on_later_each_time)
{
	static struct world w;
	static struct caller c;
	const uint16_t port = port_take(NULL);

	guess_open(&w, port);
	caller_open(&w, &c, 0, 0, port);
	(void)asked_us(&w, &c, "1#2#");
	wrong_wait(&w, &c);
	CHECK(asked_us(&w, &c, "1#3#") >= SECOND_US / 2);
	wrong_wait(&w, &c);
	CHECK(asked_us(&w, &c, w.right) >= SECOND_US);
	w.states[0] = "in";
	world_tell(&w);
	UNTIL(&w, phone_hears(c.phone, CONFERENCE_HZ));
	caller_close(&w, &c);
	program_close(&w);
}

TEST(many_who_guess_slow_a_caller_who_did_not_and_whose_pin_is_taken)
{
	static struct world w;
	static struct caller c;
	const uint16_t port = port_take(NULL);
	uint64_t us;

	guess_open(&w, port);
	many_guess(&w, port);
	caller_open(&w, &c, GUESSES + PHONES, 0, port);
	us = asked_us(&w, &c, w.right);
	tap_diag("asked after %ju ms", (uintmax_t)us / 1000);
	CHECK(us >= 2 * (uint64_t)SECOND_US);
	w.states[0] = "in";
	world_tell(&w);
	UNTIL(&w, phone_hears(c.phone, CONFERENCE_HZ));
	caller_close(&w, &c);
	program_close(&w);
}
