/* bounds.c - how many calls a second, and how long one may be: as the command
 * line has it. */
#include <stdio.h>
#include <string.h>

#include "telephone.h"

enum {
	AT_ONCE = PHONES,
	TRIES = 5,
	SECOND_US = 1000000,
	TICKS = 20,
	PATH = 64
};

#define MINUTE_US UINT64_C(60000000)

/*
 * Calls a second.
 */
static void burst_send(struct world *w, struct sip sips[AT_ONCE], uint16_t port)
{
	for (size_t i = 0; i < AT_ONCE; i++) {
		struct kk_bytes offer;

		phone_open(&w->phones[i], CODEC_PCMA, OFFER_SRTP_NEVER,
		    "127.0.0.1");
		sip_open(&sips[i], port);
		phone_offer(&w->phones[i], &offer);
		sip_send(&sips[i], "INVITE", (const char *)offer.data);
		kk_bytes_clear(&offer);
	}
}

/* How many of them are refused. */
static unsigned burst_end(struct world *w, struct sip sips[AT_ONCE])
{
	unsigned refused = 0;

	for (size_t i = 0; i < AT_ONCE; i++) {
		struct sip *s = &sips[i];

		SIP_UNTIL(w, s, s->status >= 200);
		if (s->status == 503) {
			CHECK(strstr(s->text, "\nRetry-After: ") != NULL);
			refused++;
		} else {
			CHECK_EQ(s->status, 200);
			sip_send(s, "ACK", "");
			sip_ask(w, s, "BYE", "");
		}
		sip_close(s);
		phone_close(&w->phones[i]);
	}
	return refused;
}

TEST(calls_beyond_so_many_a_second_are_refused_and_counted_without_numbers)
{
	static const char *const options[] = { "--calls-from=anybody",
		"--calls-per-second=1", NULL };
	static const char *const secrets[] = { "Anna", "anna", "9000" };
	static struct world w;
	static struct sip sips[AT_ONCE];
	const uint16_t port = port_take(NULL);
	unsigned refused = 0;
	char log[PATH];

	program_open_with(&w, port, options);
	for (unsigned i = 0; refused == 0; i++) {
		const uint64_t until_us = rtp_now_us() + SECOND_US;

		CHECK(i < TRIES); /* where lined was not run for a second */
		burst_send(&w, sips, port);
		refused = burst_end(&w, sips);
		UNTIL(&w, rtp_now_us() >= until_us);
	}
	CHECK(refused < AT_ONCE);
	(void)snprintf(log, sizeof(log), "%s/log", w.folder);
	UNTIL(&w, file_count(log, " sip refused=") > 0);
	for (size_t i = 0; i < KK_ARRAY_LEN(secrets); i++)
		CHECK_EQ(file_count(log, secrets[i]), 0);
	program_close(&w);
}

/*
 * Minutes.
 */
static struct lined_call *talk(struct world *w, const char *option)
{
	const char *const options[] = { option, NULL };
	struct phone *p = &w->phones[0];

	world_open(w, options);
	phone_open(p, CODEC_PCMA, OFFER_SRTP_NEVER, "127.0.0.1");
	phone_call(w, p, "1");
	phone_press(w, p, "1#2#");
	UNTIL(w, w->asks == 1);
	w->states[0] = "in";
	world_tell(w);
	UNTIL(w, phone_hears(p, CONFERENCE_HZ));
	return w->lined.lanes[0].call;
}

TEST(call_that_began_as_many_minutes_ago_as_one_may_last_ends_by_itself)
{
	static struct world w;
	struct lined_call *c = talk(&w, "--talk-minutes=3");

	CHECK(!c->is_warned);
	c->begin_us -= 3 * MINUTE_US;
	UNTIL(&w, phone_hears(&w.phones[0], prompt_hz(IVR_ENDED)));
	UNTIL(&w, w.ends == 1);
	CHECK_EQ(ua_fake()->ended, 1);
	world_close(&w);
}

TEST(call_may_last_for_ever_where_the_command_line_says_so)
{
	static struct world w;
	struct lined_call *c = talk(&w, "--talk-minutes=0");

	c->begin_us -= 240 * MINUTE_US; /* what else one may */
	for (const uint32_t tick = w.mix_tick; w.mix_tick < tick + TICKS;)
		world_step(&w);
	CHECK(!c->is_warned);
	CHECK_EQ(w.ends, 0);
	CHECK_EQ(ua_fake()->ended, 0);
	world_close(&w);
}
