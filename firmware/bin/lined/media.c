/* media.c - what both ends of a call agree on, and the line behind it. */
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "lined.h"

static bool random_get(void *out, size_t bytes)
{
	return getrandom(out, bytes, 0) == (ssize_t)bytes;
}

static void came(void *arg, struct kk_view packet, uint64_t now_us)
{
	struct lined_call *c = arg;

	/* It is counted there; nothing else can be done about it. */
	if (c->line)
		(void)!line_put(c->line, packet, now_us);
}

static bool is_wildcard(const char *address)
{
	return !strcmp(address, "0.0.0.0") || !strcmp(address, "::");
}

/* Our address as the other one reaches us: the one that was set, that of the
 * way to it, the one that we listen at, or that of the way to anywhere (an
 * address of documentation, RFC 5737, to which nothing is sent). */
static void address_choose(const struct lined_options *o, const char *towards,
    char out[RTP_ADDRESS_BYTES])
{
	static const char *const anywhere[] = { "192.0.2.1", "127.0.0.1" };

	out[0] = '\0';
	if (o->media_address) {
		(void)snprintf(out, RTP_ADDRESS_BYTES, "%s", o->media_address);
		return;
	}
	if (towards)
		rtp_address_towards(towards, out);
	if (!out[0] && !is_wildcard(o->listens[0].address))
		memcpy(out, o->listens[0].address, RTP_ADDRESS_BYTES);
	for (size_t i = 0; !out[0] && i < KK_ARRAY_LEN(anywhere); i++)
		rtp_address_towards(anywhere[i], out);
}

enum kk_err lined_media_open(struct lined_call *c, const char *towards)
{
	const struct lined_options *o = &c->lined->options;
	struct offer_local *l = &c->local;
	enum kk_err err;

	address_choose(o, towards, l->address);
	if (!random_get(&l->session, sizeof(l->session)) ||
	    !random_get(l->key, sizeof(l->key)))
		return KK_EIO;
	l->session &= INT64_MAX;
	l->srtp = o->srtp;
	for (size_t i = 0; i < CODEC_COUNT; i++)
		l->has_codec[i] = true;
	err = rtp_new(&c->rtp, c->lined->rtp, l->address, o->ports, came, c);
	if (!err)
		l->port = rtp_port(c->rtp);
	return err;
}

struct kk_view lined_media_text(const struct kk_bytes *sdp)
{
	return kk_view_of(sdp->data, sdp->bytes > 0 ? sdp->bytes - 1 : 0);
}

/*
 * What was agreed on.
 */
static struct phone_config phone_of(const struct offer_stream *s)
{
	return (struct phone_config){ s->codec, s->payload_type, s->event_type,
		s->event_hz };
}

static bool is_same_phone(const struct offer_stream *a,
    const struct offer_stream *b)
{
	return a->codec == b->codec && a->payload_type == b->payload_type &&
	    a->event_type == b->event_type && a->event_hz == b->event_hz;
}

static enum kk_err agree(struct lined_call *c, const struct offer_stream *s)
{
	const struct phone_config phone = phone_of(s);
	const bool had_tones = c->stream.event_type >= 0;
	enum kk_err err = KK_OK;

	if (c->line && !is_same_phone(&c->stream, s))
		err = line_change(c->line, &phone);
	if (!err)
		err = rtp_agree(c->rtp, s);
	if (err)
		return err;
	c->stream = *s;
	c->has_stream = true;
	if (!c->line)
		return KK_OK;
	line_hold(c->line, !s->hears);
	if (had_tones != (s->event_type >= 0))
		lined_placed_again(c);
	return KK_OK;
}

enum kk_err lined_media_answer(struct lined_call *c, struct kk_view offer,
    struct kk_bytes *answer)
{
	struct offer_stream stream;
	enum kk_err err;

	c->local.version++;
	err = offer_answer(&c->local, offer, &stream, answer);
	if (!err)
		err = agree(c, &stream);
	if (err)
		kk_bytes_clear(answer);
	kk_wipe(&stream, sizeof(stream));
	return err;
}

enum kk_err lined_media_offer(struct lined_call *c, struct kk_bytes *offer)
{
	enum kk_err err;

	c->local.version++;
	err = offer_make(&c->local, offer);
	c->has_offered = !err;
	return err;
}

enum kk_err lined_media_take(struct lined_call *c, struct kk_view answer)
{
	struct offer_stream stream;
	enum kk_err err = offer_answer_take(&c->local, answer, &stream);

	if (!err)
		err = agree(c, &stream);
	kk_wipe(&stream, sizeof(stream));
	return err;
}

/* The call was answered: the caller hears something from the next tick on. */
enum kk_err lined_media_begin(struct lined_call *c)
{
	struct lined *d = c->lined;
	struct line_config config = { .phone = phone_of(&c->stream),
		.sounds = &d->sounds.of[c->language],
		.voice = d->voice,
		.is_placed = c->is_placed };
	const uint64_t now_us = rtp_now_us();
	enum kk_err err;

	if (c->line)
		return KK_OK;
	if (!c->has_stream)
		return KK_ESTATE;
	if (!random_get(&config.ssrc, sizeof(config.ssrc)) ||
	    !random_get(&config.timestamp, sizeof(config.timestamp)) ||
	    !random_get(&config.seq, sizeof(config.seq)))
		return KK_EIO;
	err = line_new(&c->line, &config, now_us / 1000);
	if (err)
		return err;
	line_hold(c->line, !c->stream.hears);
	c->begin_us = now_us;
	return KK_OK;
}
