/* alloc.c - without memory nothing crashes, and nothing is lost. */
#include <string.h>

#include "harness/tap.h"
#include "mock/alloc.h"
#include "room/room.h"

#define PEER "AAECAwQFBgcICQoLDA0ODw=="

/* keyd says yes to all, and has a group of two. */
static void key_answer(struct room *room, const struct room_key_call *call)
{
	struct room_key_member members[2] = { { .leaf = 0 }, { .leaf = 1 } };
	/* Nothing but the first leaf as its host. */
	uint8_t state[] = { 1, 0, 0, 4, 0, 0, 0, 0, 0 };
	struct room_key_result r = { .kind = ROOM_KIND_APPLICATION,
		.epoch = 1,
		.handle = 1 };

	if (call->op == ROOM_KEY_ROSTER) {
		r.members = members;
		r.member_count = KK_ARRAY_LEN(members);
		r.agreed = (struct kk_bytes){ state, sizeof(state) };
	}
	if (call->op == ROOM_KEY_COMMIT && call->agreed.bytes)
		(void)!kk_bytes_copy(&r.agreed, call->agreed);
	room_key_result(room, &r, 1000);
	if (call->op == ROOM_KEY_COMMIT)
		kk_bytes_clear(&r.agreed);
}

static void drain(struct room *room)
{
	struct room_action a;

	while (room_action_take(room, &a)) {
		char *text = NULL;

		if (a.type == ROOM_DO_CONNECT)
			room_link_up(room, 1000);
		if (a.type == ROOM_DO_KEY)
			key_answer(room, a.call);
		if (a.type == ROOM_DO_SEND)
			(void)!room_request_write(a.request, &text);
		kk_free(text);
		room_request_free(a.request);
	}
}

static void say(struct room *room, const char *text)
{
	struct room_signal s;
	enum kk_err err = room_signal_parse(&s, text, strlen(text));

	if (err)
		room_signal_bad(room, err, 1000);
	else
		room_signal(room, &s, 1000);
	room_signal_clear(&s);
	drain(room);
}

static void live(void)
{
	static const char *const says[] = {
		"{\"type\":\"answer\",\"id\":1}",
		"{\"type\":\"answer\",\"id\":2,\"participant\":\"" PEER
		"\",\"epoch\":1,\"participants\":[{\"participant\":"
		"\"AQECAwQFBgcICQoLDA0ODw==\",\"sources\":[]}]}",
		"{\"type\":\"answer\",\"id\":3,\"transport\":3,\"ufrag\":\"u\","
		"\"pwd\":\"p\",\"fingerprint\":\"AA\",\"candidates\":[]}",
		"{\"type\":\"joined\",\"participant\":"
		"\"AgECAwQFBgcICQoLDA0ODw==\"}",
		"{\"type\":\"message\",\"from\":\"AgECAwQFBgcICQoLDA0ODw==\","
		"\"message\":\"AQECAw==\"}",
		"{\"type\":\"left\",\"participant\":"
		"\"AgECAwQFBgcICQoLDA0ODw==\",\"reason\":\"lost\"}",
	};
	const struct room_config config = { .has_token = true,
		.microphone_ssrc = 1,
		.camera_ssrcs = { 2, 3, 4 },
		.camera_rtx_ssrcs = { 5, 6, 7 },
		.seed = 1 };
	const struct conference_line line = { .id = { 1 },
		.transport = CONFERENCE_PLAIN };
	const struct room_change lock = { .type = ROOM_CHANGE_LOCK,
		.is_on = true };
	struct room *room = NULL;

	if (room_new(&room, &config))
		return;
	room_start(room, 1000);
	drain(room);
	room_key_up(room, 1000);
	drain(room);
	for (size_t i = 0; i < KK_ARRAY_LEN(says); i++)
		say(room, says[i]);
	(void)!room_line_put(room, &line, 1000);
	drain(room);
	(void)!room_change(room, &lock, 1000);
	drain(room);
	room_leave(room, 1000);
	drain(room);
	room_free(room);
}

/* The sanitizer sees what is lost or used after its end. */
TEST(room_lives_through_each_failed_allocation)
{
	unsigned nth = 1;
	bool is_failed;

	do {
		CHECK(nth < MOCK_ALLOC_LOOPS_MAX);
		mock_alloc_arm(nth++);
		live();
		is_failed = mock_alloc_disarm();
	} while (is_failed);
	CHECK(nth > 10);
}

static enum kk_err parse(const char *text)
{
	struct room_signal s;
	enum kk_err err = room_signal_parse(&s, text, strlen(text));

	room_signal_clear(&s);
	return err;
}

TEST(reading_fails_by_name_without_memory)
{
	enum kk_err err;

	ALLOC_FAULT_LOOP(err,
	    parse("{\"type\":\"answer\",\"id\":1,\"transport\":3,"
		  "\"ufrag\":\"u\",\"pwd\":\"p\",\"fingerprint\":\"AA\","
		  "\"candidates\":[],\"participant\":\"" PEER
		  "\",\"participants\":[{\"participant\":\"" PEER
		  "\"}],\"slots\":[{\"slot\":0,\"kind\":\"audio\","
		  "\"ssrc\":1,\"payloadType\":111}]}"));
	CHECK_OK(err);
}
