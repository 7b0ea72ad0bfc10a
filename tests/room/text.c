/* text.c - links, and the JSON of the server and of members. */
#define _GNU_SOURCE /* libsystemd's macros ask for it */
#include <stdio.h>
#include <string.h>

#include "call/call.h"
#include "harness/tap.h"
#include "room/letter.h"
#include "room/link.h"
#include "room/signal.h"
#include "wire/twcc.h"

#define KEY "AAECAwQFBgcICQoLDA0ODw"
#define PEER "AAECAwQFBgcICQoLDA0ODw=="

TEST(link_is_read_and_written_as_it_was)
{
	static const char *const links[] = {
		"https://room.example:8443/#1." KEY "." KEY,
		"https://127.0.0.1/#1." KEY "." KEY,
		"https://[2001:db8::1]:8443/#1." KEY "." KEY,
	};
	char out[ROOM_LINK_BYTES];
	struct room_link link;

	for (size_t i = 0; i < KK_ARRAY_LEN(links); i++) {
		CHECK_OK(room_link_parse(&link, links[i]));
		CHECK_EQ(link.id[15], 15);
		CHECK_EQ(link.secret[1], 1);
		CHECK_OK(room_link_write(&link, out));
		CHECK_STR(out, links[i]);
	}
	CHECK_STR(link.host, "2001:db8::1");
	CHECK_EQ(link.port, 8443);
}

TEST(what_is_no_link_is_refused_and_leaves_nothing)
{
	static const struct {
		const char *text;
		enum kk_err err;
	} bad[] = {
		{ "", KK_EFORMAT },
		{ "http://h/#1." KEY "." KEY, KK_EFORMAT },
		{ "https://h/#2." KEY "." KEY, KK_EUNSUP },
		{ "https://h/#1." KEY, KK_EFORMAT },
		{ "https://h/#1." KEY "." KEY "A", KK_EFORMAT },
		{ "https://h/#1.AAECAwQFBgcICQoLDA0ODx." KEY, KK_EFORMAT },
		{ "https://h:0/#1." KEY "." KEY, KK_EFORMAT },
		{ "https://h:65536/#1." KEY "." KEY, KK_EFORMAT },
		{ "https://h:99999999999999999999/#1." KEY "." KEY,
		    KK_EFORMAT },
		{ "https://[::1/#1." KEY "." KEY, KK_EFORMAT },
		{ "https://a b/#1." KEY "." KEY, KK_EFORMAT },
	};
	const struct room_link none = { .port = 0 };
	struct room_link link;

	for (size_t i = 0; i < KK_ARRAY_LEN(bad); i++) {
		CHECK_ERR(room_link_parse(&link, bad[i].text), bad[i].err);
		CHECK_MEM(&link, &none, sizeof(link));
	}
}

TEST(page_is_read_with_and_without_its_slash)
{
	struct room_link link;

	CHECK_OK(room_link_parse_page(&link, "https://h:8443"));
	CHECK_EQ(link.port, 8443);
	CHECK_OK(room_link_parse_page(&link, "https://h/"));
	CHECK_EQ(link.port, ROOM_HTTPS_PORT);
	CHECK_ERR(room_link_parse_page(&link, "https://h/x"), KK_EFORMAT);
}

static enum kk_err parse(struct room_signal *s, const char *text)
{
	return room_signal_parse(s, text, strlen(text));
}

TEST(answer_to_enter_has_all_that_it_says)
{
	struct room_signal s;

	CHECK_OK(parse(&s,
	    "{\"type\":\"answer\",\"id\":7,\"participant\":\"" PEER
	    "\",\"epoch\":12,\"isBehind\":true,\"participants\":[{"
	    "\"participant\":\"" PEER
	    "\",\"sources\":[{\"source\":\"camera\",\"kind\":\"video\"}]}]}"));
	CHECK_EQ(s.type, ROOM_ANSWER);
	CHECK_EQ(s.id, 7);
	CHECK(s.has_epoch && s.epoch == 12 && s.is_behind);
	CHECK(s.has_peer && s.peer.bytes[15] == 15);
	CHECK_EQ(s.peer_count, 1);
	CHECK(s.peers[0].has[ROOM_CAMERA] && !s.peers[0].has[ROOM_SCREEN]);
	room_signal_clear(&s);
	CHECK_OK(parse(&s, "{\"type\":\"answer\",\"id\":7,\"epoch\":null}"));
	CHECK(!s.has_epoch);
	room_signal_clear(&s);
}

TEST(transport_and_slots_are_read)
{
	struct room_signal s;

	CHECK_OK(parse(&s,
	    "{\"type\":\"answer\",\"id\":1,\"transport\":3,\"ufrag\":\"u\","
	    "\"pwd\":\"p\",\"fingerprint\":\"sha-256 AA\",\"candidates\":[{"
	    "\"address\":\"::1\",\"port\":9,\"protocol\":\"udp\","
	    "\"priority\":5,\"foundation\":\"1\",\"type\":\"host\"}]}"));
	CHECK(s.has_transport);
	CHECK_EQ(s.transport->number, 3);
	CHECK_EQ(s.transport->candidates[0].port, 9);
	CHECK_STR(s.transport->candidates[0].address, "::1");
	room_signal_clear(&s);
	CHECK_OK(parse(&s,
	    "{\"type\":\"answer\",\"id\":1,\"slots\":[{\"slot\":0,"
	    "\"kind\":\"video\",\"mid\":\"1\",\"ssrc\":4294967295,"
	    "\"payloadType\":96,\"rtxSsrc\":5,\"rtxPayloadType\":97,"
	    "\"vp9PayloadType\":98,\"vp9RtxPayloadType\":99}]}"));
	CHECK_EQ(s.slot_count, 1);
	CHECK_EQ(s.slots[0].vp9_payload_type, 98);
	CHECK_EQ(s.slots[0].vp9_rtx_payload_type, 99);
	CHECK_EQ(s.slots[0].ssrc, UINT32_MAX);
	CHECK(!s.slots[0].is_audio);
	CHECK_EQ(s.slots[0].rtx_payload_type, 97);
	room_signal_clear(&s);
}

TEST(errors_have_their_names_and_a_new_one_is_internal)
{
	struct room_signal s;
	char text[128];

	for (int e = 1; e < ROOM_ERROR_COUNT; e++) {
		(void)snprintf(text, sizeof(text),
		    "{\"type\":\"error\",\"id\":1,\"error\":\"%s\","
		    "\"text\":\"\"}",
		    room_error_name((enum room_error)e));
		CHECK_OK(parse(&s, text));
		CHECK_EQ(s.error, e);
	}
	CHECK_OK(parse(&s,
	    "{\"type\":\"error\",\"id\":1,\"error\":\"odd\",\"retryMs\":9}"));
	CHECK_EQ(s.error, ROOM_ERROR_INTERNAL);
	CHECK_EQ(s.retry_ms, 9);
}

TEST(unknown_event_is_one_to_be_ignored)
{
	struct room_signal s;

	CHECK_OK(parse(&s, "{\"type\":\"weather\",\"is\":\"fine\"}"));
	CHECK_EQ(s.type, ROOM_SIGNAL_OTHER);
}

TEST(what_lacks_a_field_or_has_another_type_is_refused)
{
	static const char *const bad[] = {
		"",
		"[]",
		"{}",
		"{\"type\":1}",
		"{\"type\":\"joined\"}",
		"{\"type\":\"joined\",\"participant\":\"AAEC\"}",
		"{\"type\":\"left\",\"participant\":\"" PEER "\"}",
		"{\"type\":\"left\",\"participant\":\"" PEER
		"\",\"reason\":\"bored\"}",
		"{\"type\":\"commit\",\"from\":\"" PEER
		"\",\"message\":\"AA==\"}",
		"{\"type\":\"commit\",\"epoch\":-1,\"from\":\"" PEER
		"\",\"message\":\"AA==\"}",
		"{\"type\":\"message\",\"from\":\"" PEER "\"}",
		"{\"type\":\"message\",\"from\":\"" PEER
		"\",\"message\":\"not base64\"}",
		"{\"type\":\"published\",\"participant\":\"" PEER
		"\",\"source\":\"camera\",\"kind\":\"audio\"}",
		"{\"type\":\"answer\"}",
		"{\"type\":\"answer\",\"id\":1,\"participants\":[1]}",
		"{\"type\":\"answer\",\"id\":1,\"slots\":{}}",
		"{\"type\":\"answer\",\"id\":1,\"transport\":1}",
		"{\"type\":\"closed\",\"reason\":\"\"}",
	};
	struct room_signal s;

	for (size_t i = 0; i < KK_ARRAY_LEN(bad); i++)
		CHECK_ERR(parse(&s, bad[i]), KK_EFORMAT);
	CHECK_ERR(parse(&s,
		      "{\"type\":\"answer\",\"id\":1,\"x\":"
		      "[[[[[[[[1]]]]]]]]}"),
	    KK_ELIMIT);
	CHECK_ERR(room_signal_parse(&s, "{}\0{}", 5), KK_EFORMAT);
}

static void request_is(const struct room_request *rq, const char *want)
{
	char *text = NULL;

	CHECK_OK(room_request_write(rq, &text));
	CHECK_STR(text, want);
	kk_free(text);
}

TEST(requests_are_written_as_the_protocol_has_them)
{
	uint8_t byte = 1;
	const struct kk_view view = { &byte, 1 };
	struct room_request rq = { .type = ROOM_ASK_ENTER,
		.id = 5,
		.meeting = view,
		.token = view,
		.has_epoch = true,
		.epoch = 3 };

	request_is(&rq,
	    "{\"type\":\"enter\",\"id\":5,\"meeting\":\"AQ==\","
	    "\"token\":\"AQ==\",\"epoch\":3}");
	rq = (struct room_request){ .type = ROOM_ASK_SLOTS,
		.id = 6,
		.transport = 2,
		.audio_slots = 8,
		.video_slots = 9 };
	request_is(&rq,
	    "{\"type\":\"slots\",\"id\":6,\"transport\":2,\"audio\":8,"
	    "\"video\":9,\"vp9\":true}");
	rq = (struct room_request){ .type = ROOM_ASK_COMMIT,
		.id = 6,
		.has_epoch = true,
		.message = { &byte, 1 } };
	request_is(&rq,
	    "{\"type\":\"commit\",\"id\":6,\"epoch\":0,"
	    "\"message\":\"AQ==\",\"welcomes\":[]}");
	rq = (struct room_request){ .type = ROOM_ASK_WATCH,
		.id = 7,
		.watch = { { .slot = 2 } },
		.watch_count = 1 };
	request_is(&rq,
	    "{\"type\":\"watch\",\"id\":7,\"slots\":[{\"slot\":2,"
	    "\"participant\":null}]}");
	rq.watch[0] = (struct room_watch){ .slot = 2,
		.has_peer = true,
		.source = ROOM_CAMERA,
		.width = 640,
		.height = 360,
		.priority = 1 };
	request_is(&rq,
	    "{\"type\":\"watch\",\"id\":7,\"slots\":[{\"slot\":2,"
	    "\"participant\":\"AAAAAAAAAAAAAAAAAAAAAA==\","
	    "\"source\":\"camera\",\"width\":640,\"height\":360,"
	    "\"priority\":1}]}");
}

TEST(a_slot_is_left_to_the_server_and_a_microphone_tells_its_level)
{
	struct room_request rq = { .type = ROOM_ASK_WATCH,
		.id = 7,
		.watch = { { .slot = 2, .is_loudest = true } },
		.watch_count = 1 };

	request_is(&rq,
	    "{\"type\":\"watch\",\"id\":7,\"slots\":[{\"slot\":2,"
	    "\"loudest\":true}]}");
	rq = (struct room_request){ .type = ROOM_ASK_PUBLISH,
		.id = 8,
		.transport = 1,
		.source = ROOM_MICROPHONE,
		.encodings = { { .ssrc = 9 } },
		.encoding_count = 1,
		.tells_level = true,
		.payload_type = 111 };
	request_is(&rq,
	    "{\"type\":\"publish\",\"id\":8,\"transport\":1,"
	    "\"source\":\"microphone\",\"kind\":\"audio\","
	    "\"payloadType\":111,\"encodings\":[{\"ssrc\":9}],"
	    "\"extensions\":[{\"uri\":\"" WIRE_TWCC_URI "\",\"id\":5},"
	    "{\"uri\":\"urn:ietf:params:rtp-hdrext:ssrc-audio-level\","
	    "\"id\":7}]}");
}

TEST(who_is_loudest_is_read_and_must_have_its_slots)
{
	struct room_signal s;

	CHECK_OK(parse(&s,
	    "{\"type\":\"loudest\",\"slots\":[{\"slot\":3,\"participant\":"
	    "\"AQIDBAUGBwgJCgsMDQ4PEA==\"},{\"slot\":4,\"participant\":"
	    "null}]}"));
	CHECK_EQ(s.type, ROOM_LOUDEST);
	CHECK_EQ(s.heard_count, 2);
	CHECK(s.heard[0].has_peer && !s.heard[1].has_peer);
	CHECK_EQ(s.heard[0].slot, 3);
	CHECK_EQ(s.heard[0].peer.bytes[15], 16);
	room_signal_clear(&s);
	CHECK_EQ(parse(&s,
		     "{\"type\":\"loudest\",\"slots\":[{\"slot\":3,"
		     "\"participant\":\"AQ==\"}]}"),
	    KK_EFORMAT);
	CHECK_EQ(parse(&s,
		     "{\"type\":\"loudest\",\"slots\":[{\"participant\":"
		     "null}]}"),
	    KK_EFORMAT);
	CHECK_OK(parse(&s,
	    "{\"type\":\"answer\",\"id\":1,\"version\":1,"
	    "\"audioLevels\":true}"));
	CHECK(s.allows_levels);
	room_signal_clear(&s);
}

TEST(which_sizes_are_wanted_is_read)
{
	struct room_signal s;

	CHECK_OK(parse(&s,
	    "{\"type\":\"wanted\",\"source\":\"camera\",\"encodings\":2}"));
	CHECK_EQ(s.type, ROOM_WANTED);
	CHECK_EQ(s.source, ROOM_CAMERA);
	CHECK_EQ(s.encodings, 2);
	room_signal_clear(&s);
	CHECK_EQ(parse(&s,
		     "{\"type\":\"wanted\",\"source\":\"camera\","
		     "\"encodings\":0}"),
	    KK_EFORMAT);
	CHECK_EQ(parse(&s,
		     "{\"type\":\"wanted\",\"source\":\"nose\","
		     "\"encodings\":1}"),
	    KK_EFORMAT);
	CHECK_EQ(parse(&s, "{\"type\":\"wanted\",\"source\":\"camera\"}"),
	    KK_EFORMAT);
}

TEST(what_is_published_has_each_of_its_sizes)
{
	struct room_request rq = { .type = ROOM_ASK_PUBLISH,
		.id = 8,
		.transport = 1,
		.source = ROOM_MICROPHONE,
		.encodings = { { .ssrc = 9 } },
		.encoding_count = 1,
		.payload_type = 111 };
	request_is(&rq,
	    "{\"type\":\"publish\",\"id\":8,\"transport\":1,"
	    "\"source\":\"microphone\",\"kind\":\"audio\","
	    "\"payloadType\":111,\"encodings\":[{\"ssrc\":9}],"
	    "\"extensions\":[{\"uri\":\"http://www.ietf.org/id/"
	    "draft-holmer-rmcat-transport-wide-cc-extensions-01\","
	    "\"id\":5}]}");
	rq.source = ROOM_CAMERA;
	rq.payload_type = 96;
	rq.rtx_payload_type = 97;
	rq.encodings[1] = (struct room_encoding){ 10, 11, 640, 360 };
	rq.encoding_count = 2;
	request_is(&rq,
	    "{\"type\":\"publish\",\"id\":8,\"transport\":1,"
	    "\"source\":\"camera\",\"kind\":\"video\",\"payloadType\":96,"
	    "\"rtxPayloadType\":97,\"encodings\":[{\"ssrc\":9},"
	    "{\"ssrc\":10,\"rtxSsrc\":11,\"maxWidth\":640,"
	    "\"maxHeight\":360}],\"extensions\":[{\"uri\":"
	    "\"http://www.ietf.org/id/"
	    "draft-holmer-rmcat-transport-wide-cc-extensions-01\","
	    "\"id\":5}]}");
}

TEST(letters_are_read_as_they_were_written)
{
	static const struct room_letter letters[] = {
		{ .type = ROOM_LETTER_HERE, .peer = { { 1, 2, 3 } } },
		{ .type = ROOM_LETTER_MEDIA, .has_camera = true },
		{ .type = ROOM_LETTER_MEDIA, .has_screen = true },
		{ .type = ROOM_LETTER_SPEAKING, .is_speaking = true },
	};
	struct room_letter got;
	struct kk_bytes out;

	for (size_t i = 0; i < KK_ARRAY_LEN(letters); i++) {
		CHECK_OK(room_letter_write(&letters[i], &out));
		CHECK_OK(room_letter_parse(&got, kk_bytes_view(&out)));
		CHECK_MEM(&got, &letters[i], sizeof(got));
		kk_bytes_clear(&out);
	}
	CHECK_ERR(room_letter_write(
		      &(struct room_letter){ .type = ROOM_LETTER_OTHER }, &out),
	    KK_EINVAL);
}

TEST(letter_that_is_none_is_refused_and_an_unknown_one_is_ignored)
{
	static const char *const bad[] = { "", "{", "[]", "{}",
		"{\"type\":\"here\"}",
		"{\"type\":\"here\",\"participant\":\"AA==\"}",
		"{\"type\":\"media\",\"microphone\":1,\"camera\":true}" };
	static char large[ROOM_LETTER_MAX_BYTES + 1];
	struct room_letter got;

	for (size_t i = 0; i < KK_ARRAY_LEN(bad); i++)
		CHECK_ERR(room_letter_parse(&got, kk_view_text(bad[i])),
		    KK_EFORMAT);
	CHECK_OK(room_letter_parse(&got,
	    kk_view_text("{\"type\":\"chat\",\"text\":\"hello\"}")));
	CHECK_EQ(got.type, ROOM_LETTER_OTHER);
	CHECK_OK(room_letter_parse(&got,
	    kk_view_text("{\"type\":\"media\",\"microphone\":true,"
			 "\"camera\":true}")));
	CHECK(got.has_camera && !got.has_screen);
	CHECK_ERR(room_letter_parse(&got,
		      kk_view_text("{\"type\":\"media\",\"microphone\":true,"
				   "\"camera\":true,\"screen\":1}")),
	    KK_EFORMAT);
	CHECK_ERR(room_letter_parse(&got, kk_view_of(large, sizeof(large))),
	    KK_ELIMIT);
}
