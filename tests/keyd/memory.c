/* memory.c - what is left of a meeting in the memory of the process. */
#define _GNU_SOURCE /* memmem(), pread() of large files */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "world.h"

enum { NEEDLE_BYTES = 16 };

/* One mapping of the process; what cannot be read (a guard, the kernel's own
 * page) holds nothing of ours. */
static size_t range_count(int mem, uint64_t from, uint64_t to,
    const void *needle, size_t bytes)
{
	size_t count = 0, room = (size_t)(to - from);
	char *copy = malloc(room);
	const char *at;
	ssize_t n;

	CHECK(copy != NULL);
	n = pread(mem, copy, room, (off_t)from);
	for (at = copy; n > 0 && at; count += at != NULL) {
		size_t left = (size_t)n - (size_t)(at - copy);

		at = memmem(at, left, needle, bytes);
		at = at ? at + 1 : NULL;
	}
	free(copy);
	return count;
}

/* How often the bytes stand in the writable memory of the process. */
static size_t memory_count(pid_t pid, const void *needle, size_t bytes)
{
	char path[64], *maps, *line, *rest;
	size_t count = 0;
	int mem;

	(void)snprintf(path, sizeof(path), "/proc/%d/mem", (int)pid);
	mem = open(path, O_RDONLY | O_CLOEXEC);
	if (mem < 0)
		SKIP("needs the right to look into another process");
	(void)snprintf(path, sizeof(path), "/proc/%d/maps", (int)pid);
	maps = file_text(path);
	for (line = strtok_r(maps, "\n", &rest); line;
	    line = strtok_r(NULL, "\n", &rest)) {
		char *end;
		uint64_t from = strtoull(line, &end, 16);
		uint64_t to = strtoull(end + 1, &end, 16);

		/* " rw-p": and no larger than such a program is. */
		if (end[2] == 'w' && to - from < (UINT64_C(1) << 30))
			count += range_count(mem, from, to, needle, bytes);
	}
	free(maps);
	close(mem);
	return count;
}

TEST(secret_of_a_meeting_is_in_memory_once_and_nowhere_when_forgotten)
{
	static const char text[] = SECRET;
	static const uint8_t raw[NEEDLE_BYTES] = SECRET_RAW;
	struct world w;
	pid_t pid;

	world_start(&w, 1);
	pid = w.box[0].pid;
	CHECK_EQ(memory_count(pid, raw, sizeof(raw)), 0);
	meeting_create(&w, &w.box[0]);
	/* There, so the search works; as text it was wiped when it was read. */
	CHECK_EQ(memory_count(pid, raw, sizeof(raw)), 1);
	CHECK_EQ(memory_count(pid, text, sizeof(text) - 1), 0);
	(void)ask(&w, w.box[0].link[POLICY], "Forget", in_meeting());
	CHECK_EQ(memory_count(pid, raw, sizeof(raw)), 0);
	CHECK_EQ(memory_count(pid, text, sizeof(text) - 1), 0);
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
	CHECK_EQ(memory_count(pid, token, strlen(token)), 0);
	CHECK_EQ(memory_count(pid, key, strlen(key)), 0);
	CHECK_EQ(memory_count(pid, raw.data, raw.bytes), 0);
	kk_bytes_clear(&raw);
	seen_clear(&s);
	world_end(&w);
}
