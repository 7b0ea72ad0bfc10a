/* requests.c - each request, its bounds, and what is refused before parsing. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/tap.h"
#include "mock/alloc.h"
#include "signal/signal.h"

#define B16 "AQEBAQEBAQEBAQEBAQEBAQ=="
#define B32 "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="

static enum signal_error parse(struct signal_request *rq, const char *text)
{
	return signal_request_parse(rq, text, strlen(text));
}

TEST(restart_and_disconnect_name_a_transport)
{
	struct signal_request rq;

	CHECK_EQ(parse(&rq, "{\"type\":\"restart\",\"id\":4,\"transport\":7}"),
	    SIGNAL_OK);
	CHECK_EQ(rq.type, SIGNAL_RESTART);
	CHECK_EQ(rq.transport, 7);
	signal_request_clear(&rq);
	CHECK_EQ(parse(&rq, "{\"type\":\"restart\",\"id\":4,\"transport\":-1}"),
	    SIGNAL_EFORMAT);
	signal_request_clear(&rq);
	CHECK_EQ(parse(&rq, "{\"type\":\"restart\",\"id\":4}"), SIGNAL_EFORMAT);
	signal_request_clear(&rq);

	CHECK_EQ(parse(&rq,
		     "{\"type\":\"disconnect\",\"id\":4,\"transport\":"
		     "4294967295}"),
	    SIGNAL_OK);
	CHECK_EQ(rq.type, SIGNAL_DISCONNECT);
	CHECK_EQ(rq.transport, UINT32_MAX);
	signal_request_clear(&rq);
	CHECK_EQ(parse(&rq, "{\"type\":\"disconnect\",\"id\":4}"),
	    SIGNAL_EFORMAT);
	signal_request_clear(&rq);
}

TEST(connect_may_say_its_role)
{
	static const struct {
		const char *more;
		enum signal_error error;
		bool is_server;
	} tries[] = {
		{ "", SIGNAL_OK, false },
		{ ",\"role\":\"client\"", SIGNAL_OK, false },
		{ ",\"role\":\"server\"", SIGNAL_OK, true },
		{ ",\"role\":\"auto\"", SIGNAL_EFORMAT, false },
		{ ",\"role\":1", SIGNAL_EFORMAT, false },
	};

	for (size_t i = 0; i < KK_ARRAY_LEN(tries); i++) {
		struct signal_request rq;
		char text[128];

		(void)snprintf(text, sizeof(text),
		    "{\"type\":\"connect\",\"id\":1,\"transport\":1,"
		    "\"fingerprint\":\"AA\"%s}",
		    tries[i].more);
		CHECK_EQ(parse(&rq, text), tries[i].error);
		if (!tries[i].error)
			CHECK_EQ(rq.connect.is_dtls_server, tries[i].is_server);
		signal_request_clear(&rq);
	}
}

TEST(each_request_becomes_its_struct)
{
	struct signal_request rq;

	CHECK_EQ(parse(&rq,
		     "{\"type\":\"register\",\"id\":2,\"siteToken\":\"" B32
		     "\",\"meeting\":\"" B16 "\",\"tokenHash\":\"" B32
		     "\",\"participants\":1000,\"reset\":true}"),
	    SIGNAL_OK);
	CHECK_EQ(rq.type, SIGNAL_REGISTER);
	CHECK_EQ(rq.id, 2);
	CHECK_EQ(rq.reg.meeting.bytes, 16);
	CHECK_EQ(rq.reg.site_token[31], 1);
	CHECK_EQ(rq.reg.token_hash[31], 1);
	CHECK_EQ(rq.reg.participants, 1000);
	CHECK(rq.reg.is_reset);
	signal_request_clear(&rq);
	CHECK_EQ(rq.reg.site_token[31], 0);

	CHECK_EQ(parse(&rq,
		     "{\"type\":\"enter\",\"id\":3,\"meeting\":\"" B16
		     "\",\"token\":\"" B32 "\",\"epoch\":9007199254740991}"),
	    SIGNAL_OK);
	CHECK(rq.enter.epoch.is_set);
	CHECK_EQ(rq.enter.epoch.n, SIGNAL_NUMBER_MAX);
	signal_request_clear(&rq);

	CHECK_EQ(parse(&rq,
		     "{\"type\":\"publish\",\"id\":4,\"transport\":7,"
		     "\"source\":\"screen\",\"kind\":\"video\","
		     "\"payloadType\":96,\"rtxPayloadType\":97,\"encodings\":"
		     "[{\"ssrc\":4294967295,\"rtxSsrc\":5}],\"extensions\":"
		     "[{\"uri\":\"urn:x\",\"id\":14}]}"),
	    SIGNAL_OK);
	CHECK_EQ(rq.publish.transport, 7);
	CHECK_EQ(rq.publish.source, SIGNAL_SCREEN);
	CHECK_EQ(rq.publish.kind, SIGNAL_VIDEO);
	CHECK_EQ(rq.publish.payload_type, 96);
	CHECK_EQ(rq.publish.rtx_payload_type, 97);
	CHECK_EQ(rq.publish.encoding_count, 1);
	CHECK_EQ(rq.publish.encodings[0].ssrc, 4294967295);
	CHECK_EQ(rq.publish.encodings[0].rtx_ssrc, 5);
	CHECK_STR(rq.publish.extensions[0].uri, "urn:x");
	CHECK_EQ(rq.publish.extensions[0].id, 14);
	signal_request_clear(&rq);

	CHECK_EQ(parse(&rq,
		     "{\"type\":\"watch\",\"id\":5,\"slots\":[{\"slot\":3,"
		     "\"participant\":\"" B16 "\",\"source\":\"camera\"},"
		     "{\"slot\":4,\"participant\":null}]}"),
	    SIGNAL_OK);
	CHECK_EQ(rq.watches.count, 2);
	CHECK_EQ(rq.watches.list[0].slot, 3);
	CHECK_EQ(rq.watches.list[0].source, SIGNAL_CAMERA);
	CHECK(rq.watches.list[0].has_participant);
	CHECK(!rq.watches.list[1].has_participant);
	signal_request_clear(&rq);
}

TEST(layers_and_tiles_are_read_where_they_are_told)
{
	struct signal_request rq;
	const struct signal_encoding *e;

	CHECK_EQ(parse(&rq,
		     "{\"type\":\"publish\",\"id\":4,\"transport\":7,"
		     "\"source\":\"camera\",\"kind\":\"video\",\"codec\":"
		     "\"vp9\",\"mid\":\"1\",\"payloadType\":96,\"encodings\":["
		     "{\"rid\":\"r0\",\"maxWidth\":320,\"maxHeight\":180},"
		     "{\"rid\":\"r1\",\"ssrc\":4,\"rtxSsrc\":5},"
		     "{\"ssrc\":6}]}"),
	    SIGNAL_OK);
	e = rq.publish.encodings;
	CHECK_EQ(rq.publish.codec, SIGNAL_VP9);
	CHECK_STR(rq.publish.mid, "1");
	CHECK_EQ(rq.publish.encoding_count, 3);
	CHECK_STR(e[0].rid, "r0");
	CHECK_EQ(e[0].ssrc, 0);
	CHECK(e[0].max_width == 320 && e[0].max_height == 180);
	CHECK(e[1].ssrc == 4 && e[1].rtx_ssrc == 5 && e[1].max_width == 0);
	CHECK_STR(e[2].rid, "");
	signal_request_clear(&rq);

	CHECK_EQ(parse(&rq,
		     "{\"type\":\"watch\",\"id\":5,\"slots\":[{\"slot\":3,"
		     "\"participant\":\"" B16 "\",\"source\":\"camera\","
		     "\"width\":640,\"height\":360,\"priority\":2}]}"),
	    SIGNAL_OK);
	CHECK_EQ(rq.watches.list[0].width, 640);
	CHECK_EQ(rq.watches.list[0].height, 360);
	CHECK_EQ(rq.watches.list[0].priority, 2);
	signal_request_clear(&rq);

	CHECK_EQ(parse(&rq,
		     "{\"type\":\"slots\",\"id\":6,\"transport\":7,"
		     "\"audio\":1,\"video\":2,\"vp9\":true}"),
	    SIGNAL_OK);
	CHECK(rq.slots.has_vp9);
	signal_request_clear(&rq);
}

TEST(layers_and_tiles_out_of_range_are_refused)
{
	static const struct {
		const char *encodings;
		enum signal_error error;
	} tries[] = {
		{ "{}", SIGNAL_EFORMAT }, /* neither number nor name */
		{ "{\"rid\":\"\"}", SIGNAL_EFORMAT },
		{ "{\"rid\":\"12345678901234567\"}", SIGNAL_ELIMIT },
		{ "{\"rid\":\"a\",\"ssrc\":0}", SIGNAL_ELIMIT },
		{ "{\"ssrc\":1,\"maxWidth\":16385}", SIGNAL_ELIMIT },
		{ "{\"ssrc\":1,\"maxHeight\":\"1\"}", SIGNAL_EFORMAT },
		{ "{\"ssrc\":1},{\"ssrc\":2},{\"ssrc\":3},{\"ssrc\":4}",
		    SIGNAL_ELIMIT },
		{ "{\"ssrc\":1}],\"codec\":\"av1\",\"x\":[", SIGNAL_EFORMAT },
		{ "{\"ssrc\":1}],\"mid\":\"12345678901234567\",\"x\":[",
		    SIGNAL_ELIMIT },
	};
	struct signal_request rq;
	char text[512];

	for (size_t i = 0; i < KK_ARRAY_LEN(tries); i++) {
		(void)snprintf(text, sizeof(text),
		    "{\"type\":\"publish\",\"id\":4,\"transport\":7,"
		    "\"source\":\"camera\",\"kind\":\"video\","
		    "\"payloadType\":96,\"encodings\":[%s]}",
		    tries[i].encodings);
		CHECK_EQ(parse(&rq, text), tries[i].error);
		signal_request_clear(&rq);
	}
	CHECK_EQ(parse(&rq,
		     "{\"type\":\"watch\",\"id\":5,\"slots\":[{\"slot\":3,"
		     "\"participant\":\"" B16 "\",\"source\":\"camera\","
		     "\"width\":20000}]}"),
	    SIGNAL_ELIMIT);
}

#define LOUDEST(fields) \
	"{\"type\":\"watch\",\"id\":1,\"slots\":[{\"slot\":1," fields "}]}"

TEST(a_slot_may_be_left_to_the_forwarder_instead_of_naming_somebody)
{
	struct signal_request rq;

	CHECK_EQ(parse(&rq, LOUDEST("\"loudest\":true")), SIGNAL_OK);
	CHECK(rq.watches.list[0].is_loudest);
	CHECK(!rq.watches.list[0].has_participant);
	CHECK_EQ(parse(&rq, LOUDEST("\"loudest\":false")), SIGNAL_OK);
	CHECK(!rq.watches.list[0].is_loudest);
	CHECK_EQ(parse(&rq, LOUDEST("\"loudest\":1")), SIGNAL_EFORMAT);
	CHECK_EQ(parse(&rq,
		     LOUDEST("\"loudest\":true,\"source\":\"microphone\","
			     "\"participant\":\"AQIDAAAAAAAAAAAAAAAAAA==\"")),
	    SIGNAL_EFORMAT);
}

TEST(unknown_fields_are_ignored_and_missing_ones_are_not)
{
	struct signal_request rq;

	CHECK_EQ(parse(&rq,
		     "{\"type\":\"begin\",\"id\":1,\"epoch\":5,\"x\":[{}]}"),
	    SIGNAL_OK);
	CHECK_EQ(rq.epoch, 5);
	signal_request_clear(&rq);
	CHECK_EQ(parse(&rq, "{\"type\":\"begin\",\"id\":1}"), SIGNAL_EFORMAT);
	CHECK(rq.has_id);
	CHECK(rq.is_object);
	CHECK_EQ(parse(&rq, "{\"type\":\"begin\",\"epoch\":5}"),
	    SIGNAL_EFORMAT);
	CHECK(!rq.has_id);
	CHECK_EQ(parse(&rq, "[]"), SIGNAL_EFORMAT);
	CHECK(!rq.is_object);
}

TEST(another_version_is_told_from_a_bad_hello)
{
	struct signal_request rq;

	CHECK_EQ(parse(&rq, "{\"type\":\"hello\",\"id\":1,\"version\":2}"),
	    SIGNAL_EVERSION);
	CHECK_EQ(parse(&rq, "{\"type\":\"hello\",\"id\":1,\"version\":1}"),
	    SIGNAL_EFORMAT);
	CHECK_EQ(parse(&rq,
		     "{\"type\":\"hello\",\"id\":1,\"version\":1,\"client\":"
		     "\"12345678901234567890123456789012345678901234567890"
		     "123456789012345\"}"),
	    SIGNAL_ELIMIT);
}

/* A request with something more in it, count times. */
static enum signal_error stuffed(const char *head, const char *each,
    size_t count, const char *tail)
{
	size_t each_bytes = strlen(each), at = strlen(head);
	size_t room = at + count * each_bytes + strlen(tail) + 1;
	char *text = calloc(1, room);
	struct signal_request rq;
	enum signal_error error;

	CHECK(text != NULL);
	memcpy(text, head, at);
	for (size_t i = 0; i < count; i++, at += each_bytes)
		memcpy(text + at, each, each_bytes);
	memcpy(text + at, tail, strlen(tail));
	error = parse(&rq, text);
	signal_request_clear(&rq);
	free(text);
	return error;
}

static enum signal_error nested(size_t depth)
{
	static const char ends[] = "]]]]]]]]]]]]";
	char tail[32];

	(void)snprintf(tail, sizeof(tail), "%.*s}", (int)depth - 1, ends);
	return stuffed("{\"type\":\"leave\",\"id\":1,\"x\":", "[", depth - 1,
	    tail);
}

TEST(depth_and_values_have_bounds_that_are_exact)
{
	/* type, id and x are three, the list's first value is the fourth. */
	static const char head[] = "{\"type\":\"leave\",\"id\":1,\"x\":[1";

	CHECK_EQ(nested(2), SIGNAL_OK);
	CHECK_EQ(nested(SIGNAL_DEPTH_MAX), SIGNAL_OK);
	CHECK_EQ(nested(SIGNAL_DEPTH_MAX + 1), SIGNAL_ELIMIT);
	CHECK_EQ(stuffed(head, ",1", SIGNAL_VALUES_MAX - 4, "]}"), SIGNAL_OK);
	CHECK_EQ(stuffed(head, ",1", SIGNAL_VALUES_MAX - 3, "]}"),
	    SIGNAL_ELIMIT);
}

TEST(brackets_and_commas_inside_texts_do_not_count)
{
	struct signal_request rq;

	CHECK_EQ(parse(&rq,
		     "{\"type\":\"leave\",\"id\":1,\"x\":"
		     "\"[[[[[[[[[[[[\\\"[[[[[[[{{{{{\\\\\"}"),
	    SIGNAL_OK);
}

TEST(a_zero_inside_a_text_does_not_hide_what_follows)
{
	static const char text[] = "{\"type\":\"leave\",\"id\":1}\0{";
	struct signal_request rq;

	CHECK_EQ(signal_request_parse(&rq, text, sizeof(text) - 1),
	    SIGNAL_EFORMAT);
}

TEST(each_failed_allocation_of_ours_is_internal_and_leaves_nothing)
{
	static const char text[] =
	    "{\"type\":\"commit\",\"id\":6,\"epoch\":3,\"message\":\"AQ==\","
	    "\"groupInfo\":\"AQ==\",\"welcomes\":[{\"to\":\"" B16
	    "\",\"message\":\"AQ==\"},{\"to\":\"" B16
	    "\",\"message\":\"AQ==\"}]}";
	struct signal_request rq;

	for (unsigned nth = 1;; nth++) {
		enum signal_error error;

		mock_alloc_arm(nth);
		error = parse(&rq, text);
		signal_request_clear(&rq);
		if (!mock_alloc_disarm()) {
			CHECK_EQ(error, SIGNAL_OK);
			CHECK(nth > 4);
			break;
		}
		CHECK_EQ(error, SIGNAL_EINTERNAL);
	}
}

TEST(the_table_of_states_lets_hello_come_first_and_once)
{
	for (unsigned t = 0; t < SIGNAL_TYPE_COUNT; t++) {
		enum signal_type type = (enum signal_type)t;

		CHECK_EQ(signal_is_allowed(SIGNAL_NEW, type),
		    type == SIGNAL_HELLO);
		CHECK_EQ(signal_is_allowed(SIGNAL_GREETED, type),
		    type == SIGNAL_REGISTER || type == SIGNAL_UNREGISTER ||
			type == SIGNAL_ENTER);
		CHECK_EQ(signal_is_allowed(SIGNAL_INSIDE, type),
		    type != SIGNAL_HELLO && type != SIGNAL_ENTER);
	}
	CHECK(!signal_is_allowed(SIGNAL_INSIDE, SIGNAL_TYPE_COUNT));
	CHECK_EQ(signal_state_after(SIGNAL_NEW, SIGNAL_HELLO), SIGNAL_GREETED);
	CHECK_EQ(signal_state_after(SIGNAL_GREETED, SIGNAL_ENTER),
	    SIGNAL_INSIDE);
	CHECK_EQ(signal_state_after(SIGNAL_INSIDE, SIGNAL_LEAVE),
	    SIGNAL_GREETED);
	CHECK_EQ(signal_state_after(SIGNAL_NEW, SIGNAL_LEAVE), SIGNAL_NEW);
}
