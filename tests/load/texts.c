/* texts.c - what Janus says, and what we say to it; the command line. */
#include <stdio.h>
#include <string.h>

#include "harness/tap.h"
#include "mock/alloc.h"
#include "tools/load/janus_text.h"
#include "tools/load/options.h"
#include "tools/load/sdp.h"

#define FINGERPRINT                                        \
	"AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:" \
	"AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99"
/* As Janus 1.1.2 offers a feed; what is longer than here is left out. */
#define SESSION                                \
	"v=0\r\no=- 17 1 IN IP4 10.99.0.1\r\n" \
	"s=VideoRoom 1000\r\nt=0 0\r\n"        \
	"a=group:BUNDLE 0\r\n"                 \
	"a=extmap-allow-mixed\r\n"             \
	"a=msid-semantic: WMS *\r\n"
#define TRANSPORT                                                  \
	"a=ice-ufrag:3xpC\r\na=ice-pwd:d4tUc4dGsqFaa8xvUqFqTl\r\n" \
	"a=ice-options:trickle\r\n"                                \
	"a=fingerprint:sha-256 " FINGERPRINT "\r\na=setup:actpass\r\n"
#define CANDIDATE                                        \
	"a=candidate:1 1 udp 2015363327 10.99.0.1 40123" \
	" typ host\r\na=end-of-candidates\r\n"
#define VIDEO                                   \
	"m=video 9 UDP/TLS/RTP/SAVPF 96 97\r\n" \
	"c=IN IP4 10.99.0.1\r\na=sendonly\r\n"  \
	"a=mid:0\r\na=rtcp-mux\r\n"
#define OFFER SESSION VIDEO TRANSPORT CANDIDATE

static enum kk_err parse(struct sdp *sdp, const char *text)
{
	return sdp_parse(sdp, text, strlen(text));
}

TEST(an_offer_of_janus_is_read)
{
	struct sdp sdp;

	CHECK_OK(parse(&sdp, OFFER));
	CHECK_STR(sdp.ufrag, "3xpC");
	CHECK_STR(sdp.pwd, "d4tUc4dGsqFaa8xvUqFqTl");
	CHECK_STR(sdp.address, "10.99.0.1");
	CHECK_EQ(sdp.port, 40123);
	CHECK_EQ(sdp.fingerprint[0], 0xaa);
	CHECK_EQ(sdp.fingerprint[31], 0x99);
	CHECK(!sdp.is_lite);
	CHECK_EQ(sdp.media_count, 1);
	CHECK_EQ(sdp.media[0].payload_type, 96);
	CHECK(!sdp.media[0].is_audio);
	CHECK_STR(sdp.media[0].mid, "0");
}

TEST(other_candidates_than_v4_udp_hosts_are_passed_over)
{
	struct sdp sdp;

	CHECK_OK(parse(&sdp,
	    SESSION VIDEO TRANSPORT
	    "a=candidate:1 1 udp 1 fe80::1 5 typ host\r\n"
	    "a=candidate:1 1 tcp 1 10.0.0.2 9 typ host tcptype active\r\n"
	    "a=candidate:1 2 udp 1 10.0.0.3 9 typ host\r\n"
	    "a=candidate:1 1 udp 1 10.0.0.4 9 typ srflx raddr 1 rport 2\r\n"
	    "a=candidate:1 1 udp 1 10.0.0.5 9 typ host generation 0\r\n"
	    "a=candidate:1 1 udp 1 10.0.0.6 9 typ host\r\n"));
	CHECK_STR(sdp.address, "10.0.0.5");
}

TEST(a_text_that_is_no_usable_sdp_is_refused_by_name)
{
	struct sdp sdp = { .port = 5 };

	CHECK_EQ(parse(&sdp, ""), KK_EFORMAT);
	CHECK_EQ(parse(&sdp, "v=0\r\n"), KK_ENOENT);
	CHECK_EQ(parse(&sdp, "v=0\r\nwhat is this\r\n"), KK_EFORMAT);
	CHECK_EQ(parse(&sdp, SESSION VIDEO TRANSPORT), KK_ENOENT);
	CHECK_EQ(parse(&sdp, SESSION VIDEO CANDIDATE), KK_ENOENT);
	CHECK_EQ(parse(&sdp, SESSION TRANSPORT CANDIDATE), KK_ENOENT);
	CHECK_EQ(parse(&sdp,
		     SESSION VIDEO TRANSPORT
		     "a=candidate:1 1 udp 1 10.0.0.5 70000 typ host\r\n"),
	    KK_EFORMAT);
	CHECK_EQ(parse(&sdp, SESSION "m=video 9 X\r\n"), KK_EFORMAT);
	CHECK_EQ(parse(&sdp, SESSION "m=video 9 X 128\r\n"), KK_EFORMAT);
	CHECK_EQ(parse(&sdp, SESSION "m=text 9 X 96\r\n"), KK_EFORMAT);
	CHECK_EQ(sdp.port, 5); /* left alone */
	CHECK_EQ(sdp_parse(&sdp, "v=0\r\na=\0\r\n", 11), KK_EFORMAT);
}

TEST(media_and_length_have_a_limit)
{
	static char text[SDP_TEXT_MAX_BYTES + 2];
	struct sdp sdp;
	size_t at = (size_t)snprintf(text, sizeof(text), "v=0\r\n");

	for (int i = 0; i <= SDP_MEDIA_MAX; i++)
		at += (size_t)snprintf(text + at, sizeof(text) - at,
		    "m=video 9 X 96\r\n");
	CHECK_EQ(sdp_parse(&sdp, text, at), KK_ELIMIT);
	memset(text, 'a', sizeof(text) - 1);
	memcpy(text, "v=0\n", 4);
	CHECK_EQ(sdp_parse(&sdp, text, sizeof(text) - 1), KK_ELIMIT);
}

TEST(what_we_write_is_read_again)
{
	const struct sdp_media media[] = {
		{ .payload_type = 96, .mid = "v" },
		{ .is_audio = true, .payload_type = 111, .mid = "a" },
	};
	const struct sdp_own own = { .ufrag = "abcd",
		.pwd = "abcdefghijklmnopqrstuvwx",
		.fingerprint = FINGERPRINT,
		.address = "10.1.2.3",
		.port = 4567,
		.is_sender = true,
		.video_ssrc = 11,
		.audio_ssrc = 12,
		.media = media,
		.media_count = 2 };
	uint8_t text[4096];
	struct wire_out w;
	struct sdp sdp;

	wire_out_init(&w, text, sizeof(text));
	sdp_write(&w, &own);
	CHECK_OK(w.err);
	CHECK_OK(sdp_parse(&sdp, (char *)text, w.bytes));
	CHECK_STR(sdp.ufrag, own.ufrag);
	CHECK_STR(sdp.pwd, own.pwd);
	CHECK_STR(sdp.address, own.address);
	CHECK_EQ(sdp.port, 4567);
	CHECK_EQ(sdp.media_count, 2);
	CHECK(sdp.media[1].is_audio);
	CHECK_STR(sdp.media[1].mid, "a");
	wire_out_init(&w, text, 300);
	sdp_write(&w, &own);
	CHECK_EQ(w.err, KK_ENOSPC);
}

static enum kk_err read(struct janus_text *t, const char *text)
{
	return janus_text_parse(t, text, strlen(text));
}

TEST(what_janus_says_is_read)
{
	struct janus_text t;

	CHECK_OK(read(&t,
	    "{\"janus\": \"success\", \"transaction\": \"1\", \"data\": "
	    "{\"id\": 7151530182135211}}"));
	CHECK_STR(t.what, "success");
	CHECK_EQ(t.id, 7151530182135211);
	janus_text_clear(&t);
	CHECK_OK(read(&t,
	    "{\"janus\": \"event\", \"sender\": 5, \"plugindata\": {\"plugin\":"
	    " \"janus.plugin.videoroom\", \"data\": {\"videoroom\": \"joined\","
	    " \"id\": 99}}, \"jsep\": {\"type\": \"offer\", \"sdp\": "
	    "\"v=0\\r\\n\"}}"));
	CHECK_STR(t.room, "joined");
	CHECK_EQ(t.feed, 99);
	CHECK_EQ(t.id, 0);
	CHECK_STR(t.sdp, "v=0\r\n");
	CHECK_STR(t.why, "");
	janus_text_clear(&t);
}

TEST(why_janus_refuses_is_read_from_either_place)
{
	struct janus_text t;

	CHECK_OK(read(&t,
	    "{\"janus\": \"error\", \"error\": {\"code\": 458, \"reason\": "
	    "\"No such session\"}}"));
	CHECK_STR(t.why, "No such session");
	janus_text_clear(&t);
	CHECK_OK(read(&t,
	    "{\"janus\": \"event\", \"plugindata\": {\"data\": {\"videoroom\": "
	    "\"event\", \"error_code\": 426, \"error\": \"No such room\"}}}"));
	CHECK_STR(t.why, "No such room");
	janus_text_clear(&t);
}

TEST(what_janus_never_says_is_refused)
{
	static char text[JANUS_TEXT_MAX_BYTES + 2];
	struct janus_text t;

	CHECK_EQ(read(&t, ""), KK_EFORMAT);
	CHECK_EQ(read(&t, "[]"), KK_EFORMAT);
	CHECK_EQ(read(&t, "{}"), KK_EFORMAT);
	CHECK_EQ(read(&t, "{\"janus\": 5}"), KK_EFORMAT);
	CHECK_EQ(read(&t, "{\"janus\": \"a\", \"b\": [[[[[[[[1]]]]]]]]}"),
	    KK_ELIMIT);
	CHECK_EQ(janus_text_parse(&t, "{}\0", 3), KK_EFORMAT);
	memset(text, ' ', sizeof(text) - 1);
	CHECK_EQ(janus_text_parse(&t, text, sizeof(text) - 1), KK_ELIMIT);
	/* Of another type than expected, a field is not there. */
	CHECK_OK(read(&t,
	    "{\"janus\": \"event\", \"data\": 5, \"plugindata\": [], \"jsep\": "
	    "{\"sdp\": {}}}"));
	CHECK(t.sdp == NULL);
	CHECK_EQ(t.id, 0);
	janus_text_clear(&t);
}

TEST(without_memory_there_is_no_sdp)
{
	struct janus_text t;
	enum kk_err err;

	ALLOC_FAULT_LOOP(err,
	    read(&t, "{\"janus\": \"event\", \"jsep\": {\"sdp\": \"v=0\"}}"));
	CHECK_OK(err);
	CHECK_STR(t.sdp, "v=0");
	janus_text_clear(&t);
}

static enum kk_err options(struct load_options *o, const char *a, const char *b,
    const char *c)
{
	const char *args[] = { "load", a, b, c, NULL };
	int n = c ? 4 : b ? 3 : 2;

	return load_options_parse(o, n, (char **)(uintptr_t)args);
}

TEST(options_have_their_ranges)
{
	struct load_options o;

	CHECK_OK(options(&o, "--server=floor", "--socket=x", NULL));
	CHECK_EQ(o.receivers, 60);
	CHECK_EQ(o.rate, 150);
	CHECK_OK(options(&o, "--server=janus", "--port=8188", "--bytes=1400"));
	CHECK_EQ(o.port, 8188);
	CHECK_EQ(o.bytes, 1400);
	CHECK_EQ(options(&o, "--server=janus", NULL, NULL), KK_EINVAL);
	CHECK_EQ(options(&o, "--server=sfud", "--port=1", NULL), KK_EINVAL);
	CHECK_EQ(options(&o, "--server=floor", NULL, NULL), KK_EINVAL);
	CHECK_EQ(options(&o, "--server=other", "--port=1", NULL), KK_EINVAL);
	CHECK_EQ(options(&o, "--server=janus", "--port=1", "--bytes=99"),
	    KK_EINVAL);
	CHECK_EQ(options(&o, "--server=janus", "--port=1", "--bytes=12x"),
	    KK_EINVAL);
	CHECK_EQ(options(&o, "--server=janus", "--port=1", "what"), KK_EINVAL);
	CHECK_EQ(options(&o, "--meetings=200", "--receivers=100",
		     "--server=janus"),
	    KK_EINVAL);
}
