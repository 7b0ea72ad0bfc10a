/* screen.c - the screen waits for nobody. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "meeting.h"
#include "pipelines/graphs/layout.h"
#include "pipelines/graphs/screen.h"
#include "pipelines/graphs/words.h"
#include "room/room.h"

/*
 * How long the screen's thread took from one picture to the next, without the
 * time in which it could have run and other threads had the processor: what a
 * busy machine does to it is not what is tested (proc(5), schedstat).
 */
struct gaps {
	FILE *schedstat;
	int64_t last_us, last_queued_us;
	gint worst_us;
};

/* The second number; -1: this machine does not tell. */
static int64_t queued_read(struct gaps *g)
{
	char line[128] = "", *end = NULL;
	unsigned long long queued_ns;

	/* Opened by the thread itself: it is the file of its opener. */
	if (!g->schedstat)
		g->schedstat = fopen("/proc/thread-self/schedstat", "re");
	if (!g->schedstat || setvbuf(g->schedstat, NULL, _IONBF, 0) ||
	    fseek(g->schedstat, 0, SEEK_SET) ||
	    !fgets(line, sizeof(line), g->schedstat))
		return -1;
	(void)strtoull(line, &end, 10);
	queued_ns = strtoull(end, NULL, 10);
	return (int64_t)(queued_ns / 1000);
}

static void drawn(void *arg)
{
	struct gaps *g = arg;
	int64_t now_us = g_get_monotonic_time(), queued_us = queued_read(g);
	int64_t gap_us = now_us - g->last_us - (queued_us - g->last_queued_us);

	if (queued_us < 0)
		gap_us = INT32_MAX;
	else if (g->last_us == 0)
		gap_us = 0;
	g->last_us = now_us;
	g->last_queued_us = queued_us;
	g_atomic_int_set(&g->worst_us, MAX(g->worst_us, (gint)gap_us));
}

/* So many pictures later. */
static void pictures_wait(struct box *b)
{
	struct screen *screen = studio_screen(b->studio);
	uint64_t until = screen_pictures(screen) + FPS;

	AWAIT(screen_pictures(screen) >= until);
}

TEST(the_screen_does_not_stall_when_members_join_freeze_leave_or_die)
{
	struct meeting m;
	struct gaps gaps = { 0 };
	struct box *b;

	meeting_start(&m);
	b = &m.boxes[0];
	box_start(b);
	meeting_epoch(&m, 1);
	AWAIT(sees(b, 0));
	screen_watch(studio_screen(b->studio), drawn, &gaps);
	box_start(&m.boxes[1]);
	box_start(&m.boxes[2]);
	meeting_epoch(&m, 7);
	AWAIT(sees(b, 1) && sees(b, 2));
	/* Its decoder hangs, and it is taken down so. */
	CHECK(studio_person_hang(b->studio, 1));
	pictures_wait(b);
	meeting_epoch(&m, 5);
	pictures_wait(b);
	/* Dies without a word: its packets stop. */
	box_stop(&m.boxes[2]);
	pictures_wait(b);
	meeting_epoch(&m, 1);
	pictures_wait(b);
	screen_watch(studio_screen(b->studio), NULL, NULL);
	tap_diag("longest from picture to picture: %d ms of %d",
	    g_atomic_int_get(&gaps.worst_us) / 1000, 1000 / FPS);
	CHECK(g_atomic_int_get(&gaps.worst_us) <
	    G_TIME_SPAN_SECOND / FPS + 100 * G_TIME_SPAN_MILLISECOND);
	CHECK_EQ(fclose(gaps.schedstat), 0);
	meeting_end(&m);
}

TEST(tiles_are_16_to_9_on_the_screen_and_apart_for_any_number)
{
	for (unsigned n = 0; n <= VIEW_TILES_MAX + 3; n++) {
		struct layout l;

		layout_make(&l, 1280, 720, n, false);
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
	for (unsigned i = 0; i < WORDS_COUNT; i++) {
		const char *en = words_get(WORDS_EN, (enum words)i);
		const char *de = words_get(WORDS_DE, (enum words)i);

		CHECK(en && *en && de && *de);
		CHECK(strcmp(en, de) != 0);
	}
	for (int i = 1; i < ROOM_TROUBLE_COUNT; i++) {
		const char *name = room_trouble_name((enum room_trouble)i);
		const char *en = words_trouble(WORDS_EN, name);
		const char *de = words_trouble(WORDS_DE, name);

		CHECK(strcmp(en, de) != 0);
		/* A sentence of its own. */
		CHECK(strcmp(en, words_trouble(WORDS_EN, "?")) != 0);
		CHECK(strcmp(de, words_trouble(WORDS_DE, "?")) != 0);
	}
	CHECK_EQ(words_language_of("de_AT.UTF-8"), WORDS_DE);
	CHECK_EQ(words_language_of("de"), WORDS_DE);
	CHECK_EQ(words_language_of("den"), WORDS_EN);
	CHECK_EQ(words_language_of(""), WORDS_EN);
}
