/* media.c - transports, sources and slots, as far as signalling goes. */
#include <stdio.h>
#include <string.h>

#include "world.h"

#define FINGERPRINT                                        \
	"AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:" \
	"AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99"
#define PUBLISH                                                         \
	", \"transport\": %llu, \"source\": \"%s\", \"kind\": \"%s\", " \
	"\"payloadType\": %d, \"encodings\": [{\"ssrc\": %d}], "        \
	"\"extensions\": [{\"uri\": "                                   \
	"\"http://www.ietf.org/id/"                                     \
	"draft-holmer-rmcat-transport-wide-cc-extensions-01\", \"id\": 5}]"

static unsigned long long transport(struct client *c, const char *direction)
{
	return number_of(ask(c, "transport", ", \"direction\": \"%s\"",
			     direction),
	    "transport");
}

static void two_enter(struct world *w)
{
	world_start(w);
	meeting_make(w, 4);
	(void)client_enter(w, 0, "null");
	(void)client_enter(w, 1, "null");
	(void)event_take(&w->clients[0], "joined");
}

TEST(a_transport_says_how_to_reach_it)
{
	struct world w = { 0 };
	struct client *a;
	sd_json_variant *v, *list;
	unsigned long long number;

	two_enter(&w);
	a = &w.clients[0];
	v = ask(a, "transport", ", \"direction\": \"%s\"", "send");
	number = number_of(v, "transport");
	CHECK(strlen(text_of(v, "ufrag")) >= 4);
	CHECK(strlen(text_of(v, "pwd")) >= 22); /* RFC 8839, 5.4 */
	CHECK_EQ(strlen(text_of(v, "fingerprint")), 95);
	list = sd_json_variant_by_key(v, "candidates");
	CHECK_EQ(sd_json_variant_elements(list), 2);
	for (size_t i = 0; i < 2; i++) {
		v = sd_json_variant_by_index(list, i);
		CHECK_STR(text_of(v, "address"), "127.0.0.1");
		CHECK_STR(text_of(v, "protocol"), i ? "tcp" : "udp");
		CHECK_STR(text_of(v, "type"), "host");
		CHECK_EQ(number_of(v, "port"), w.media_port);
		CHECK(number_of(v, "priority") > 0);
		CHECK(strlen(text_of(v, "foundation")) > 0);
	}
	CHECK_STR(text_of(v, "tcpType"), "passive");
	CHECK(number_of(v, "priority") <
	    number_of(sd_json_variant_by_index(list, 0), "priority"));
	CHECK_STR(ask_fails(a, "connect",
		      ", \"transport\": %llu, \"fingerprint\": \"%s\"", number,
		      "nonsense"),
	    "format");
	(void)ask(a, "connect",
	    ", \"transport\": %llu, \"fingerprint\": \"%s\"", number,
	    FINGERPRINT);
	CHECK_STR(ask_fails(a, "connect",
		      ", \"transport\": %llu, \"fingerprint\": \"%s\"", number,
		      FINGERPRINT),
	    "state");
	v = ask(a, "transport", ", \"direction\": \"%s\"", "send");
	(void)ask(a, "connect",
	    ", \"transport\": %llu, \"role\": \"server\", \"fingerprint\": "
	    "\"%s\"",
	    (unsigned long long)number_of(v, "transport"), FINGERPRINT);
	/* Another's is nobody's. */
	CHECK_STR(ask_fails(&w.clients[1], "connect",
		      ", \"transport\": %llu, \"fingerprint\": \"%s\"", number,
		      FINGERPRINT),
	    "unknown");
	world_end(&w);
}

TEST(a_restart_gives_other_credentials_to_its_owner_alone)
{
	const char *ufrag, *pwd;
	struct world w = { 0 };
	unsigned long long number;
	sd_json_variant *v;
	struct client *a;

	two_enter(&w);
	a = &w.clients[0];
	v = ask(a, "transport", ", \"direction\": \"%s\"", "send");
	number = number_of(v, "transport");
	ufrag = text_of(v, "ufrag");
	pwd = text_of(v, "pwd");
	v = ask(a, "restart", ", \"transport\": %llu", number);
	CHECK_EQ(number_of(v, "transport"), number);
	CHECK(strcmp(text_of(v, "ufrag"), ufrag) != 0);
	CHECK(strcmp(text_of(v, "pwd"), pwd) != 0);
	CHECK_EQ(strlen(text_of(v, "fingerprint")), 95);
	CHECK_EQ(
	    sd_json_variant_elements(sd_json_variant_by_key(v, "candidates")),
	    2);
	CHECK_STR(ask_fails(&w.clients[1], "restart", ", \"transport\": %llu",
		      number),
	    "unknown");
	CHECK_STR(ask_fails(a, "restart", "%s", ""), "format");
	world_end(&w);
}

TEST(transports_have_a_limit)
{
	struct world w = { 0 };
	struct client *a;

	two_enter(&w);
	a = &w.clients[0];
	for (int i = 0; i < 4; i++)
		(void)transport(a, "both");
	CHECK_STR(ask_fails(a, "transport", ", \"direction\": \"%s\"", "both"),
	    "limit");
	world_end(&w);
}

TEST(sources_are_told_to_others_and_to_those_who_come_later)
{
	struct world w = { 0 };
	struct client *a, *b;
	unsigned long long number;
	sd_json_variant *v;

	two_enter(&w);
	a = &w.clients[0];
	b = &w.clients[1];
	number = transport(a, "send");
	CHECK_STR(ask_fails(a, "publish", PUBLISH, number + 99, "camera",
		      "video", 96, 1111),
	    "unknown");
	(void)ask(a, "publish", PUBLISH, number, "microphone", "audio", 111,
	    1111);
	v = event_take(b, "published");
	CHECK_STR(text_of(v, "participant"), a->participant);
	CHECK_STR(text_of(v, "source"), "microphone");
	CHECK_STR(text_of(v, "kind"), "audio");
	CHECK_STR(ask_fails(a, "publish", PUBLISH, number, "microphone",
		      "audio", 111, 1112),
	    "state");
	(void)ask(a, "publish", PUBLISH, number, "camera", "video", 96, 2222);
	(void)event_take(b, "published");
	v = client_enter(&w, 2, "null");
	v = sd_json_variant_by_key(v, "participants");
	CHECK_EQ(sd_json_variant_elements(v), 2);
	for (size_t i = 0; i < 2; i++) {
		sd_json_variant *one = sd_json_variant_by_index(v, i);
		bool is_a = !strcmp(text_of(one, "participant"),
		    a->participant);

		CHECK_EQ(sd_json_variant_elements(sd_json_variant_by_key(one,
			     "sources")),
		    is_a ? 2 : 0);
	}
	(void)ask(a, "unpublish", ", \"source\": \"%s\"", "camera");
	v = event_take(b, "unpublished");
	CHECK_STR(text_of(v, "source"), "camera");
	CHECK_STR(ask_fails(a, "unpublish", ", \"source\": \"%s\"", "camera"),
	    "unknown");
	CHECK_STR(ask_fails(a, "unpublish", ", \"source\": \"%s\"", "screen"),
	    "unknown");
	(void)event_take(b, "joined");
	CHECK_EQ(events_left(b), 0);
	world_end(&w);
}

/* Makes one for sound and two for pictures; gives one of each. */
static void slots_make(struct client *c, unsigned long long *audio,
    unsigned long long *video)
{
	unsigned long long number = transport(c, "receive");
	sd_json_variant *list,
	    *v = ask(c, "slots",
		", \"transport\": %llu, \"audio\": 1, \"video\": 2", number);

	CHECK_STR(text_of(v, "cname"), "konklave");
	list = sd_json_variant_by_key(v, "slots");
	CHECK_EQ(sd_json_variant_elements(list), 3);
	for (size_t i = 0; i < 3; i++) {
		sd_json_variant *one = sd_json_variant_by_index(list, i);
		bool is_audio = !strcmp(text_of(one, "kind"), "audio");

		CHECK(number_of(one, "ssrc") > 0);
		CHECK(strlen(text_of(one, "mid")) > 0);
		CHECK_EQ(number_of(one, "payloadType"), is_audio ? 111 : 96);
		if (!is_audio)
			CHECK_EQ(number_of(one, "rtxPayloadType"), 97);
		*(is_audio ? audio : video) = number_of(one, "slot");
	}
}

TEST(slots_are_made_once_for_a_transport)
{
	struct world w = { 0 };
	unsigned long long number;
	struct client *b;

	two_enter(&w);
	b = &w.clients[1];
	number = transport(b, "receive");
	CHECK_STR(ask_fails(b, "slots",
		      ", \"transport\": %llu, \"audio\": 1, \"video\": 1",
		      number + 99),
	    "unknown");
	(void)ask(b, "slots",
	    ", \"transport\": %llu, \"audio\": 1, \"video\": 1", number);
	CHECK_STR(ask_fails(b, "slots",
		      ", \"transport\": %llu, \"audio\": 1, \"video\": 1",
		      number),
	    "state");
	world_end(&w);
}

/* As often as it likes: neither transports nor slots run out. */
TEST(a_transport_that_is_ended_takes_its_sources_and_slots_and_makes_room)
{
	unsigned long long number = 0, slot = 0;
	struct world w = { 0 };
	struct client *a, *b;
	sd_json_variant *v;

	two_enter(&w);
	a = &w.clients[0];
	b = &w.clients[1];
	for (int i = 0; i < 12; i++) {
		number = transport(a, "both");
		v = ask(a, "slots",
		    ", \"transport\": %llu, \"audio\": 16, \"video\": 16",
		    number);
		v = sd_json_variant_by_key(v, "slots");
		slot = number_of(sd_json_variant_by_index(v, 0), "slot");
		(void)ask(a, "publish", PUBLISH, number, "camera", "video", 96,
		    1111);
		(void)event_take(b, "published");
		(void)ask(a, "disconnect", ", \"transport\": %llu", number);
		v = event_take(b, "unpublished");
		CHECK_STR(text_of(v, "source"), "camera");
	}
	CHECK_STR(ask_fails(a, "watch",
		      ", \"slots\": [{\"slot\": %llu, \"participant\": null}]",
		      slot),
	    "unknown");
	CHECK_STR(ask_fails(a, "disconnect", ", \"transport\": %llu", number),
	    "unknown");
	number = transport(a, "both");
	CHECK_STR(ask_fails(b, "disconnect", ", \"transport\": %llu", number),
	    "unknown");
	CHECK_EQ(events_left(b), 0);
	world_end(&w);
}

TEST(a_transport_that_is_ended_leaves_the_others_what_is_theirs)
{
	unsigned long long sends, other, audio = 0, video = 0;
	struct world w = { 0 };
	struct client *a, *b;

	two_enter(&w);
	a = &w.clients[0];
	b = &w.clients[1];
	sends = transport(a, "send");
	other = transport(a, "send");
	slots_make(a, &audio, &video);
	(void)ask(a, "publish", PUBLISH, sends, "microphone", "audio", 111,
	    1111);
	(void)ask(a, "publish", PUBLISH, other, "camera", "video", 96, 1112);
	(void)event_take(b, "published");
	(void)event_take(b, "published");
	(void)ask(a, "disconnect", ", \"transport\": %llu", other);
	CHECK_STR(text_of(event_take(b, "unpublished"), "source"), "camera");
	CHECK_EQ(events_left(b), 0);
	(void)ask(a, "watch",
	    ", \"slots\": [{\"slot\": %llu, \"participant\": null}]", video);
	(void)ask(a, "unpublish", ", \"source\": \"%s\"", "microphone");
	world_end(&w);
}

TEST(slots_show_who_is_asked_for)
{
	struct world w = { 0 };
	unsigned long long audio = 0, video = 0;
	const char *a;
	struct client *b;

	two_enter(&w);
	a = w.clients[0].participant;
	b = &w.clients[1];
	slots_make(b, &audio, &video);
	(void)ask(b, "watch",
	    ", \"slots\": [{\"slot\": %llu, \"participant\": \"%s\", "
	    "\"source\": \"microphone\"}, {\"slot\": %llu, \"participant\": "
	    "\"%s\", \"source\": \"screen\"}]",
	    audio, a, video, a);
	(void)ask(b, "watch",
	    ", \"slots\": [{\"slot\": %llu, \"participant\": null, "
	    "\"source\": \"screen\"}]",
	    video);
	/* Whom a slot shows may go. */
	client_drop(&w.clients[0]);
	(void)event_take(b, "left");
	/* And the slots go with their transport. */
	(void)ask(b, "leave", "%s", "");
	(void)ask(b, "enter", ", \"meeting\": \"%s\", \"token\": \"%s\"",
	    MEETING, TOKEN);
	CHECK_STR(ask_fails(b, "watch",
		      ", \"slots\": [{\"slot\": %llu, \"participant\": null}]",
		      audio),
	    "unknown");
	world_end(&w);
}

#define LEVELS                                                              \
	", \"transport\": %llu, \"source\": \"microphone\", \"kind\": "     \
	"\"audio\", \"payloadType\": 111, \"encodings\": [{\"ssrc\": 1}], " \
	"\"extensions\": [{\"uri\": \"urn:ietf:params:rtp-hdrext:%s\", "    \
	"\"id\": 1}]"

TEST(audio_levels_are_refused_where_the_site_does_not_allow_them)
{
	struct world w = { 0 };
	struct client *a, *b;
	unsigned long long sends;

	two_enter(&w);
	a = &w.clients[0];
	b = &w.clients[1];
	sends = transport(a, "send");
	CHECK_STR(ask_fails(a, "publish", LEVELS, sends, "ssrc-audio-level"),
	    "denied");
	CHECK_STR(ask_fails(a, "publish", LEVELS, sends, "csrc-audio-level"),
	    "denied");
	(void)ask(a, "publish", LEVELS, sends, "sdes:mid");
	CHECK_STR(text_of(event_take(b, "published"), "source"), "microphone");
	CHECK_EQ(events_left(b), 0);
	world_end(&w);
}

static bool tells_levels(struct client *c)
{
	sd_json_variant *v = ask(c, "hello",
	    ", \"version\": 1, \"client\": \"test\"");

	v = sd_json_variant_by_key(v, "audioLevels");
	CHECK(v && sd_json_variant_is_boolean(v));
	return sd_json_variant_boolean(v);
}

#define LOUDEST ", \"slots\": [{\"slot\": %llu, \"loudest\": true}]"

TEST(nobody_hears_the_loudest_where_the_site_does_not_allow_levels)
{
	struct world w = { 0 };
	unsigned long long audio = 0, video = 0;
	struct client *b;

	two_enter(&w);
	CHECK(!tells_levels(client_open(&w, 2)));
	b = &w.clients[1];
	slots_make(b, &audio, &video);
	CHECK_STR(ask_fails(b, "watch", LOUDEST, audio), "denied");
	CHECK_EQ(events_left(b), 0);
	world_end(&w);
}

TEST(a_slot_for_the_loudest_is_filled_and_told)
{
	struct world w = { .args = { "--allow-audio-levels" } };
	unsigned long long audio = 0, video = 0;
	struct client *a, *b;
	sd_json_variant *v;

	two_enter(&w);
	CHECK(tells_levels(client_open(&w, 2)));
	a = &w.clients[0];
	b = &w.clients[1];
	slots_make(b, &audio, &video);
	CHECK_STR(ask_fails(b, "watch", LOUDEST, video), "format");
	CHECK_STR(ask_fails(b, "watch", LOUDEST, 4000ULL), "unknown");
	(void)ask(b, "watch", LOUDEST, audio);
	(void)ask(b, "publish", LEVELS, transport(b, "send"),
	    "ssrc-audio-level"); /* oneself is not heard */
	(void)ask(a, "publish", LEVELS, transport(a, "send"),
	    "ssrc-audio-level");
	v = sd_json_variant_by_key(event_take(b, "loudest"), "slots");
	CHECK_EQ(sd_json_variant_elements(v), 1);
	v = sd_json_variant_by_index(v, 0);
	CHECK_EQ(number_of(v, "slot"), audio);
	CHECK_STR(text_of(v, "participant"), a->participant);
	(void)ask(a, "unpublish", ", \"source\": \"%s\"", "microphone");
	v = sd_json_variant_by_key(event_take(b, "loudest"), "slots");
	CHECK(is_null(sd_json_variant_by_index(v, 0), "participant"));
	world_end(&w);
}

#define SIZES                                                                  \
	", \"transport\": %llu, \"source\": \"camera\", \"kind\": \"video\", " \
	"\"payloadType\": 96, \"encodings\": [{\"ssrc\": 1, \"maxWidth\": "    \
	"320, \"maxHeight\": 180}, {\"ssrc\": 2, \"maxWidth\": 640, "          \
	"\"maxHeight\": 360}]"

TEST(a_publisher_is_told_which_sizes_nobody_draws_and_when_somebody_does)
{
	struct world w = { 0 };
	unsigned long long audio = 0, video = 0;
	struct client *a, *b;
	sd_json_variant *v;

	two_enter(&w);
	a = &w.clients[0];
	b = &w.clients[1];
	slots_make(b, &audio, &video);
	(void)ask(a, "publish", SIZES, transport(a, "send"));
	v = event_take(a, "wanted"); /* nobody watches at all */
	CHECK_STR(text_of(v, "source"), "camera");
	CHECK_EQ(number_of(v, "encodings"), 1);
	(void)ask(b, "watch",
	    ", \"slots\": [{\"slot\": %llu, \"participant\": \"%s\", "
	    "\"source\": \"camera\", \"width\": 640, \"height\": 360}]",
	    video, a->participant);
	v = event_take(a, "wanted");
	CHECK_EQ(number_of(v, "encodings"), 2);
	CHECK_STR(text_of(event_take(b, "published"), "source"), "camera");
	CHECK_EQ(events_left(b), 0); /* it is the publisher's affair */
	world_end(&w);
}

TEST(audio_levels_are_taken_where_the_site_allows_them)
{
	struct world w = { .args = { "--allow-audio-levels" } };

	two_enter(&w);
	(void)ask(&w.clients[0], "publish", LEVELS,
	    transport(&w.clients[0], "send"), "ssrc-audio-level");
	CHECK_STR(text_of(event_take(&w.clients[1], "published"), "source"),
	    "microphone");
	world_end(&w);
}

#define WATCH                                                      \
	", \"slots\": [{\"slot\": %llu, \"participant\": \"%s\", " \
	"\"source\": \"%s\"}]"

TEST(nobody_watches_oneself_a_stranger_or_a_picture_by_ear)
{
	struct world w = { 0 };
	unsigned long long audio = 0, video = 0;
	struct client *b;

	two_enter(&w);
	b = &w.clients[1];
	slots_make(b, &audio, &video);
	CHECK_STR(ask_fails(b, "watch", WATCH, audio, w.clients[0].participant,
		      "camera"),
	    "format");
	CHECK_STR(ask_fails(b, "watch", WATCH, 4000ULL,
		      w.clients[0].participant, "camera"),
	    "unknown");
	CHECK_STR(ask_fails(b, "watch", WATCH, audio,
		      "AAAAAAAAAAAAAAAAAAAAAA==", "microphone"),
	    "unknown");
	CHECK_STR(ask_fails(b, "watch", WATCH, audio, b->participant,
		      "microphone"),
	    "format");
	world_end(&w);
}
