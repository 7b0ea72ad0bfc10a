/* tones.c - keys that the room presses for who it calls. */
#include <stdio.h>
#include <string.h>

#include "world.h"

static const char *const may_call[] = { "--may-call=+49", "--trunk=none",
	NULL };

/* A call that is heard, and not answered yet. */
static void call_placed(struct world *w, struct phone *p)
{
	struct kk_bytes answer;

	ua_fake()->trunk_is_ready = true;
	w->serial = 5;
	w->dial = "+4930123456";
	w->tones = NULL;
	world_tell(w);
	UNTIL(w, ua_fake()->placed);
	phone_open(p, CODEC_PCMA, OFFER_SRTP_NEVER, "127.0.0.1");
	phone_answer(p, &answer);
	ua_fake()->handler.progress(ua_fake()->arg, p->call, 183,
	    lined_media_text(&answer));
	kk_bytes_clear(&answer);
	UNTIL(w, w->asks == 1);
	w->states[0] = "in";
	world_tell(w);
	UNTIL(w, p->packets > 0);
}

static void tones_tell(struct world *w, const char *tones)
{
	w->tones = tones;
	world_tell(w);
}

TEST(keys_that_the_room_presses_are_sent_once_before_and_after_the_answer)
{
	static struct world w;
	struct phone *p = &w.phones[0];

	world_open(&w, may_call);
	call_placed(&w, p);
	CHECK_STR(w.placed_state, "early");
	CHECK(w.has_tones);
	tones_tell(&w, "4711#");
	tones_tell(&w, "4711#");
	UNTIL(&w, strlen(p->pressed) == 5);
	ua_fake()->handler.answered(ua_fake()->arg, p->call,
	    (struct kk_view){ NULL, 0 });
	UNTIL(&w, w.placed == 2);
	CHECK(w.has_tones);
	w.dial = NULL;
	tones_tell(&w, "4711#*");
	tones_tell(&w, "4711#**0");
	UNTIL(&w, strlen(p->pressed) == 8);
	/* Sound goes on, and another call's keys are none of it. */
	w.serial = 6;
	tones_tell(&w, "4711#**0999");
	for (p->packets = 0; p->packets < 20;)
		world_step(&w);
	CHECK_STR(p->pressed, "4711#**0");
	world_close(&w);
}

TEST(room_is_told_where_no_tones_can_be_sent_and_that_a_change_takes_them)
{
	static struct world w;
	struct phone *p = &w.phones[0];
	char text[1024], *events;
	struct kk_bytes offer;

	world_open(&w, may_call);
	call_placed(&w, p);
	CHECK(w.has_tones);
	/* It offers another type in their place. */
	CHECK_OK(offer_make(&p->local, &offer));
	(void)snprintf(text, sizeof(text), "%s", (const char *)offer.data);
	kk_bytes_clear(&offer);
	while ((events = strstr(text, "telephone-event")) != NULL)
		memcpy(events, "telephone-nothi", 15);
	ua_fake()->handler.answered(ua_fake()->arg, p->call,
	    (struct kk_view){ NULL, 0 });
	UNTIL(&w, w.placed == 2);
	ua_fake()->handler.offered(ua_fake()->arg, p->call, kk_view_text(text));
	UNTIL(&w, w.placed == 3);
	CHECK_STR(w.placed_state, "talking");
	CHECK(!w.has_tones);
	tones_tell(&w, "12");
	for (p->packets = 0; p->packets < 20;)
		world_step(&w);
	CHECK_STR(p->pressed, "");
	world_close(&w);
}
