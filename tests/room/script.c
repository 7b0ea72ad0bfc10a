/* script.c - what proposals do to what the members agree on: a room whose keyd
 * says what the test has written down. */
#include <string.h>

#include "sim.h"

#define PEER "AAECAwQFBgcICQoLDA0ODw=="
#define OTHER "AQECAwQFBgcICQoLDA0ODw=="

enum { START_MS = 1000 };

struct script {
	struct room *room;
	uint64_t now_ms;
	struct kk_bytes agreed; /* of the roster */
	uint32_t removed; /* by the proposal, or by our own commit */
	/* What the room asked for. */
	unsigned commits, drops, sent;
	bool without_proposals;
	struct conference committed;
	bool has_committed;
};

static void committed_take(struct script *s, const struct room_key_call *call)
{
	s->commits++;
	s->without_proposals = call->without_proposals;
	s->has_committed = call->agreed.bytes > 0;
	if (s->has_committed)
		CHECK_OK(conference_parse(&s->committed, call->agreed));
}

/* As long as proposals are in it, a commit removes that member. */
static void commit_answer(struct script *s, const struct room_key_call *call,
    struct room_key_result *r)
{
	committed_take(s, call);
	CHECK_OK(kk_bytes_copy(&r->message, kk_view_text("commit")));
	CHECK_OK(kk_bytes_copy(&r->agreed,
	    s->has_committed ? call->agreed : kk_bytes_view(&s->agreed)));
	if (call->without_proposals)
		return;
	r->removed = sim_alloc(1, sizeof(*r->removed));
	r->removed[r->removed_count++] = s->removed;
}

static void key_answer(struct script *s, const struct room_key_call *call)
{
	struct room_key_result r = { .kind = ROOM_KIND_PROPOSAL,
		.epoch = 1,
		.handle = 7 };

	switch (call->op) {
	case ROOM_KEY_ROSTER:
		r.members = sim_alloc(3, sizeof(*r.members));
		r.member_count = 3;
		for (uint32_t i = 0; i < 3; i++)
			r.members[i].leaf = i;
		CHECK_OK(kk_bytes_copy(&r.agreed, kk_bytes_view(&s->agreed)));
		break;
	case ROOM_KEY_PROCESS:
		r.removed = sim_alloc(1, sizeof(*r.removed));
		r.removed[r.removed_count++] = s->removed;
		break;
	case ROOM_KEY_COMMIT:
		commit_answer(s, call, &r);
		break;
	case ROOM_KEY_DROP:
		s->drops++;
		break;
	default:
		break;
	}
	room_key_result(s->room, &r, s->now_ms);
	room_key_result_clear(&r);
}

static void drain(struct script *s)
{
	struct room_action a;

	while (room_action_take(s->room, &a)) {
		if (a.type == ROOM_DO_CONNECT)
			room_link_up(s->room, s->now_ms);
		if (a.type == ROOM_DO_KEY)
			key_answer(s, a.call);
		s->sent += a.type == ROOM_DO_SEND &&
		    a.request->type == ROOM_ASK_COMMIT;
		room_request_free(a.request);
	}
}

static void say(struct script *s, const char *text)
{
	struct room_signal signal;

	CHECK_OK(room_signal_parse(&signal, text, strlen(text)));
	room_signal(s->room, &signal, s->now_ms);
	room_signal_clear(&signal);
	drain(s);
}

/* In a group of three, of which the third has a line. */
static void script_start(struct script *s)
{
	const struct room_config config = { .has_token = true,
		.microphone_ssrc = 1,
		.camera_ssrcs = { 2, 3, 4 },
		.seed = 1 };
	const struct conference_line line = { .leaf = 2,
		.id = { 1 },
		.transport = CONFERENCE_PLAIN };
	static struct conference c;

	*s = (struct script){ .now_ms = START_MS, .removed = 2 };
	c = (struct conference){ .hosts = { 1 }, .host_count = 1 };
	CHECK_OK(conference_line_add(&c, &line));
	CHECK_OK(conference_write(&c, &s->agreed));
	CHECK_OK(room_new(&s->room, &config));
	room_start(s->room, s->now_ms);
	drain(s);
	room_key_up(s->room, s->now_ms);
	drain(s);
	say(s, "{\"type\":\"answer\",\"id\":1}");
	say(s,
	    "{\"type\":\"answer\",\"id\":2,\"participant\":\"" PEER
	    "\",\"epoch\":1,\"participants\":[{\"participant\":\"" OTHER
	    "\",\"sources\":[]}]}");
}

static void script_end(struct script *s)
{
	kk_bytes_clear(&s->agreed);
	room_free(s->room);
}

/* Until it has committed so often. */
static void commits_await(struct script *s, unsigned count)
{
	while (s->commits < count) {
		const uint64_t at_ms = room_deadline(s->room);

		CHECK(at_ms < START_MS + 60000);
		if (at_ms > s->now_ms)
			s->now_ms = at_ms;
		room_tick(s->room, s->now_ms);
		drain(s);
	}
}

static void proposal_say(struct script *s)
{
	/* Of kind handshake, whatever is in it. */
	say(s,
	    "{\"type\":\"message\",\"from\":\"" OTHER
	    "\",\"message\":\"AQQA\"}");
}

TEST(member_that_proposed_to_go_takes_its_lines_along)
{
	static struct script s;

	script_start(&s);
	proposal_say(&s);
	commits_await(&s, 1);
	CHECK(!s.without_proposals && s.has_committed);
	CHECK_EQ(s.committed.line_count, 0);
	CHECK_EQ(s.committed.host_count, 1);
	CHECK_EQ(s.sent, 1);
	script_end(&s);
}

/* keyd has kept it from a life of ours before. */
TEST(proposal_that_nobody_told_us_of_is_left_out_of_what_is_sent)
{
	static struct script s;

	script_start(&s);
	room_media_report(s.room, &(struct room_report){ .needs_epoch = true },
	    s.now_ms);
	drain(&s);
	commits_await(&s, 1);
	CHECK_EQ(s.sent, 0);
	CHECK_EQ(s.drops, 1);
	commits_await(&s, 2);
	CHECK(s.without_proposals && !s.has_committed);
	CHECK_EQ(s.sent, 1);
	script_end(&s);
}
