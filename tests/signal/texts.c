/* texts.c - what the writers write, letter by letter. */
#include <string.h>
#include <systemd/sd-json.h>

#include "harness/tap.h"
#include "mock/alloc.h"
#include "signal/signal.h"

#define ID "AQIDAAAAAAAAAAAAAAAAAA=="

static const struct signal_participant who = { { 1, 2, 3 } };

static void expect(enum kk_err err, struct kk_bytes *text, const char *want)
{
	CHECK_OK(err);
	CHECK_EQ(text->bytes, strlen(want));
	CHECK_MEM(text->data, want, text->bytes);
	kk_bytes_clear(text);
}

TEST(errors_have_what_their_kind_needs_and_no_more)
{
	struct signal_request rq = { .has_id = true, .id = 7 };
	struct signal_failure f = { .rq = &rq,
		.error = SIGNAL_ESTALE,
		.text = "late",
		.epoch = 9,
		.retry_ms = 5 };
	struct kk_bytes text;

	expect(signal_write_error(&text, &f), &text,
	    "{\"type\":\"error\",\"id\":7,\"error\":\"stale\",\"text\":"
	    "\"late\",\"epoch\":9}");
	f.error = SIGNAL_EBUSY;
	expect(signal_write_error(&text, &f), &text,
	    "{\"type\":\"error\",\"id\":7,\"error\":\"busy\",\"text\":"
	    "\"late\",\"retryMs\":5}");
	f.error = SIGNAL_EVERSION;
	f.rq = NULL;
	expect(signal_write_error(&text, &f), &text,
	    "{\"type\":\"error\",\"error\":\"version\",\"text\":\"late\","
	    "\"supported\":[1]}");
}

TEST(answers_and_events_are_as_the_protocol_says)
{
	const struct signal_present other = { who, { true, false, true } };
	const struct signal_entered entered = { .participant = who,
		.others = &other,
		.other_count = 1,
		.is_behind = true };
	const struct signal_relayed relayed = { &who, 4,
		{ (const uint8_t *)"abc", 3 } };
	const struct signal_slot slot = { 1, SIGNAL_VIDEO, "v0", 11, 12, 96, 97,
		0, 0 };
	struct signal_slot vp9 = slot;
	struct kk_bytes text;

	expect(signal_write_entered(&text, 2, &entered), &text,
	    "{\"type\":\"answer\",\"id\":2,\"participant\":\"" ID
	    "\",\"epoch\":null,\"participants\":[{\"participant\":\"" ID
	    "\",\"sources\":[{\"source\":\"microphone\",\"kind\":\"audio\"},"
	    "{\"source\":\"screen\",\"kind\":\"video\"}]}],\"isBehind\":true}");
	expect(signal_write_commit(&text, &relayed), &text,
	    "{\"type\":\"commit\",\"epoch\":4,\"from\":\"" ID
	    "\",\"message\":\"YWJj\"}");
	expect(signal_write_message(&text, &relayed), &text,
	    "{\"type\":\"message\",\"from\":\"" ID "\",\"message\":\"YWJj\"}");
	expect(signal_write_left(&text, &who, SIGNAL_LOST), &text,
	    "{\"type\":\"left\",\"participant\":\"" ID
	    "\",\"reason\":\"lost\"}");
	expect(signal_write_source(&text, &who, SIGNAL_CAMERA, false), &text,
	    "{\"type\":\"unpublished\",\"participant\":\"" ID
	    "\",\"source\":\"camera\",\"kind\":\"video\"}");
	expect(signal_write_transport_state(&text, 3, true), &text,
	    "{\"type\":\"transport\",\"transport\":3,\"state\":"
	    "\"connected\"}");
	expect(signal_write_closed(&text, SIGNAL_SHUTDOWN), &text,
	    "{\"type\":\"closed\",\"reason\":\"shutdown\"}");
	expect(signal_write_slots(&text, 5, &slot, 1, "c"), &text,
	    "{\"type\":\"answer\",\"id\":5,\"slots\":[{\"slot\":1,\"kind\":"
	    "\"video\",\"mid\":\"v0\",\"ssrc\":11,\"payloadType\":96,"
	    "\"rtxSsrc\":12,\"rtxPayloadType\":97}],\"cname\":\"c\"}");
	vp9.vp9_payload_type = 98;
	vp9.vp9_rtx_payload_type = 99;
	expect(signal_write_slots(&text, 5, &vp9, 1, "c"), &text,
	    "{\"type\":\"answer\",\"id\":5,\"slots\":[{\"slot\":1,\"kind\":"
	    "\"video\",\"mid\":\"v0\",\"ssrc\":11,\"payloadType\":96,"
	    "\"rtxSsrc\":12,\"rtxPayloadType\":97,\"vp9PayloadType\":98,"
	    "\"vp9RtxPayloadType\":99}],\"cname\":\"c\"}");
	expect(signal_write_slots(&text, 5, NULL, 0, "c"), &text,
	    "{\"type\":\"answer\",\"id\":5,\"slots\":[],\"cname\":\"c\"}");
}

TEST(texts_are_escaped_as_json_wants)
{
	const struct signal_failure f = { .error = SIGNAL_EFORMAT,
		.text = "a \"b\" c\\d \n\x01\x1f \xc3\xa4" };
	sd_json_variant *v = NULL;
	struct kk_bytes text;
	char copy[256] = { 0 };

	CHECK_OK(signal_write_error(&text, &f));
	CHECK(text.bytes < sizeof(copy));
	memcpy(copy, text.data, text.bytes);
	kk_bytes_clear(&text);
	CHECK_STR(copy,
	    "{\"type\":\"error\",\"error\":\"format\",\"text\":"
	    "\"a \\\"b\\\" c\\\\d \\u000a\\u0001\\u001f \xc3\xa4\"}");
	CHECK(sd_json_parse(copy, 0, &v, NULL, NULL) >= 0);
	CHECK_STR(sd_json_variant_string(sd_json_variant_by_key(v, "text")),
	    f.text);
	sd_json_variant_unref(v);
}

TEST(a_hello_and_the_loudest_are_told)
{
	const struct signal_heard heard[] = { { 3, true, who },
		{ 4, false, { { 0 } } } };
	struct kk_bytes text;

	expect(signal_write_hello(&text, 1, "sfud", true), &text,
	    "{\"type\":\"answer\",\"id\":1,\"version\":1,\"server\":"
	    "\"sfud\",\"audioLevels\":true}");
	expect(signal_write_loudest(&text, heard, 2), &text,
	    "{\"type\":\"loudest\",\"slots\":[{\"slot\":3,"
	    "\"participant\":\"" ID "\"},{\"slot\":4,"
	    "\"participant\":null}]}");
}

TEST(which_sizes_are_wanted_is_told)
{
	struct kk_bytes text;

	expect(signal_write_wanted(&text, SIGNAL_CAMERA, 2), &text,
	    "{\"type\":\"wanted\",\"source\":\"camera\",\"encodings\":2}");
}

TEST(messages_of_any_length_are_base64)
{
	uint8_t data[1000];

	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 7 + i / 256);
	for (size_t bytes = 0; bytes <= sizeof(data); bytes++) {
		const struct signal_relayed relayed = { &who, 0,
			{ data, bytes } };
		const struct kk_view head = kk_view_text(
		    "{\"type\":\"message\",\"from\":\"" ID "\",\"message\":\"");
		sd_json_variant *want = NULL;
		struct kk_bytes text;
		const char *letters;

		CHECK(sd_json_variant_new_base64(&want, data, bytes) >= 0);
		letters = sd_json_variant_string(want);
		CHECK_OK(signal_write_message(&text, &relayed));
		CHECK_EQ(text.bytes, head.bytes + strlen(letters) + 2);
		CHECK_MEM(text.data, head.data, head.bytes);
		CHECK_MEM(text.data + head.bytes, letters, strlen(letters));
		CHECK_MEM(text.data + text.bytes - 2, "\"}", 2);
		kk_bytes_clear(&text);
		sd_json_variant_unref(want);
	}
}

TEST(a_writer_without_memory_says_so)
{
	const struct signal_relayed relayed = { &who, 4,
		{ (const uint8_t *)"abc", 3 } };
	struct kk_bytes text;
	enum kk_err err;

	ALLOC_FAULT_LOOP(err, signal_write_commit(&text, &relayed));
	CHECK_OK(err);
	kk_bytes_clear(&text);
}
