/* inband.c - a telephone that has no events: its keys are sound to lined. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "sip.h"

#define TURN 6.283185307179586

enum {
	TICK = CODEC_TICK_SAMPLES,
	KEY_TICKS = 5, /* and as many of silence after it */
	ANSWER_TICKS = 300, /* more than a caller's third try waits */
	WRONG_TICKS = 150,
	CALLS = 6
};

static void tick_send(struct world *w, struct phone *p, double low_hz,
    double high_hz)
{
	const uint32_t tick = w->mix_tick;
	int16_t pcm[TICK];

	for (size_t i = 0; i < TICK; i++) {
		const double at = (double)p->said * TICK + (double)i;

		pcm[i] = (int16_t)lrint(4000 *
		    (sin(TURN * low_hz * at / CODEC_HZ) +
			sin(TURN * high_hz * at / CODEC_HZ)));
	}
	phone_send(p, pcm);
	UNTIL(w, w->mix_tick != tick);
}

/* ITU-T Q.23. */
static void key_send(struct world *w, struct phone *p, char key)
{
	static const char all[] = "123A456B789C*0#D";
	static const double low[] = { 697, 770, 852, 941 };
	static const double high[] = { 1209, 1336, 1477, 1633 };
	const size_t at = (size_t)(strchr(all, key) - all);

	for (unsigned i = 0; i < KEY_TICKS; i++)
		tick_send(w, p, low[at / 4], high[at % 4]);
	for (unsigned i = 0; i < KEY_TICKS; i++)
		tick_send(w, p, 0, 0);
}

/* Until there is one more of these, or nothing comes of it. */
static void keys_send(struct world *w, struct phone *p, const char *keys,
    const unsigned *what)
{
	const unsigned before = *what;

	for (; *keys; keys++)
		key_send(w, p, *keys);
	for (unsigned i = 0; i < ANSWER_TICKS && *what == before; i++)
		tick_send(w, p, 0, 0);
}

/* Until it is told that this was wrong: what it presses before is not taken. */
static void wrong_wait(struct world *w, struct phone *p)
{
	p->hears_hz = prompt_hz(IVR_WRONG);
	p->times = 0;
	for (unsigned i = 0; i < WRONG_TICKS && p->times == 0; i++)
		tick_send(w, p, 0, 0);
}

/* What a very busy machine has torn is wrong, and is dialled again. */
static bool dial(struct world *w, struct phone *p)
{
	for (unsigned i = 0; i < IVR_TRIES_MAX; i++) {
		keys_send(w, p, w->right, &w->asks);
		tap_diag("number %s, PIN %s", w->number, w->pin);
		if (w->states[w->lane])
			return true;
		wrong_wait(w, p);
	}
	return false;
}

static void come_in(struct world *w, struct sip *s, struct phone *p,
    uint16_t port)
{
	for (unsigned i = 0;; i++) {
		char address[16];

		CHECK(i < CALLS);
		(void)snprintf(address, sizeof(address), "127.0.0.%u", 1 + i);
		phone_open(p, CODEC_PCMA, OFFER_SRTP_NEVER, address);
		p->has_no_events = true;
		sip_open_at(s, address, port);
		sip_invite(w, s, p);
		CHECK_EQ(p->stream.event_type, PHONE_NO_TYPE);
		if (dial(w, p))
			break;
		sip_ask(w, s, "BYE", "");
		sip_close(s);
		phone_close(p);
	}
	w->states[w->lane] = "in";
	world_tell(w);
	UNTIL(w, phone_hears(p, CONFERENCE_HZ));
}

TEST(telephone_without_events_comes_in_is_muted_and_leaves_by_tones)
{
	static struct world w;
	static struct sip s;
	struct phone *p = &w.phones[0];
	const uint16_t port = port_take(NULL);

	program_open(&w, port, "--calls-from=anybody");
	w.right = "01234#98765#";
	come_in(&w, &s, p, port);
	CHECK_EQ(w.tells, 0);
	while (w.tells == 0)
		keys_send(&w, p, "*6", &w.tells);
	CHECK(w.is_muted && !w.has_hand_up);
	while (w.ends == 0)
		keys_send(&w, p, "#", &w.ends);
	sip_close(&s);
	program_close(&w);
}
