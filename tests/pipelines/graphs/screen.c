/* screen.c - the screen waits for nobody. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "meeting.h"
#include "pipelines/graphs/layout.h"
#include "pipelines/graphs/words.h"

/*
 * What this machine itself does to a thread that wakes at the screen's pace and
 * does nothing: so much a gap may be longer for reasons that are not ours.
 */
struct ticker {
	GThread *thread;
	gint is_stopping;
	int64_t worst_us;
};

static gpointer tick(gpointer arg)
{
	struct ticker *t = arg;
	int64_t last_us = g_get_monotonic_time();

	while (!g_atomic_int_get(&t->is_stopping)) {
		int64_t now_us;

		g_usleep(G_TIME_SPAN_SECOND / FPS);
		now_us = g_get_monotonic_time();
		t->worst_us = MAX(t->worst_us, now_us - last_us);
		last_us = now_us;
	}
	return NULL;
}

/* A second of the screen's time. */
static void screen_wait(struct box *b, uint64_t *pictures, int64_t *worst_us)
{
	struct screen *screen = studio_screen(b->studio);
	uint64_t seen = 0;

	while (seen < FPS) {
		struct screen_stats stats = screen_stats_take(screen);

		seen += stats.pictures;
		*worst_us = MAX(*worst_us, stats.worst_gap_us);
		g_usleep(20 * 1000);
	}
	*pictures += seen;
}

TEST(the_screen_does_not_stall_when_members_join_freeze_leave_or_die)
{
	struct meeting m;
	struct ticker ticker = { 0 };
	int64_t worst_us = 0, free_us;
	uint64_t pictures = 0;
	struct box *b;

	meeting_start(&m);
	b = &m.boxes[0];
	box_start(b);
	meeting_epoch(&m, 1);
	AWAIT(sees(b, 0));
	ticker.thread = g_thread_new("ticker", tick, &ticker);
	(void)screen_stats_take(studio_screen(b->studio));
	box_start(&m.boxes[1]);
	box_start(&m.boxes[2]);
	meeting_epoch(&m, 7);
	AWAIT(sees(b, 1) && sees(b, 2));
	screen_wait(b, &pictures, &worst_us);
	/* Its decoder hangs, and it is taken down so. */
	CHECK(studio_person_hang(b->studio, 1));
	screen_wait(b, &pictures, &worst_us);
	meeting_epoch(&m, 5);
	screen_wait(b, &pictures, &worst_us);
	/* Dies without a word: its packets stop. */
	box_stop(&m.boxes[2]);
	screen_wait(b, &pictures, &worst_us);
	meeting_epoch(&m, 1);
	free_us = g_get_monotonic_time();
	screen_wait(b, &pictures, &worst_us);
	CHECK(g_get_monotonic_time() >= free_us);
	g_atomic_int_set(&ticker.is_stopping, 1);
	g_thread_join(ticker.thread);
	tap_diag("%d pictures, worst gap %d ms, of an idle thread %d ms",
	    (int)pictures, (int)(worst_us / 1000),
	    (int)(ticker.worst_us / 1000));
	CHECK(worst_us < 100 * G_TIME_SPAN_MILLISECOND + ticker.worst_us);
	meeting_end(&m);
}

TEST(tiles_are_16_to_9_on_the_screen_and_apart_for_any_number)
{
	for (unsigned n = 0; n <= VIEW_TILES_MAX + 3; n++) {
		struct layout l;

		layout_make(&l, 1280, 720, n);
		CHECK_EQ(l.tile_count, MIN(n, VIEW_TILES_MAX));
		for (size_t i = 0; i < l.tile_count; i++) {
			const struct layout_rect *a = &l.tiles[i];

			CHECK(a->width > 150);
			CHECK(ABS((int)a->width * 9 - (int)a->height * 16) <=
			    32);
			CHECK(a->x >= l.margin && a->x + a->width <= l.side.x);
			CHECK(a->y + a->height + l.caption <= 720);
			for (size_t j = 0; j < i; j++) {
				const struct layout_rect *b = &l.tiles[j];

				CHECK(b->x + b->width <= a->x ||
				    a->x + a->width <= b->x ||
				    b->y + b->height + l.caption <= a->y);
			}
		}
	}
}

TEST(every_text_is_there_in_both_languages)
{
	static const char *const errors[] = { "version", "denied", "full",
		"unknown-meeting", "busy", "limit", "internal", "what-ever" };

	for (unsigned i = 0; i < WORDS_COUNT; i++) {
		const char *en = words_get(WORDS_EN, (enum words)i);
		const char *de = words_get(WORDS_DE, (enum words)i);

		CHECK(en && *en && de && *de);
		CHECK(strcmp(en, de) != 0);
	}
	for (size_t i = 0; i < KK_ARRAY_LEN(errors); i++)
		CHECK(strcmp(words_trouble(WORDS_EN, errors[i]),
			  words_trouble(WORDS_DE, errors[i])) != 0);
	CHECK_EQ(words_language_of("de_AT.UTF-8"), WORDS_DE);
	CHECK_EQ(words_language_of("de"), WORDS_DE);
	CHECK_EQ(words_language_of("den"), WORDS_EN);
	CHECK_EQ(words_language_of(""), WORDS_EN);
}
