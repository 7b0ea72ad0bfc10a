/* media_meeting.c - meetings, participants, and what they publish. */
#include <string.h>

#include "hop/rx_twcc.h"
#include "media_internal.h"
#include "wire/dd.h"
#include "wire/rtp.h"

enum kk_err media_meeting_new(struct media_meeting **meetingp,
    struct media *media)
{
	struct media_meeting *meeting = kk_calloc(1, sizeof(*meeting));

	if (!meeting)
		return KK_ENOMEM;
	meeting->media = media;
	*meetingp = meeting;
	return KK_OK;
}

void media_meeting_free(struct media_meeting *meeting)
{
	if (!meeting)
		return;
	media_loud_forget(meeting);
	kk_free(meeting);
}

enum kk_err media_peer_new(struct media_peer **peerp,
    struct media_meeting *meeting, void *arg)
{
	struct media_peer *peer = kk_calloc(1, sizeof(*peer));

	if (!peer)
		return KK_ENOMEM;
	peer->meeting = meeting;
	peer->number = ++meeting->last_peer;
	peer->arg = arg;
	peer->next = meeting->peers;
	if (peer->next)
		peer->next->prev = peer;
	meeting->peers = peer;
	*peerp = peer;
	return KK_OK;
}

/* Nobody waits for what it would publish. */
static void watchers_forget(struct media_peer *of)
{
	for (struct media_peer *p = of->meeting->peers; p; p = p->next) {
		for (size_t i = 0; i < p->slot_count; i++) {
			if (p->slots[i].of == of)
				p->slots[i].of = NULL;
		}
	}
}

void media_peer_free(struct media_peer *peer)
{
	struct media *media;

	if (!peer)
		return;
	media = peer->meeting->media;
	while (peer->transports)
		media_transport_free(peer->transports);
	watchers_forget(peer);
	if (peer->prev)
		peer->prev->next = peer->next;
	else
		peer->meeting->peers = peer->next;
	if (peer->next)
		peer->next->prev = peer->prev;
	kk_free(peer->slots);
	kk_free(peer);
	media_out_flush(media);
}

void *media_peer_arg(const struct media_peer *peer)
{
	return peer->arg;
}

void media_transport_forget(struct media_transport_state *t)
{
	struct media_peer *peer = t->peer;
	size_t kept = 0;

	for (size_t i = 0; i < MEDIA_SOURCE_COUNT; i++) {
		struct media_source_state *s = &peer->sources[i];

		if (s->transport != t)
			continue;
		sfu_source_free(s->sfu);
		*s = (struct media_source_state){ 0 };
	}
	for (size_t i = 0; i < peer->slot_count; i++) {
		if (peer->slots[i].transport == t)
			sfu_slot_free(peer->slots[i].slot);
		else
			peer->slots[kept++] = peer->slots[i];
	}
	peer->slot_count = kept;
}

/* --- publishing ---------------------------------------------------------- */

bool media_is_published(const struct media_peer *peer, enum media_source source)
{
	return peer->sources[source].sfu != NULL;
}

enum media_kind media_kind_of(enum media_source source)
{
	return source == MEDIA_MICROPHONE ? MEDIA_AUDIO : MEDIA_VIDEO;
}

enum sfu_kind media_sfu_kind(enum media_kind kind)
{
	return kind == MEDIA_AUDIO ? SFU_AUDIO : SFU_VIDEO;
}

static uint8_t id_of(const struct media_publish *what, const char *name)
{
	const struct kk_view uri = kk_view_text(name);

	for (size_t i = 0; i < what->extension_count; i++) {
		if (kk_view_equal(kk_view_text(what->extensions[i].uri), uri))
			return what->extensions[i].id;
	}
	return 0;
}

/* Those who wait for it see it. */
static enum kk_err show(struct media_peer *of, enum media_source source)
{
	uint64_t now_us = media_now_us();
	enum kk_err err = KK_OK;

	for (struct media_peer *p = of->meeting->peers; p; p = p->next) {
		for (size_t i = 0; !err && i < p->slot_count; i++) {
			struct media_slot_state *s = &p->slots[i];

			if (s->of == of && s->source == source)
				err = media_slot_show(s, now_us);
		}
	}
	return err;
}

static enum kk_err publish_check(const struct media_transport_state *t,
    const struct media_publish *what)
{
	if (!t)
		return KK_ENOENT;
	if (t->direction == MEDIA_RECEIVE ||
	    what->source >= MEDIA_SOURCE_COUNT ||
	    what->kind != media_kind_of(what->source) ||
	    what->encoding_count > MEDIA_ENCODINGS_MAX ||
	    what->extension_count > MEDIA_EXTENSIONS_MAX)
		return KK_EINVAL;
	return KK_OK;
}

static void encoding_of(struct sfu_encoding_config *to,
    const struct media_encoding *from)
{
	to->ssrc = from->ssrc;
	to->rtx_ssrc = from->rtx_ssrc;
	to->max_width = from->max_width;
	to->max_height = from->max_height;
	memcpy(to->rid, from->rid, sizeof(to->rid));
}

static struct sfu_source_config config_of(const struct media_publish *what)
{
	struct sfu_source_config config = { .kind = media_sfu_kind(what->kind),
		.codec = what->is_vp9 ? SFU_VP9 : SFU_VP8,
		.is_screen = what->source == MEDIA_SCREEN,
		.payload_type = what->payload_type,
		.rtx_payload_type = what->rtx_payload_type,
		.twcc_id = id_of(what, WIRE_TWCC_URI),
		.dd_id = id_of(what, WIRE_DD_URI),
		.level_id = id_of(what, WIRE_RTP_LEVEL_URI),
		.mid_id = id_of(what, WIRE_RTP_MID_URI),
		.rid_id = id_of(what, WIRE_RTP_RID_URI),
		.repaired_rid_id = id_of(what, WIRE_RTP_REPAIRED_RID_URI),
		.encoding_count = what->encoding_count };

	memcpy(config.mid, what->mid, sizeof(config.mid));
	for (size_t i = 0; i < what->encoding_count; i++)
		encoding_of(&config.encodings[i], &what->encodings[i]);
	return config;
}

enum kk_err media_publish(struct media_peer *peer,
    const struct media_publish *what)
{
	struct media_transport_state *t = media_transport_get(peer,
	    what->transport);
	enum kk_err err = publish_check(t, what);
	struct media_source_state *source;
	struct sfu_source_config config;

	if (err)
		return err;
	source = &peer->sources[what->source];
	if (source->sfu && source->transport->phase != MEDIA_LOST)
		return KK_EEXIST;
	config = config_of(what);
	/* What came over a lost transport ends here. */
	sfu_source_free(source->sfu);
	*source = (struct media_source_state){ 0 };
	err = sfu_source_new(&source->sfu, t->link, &config);
	if (err)
		return err == KK_EEXIST ? KK_EINVAL : err;
	source->transport = t;
	err = show(peer, what->source);
	media_out_flush(t->media);
	return err;
}

enum kk_err media_unpublish(struct media_peer *peer, enum media_source source)
{
	if (source >= MEDIA_SOURCE_COUNT || !peer->sources[source].sfu)
		return KK_ENOENT;
	sfu_source_free(peer->sources[source].sfu);
	peer->sources[source] = (struct media_source_state){ 0 };
	return KK_OK;
}
