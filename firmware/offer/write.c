/* write.c - our own texts; RFC 8866, 5. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "offer/offer_private.h"

enum { PRINT_BYTES = 256 };

void offer_print(struct kk_writer *w, const char *format, ...)
{
	char text[PRINT_BYTES];
	va_list args;
	int bytes;

	va_start(args, format);
	bytes = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (bytes < 0 || (size_t)bytes >= sizeof(text))
		kk_writer_fail(w, KK_ELIMIT);
	else
		kk_write_raw(w, kk_view_of(text, (size_t)bytes));
	kk_wipe(text, sizeof(text)); /* it may be a key */
}

static const char *family(const char *address)
{
	return strchr(address, ':') ? "IP6" : "IP4";
}

void offer_session_write(struct kk_writer *w, const struct offer_local *local)
{
	offer_print(w, "v=0\r\no=- %" PRIu64 " %" PRIu64 " IN %s %s\r\n",
	    local->session, local->version, family(local->address),
	    local->address);
	offer_print(w, "s=-\r\nc=IN %s %s\r\nt=0 0\r\n", family(local->address),
	    local->address);
}

static void types_write(struct kk_writer *w,
    const struct offer_media_text *text)
{
	for (enum codec_id id = 0; id < CODEC_COUNT; id++) {
		if (text->has_codec[id])
			offer_print(w, " %d", text->types[id]);
	}
	for (size_t i = 0; i < text->event_count; i++)
		offer_print(w, " %d", text->events[i].type);
	offer_print(w, "\r\n");
}

static void maps_write(struct kk_writer *w, const struct offer_media_text *text)
{
	for (enum codec_id id = 0; id < CODEC_COUNT; id++) {
		const struct codec_format *f = codec_format(id);

		if (!text->has_codec[id])
			continue;
		offer_print(w, "a=rtpmap:%d %s/%u", text->types[id], f->name,
		    f->rtp_hz);
		if (f->channels > 1)
			offer_print(w, "/%u", f->channels);
		offer_print(w, "\r\n");
		/* RFC 7587, 7: one channel, a constant rate, what was lost
		 * told again. */
		if (id == CODEC_OPUS)
			offer_print(w, "a=fmtp:%d useinbandfec=1;cbr=1\r\n",
			    text->types[id]);
	}
	for (size_t i = 0; i < text->event_count; i++)
		offer_print(w,
		    "a=rtpmap:%d telephone-event/%u\r\na=fmtp:%d 0-15\r\n",
		    text->events[i].type, text->events[i].hz,
		    text->events[i].type);
}

static const char *direction(const struct offer_media_text *text)
{
	if (text->sends)
		return text->hears ? "sendrecv" : "sendonly";
	return text->hears ? "recvonly" : "inactive";
}

void offer_media_write(struct kk_writer *w, const struct offer_local *local,
    const struct offer_media_text *text)
{
	offer_print(w, "m=audio %u RTP/%sAVP%s", (unsigned)local->port,
	    text->is_secure ? "S" : "", text->has_feedback ? "F" : "");
	types_write(w, text);
	maps_write(w, text);
	offer_print(w, "a=ptime:20\r\n");
	if (text->has_mux)
		offer_print(w, "a=rtcp-mux\r\n");
	for (size_t i = 0; i < text->crypto_count; i++)
		offer_crypto_write(w, &text->cryptos[i]);
	offer_print(w, "a=%s\r\n", direction(text));
}

enum kk_err offer_text_take(struct kk_writer *w, struct kk_bytes *out)
{
	kk_write_u8(w, '\0');
	return kk_writer_take(w, out);
}
