/* epochs.c - base keys, to those who have a subscription. */
#include <stdlib.h>
#include <string.h>

#include "world.h"

TEST(media_of_both_boxes_get_the_same_base_key_in_each_epoch)
{
	struct seen a, b;
	struct world w;
	sd_json_variant *one, *two;

	world_start(&w, 2);
	meeting_create(&w, &w.box[0]);
	subscribe(w.box[0].link[MEDIA], &a);
	one = await(w.box[0].link[MEDIA], &a, 1);
	CHECK_EQ(number_of(one, "epoch"), 0);
	CHECK_STR(text_of(one, "members"), "AQ==");
	CHECK_STR(text_of(one, "meeting"), MEETING);
	subscribe(w.box[1].link[MEDIA], &b);
	meeting_join(&w, &w.box[0], &w.box[1]);
	for (size_t epoch = 1; epoch < 4; epoch++) {
		one = await(w.box[0].link[MEDIA], &a, epoch + 1);
		two = await(w.box[1].link[MEDIA], &b, epoch);
		CHECK_EQ(number_of(one, "epoch"), epoch);
		CHECK_EQ(number_of(two, "epoch"), epoch);
		CHECK_STR(text_of(one, "baseKey"), text_of(two, "baseKey"));
		CHECK_EQ(strlen(text_of(one, "baseKey")), 44);
		CHECK(strcmp(text_of(a.v[epoch - 1], "baseKey"),
			  text_of(one, "baseKey")) != 0);
		CHECK_STR(text_of(one, "members"), "Aw==");
		CHECK_EQ(number_of(one, "ownLeaf"), 0);
		CHECK_EQ(number_of(two, "ownLeaf"), 1);
		CHECK_EQ(number_of(one, "retireMs"), 10000);
		CHECK_EQ(number_of(one, "suite"), 5);
		CHECK(is_true(one, "maySeal") && is_true(two, "maySeal"));
		(void)commit(&w, &w.box[epoch % 2], in_meeting());
	}
	seen_clear(&a);
	seen_clear(&b);
	world_end(&w);
}

TEST(sealing_is_allowed_once_in_an_epoch_and_to_mediad_alone)
{
	struct seen first, mix, second, after;
	struct world w;
	sd_varlink *again = NULL;

	world_start(&w, 1);
	subscribe(w.box[0].link[MIX], &mix);
	meeting_create(&w, &w.box[0]);
	CHECK(!is_true(await(w.box[0].link[MIX], &mix, 1), "maySeal"));
	subscribe(w.box[0].link[MEDIA], &first);
	CHECK(is_true(await(w.box[0].link[MEDIA], &first, 1), "maySeal"));
	/* A mediad that was started again may open, and waits to seal. */
	CHECK(sd_varlink_connect_address(&again, w.box[0].paths[MEDIA]) >= 0);
	subscribe(again, &second);
	CHECK(!is_true(await(again, &second, 1), "maySeal"));
	sd_varlink_close_unref(again);
	/* So it is when keyd itself was: it cannot know. */
	box_kill(&w.box[0]);
	box_start(&w.box[0]);
	subscribe(w.box[0].link[MEDIA], &after);
	CHECK(!is_true(await(w.box[0].link[MEDIA], &after, 1), "maySeal"));
	(void)commit(&w, &w.box[0], in_meeting());
	CHECK(is_true(await(w.box[0].link[MEDIA], &after, 2), "maySeal"));
	seen_clear(&first);
	seen_clear(&mix);
	seen_clear(&second);
	seen_clear(&after);
	world_end(&w);
}

TEST(end_of_a_meeting_is_told_and_base_keys_are_not_in_the_log)
{
	struct world w;
	struct seen s;
	char *log;

	world_start(&w, 1);
	subscribe(w.box[0].link[MEDIA], &s);
	meeting_create(&w, &w.box[0]);
	(void)await(w.box[0].link[MEDIA], &s, 1);
	(void)ask(&w, w.box[0].link[POLICY], "Forget", in_meeting());
	CHECK(is_true(await(w.box[0].link[MEDIA], &s, 2), "ended"));
	log = box_log(&w.box[0]);
	CHECK(strstr(log, "ready") != NULL);
	CHECK(strstr(log, text_of(s.v[0], "baseKey")) == NULL);
	free(log);
	seen_clear(&s);
	world_end(&w);
}
