/* answer.c - what is offered, what is taken of it. */
#include <string.h>

#include "offer/offer_private.h"

/* --- which stream -------------------------------------------------------- */

/* Of the keys the first in the order of our liking: their tags tell whose. */
static const struct offer_crypto *crypto_choose(const struct offer_line *line)
{
	const struct offer_crypto *best = NULL;

	for (size_t i = 0; i < line->crypto_count; i++) {
		const struct offer_crypto *c = &line->cryptos[i];

		if (!best || c->suite < best->suite)
			best = c;
	}
	return best;
}

static enum kk_err crypto_take(const struct offer_local *local,
    const struct offer_line *line, struct offer_stream *stream)
{
	const struct offer_crypto *theirs = local->srtp == OFFER_SRTP_NEVER ?
	    NULL :
	    crypto_choose(line);

	if (!theirs)
		return line->is_secure || local->srtp == OFFER_SRTP_REQUIRE ?
		    KK_EPOLICY :
		    KK_OK;
	stream->theirs = *theirs;
	stream->ours = offer_crypto_of(local, theirs->suite, theirs->tag);
	return KK_OK;
}

static enum kk_err stream_of(const struct offer_local *local,
    const struct offer_line *line, struct offer_stream *stream)
{
	*stream = (struct offer_stream){ .port = 0 };
	if (!line->is_audio || !line->address ||
	    !offer_codec_choose(local, line, stream))
		return KK_EUNSUP;
	memcpy(stream->address, line->address, strlen(line->address));
	stream->port = (uint16_t)line->media->m_port;
	stream->rtcp_port = line->rtcp_port;
	stream->sends = line->sends && !local->is_holding;
	stream->hears = line->hears && !local->is_holding;
	return crypto_take(local, line, stream);
}

/* The first stream that we can take; among such of the same m= line count
 * telephones offer the sealed one beside the plain one, so SRTP goes first
 * where it is liked.  The error of the best that was refused. */
static enum kk_err stream_choose(const struct offer_local *local,
    const struct offer_line *lines, size_t count, struct offer_stream *stream,
    size_t *chosen)
{
	enum kk_err err = KK_EUNSUP;

	for (unsigned pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < count; i++) {
			const enum kk_err e = stream_of(local, &lines[i],
			    stream);

			*chosen = i;
			if (!e && (pass == 1 || stream->ours.suite))
				return KK_OK;
			err = e && e != KK_EUNSUP ? e : err;
		}
	}
	kk_wipe(stream, sizeof(*stream));
	return err;
}

/* --- the answer ---------------------------------------------------------- */

/* RFC 3264, 6: in its place, with port 0 and a format of the offer. */
static void decline(struct kk_writer *w, const struct offer_line *line)
{
	const sdp_media_t *m = line->media;

	offer_print(w, "m=%.32s 0 %.32s%s", m->m_type_name, m->m_proto_name,
	    line->has_feedback ? "F" : "");
	if (m->m_rtpmaps)
		offer_print(w, " %u\r\n", (unsigned)m->m_rtpmaps->rm_pt);
	else
		offer_print(w, " %.32s\r\n",
		    m->m_format ? m->m_format->l_text : "0");
}

static void take(struct kk_writer *w, const struct offer_local *local,
    const struct offer_line *line, const struct offer_stream *stream)
{
	struct offer_media_text text = { .events = { { stream->event_type,
					     stream->event_hz } },
		.event_count = stream->event_type >= 0,
		.is_secure = line->is_secure,
		.has_feedback = line->has_feedback,
		.has_mux = line->has_mux,
		/* Where it hears, we send. */
		.sends = stream->hears,
		.hears = stream->sends,
		.cryptos = &stream->ours,
		.crypto_count = stream->ours.suite != OFFER_NO_SRTP };

	text.has_codec[stream->codec] = true;
	text.types[stream->codec] = stream->payload_type;
	offer_media_write(w, local, &text);
}

static size_t lines_read(struct offer_line *lines, const sdp_session_t *session,
    const struct offer_text *text)
{
	size_t count = 0;

	for (const sdp_media_t *m = session->sdp_media;
	    m && count < text->media_count; m = m->m_next, count++)
		offer_line_read(&lines[count], session, m, &text->keys[count]);
	return count;
}

static enum kk_err answer_write(const struct offer_local *local,
    const struct offer_line *lines, size_t count, size_t chosen,
    const struct offer_stream *stream, struct kk_bytes *out)
{
	struct kk_writer w;

	kk_writer_init(&w);
	offer_session_write(&w, local);
	for (size_t i = 0; i < count; i++) {
		if (i == chosen)
			take(&w, local, &lines[i], stream);
		else
			decline(&w, &lines[i]);
	}
	return offer_text_take(&w, out);
}

static enum kk_err answer_make(const struct offer_local *local,
    const sdp_session_t *session, const struct offer_text *text,
    struct offer_stream *stream, struct kk_bytes *out)
{
	struct offer_line lines[OFFER_STREAMS_MAX];
	const size_t count = lines_read(lines, session, text);
	size_t chosen;
	enum kk_err err = stream_choose(local, lines, count, stream, &chosen);

	if (!err)
		err = answer_write(local, lines, count, chosen, stream, out);
	if (err)
		kk_wipe(stream, sizeof(*stream));
	kk_wipe(lines, sizeof(lines));
	return err;
}

enum kk_err offer_answer(const struct offer_local *local, struct kk_view offer,
    struct offer_stream *stream, struct kk_bytes *out)
{
	const sdp_session_t *session;
	struct offer_text text;
	su_home_t home[1];
	enum kk_err err;

	*out = (struct kk_bytes){ 0 };
	kk_wipe(stream, sizeof(*stream));
	if (!offer_home_open(home))
		return KK_ENOMEM;
	err = offer_text_check(&text, offer);
	if (!err)
		err = offer_read(home, &text, &session);
	if (!err)
		err = answer_make(local, session, &text, stream, out);
	su_home_deinit(home);
	kk_bytes_clear(&text.clean);
	return err;
}

/* --- the offer ----------------------------------------------------------- */

static size_t cryptos_offered(const struct offer_local *local,
    struct offer_crypto *cryptos)
{
	size_t count = 0;

	if (local->srtp == OFFER_SRTP_NEVER)
		return 0;
	for (enum offer_suite s = OFFER_NO_SRTP + 1; s < OFFER_SUITE_COUNT;
	    s++) {
		cryptos[count] = offer_crypto_of(local, s, (uint32_t)count + 1);
		count++;
	}
	return count;
}

enum kk_err offer_make(const struct offer_local *local, struct kk_bytes *out)
{
	struct offer_crypto cryptos[OFFER_SUITE_COUNT];
	struct offer_media_text text = {
		.events = { { OFFER_EVENT_TYPE, OFFER_EVENT_HZ },
		    { OFFER_OPUS_EVENT_TYPE,
			codec_format(CODEC_OPUS)->rtp_hz } },
		.event_count = local->has_codec[CODEC_OPUS] ? 2 : 1,
		.is_secure = local->srtp == OFFER_SRTP_REQUIRE,
		.has_mux = true,
		.sends = !local->is_holding,
		.hears = !local->is_holding,
		.cryptos = cryptos
	};
	struct kk_writer w;

	text.crypto_count = cryptos_offered(local, cryptos);
	for (enum codec_id id = 0; id < CODEC_COUNT; id++) {
		const int type = codec_format(id)->payload_type;

		text.has_codec[id] = local->has_codec[id];
		text.types[id] = type == CODEC_TYPE_DYNAMIC ? OFFER_OPUS_TYPE :
							      type;
	}
	kk_writer_init(&w);
	offer_session_write(&w, local);
	offer_media_write(&w, local, &text);
	kk_wipe(cryptos, sizeof(cryptos));
	return offer_text_take(&w, out);
}

/* Its key is under the tag of that one of ours which it took. */
static enum kk_err offered_crypto_find(const struct offer_local *local,
    struct offer_stream *stream)
{
	struct offer_crypto cryptos[OFFER_SUITE_COUNT];
	const size_t count = cryptos_offered(local, cryptos);
	enum kk_err err = stream->theirs.suite ? KK_EFORMAT : KK_OK;

	for (size_t i = 0; i < count; i++) {
		if (cryptos[i].tag != stream->theirs.tag ||
		    cryptos[i].suite != stream->theirs.suite)
			continue;
		stream->ours = cryptos[i];
		err = KK_OK;
	}
	kk_wipe(cryptos, sizeof(cryptos));
	return err;
}

static enum kk_err taken_read(const struct offer_local *local,
    const sdp_session_t *session, const struct offer_text *text,
    struct offer_stream *stream)
{
	struct offer_line line;
	enum kk_err err;

	if (!session->sdp_media || session->sdp_media->m_next)
		return KK_EFORMAT; /* RFC 3264, 6: as many as were offered */
	offer_line_read(&line, session, session->sdp_media, &text->keys[0]);
	err = line.is_audio &&
		line.is_secure != (local->srtp == OFFER_SRTP_REQUIRE) ?
	    KK_EFORMAT :
	    stream_of(local, &line, stream);
	if (!err)
		err = offered_crypto_find(local, stream);
	kk_wipe(&line, sizeof(line));
	return err;
}

enum kk_err offer_answer_take(const struct offer_local *local,
    struct kk_view answer, struct offer_stream *stream)
{
	const sdp_session_t *session;
	struct offer_text text;
	su_home_t home[1];
	enum kk_err err;

	kk_wipe(stream, sizeof(*stream));
	if (!offer_home_open(home))
		return KK_ENOMEM;
	err = offer_text_check(&text, answer);
	if (!err)
		err = offer_read(home, &text, &session);
	if (!err)
		err = taken_read(local, session, &text, stream);
	su_home_deinit(home);
	kk_bytes_clear(&text.clean);
	if (err)
		kk_wipe(stream, sizeof(*stream));
	return err;
}
