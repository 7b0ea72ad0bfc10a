/* offer.c - tests of offers and answers about a telephone's sound. */
#include <stdio.h>
#include <string.h>

#include "harness/tap.h"
#include "mock/alloc.h"
#include "offer/offer.h"

#define HEAD                                         \
	"v=0\r\no=- 1 1 IN IP4 192.0.2.7\r\ns=-\r\n" \
	"c=IN IP4 192.0.2.7\r\nt=0 0\r\n"
#define KEY30 "WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz"
#define KEY28 "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGw=="

static struct offer_local ours(enum offer_srtp srtp)
{
	struct offer_local l = { .address = "198.51.100.1",
		.port = 4000,
		.session = 42,
		.version = 1,
		.srtp = srtp,
		.has_codec = { true, true, true, true } };

	for (size_t i = 0; i < sizeof(l.key); i++)
		l.key[i] = (uint8_t)i;
	return l;
}

static struct kk_view text(const char *t)
{
	return kk_view_of(t, strlen(t));
}

static struct offer_stream stream;
static struct kk_bytes out;

static const char *answered(const struct offer_local *l, const char *offer)
{
	kk_bytes_clear(&out);
	CHECK_OK(offer_answer(l, text(offer), &stream, &out));
	return (const char *)out.data;
}

static bool has(const char *part)
{
	return strstr((const char *)out.data, part) != NULL;
}

static void refused(const struct offer_local *l, const char *offer,
    enum kk_err err)
{
	static const struct offer_stream none;

	kk_bytes_clear(&out);
	CHECK_ERR(offer_answer(l, text(offer), &stream, &out), err);
	CHECK_EQ(out.bytes, 0);
	CHECK_MEM(&stream, &none, sizeof(none));
}

TEST(profile_with_feedback_is_answered_as_it_is)
{
	struct offer_local l = ours(OFFER_SRTP_PREFER);

	(void)answered(&l,
	    HEAD "m=audio 5004 RTP/SAVPF 8\r\n"
		 "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" KEY30 "\r\n");
	CHECK(has("m=audio 4000 RTP/SAVPF 8\r\n"));
	CHECK_EQ(stream.ours.suite, OFFER_AES_CM_128_SHA1_80);
	refused(&l, HEAD "m=audio 5004 RTP/SAVPF 8\r\n", KK_EPOLICY);
}

TEST(best_codec_that_both_know_is_taken)
{
	struct offer_local l = ours(OFFER_SRTP_PREFER);

	CHECK_STR(answered(&l,
		      HEAD "m=audio 5004 RTP/AVP 0 8 9 101\r\n"
			   "a=rtpmap:101 telephone-event/8000\r\n"
			   "a=fmtp:101 0-15\r\n"),
	    "v=0\r\no=- 42 1 IN IP4 198.51.100.1\r\ns=-\r\n"
	    "c=IN IP4 198.51.100.1\r\nt=0 0\r\n"
	    "m=audio 4000 RTP/AVP 9 101\r\na=rtpmap:9 G722/8000\r\n"
	    "a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\n"
	    "a=ptime:20\r\na=sendrecv\r\n");
	CHECK_EQ(stream.codec, CODEC_G722);
	CHECK_EQ(stream.payload_type, 9);
	CHECK_EQ(stream.event_type, 101);
	CHECK_STR(stream.address, "192.0.2.7");
	CHECK_EQ(stream.port, 5004);
	CHECK_EQ(stream.rtcp_port, 5005);
	CHECK(stream.sends && stream.hears);
	CHECK_EQ(stream.ours.suite, OFFER_NO_SRTP);
	l.has_codec[CODEC_G722] = false;
	(void)answered(&l, HEAD "m=audio 5004 RTP/AVP 0 8 9\r\n");
	CHECK_EQ(stream.codec, CODEC_PCMA);
	CHECK_EQ(stream.event_type, -1);
	kk_bytes_clear(&out);
}

TEST(events_have_the_clock_of_the_sound_where_the_telephone_has_several)
{
	struct offer_local l = ours(OFFER_SRTP_PREFER);

	(void)answered(&l,
	    HEAD "m=audio 5004 RTP/AVP 96 9 99 100 101\r\n"
		 "a=rtpmap:96 opus/48000/2\r\n"
		 "a=rtpmap:99 telephone-event/16000\r\n"
		 "a=rtpmap:100 telephone-event/8000\r\n"
		 "a=rtpmap:101 telephone-event/48000\r\n");
	CHECK_EQ(stream.event_type, 101);
	CHECK(has("m=audio 4000 RTP/AVP 96 101\r\n"));
	CHECK(has("a=rtpmap:101 telephone-event/48000\r\n"));
	l.has_codec[CODEC_OPUS] = false;
	(void)answered(&l,
	    HEAD "m=audio 5004 RTP/AVP 9 100 101\r\n"
		 "a=rtpmap:100 telephone-event/8000\r\n"
		 "a=rtpmap:101 telephone-event/48000\r\n");
	CHECK_EQ(stream.event_type, 100);
	CHECK(has("a=rtpmap:100 telephone-event/8000\r\n"));
	kk_bytes_clear(&out);
}

TEST(offer_has_events_of_both_clocks_and_the_one_of_the_sound_is_taken)
{
	struct offer_local l = ours(OFFER_SRTP_NEVER);
	struct kk_bytes made;

	CHECK_OK(offer_make(&l, &made));
	CHECK(strstr((const char *)made.data, " 101 102\r\n") != NULL);
	CHECK(strstr((const char *)made.data,
		  "a=rtpmap:101 telephone-event/8000\r\n") != NULL);
	CHECK(strstr((const char *)made.data,
		  "a=rtpmap:102 telephone-event/48000\r\n") != NULL);
	kk_bytes_clear(&made);
	CHECK_OK(offer_answer_take(&l,
	    kk_view_text(HEAD "m=audio 5004 RTP/AVP 111 101 102\r\n"
			      "a=rtpmap:111 opus/48000/2\r\n"
			      "a=rtpmap:101 telephone-event/8000\r\n"
			      "a=rtpmap:102 telephone-event/48000\r\n"),
	    &stream));
	CHECK_EQ(stream.event_type, 102);
	/* Who knows one clock alone has that one. */
	CHECK_OK(offer_answer_take(&l,
	    kk_view_text(HEAD "m=audio 5004 RTP/AVP 111 101\r\n"
			      "a=rtpmap:111 opus/48000/2\r\n"
			      "a=rtpmap:101 telephone-event/8000\r\n"),
	    &stream));
	CHECK_EQ(stream.event_type, 101);
	l.has_codec[CODEC_OPUS] = false;
	CHECK_OK(offer_make(&l, &made));
	CHECK(!strstr((const char *)made.data, "48000"));
	kk_bytes_clear(&made);
}

TEST(opus_keeps_the_payload_type_of_the_offer)
{
	struct offer_local l = ours(OFFER_SRTP_PREFER);

	(void)answered(&l,
	    HEAD "m=audio 5004 RTP/AVP 96 97 0\r\n"
		 "a=rtpmap:96 opus/48000/2\r\n"
		 "a=rtpmap:97 telephone-event/8000\r\n");
	CHECK_EQ(stream.codec, CODEC_OPUS);
	CHECK_EQ(stream.payload_type, 96);
	CHECK_EQ(stream.event_type, 97);
	CHECK(has("m=audio 4000 RTP/AVP 96 97\r\n"));
	CHECK(has("a=rtpmap:96 opus/48000/2\r\n"));
	/* One channel is no Opus of RFC 7587. */
	(void)answered(&l,
	    HEAD "m=audio 5004 RTP/AVP 96 0\r\n"
		 "a=rtpmap:96 opus/48000\r\n");
	CHECK_EQ(stream.codec, CODEC_PCMU);
	kk_bytes_clear(&out);
}

TEST(opus_is_told_again_for_who_says_that_it_makes_use_of_it)
{
	static const struct {
		const char *fmtp;
		bool is_retold;
	} rows[] = { { "", false }, { "a=fmtp:107 useinbandfec=1\r\n", true },
		{ "a=fmtp:107 stereo=0; useinbandfec=1;cbr=1\r\n", true },
		{ "a=fmtp:107 stereo=0;UseInbandFEC=1 ;cbr=1\r\n", true },
		{ "a=fmtp:107 useinbandfec=0\r\n", false },
		{ "a=fmtp:107 useinbandfec=12\r\n", false },
		{ "a=fmtp:107 xuseinbandfec=1\r\n", false },
		{ "a=fmtp:107 ;;;\r\n", false },
		{ "a=fmtp:8 useinbandfec=1\r\n", false } };

	for (size_t i = 0; i < KK_ARRAY_LEN(rows); i++) {
		struct offer_local l = ours(OFFER_SRTP_PREFER);
		char offer[256];

		(void)snprintf(offer, sizeof(offer), "%s%s%s",
		    HEAD "m=audio 5004 RTP/AVP 107 8\r\n",
		    "a=rtpmap:107 opus/48000/2\r\n", rows[i].fmtp);
		(void)answered(&l, offer);
		CHECK_EQ(stream.codec, CODEC_OPUS);
		CHECK_EQ(stream.is_retold, rows[i].is_retold);
	}
	kk_bytes_clear(&out);
}

TEST(rtcp_goes_where_the_offer_says)
{
	struct offer_local l = ours(OFFER_SRTP_PREFER);

	(void)answered(&l,
	    HEAD "m=audio 5004 RTP/AVP 8\r\na=rtcp-mux\r\na=rtcp:7000\r\n");
	CHECK_EQ(stream.rtcp_port, 5004);
	CHECK(has("a=rtcp-mux\r\n"));
	(void)answered(&l, HEAD "m=audio 5004 RTP/AVP 8\r\na=rtcp:7000\r\n");
	CHECK_EQ(stream.rtcp_port, 7000);
	CHECK(!has("a=rtcp-mux"));
	kk_bytes_clear(&out);
}

TEST(other_streams_are_declined_in_their_places)
{
	struct offer_local l = ours(OFFER_SRTP_PREFER);

	(void)answered(&l,
	    HEAD "m=video 5000 RTP/AVP 99\r\na=rtpmap:99 H264/90000\r\n"
		 "m=audio 5004 RTP/AVP 8\r\n"
		 "m=audio 5006 RTP/AVP 0\r\n"
		 "m=image 5008 udptl t38\r\n");
	CHECK(has("m=video 0 RTP/AVP 99\r\nm=audio 4000 RTP/AVP 8\r\n"));
	CHECK(has("m=audio 0 RTP/AVP 0\r\nm=image 0 udptl t38\r\n"));
	kk_bytes_clear(&out);
}

TEST(hold_is_answered_as_the_offer_says)
{
	static const struct {
		const char *offer, *answer;
		bool sends, hears;
	} rows[] = {
		{ "a=sendrecv\r\n", "a=sendrecv\r\n", true, true },
		{ "a=sendonly\r\n", "a=recvonly\r\n", true, false },
		{ "a=recvonly\r\n", "a=sendonly\r\n", false, true },
		{ "a=inactive\r\n", "a=inactive\r\n", false, false },
		{ "c=IN IP4 0.0.0.0\r\n", "a=recvonly\r\n", true, false },
	};
	struct offer_local l = ours(OFFER_SRTP_PREFER);

	for (size_t i = 0; i < KK_ARRAY_LEN(rows); i++) {
		char offer[512];
		struct kk_writer w;

		kk_writer_init(&w);
		kk_write_raw(&w, text(HEAD "m=audio 5004 RTP/AVP 8\r\n"));
		kk_write_raw(&w, text(rows[i].offer));
		kk_write_u8(&w, 0);
		memcpy(offer, w.data, w.bytes);
		kk_writer_clear(&w);
		(void)answered(&l, offer);
		CHECK(has(rows[i].answer));
		CHECK_EQ(stream.sends, rows[i].sends);
		CHECK_EQ(stream.hears, rows[i].hears);
	}
	l.is_holding = true;
	(void)answered(&l, HEAD "m=audio 5004 RTP/AVP 8\r\n");
	CHECK(has("a=inactive\r\n"));
	kk_bytes_clear(&out);
}

TEST(srtp_is_taken_refused_and_required_by_the_rule)
{
	static const char sealed[] = HEAD
	    "m=audio 5004 RTP/SAVP 8\r\n"
	    "a=crypto:1 AES_CM_128_HMAC_SHA1_32 inline:" KEY30 "\r\n"
	    "a=crypto:2 AES_CM_128_HMAC_SHA1_80 inline:" KEY30 "|2^20\r\n"
	    "a=crypto:7 AEAD_AES_128_GCM inline:" KEY28 "\r\n";
	static const char plain[] = HEAD "m=audio 5004 RTP/AVP 8\r\n";
	static const char either[] = HEAD
	    "m=audio 5004 RTP/AVP 8\r\n"
	    "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" KEY30 "\r\n";
	struct offer_local l = ours(OFFER_SRTP_PREFER);

	(void)answered(&l, sealed);
	CHECK(has("m=audio 4000 RTP/SAVP 8\r\n"));
	CHECK(has("a=crypto:7 AEAD_AES_128_GCM "
		  "inline:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGw==\r\n"));
	CHECK_EQ(stream.theirs.suite, OFFER_AEAD_AES_128_GCM);
	CHECK_EQ(stream.ours.tag, 7);
	CHECK_MEM(stream.ours.key, l.key, 28);
	(void)answered(&l, either);
	CHECK_EQ(stream.theirs.suite, OFFER_AES_CM_128_SHA1_80);
	CHECK(has("RTP/AVP 8\r\n") && has("a=crypto:1 "));
	(void)answered(&l, plain);
	CHECK_EQ(stream.ours.suite, OFFER_NO_SRTP);
	l.srtp = OFFER_SRTP_REQUIRE;
	(void)answered(&l, sealed);
	refused(&l, plain, KK_EPOLICY);
	l.srtp = OFFER_SRTP_NEVER;
	refused(&l, sealed, KK_EPOLICY);
	(void)answered(&l, either);
	CHECK_EQ(stream.ours.suite, OFFER_NO_SRTP);
	CHECK(!has("crypto"));
	kk_bytes_clear(&out);
}

TEST(sealed_stream_is_taken_before_a_plain_one)
{
	struct offer_local l = ours(OFFER_SRTP_PREFER);

	(void)answered(&l,
	    HEAD "m=audio 5004 RTP/AVP 9\r\n"
		 "m=audio 5006 RTP/SAVP 8\r\n"
		 "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" KEY30 "\r\n");
	CHECK_EQ(stream.port, 5006);
	CHECK(has("m=audio 0 RTP/AVP 9\r\nm=audio 4000 RTP/SAVP 8\r\n"));
	kk_bytes_clear(&out);
}

TEST(keys_of_another_length_or_form_are_none)
{
	static const char *const bad[] = {
		"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" KEY28 "\r\n",
		"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" KEY30 "QQ==\r\n",
		"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:AAAA\r\n",
		"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:\r\n",
		"a=crypto:1 AES_CM_128_HMAC_SHA1_80 "
		"inline:!VNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz\r\n",
		"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" KEY30 "|1:4\r\n",
		"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" KEY30
		" UNENCRYPTED_SRTP\r\n",
		"a=crypto:x AES_CM_128_HMAC_SHA1_80 inline:" KEY30 "\r\n",
		"a=crypto:1234567890 AES_CM_128_HMAC_SHA1_80 inline:" KEY30
		"\r\n",
		"a=crypto:1 AES_CM_128_HMAC_MD5 inline:" KEY30 "\r\n",
		"a=crypto:1\r\n",
		"a=crypto\r\n",
	};
	struct offer_local l = ours(OFFER_SRTP_PREFER);

	for (size_t i = 0; i < KK_ARRAY_LEN(bad); i++) {
		char offer[512];
		struct kk_writer w;

		kk_writer_init(&w);
		kk_write_raw(&w, text(HEAD "m=audio 5004 RTP/SAVP 8\r\n"));
		kk_write_raw(&w, text(bad[i]));
		kk_write_u8(&w, 0);
		memcpy(offer, w.data, w.bytes);
		kk_writer_clear(&w);
		refused(&l, offer, KK_EPOLICY);
	}
}

TEST(what_cannot_be_taken_has_its_error)
{
	static char many[OFFER_TEXT_MAX_BYTES + 2];
	struct offer_local l = ours(OFFER_SRTP_PREFER);
	size_t at = strlen(HEAD);

	refused(&l, "", KK_EFORMAT);
	refused(&l, "hello", KK_EFORMAT);
	refused(&l, HEAD, KK_EUNSUP);
	refused(&l, HEAD "m=audio 0 RTP/AVP 8\r\n", KK_EUNSUP);
	refused(&l, HEAD "m=audio 5004 RTP/AVP 3\r\n", KK_EUNSUP);
	refused(&l, HEAD "m=audio 5004 TCP/TLS 8\r\n", KK_EUNSUP);
	refused(&l,
	    "v=0\r\no=- 1 1 IN IP4 a\r\ns=-\r\nc=IN IP4 a.example\r\n"
	    "t=0 0\r\nm=audio 5004 RTP/AVP 8\r\n",
	    KK_EUNSUP);
	refused(&l,
	    "v=0\r\no=- 1 1 IN IP4 a\r\ns=-\r\nc=IN IP4 224.1.1.1/127\r\n"
	    "t=0 0\r\nm=audio 5004 RTP/AVP 8\r\n",
	    KK_EUNSUP);
	memcpy(many, HEAD, at);
	for (unsigned i = 0; i <= OFFER_STREAMS_MAX; i++, at += 24)
		memcpy(many + at, "m=audio 5004 RTP/AVP 8\r\n", 25);
	refused(&l, many, KK_ELIMIT);
	memset(many, 'x', sizeof(many) - 1);
	refused(&l, many, KK_ELIMIT);
	CHECK_ERR(offer_answer(&l, kk_view_of("v=0\0", 4), &stream, &out),
	    KK_EFORMAT);
}

TEST(lines_without_their_form_are_refused_before_they_are_parsed)
{
	static const char *const bad[] = {
		HEAD "m=video 500rtcp:7000\r\n",
		HEAD "m=audio 5004 RTP/AVP\r\n",
		HEAD "m=audio 5004 RTP/AVP 128\r\n",
		HEAD "m=audio 5004 RTP/AVP 8  9\r\n",
		HEAD "m=image 5004 udptl t:38\r\n",
		HEAD "m=audio 500400 RTP/AVP 8\r\n",
		HEAD "m=audio 5004/ RTP/AVP 8\r\n",
		HEAD "m=audio 5004 RTP/AVP 8\r\n\r\na=sendonly\r\n",
		HEAD "m=audio 5004 RTP/AVP 8\r\na=x\x01\r\n",
		HEAD "m=audio 5004 RTP/AVP 8\r\na=x\xff\r\n",
		HEAD "m=audio 5004 RTP/AVP 8\r\nsendonly\r\n",
	};
	struct offer_local l = ours(OFFER_SRTP_PREFER);

	for (size_t i = 0; i < KK_ARRAY_LEN(bad); i++)
		refused(&l, bad[i], KK_EFORMAT);
	(void)answered(&l, HEAD "m=audio 5004 RTP/AVP 8\r\n\r\n");
	kk_bytes_clear(&out);
}

/* Our own offer, answered by ourselves from another place. */
static enum kk_err both(enum offer_srtp here, enum offer_srtp there,
    struct offer_stream *caller)
{
	const struct offer_local l = ours(here);
	struct offer_local r = ours(there);
	struct kk_bytes offer, answer;
	enum kk_err err;

	memcpy(r.address, "2001:db8::7", 12);
	r.port = 6000;
	memset(r.key, 0x55, sizeof(r.key));
	CHECK_OK(offer_make(&l, &offer));
	err = offer_answer(&r, kk_view_of(offer.data, offer.bytes - 1), &stream,
	    &answer);
	if (!err)
		err = offer_answer_take(&l,
		    kk_view_of(answer.data, answer.bytes - 1), caller);
	kk_bytes_clear(&offer);
	kk_bytes_clear(&answer);
	return err;
}

TEST(our_offer_and_our_answer_agree)
{
	struct offer_stream caller = { .port = 0 };

	CHECK_OK(both(OFFER_SRTP_PREFER, OFFER_SRTP_PREFER, &caller));
	CHECK_EQ(caller.codec, CODEC_OPUS);
	CHECK_EQ(stream.codec, CODEC_OPUS);
	CHECK_EQ(caller.payload_type, OFFER_OPUS_TYPE);
	CHECK_STR(caller.address, "2001:db8::7");
	CHECK_EQ(caller.port, 6000);
	CHECK_EQ(caller.rtcp_port, 6000);
	CHECK_EQ(caller.ours.suite, OFFER_AEAD_AES_128_GCM);
	CHECK_MEM(&caller.ours, &stream.theirs, sizeof(caller.ours));
	CHECK_MEM(&caller.theirs, &stream.ours, sizeof(caller.ours));
	CHECK_OK(both(OFFER_SRTP_REQUIRE, OFFER_SRTP_REQUIRE, &caller));
	CHECK(caller.ours.suite != OFFER_NO_SRTP);
	CHECK_OK(both(OFFER_SRTP_PREFER, OFFER_SRTP_NEVER, &caller));
	CHECK_EQ(caller.ours.suite, OFFER_NO_SRTP);
	CHECK_ERR(both(OFFER_SRTP_REQUIRE, OFFER_SRTP_NEVER, &caller),
	    KK_EPOLICY);
	CHECK_ERR(both(OFFER_SRTP_NEVER, OFFER_SRTP_REQUIRE, &caller),
	    KK_EPOLICY);
}

TEST(answer_that_is_none_to_our_offer_is_refused)
{
	const struct offer_local l = ours(OFFER_SRTP_PREFER);
	const struct offer_local strict = ours(OFFER_SRTP_REQUIRE);

	CHECK_ERR(offer_answer_take(&l, text(HEAD), &stream), KK_EFORMAT);
	CHECK_ERR(offer_answer_take(&l,
		      text(HEAD "m=audio 5004 RTP/AVP 8\r\n"
				"m=audio 5006 RTP/AVP 8\r\n"),
		      &stream),
	    KK_EFORMAT);
	CHECK_ERR(offer_answer_take(&l, text(HEAD "m=audio 0 RTP/AVP 8\r\n"),
		      &stream),
	    KK_EUNSUP);
	CHECK_ERR(offer_answer_take(&l,
		      text(HEAD "m=audio 5004 RTP/SAVP 8\r\na=crypto:3 "
				"AES_CM_128_HMAC_SHA1_80 inline:" KEY30 "\r\n"),
		      &stream),
	    KK_EFORMAT);
	/* A tag that we did not give, or of another suite. */
	CHECK_ERR(offer_answer_take(&l,
		      text(HEAD "m=audio 5004 RTP/AVP 8\r\na=crypto:9 "
				"AES_CM_128_HMAC_SHA1_80 inline:" KEY30 "\r\n"),
		      &stream),
	    KK_EFORMAT);
	CHECK_ERR(offer_answer_take(&l,
		      text(HEAD "m=audio 5004 RTP/AVP 8\r\na=crypto:1 "
				"AES_CM_128_HMAC_SHA1_80 inline:" KEY30 "\r\n"),
		      &stream),
	    KK_EFORMAT);
	CHECK_ERR(offer_answer_take(&strict,
		      text(HEAD "m=audio 5004 RTP/AVP 8\r\n"), &stream),
	    KK_EFORMAT);
}

TEST(any_byte_changed_is_taken_or_refused_by_name)
{
	const struct offer_local l = ours(OFFER_SRTP_PREFER);
	char offer[] = HEAD "m=audio 5004 RTP/SAVP 96 8 101\r\n"
			    "a=rtpmap:96 opus/48000/2\r\n"
			    "a=rtpmap:101 telephone-event/8000\r\n"
			    "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" KEY30
			    "\r\na=sendrecv\r\n";
	static const char to[] = "\r\n \0:=/0\xff";

	for (size_t at = 0; at + 1 < sizeof(offer); at++) {
		for (size_t i = 0; i + 1 < sizeof(to); i++) {
			const char was = offer[at];
			enum kk_err err;

			offer[at] = to[i];
			err = offer_answer(&l,
			    kk_view_of(offer, sizeof(offer) - 1), &stream,
			    &out);
			CHECK(err == KK_OK || err == KK_EFORMAT ||
			    err == KK_EUNSUP || err == KK_EPOLICY ||
			    err == KK_ELIMIT);
			kk_bytes_clear(&out);
			offer[at] = was;
		}
	}
}

TEST(no_memory_is_an_error_and_leaves_nothing)
{
	const struct offer_local l = ours(OFFER_SRTP_PREFER);
	enum kk_err err;

	kk_bytes_clear(&out);
	ALLOC_FAULT_LOOP(err, offer_make(&l, &out));
	CHECK_OK(err);
	kk_bytes_clear(&out);
	ALLOC_FAULT_LOOP(err,
	    offer_answer(&l, text(HEAD "m=audio 5004 RTP/AVP 8\r\n"), &stream,
		&out));
	CHECK_OK(err);
	kk_bytes_clear(&out);
}
