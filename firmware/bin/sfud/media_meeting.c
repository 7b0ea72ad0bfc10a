/* media_meeting.c - meetings, participants, and who is shown to whom. */
#include <stdio.h>

#include "hop/rx_twcc.h"
#include "media_internal.h"

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
	kk_free(meeting);
}

enum kk_err media_peer_new(struct media_peer **peerp,
    struct media_meeting *meeting, void *arg)
{
	struct media_peer *peer = kk_calloc(1, sizeof(*peer));

	if (!peer)
		return KK_ENOMEM;
	peer->meeting = meeting;
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

/* --- publishing ------------------------------------------------------------
 */

static enum media_kind kind_of(enum media_source source)
{
	return source == MEDIA_MICROPHONE ? MEDIA_AUDIO : MEDIA_VIDEO;
}

static enum sfu_kind sfu_kind_of(enum media_kind kind)
{
	return kind == MEDIA_AUDIO ? SFU_AUDIO : SFU_VIDEO;
}

static uint8_t twcc_id_of(const struct media_publish *what)
{
	const struct kk_view uri = kk_view_text(HOP_TWCC_URI);

	for (size_t i = 0; i < what->extension_count; i++) {
		if (kk_view_equal(kk_view_text(what->extensions[i].uri), uri))
			return what->extensions[i].id;
	}
	return 0;
}

/* Those who wait for it see it. */
static enum kk_err show(struct media_peer *of, enum media_source source)
{
	struct sfu_source *sfu = of->sources[source].sfu;
	uint64_t now_us = media_now_us();
	enum kk_err err = KK_OK;

	for (struct media_peer *p = of->meeting->peers; p; p = p->next) {
		for (size_t i = 0; !err && i < p->slot_count; i++) {
			struct media_slot_state *s = &p->slots[i];

			if (s->of == of && s->source == source)
				err = sfu_slot_watch(s->slot, sfu, now_us);
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
	    what->kind != kind_of(what->source) || what->encoding_count != 1 ||
	    what->extension_count > MEDIA_EXTENSIONS_MAX)
		return KK_EINVAL;
	return KK_OK;
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
	config = (struct sfu_source_config){ .kind = sfu_kind_of(what->kind),
		.ssrc = what->encodings[0].ssrc,
		.payload_type = what->payload_type,
		.rtx_ssrc = what->encodings[0].rtx_ssrc,
		.rtx_payload_type = what->rtx_payload_type,
		.twcc_id = twcc_id_of(what) };
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

/* --- slots -----------------------------------------------------------------
 */

static bool ssrc_is_used(uint32_t first, const struct media_slot *list,
    size_t count, uint32_t ssrc)
{
	if (ssrc == 0 || ssrc == first)
		return true;
	for (size_t i = 0; i < count; i++) {
		if (list[i].ssrc == ssrc || list[i].rtx_ssrc == ssrc)
			return true;
	}
	return false;
}

static enum kk_err ssrc_make(uint32_t first, const struct media_slot *list,
    size_t count, uint32_t *ssrc)
{
	enum kk_err err;

	do {
		err = media_random(ssrc, sizeof(*ssrc));
	} while (!err && ssrc_is_used(first, list, count, *ssrc));
	return err;
}

static enum kk_err slot_describe(struct media_peer *peer, enum media_kind kind,
    struct media_slot *list, size_t at)
{
	struct media_slot *slot = &list[at];
	enum kk_err err;

	*slot = (struct media_slot){ .slot = peer->last_slot + 1 + (uint32_t)at,
		.kind = kind,
		.payload_type = kind == MEDIA_AUDIO ? MEDIA_OPUS_TYPE :
						      MEDIA_VP8_TYPE };
	(void)snprintf(slot->mid, sizeof(slot->mid), "%u", slot->slot);
	err = ssrc_make(0, list, at, &slot->ssrc);
	if (err || kind == MEDIA_AUDIO)
		return err;
	slot->rtx_payload_type = MEDIA_RTX_TYPE;
	return ssrc_make(slot->ssrc, list, at, &slot->rtx_ssrc);
}

static enum kk_err slot_make(struct media_transport_state *t,
    const struct media_slot *as)
{
	struct media_peer *peer = t->peer;
	struct media_slot_state *state = &peer->slots[peer->slot_count];
	struct sfu_slot_config config = { 0 };
	uint8_t random[10];
	enum kk_err err = media_random(random, sizeof(random));

	if (err)
		return err;
	config = (struct sfu_slot_config){ .kind = sfu_kind_of(as->kind),
		.ssrc = as->ssrc,
		.payload_type = as->payload_type,
		.rtx_ssrc = as->rtx_ssrc,
		.rtx_payload_type = as->rtx_payload_type,
		.seq = wire_get_u16(random),
		.rtx_seq = wire_get_u16(random + 2),
		.picture_id = wire_get_u16(random + 4) & 0x7fff,
		.timestamp = wire_get_u32(random + 6) };
	*state = (struct media_slot_state){ .number = as->slot,
		.kind = as->kind,
		.transport = t };
	err = sfu_slot_new(&state->slot, t->link, &config);
	if (!err)
		peer->slot_count++;
	return err;
}

static void slots_drop(struct media_peer *peer, size_t count)
{
	while (count-- > 0)
		sfu_slot_free(peer->slots[--peer->slot_count].slot);
}

static enum kk_err slots_check(const struct media_transport_state *t,
    size_t audio, size_t video)
{
	if (!t)
		return KK_ENOENT;
	if (t->direction == MEDIA_SEND)
		return KK_EINVAL;
	if (audio > MEDIA_SLOTS_MAX || video > MEDIA_SLOTS_MAX)
		return KK_ELIMIT;
	return t->has_slots ? KK_ESTATE : KK_OK;
}

enum kk_err media_slots_make(struct media_peer *peer, uint32_t transport,
    size_t audio, size_t video, struct media_slot *out)
{
	struct media_transport_state *t = media_transport_get(peer, transport);
	enum kk_err err = slots_check(t, audio, video);
	size_t made = 0;

	for (size_t i = 0; !err && i < audio + video; i++)
		err = slot_describe(peer, i < audio ? MEDIA_AUDIO : MEDIA_VIDEO,
		    out, i);
	for (; !err && made < audio + video; made += !err)
		err = slot_make(t, &out[made]);
	if (err) {
		slots_drop(peer, made);
		return err;
	}
	peer->last_slot += (uint32_t)made;
	t->has_slots = true;
	return KK_OK;
}

static struct media_slot_state *slot_get(struct media_peer *peer,
    uint32_t number)
{
	for (size_t i = 0; i < peer->slot_count; i++) {
		if (peer->slots[i].number == number)
			return &peer->slots[i];
	}
	return NULL;
}

enum kk_err media_watch(struct media_peer *peer, uint32_t slot,
    struct media_peer *of, enum media_source source)
{
	struct media_slot_state *s = slot_get(peer, slot);
	enum kk_err err;

	if (!s)
		return KK_ENOENT;
	if (of &&
	    (of == peer || of->meeting != peer->meeting ||
		source >= MEDIA_SOURCE_COUNT || kind_of(source) != s->kind))
		return KK_EINVAL;
	err = sfu_slot_watch(s->slot, of ? of->sources[source].sfu : NULL,
	    media_now_us());
	if (err)
		return err;
	s->of = of;
	s->source = source;
	media_out_flush(peer->meeting->media);
	return KK_OK;
}
