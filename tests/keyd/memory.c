/* memory.c - what is left of a meeting in the memory of the process. */
#include <stdlib.h>
#include <string.h>

#include "world.h"

enum { NEEDLE_BYTES = 16 };

TEST(secret_of_a_meeting_is_in_memory_once_and_nowhere_when_forgotten)
{
	static const char text[] = SECRET;
	static const uint8_t raw[NEEDLE_BYTES] = SECRET_RAW;
	struct world w;
	pid_t pid;

	world_start(&w, 1);
	pid = w.box[0].pid;
	CHECK_EQ(process_memory_count(pid, raw, sizeof(raw)), 0);
	meeting_create(&w, &w.box[0]);
	/* There, so the search works; as text it was wiped when it was read. */
	CHECK_EQ(process_memory_count(pid, raw, sizeof(raw)), 1);
	CHECK_EQ(process_memory_count(pid, text, sizeof(text) - 1), 0);
	(void)ask(&w, w.box[0].link[POLICY], "Forget", in_meeting());
	CHECK_EQ(process_memory_count(pid, raw, sizeof(raw)), 0);
	CHECK_EQ(process_memory_count(pid, text, sizeof(text) - 1), 0);
	world_end(&w);
}

TEST(base_key_and_token_that_were_sent_are_not_kept)
{
	struct world w;
	struct seen s;
	sd_json_variant *made;
	const char *token, *key;
	struct kk_bytes raw;
	pid_t pid;

	process_memory_need_frees();
	world_start(&w, 1);
	pid = w.box[0].pid;
	made = ask(&w, w.box[0].link[POLICY], "CreateMeeting", in_open());
	token = text_of(made, "token");
	subscribe(w.box[0].link[MEDIA], &s);
	made = await(w.box[0].link[MEDIA], &s, 1);
	key = text_of(made, "baseKey");
	CHECK_OK(call_get_bytes(made, "baseKey", 64, &raw));
	/* Its answer is sent when this one has been taken in. */
	(void)ask(&w, w.box[0].link[POLICY], "Status", NULL);
	CHECK_EQ(process_memory_count(pid, token, strlen(token)), 0);
	CHECK_EQ(process_memory_count(pid, key, strlen(key)), 0);
	CHECK_EQ(process_memory_count(pid, raw.data, raw.bytes), 0);
	kk_bytes_clear(&raw);
	seen_clear(&s);
	world_end(&w);
}
