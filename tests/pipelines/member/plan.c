/* plan.c - tests of roomd's plan, as media processes read it. */
#define _GNU_SOURCE /* libsystemd's macros ask for it */
#include "pipelines/member/plan.h"

#include <stdio.h>
#include <string.h>

#include "harness/tap.h"

enum { TEXT_BYTES = 512 * 1024 };

static enum kk_err parse(struct plan *plan, const char *text)
{
	sd_json_variant *v = NULL;
	enum kk_err err;

	CHECK(sd_json_parse(text, 0, &v, NULL, NULL) >= 0);
	*plan = (struct plan){ .generation = 77 };
	err = plan_parse(plan, v);
	sd_json_variant_unref(v);
	if (err)
		CHECK_EQ(plan->generation, 77); /* left alone */
	return err;
}

/* A plan with these members and these lines, each a JSON list. */
static enum kk_err plan_of(struct plan *plan, const char *people,
    const char *lines)
{
	static char text[TEXT_BYTES];
	int n = snprintf(text, sizeof(text),
	    "{\"phase\":\"in\",\"generation\":3,\"epoch\":9,\"meeting\":\"AAAA\","
	    "\"people\":%s,\"lines\":%s}",
	    people, lines);

	CHECK(n > 0 && (size_t)n < sizeof(text));
	return parse(plan, text);
}

#define PERSON(leaf, name, verified, self)                                \
	"{\"leaf\":" leaf ",\"name\":\"" name "\",\"verified\":" verified \
	",\"isSelf\":" self                                               \
	",\"hasMicrophone\":true,\"hasCamera\":true,\"isSpeaking\":"      \
	"false}"
#define LINE(muted, by_host, more)                                   \
	"{\"leaf\":4,\"id\":\"AAAA\",\"label\":\"x\",\"sinceMs\":1," \
	"\"transport\":\"tls\",\"isMuted\":" muted                   \
	",\"isMutedByHost\":" by_host ",\"hasHandUp\":false" more "}"

TEST(lanes_are_those_lines_that_have_one_and_muted_by_whomever)
{
	static struct plan p;

	CHECK_OK(plan_of(&p, "[]",
	    "[" LINE("false", "false", ",\"lane\":5") "," LINE("false", "true",
		"") "," LINE("true", "false", ",\"lane\":0") "," LINE("false",
		"true", ",\"lane\":1023") "," LINE("true", "true",
		",\"lane\":null") "]"));
	CHECK_EQ(p.lane_count, 3);
	CHECK(p.lanes[0].lane == 5 && !p.lanes[0].is_muted);
	CHECK(p.lanes[1].lane == 0 && p.lanes[1].is_muted);
	CHECK(p.lanes[2].lane == 1023 && p.lanes[2].is_muted);
	CHECK_OK(plan_of(&p, "[]", "null"));
	CHECK_EQ(p.lane_count, 0);
}

TEST(lines_that_are_none_are_refused)
{
	static const char *const wrong[] = { "3", "[3]",
		"[" LINE("false", "false", ",\"lane\":1024") "]",
		"[" LINE("false", "false", ",\"lane\":-1") "]",
		"[" LINE("false", "false", ",\"lane\":\"1\"") "]",
		"[" LINE("0", "false", ",\"lane\":1") "]",
		"[" LINE("false", "null", ",\"lane\":1") "]" };
	static struct plan p;

	for (size_t i = 0; i < KK_ARRAY_LEN(wrong); i++)
		CHECK_FAIL(plan_of(&p, "[]", wrong[i]));
}

/* So many copies of one element, as a list. */
static const char *list_of(const char *one, size_t count)
{
	static char text[TEXT_BYTES / 2];
	size_t at = 0;

	text[at++] = '[';
	for (size_t i = 0; i < count; i++) {
		CHECK(at + strlen(one) + 2 < sizeof(text));
		at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%s",
		    i ? "," : "", one);
	}
	text[at++] = ']';
	text[at] = '\0';
	return text;
}

TEST(as_many_lanes_are_read_as_a_conference_may_have_and_no_more)
{
	static struct plan p;

	CHECK_OK(plan_of(&p, "[]",
	    list_of(LINE("true", "true", ",\"lane\":1"), PLAN_LANES_MAX)));
	CHECK_EQ(p.lane_count, PLAN_LANES_MAX);
	CHECK_ERR(plan_of(&p, "[]",
		      list_of(LINE("true", "true", ",\"lane\":1"),
			  PLAN_LANES_MAX + 1)),
	    KK_ELIMIT);
}

TEST(others_are_all_but_ourselves_beyond_what_a_screen_shows)
{
	static struct plan p;

	CHECK_OK(plan_of(&p, list_of(PERSON("7", "A", "true", "false"), 100),
	    "null"));
	CHECK_EQ(p.other_count, 100);
	CHECK_EQ(p.others[99].leaf, 7);
	CHECK_EQ(p.view.people_count, VIEW_PEOPLE_MAX);
	CHECK_OK(plan_of(&p,
	    "[" PERSON("1", "Us", "true", "true") "," PERSON("2", "B", "true",
		"false") "]",
	    "null"));
	CHECK_EQ(p.other_count, 1);
	CHECK_EQ(p.others[0].leaf, 2);
	CHECK_EQ(p.view.people_count, 2);
}

TEST(another_one_at_the_same_leaf_is_somebody_else)
{
	static const char *const people[] = {
		"[" PERSON("2", "B", "true", "false") "]",
		"[" PERSON("2", "C", "true", "false") "]",
		"[" PERSON("2", "B", "false", "false") "]",
	};
	uint64_t who[KK_ARRAY_LEN(people)];
	static struct plan p;

	for (size_t i = 0; i < KK_ARRAY_LEN(people); i++) {
		CHECK_OK(plan_of(&p, people[i], "null"));
		who[i] = p.others[0].who;
		CHECK_OK(plan_of(&p, people[i], "null"));
		CHECK(p.others[0].who == who[i]);
	}
	CHECK(who[0] != who[1] && who[1] != who[2] && who[0] != who[2]);
}

TEST(how_the_room_s_own_call_stands_is_read)
{
	static struct plan p;

#define CALLED(call) \
	"{\"phase\":\"in\",\"generation\":3,\"people\":[],\"call\":" call "}"
	CHECK_OK(parse(&p, CALLED("{\"line\":1024,\"state\":\"ringing\"}")));
	CHECK_EQ(p.view.call, VIEW_CALL_RINGING);
	CHECK_EQ(p.view.call_line, 1024);
	CHECK_OK(parse(&p, CALLED("{\"line\":1024,\"state\":\"no-answer\"}")));
	CHECK_EQ(p.view.call, VIEW_CALL_NO_ANSWER);
	CHECK(!p.view.call_has_tones && !p.view.call_is_long);
	CHECK_OK(parse(&p,
	    CALLED("{\"line\":1024,\"state\":\"early\",\"hasTones\":true}")));
	CHECK(p.view.call_has_tones && !p.view.call_is_long);
	CHECK_OK(parse(&p,
	    CALLED("{\"line\":1024,\"state\":\"talking\",\"isLong\":true}")));
	CHECK(!p.view.call_has_tones && p.view.call_is_long);
	CHECK_FAIL(parse(&p,
	    CALLED("{\"line\":1024,\"state\":\"early\",\"hasTones\":1}")));
	/* Of a newer roomd. */
	CHECK_OK(parse(&p, CALLED("{\"line\":1024,\"state\":\"parked\"}")));
	CHECK_EQ(p.view.call, VIEW_CALL_NONE);
	CHECK_OK(parse(&p, CALLED("null")));
	CHECK_EQ(p.view.call, VIEW_CALL_NONE);
	CHECK_ERR(parse(&p, CALLED("{\"line\":1024,\"state\":5}")), KK_EFORMAT);
	CHECK_FAIL(parse(&p, CALLED("{\"line\":-1,\"state\":\"busy\"}")));
	CHECK_FAIL(parse(&p, CALLED("{\"state\":\"busy\"}")));
}

TEST(a_meeting_that_forbids_lines_is_known_as_one)
{
	static struct plan p;

#define FORBIDS(what) \
	"{\"phase\":\"in\",\"generation\":3,\"people\":[],\"epoch\":1" what "}"
	CHECK_OK(parse(&p, FORBIDS(",\"forbidsLines\":true")));
	CHECK(p.view.forbids_lines);
	CHECK_OK(parse(&p, FORBIDS("")));
	CHECK(!p.view.forbids_lines);
	CHECK_FAIL(parse(&p, FORBIDS(",\"forbidsLines\":1")));
}
