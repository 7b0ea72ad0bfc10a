/* request_media.c - transports, sources and slots: to the packets' half. */
#include <string.h>

#include "sfud.h"
#include "wire/rtp.h"

static const struct sfud_failed fine = { .error = SIGNAL_OK };
static const struct sfud_failed no_levels = { .error = SIGNAL_EDENIED,
	.words = "no audio levels on this site" };

static struct sfud_failed failed_by(enum kk_err err)
{
	switch (err) {
	case KK_OK:
		return fine;
	case KK_ENOENT:
		return (struct sfud_failed){ .error = SIGNAL_EUNKNOWN };
	case KK_EINVAL:
	case KK_EFORMAT:
		return (struct sfud_failed){ .error = SIGNAL_EFORMAT };
	case KK_ELIMIT:
		return (struct sfud_failed){ .error = SIGNAL_ELIMIT };
	case KK_ESTATE:
	case KK_EEXIST:
		return (struct sfud_failed){ .error = SIGNAL_ESTATE };
	default:
		return (struct sfud_failed){ .error = SIGNAL_EINTERNAL };
	}
}

static void transport_send(struct sfud_conn *conn, uint64_t id,
    const struct media_transport *t)
{
	struct signal_candidate candidates[MEDIA_CANDIDATES_MAX];
	const struct signal_transport out = { .number = t->number,
		.ufrag = t->ufrag,
		.pwd = t->pwd,
		.fingerprint = t->fingerprint,
		.candidates = candidates,
		.candidate_count = t->candidate_count };
	struct kk_bytes text;
	enum kk_err err;

	for (size_t i = 0; i < t->candidate_count; i++)
		candidates[i] = (struct signal_candidate){
			.address = t->candidates[i].address,
			.foundation = t->candidates[i].foundation,
			.port = t->candidates[i].port,
			.priority = t->candidates[i].priority,
			.is_tcp = t->candidates[i].is_tcp
		};
	err = signal_write_transport(&text, id, &out);
	sfud_send(conn, err, &text);
}

struct sfud_failed sfud_transport(struct sfud_conn *conn,
    const struct signal_request *rq)
{
	struct media_transport t;
	enum kk_err err = pool_transport_open(conn->peer,
	    (enum media_direction)rq->direction, &t);

	if (err)
		return failed_by(err);
	/* Lost ones are gone, whose place it takes. */
	conn->slot_count = pool_slots_left(conn->peer, conn->slots,
	    conn->slot_count);
	transport_send(conn, rq->id, &t);
	kk_wipe(&t, sizeof(t));
	return fine;
}

struct sfud_failed sfud_restart(struct sfud_conn *conn,
    const struct signal_request *rq)
{
	struct media_transport t;
	enum kk_err err = pool_transport_restart(conn->peer, rq->transport, &t);

	if (err)
		return failed_by(err);
	transport_send(conn, rq->id, &t);
	kk_wipe(&t, sizeof(t));
	return fine;
}

struct sfud_failed sfud_connect(struct sfud_conn *conn,
    const struct signal_request *rq)
{
	const struct signal_connect *c = &rq->connect;
	enum kk_err err = c->is_dtls_server ?
	    pool_transport_connect_to(conn->peer, c->transport,
		c->fingerprint) :
	    pool_transport_connect(conn->peer, c->transport, c->fingerprint);

	return err ? failed_by(err) : sfud_done(conn, rq);
}

struct sfud_failed sfud_disconnect(struct sfud_conn *conn,
    const struct signal_request *rq)
{
	bool published[MEDIA_SOURCE_COUNT];
	enum kk_err err = pool_transport_close(conn->peer, rq->transport,
	    published);

	if (err)
		return failed_by(err);
	conn->slot_count = pool_slots_left(conn->peer, conn->slots,
	    conn->slot_count);
	(void)sfud_done(conn, rq);
	for (unsigned i = 0; i < SIGNAL_SOURCE_COUNT; i++) {
		if (!published[i])
			order_source_set(conn->member, i, false);
	}
	return fine;
}

static struct media_publish publish_of(const struct signal_publish *p)
{
	struct media_publish out = { .transport = p->transport,
		.source = (enum media_source)p->source,
		.kind = (enum media_kind)p->kind,
		.is_vp9 = p->codec == SIGNAL_VP9,
		.payload_type = p->payload_type,
		.rtx_payload_type = p->rtx_payload_type,
		.encoding_count = p->encoding_count,
		.extension_count = p->extension_count };

	memcpy(out.mid, p->mid, sizeof(out.mid));
	for (size_t i = 0; i < p->encoding_count; i++) {
		const struct signal_encoding *e = &p->encodings[i];

		out.encodings[i] = (struct media_encoding){ .ssrc = e->ssrc,
			.rtx_ssrc = e->rtx_ssrc,
			.max_width = e->max_width,
			.max_height = e->max_height };
		memcpy(out.encodings[i].rid, e->rid, sizeof(e->rid));
	}
	for (size_t i = 0; i < p->extension_count; i++)
		out.extensions[i] =
		    (struct media_extension){ .uri = p->extensions[i].uri,
			    .id = p->extensions[i].id };
	return out;
}

/* Who is loud is nobody's business who is not in the meeting. */
static bool tells_levels(const struct signal_publish *p)
{
	for (size_t i = 0; i < p->extension_count; i++) {
		if (!strcmp(p->extensions[i].uri, WIRE_RTP_LEVEL_URI) ||
		    !strcmp(p->extensions[i].uri, WIRE_RTP_LEVELS_URI))
			return true;
	}
	return false;
}

struct sfud_failed sfud_publish(struct sfud_conn *conn,
    const struct signal_request *rq)
{
	const struct media_publish what = publish_of(&rq->publish);
	enum kk_err err;

	if (tells_levels(&rq->publish) &&
	    !conn->sfud->options.allows_audio_levels)
		return no_levels;
	err = pool_publish(conn->peer, &what);
	if (err)
		return failed_by(err);
	(void)sfud_done(conn, rq);
	order_source_set(conn->member, rq->publish.source, true);
	return fine;
}

struct sfud_failed sfud_unpublish(struct sfud_conn *conn,
    const struct signal_request *rq)
{
	enum kk_err err = pool_unpublish(conn->peer,
	    (enum media_source)rq->source);

	if (err)
		return failed_by(err);
	(void)sfud_done(conn, rq);
	order_source_set(conn->member, rq->source, false);
	return fine;
}

static enum kk_err slots_write(struct kk_bytes *text, uint64_t rq_id,
    const struct media_slot *made, size_t count)
{
	struct signal_slot out[2 * SIGNAL_SLOTS_MAX];

	for (size_t i = 0; i < count; i++)
		out[i] = (struct signal_slot){ .slot = made[i].slot,
			.kind = (enum signal_kind)made[i].kind,
			.mid = made[i].mid,
			.ssrc = made[i].ssrc,
			.rtx_ssrc = made[i].rtx_ssrc,
			.payload_type = made[i].payload_type,
			.rtx_payload_type = made[i].rtx_payload_type,
			.vp9_payload_type = made[i].vp9_payload_type,
			.vp9_rtx_payload_type = made[i].vp9_rtx_payload_type };
	return signal_write_slots(text, rq_id, out, count, MEDIA_CNAME);
}

struct sfud_failed sfud_slots(struct sfud_conn *conn,
    const struct signal_request *rq)
{
	const struct media_slots what = { rq->slots.audio, rq->slots.video,
		rq->slots.has_vp9 };
	size_t more = what.audio + what.video;
	size_t count = conn->slot_count;
	struct media_slot *slots;
	struct kk_bytes text;
	enum kk_err err;

	if (count + more > SFUD_SLOTS_MAX)
		return failed_by(KK_ELIMIT);
	slots = kk_regrow(conn->slots, count, count + more, sizeof(*slots));
	if (!slots)
		return failed_by(KK_ENOMEM);
	conn->slots = slots;
	err = pool_slots_make(conn->peer, rq->slots.transport, &what,
	    slots + count);
	if (err)
		return failed_by(err);
	conn->slot_count += more;
	err = slots_write(&text, rq->id, slots + count, more);
	sfud_send(conn, err, &text);
	return fine;
}

static const struct media_slot *slot_find(const struct sfud_conn *conn,
    uint32_t slot)
{
	for (size_t i = 0; i < conn->slot_count; i++) {
		if (conn->slots[i].slot == slot)
			return &conn->slots[i];
	}
	return NULL;
}

/* Whom a line names: KK_OK and NULL for nobody. */
static enum kk_err watched_find(const struct sfud_conn *conn,
    const struct signal_watch *watch, struct pool_watch *out)
{
	const struct media_slot *slot = slot_find(conn, watch->slot);
	const struct order_member *member;
	const struct sfud_conn *other;
	struct order_participant id;

	*out =
	    (struct pool_watch){ .what = { .slot = watch->slot,
				     .source = (enum media_source)watch->source,
				     .width = watch->width,
				     .height = watch->height,
				     .priority = watch->priority } };
	if (!slot)
		return KK_ENOENT;
	out->is_loudest = watch->is_loudest;
	if (watch->is_loudest && slot->kind != MEDIA_AUDIO)
		return KK_EINVAL;
	if (!watch->has_participant)
		return KK_OK;
	if ((enum signal_kind)slot->kind != signal_source_kind(watch->source))
		return KK_EINVAL;
	memcpy(id.id, watch->participant.id, sizeof(id.id));
	member = order_member_find(order_member_meeting(conn->member), &id);
	if (!member)
		return KK_ENOENT;
	other = order_member_owner(member);
	out->of = other->peer;
	return other == conn ? KK_EINVAL : KK_OK;
}

static bool asks_for_loudest(const struct signal_watches *watches)
{
	for (size_t i = 0; i < watches->count; i++) {
		if (watches->list[i].is_loudest)
			return true;
	}
	return false;
}

/* All lines are looked at before the first one is done. */
struct sfud_failed sfud_watch(struct sfud_conn *conn,
    const struct signal_request *rq)
{
	const struct signal_watches *watches = &rq->watches;
	struct pool_watch list[SIGNAL_WATCHES_MAX];
	enum kk_err err = KK_OK;

	if (asks_for_loudest(watches) &&
	    !conn->sfud->options.allows_audio_levels)
		return no_levels;
	for (size_t i = 0; i < watches->count && !err; i++)
		err = watched_find(conn, &watches->list[i], &list[i]);
	if (!err)
		err = pool_watch(conn->peer, list, watches->count);
	return err ? failed_by(err) : sfud_done(conn, rq);
}
