/* room_signal.c - what the server says, read and given to a room that is in.
 *
 * The text has a message in each line. */
#include <stdlib.h>
#include <string.h>

#include "room/room.h"

enum { LINE_MAX_BYTES = 65536, ACTIONS_MAX = 4096 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void must(bool is_true)
{
	if (!is_true)
		abort();
}

/* keyd says yes to all, and has a group of two. */
static void key_answer(struct room *room, const struct room_key_call *call,
    uint64_t now_ms)
{
	struct room_key_result r = { .kind = ROOM_KIND_APPLICATION,
		.has_sender = true,
		.sender = 1,
		.epoch = 1,
		.handle = 1 };

	if (call->op == ROOM_KEY_ROSTER) {
		r.members = kk_calloc(2, sizeof(*r.members));
		must(r.members != NULL);
		r.member_count = 2;
		r.members[1].leaf = 1;
	}
	if (call->op == ROOM_KEY_PROCESS)
		must(!kk_bytes_copy(&r.message, call->message));
	room_key_result(room, &r, now_ms);
	room_key_result_clear(&r);
}

static void drain(struct room *room, uint64_t now_ms)
{
	struct room_action a;
	struct room_view v;
	unsigned count = 0;

	while (room_action_take(room, &a)) {
		must(++count < ACTIONS_MAX);
		if (a.type == ROOM_DO_CONNECT)
			room_link_up(room, now_ms);
		if (a.type == ROOM_DO_KEY)
			key_answer(room, a.call, now_ms);
		if (a.type == ROOM_DO_SEND) {
			char *text = NULL;

			must(!room_request_write(a.request, &text));
			kk_free(text);
			room_request_free(a.request);
		}
	}
	room_look(room, &v);
	must(v.slot_count <= ROOM_SLOTS_MAX);
	for (size_t i = 0; i < v.person_count; i++) {
		struct room_person p;

		room_person(room, i, &p);
	}
}

/* mediad connects once to each generation, and hears nothing every other time.
 */
static void media_say(struct room *room, uint64_t now_ms, uint64_t *told)
{
	const bool is_silent = now_ms % 200 == 0;
	struct room_end end = { .fingerprint = "AB" };
	struct room_report r = { .is_silent = is_silent,
		.is_connected = !is_silent };
	struct room_view v;

	room_look(room, &v);
	if (!v.transport)
		return;
	end.generation = r.generation = v.generation;
	if (*told != v.generation)
		must(room_media_connect(room, &end, now_ms) == KK_OK);
	*told = v.generation;
	room_media_report(room, &r, now_ms);
	drain(room, now_ms);
}

static void line_take(struct room *room, const char *line, size_t bytes,
    uint64_t now_ms)
{
	struct room_signal s;
	enum kk_err err = room_signal_parse(&s, line, bytes);

	if (err) {
		must(!s.message.data && !s.peers && !s.slots && !s.transport);
		room_signal_bad(room, err, now_ms);
	} else {
		must(s.peer_count <= ROOM_PEERS_MAX);
		must(s.slot_count <= ROOM_SLOTS_MAX);
		room_signal(room, &s, now_ms);
	}
	room_signal_clear(&s);
	drain(room, now_ms);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	const struct room_config config = { .has_token = true,
		.has_site_token = true,
		.is_creator = true,
		.microphone_ssrc = 1,
		.camera_ssrcs = { 2, 3, 4 },
		.camera_rtx_ssrcs = { 5, 6, 7 },
		.seed = 1 };
	struct room *room = NULL;
	uint64_t now_ms = 1000, told = 0;

	must(!room_new(&room, &config));
	room_start(room, now_ms);
	room_key_up(room, now_ms);
	drain(room, now_ms);
	while (bytes > 0) {
		const uint8_t *end = memchr(data, '\n', bytes);
		size_t line_bytes = end ? (size_t)(end - data) : bytes;
		char *line = kk_calloc(1, line_bytes + 1);

		must(line != NULL);
		memcpy(line, data, line_bytes);
		if (line_bytes < LINE_MAX_BYTES)
			line_take(room, line, line_bytes, now_ms);
		media_say(room, now_ms, &told);
		kk_free(line);
		data += line_bytes + (end != NULL);
		bytes -= line_bytes + (end != NULL);
		now_ms += 100;
		room_tick(room, now_ms);
		drain(room, now_ms);
	}
	room_free(room);
	return 0;
}
