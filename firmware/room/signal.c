/* signal.c - reading what the server says. */
#define _GNU_SOURCE /* libsystemd's macros ask for it */
#include <string.h>

#include "call/call.h"
#include "room/signal.h"

enum { TYPE_BYTES = 32, PAYLOAD_TYPE_MAX = 127 };

/* A source has its kind; a kind that says otherwise is no message of ours. */
static enum kk_err source_get(sd_json_variant *in, enum room_source *source)
{
	char name[TYPE_BYTES], kind[TYPE_BYTES];
	enum kk_err err = call_get_text(in, "source", name, sizeof(name));

	if (!err)
		err = call_get_text(in, "kind", kind, sizeof(kind));
	if (err)
		return call_needed(err);
	*source = room_source_of(name);
	if (*source == ROOM_SOURCE_COUNT ||
	    strcmp(kind, room_kind_name(room_source_is_audio(*source))) != 0)
		return KK_EFORMAT;
	return KK_OK;
}

static enum kk_err peer_read(sd_json_variant *in, struct room_peer *p)
{
	sd_json_variant *list;
	size_t count;
	enum kk_err err = call_needed(call_get_exact(in, "participant",
	    p->id.bytes, ROOM_PEER_BYTES));

	if (!err)
		err = call_get_list(in, "sources", ROOM_SOURCE_COUNT, &list,
		    &count);
	for (size_t i = 0; !err && i < count; i++) {
		enum room_source source = ROOM_MICROPHONE;

		err = source_get(sd_json_variant_by_index(list, i), &source);
		if (!err)
			p->has[source] = true;
	}
	return err;
}

/* A list of objects into an array of the caller's; *outp is NULL where it is
 * empty. */
static enum kk_err list_get(sd_json_variant *in, const char *name, size_t max,
    size_t each_bytes, void **outp, size_t *count, sd_json_variant **list)
{
	enum kk_err err = call_get_list(in, name, max, list, count);

	if (err || *count == 0)
		return err;
	for (size_t i = 0; i < *count; i++) {
		if (!sd_json_variant_is_object(sd_json_variant_by_index(*list,
			i)))
			err = KK_EFORMAT;
	}
	if (!err) {
		*outp = kk_calloc(*count, each_bytes);
		err = *outp ? KK_OK : KK_ENOMEM;
	}
	if (err)
		*count = 0;
	return err;
}

static enum kk_err peers_get(sd_json_variant *in, struct room_signal *s)
{
	sd_json_variant *list;
	void *array = NULL;
	enum kk_err err;

	s->has_peers = call_has(in, "participants");
	err = list_get(in, "participants", ROOM_PEERS_MAX,
	    sizeof(struct room_peer), &array, &s->peer_count, &list);
	s->peers = array;
	for (size_t i = 0; !err && i < s->peer_count; i++)
		err = peer_read(sd_json_variant_by_index(list, i),
		    &s->peers[i]);
	return err;
}

static enum kk_err candidate_read(sd_json_variant *in, struct room_candidate *c)
{
	uint32_t port;
	enum kk_err err = call_get_text(in, "address", c->address,
	    sizeof(c->address));

	if (!err)
		err = call_get_u32(in, "port", UINT16_MAX, &port);
	if (!err)
		err = call_get_text(in, "protocol", c->protocol,
		    sizeof(c->protocol));
	if (!err)
		err = call_get_u64(in, "priority", UINT32_MAX, &c->priority);
	if (!err)
		err = call_get_text(in, "foundation", c->foundation,
		    sizeof(c->foundation));
	if (!err)
		err = call_get_text(in, "type", c->type, sizeof(c->type));
	if (!err)
		c->port = (uint16_t)port;
	return call_needed(err);
}

static enum kk_err transport_read(sd_json_variant *in, struct room_transport *t)
{
	sd_json_variant *list;
	enum kk_err err = call_get_text(in, "ufrag", t->ufrag,
	    sizeof(t->ufrag));

	if (!err)
		err = call_get_text(in, "pwd", t->pwd, sizeof(t->pwd));
	if (!err)
		err = call_get_text(in, "fingerprint", t->fingerprint,
		    sizeof(t->fingerprint));
	if (!err)
		err = call_get_list(in, "candidates", ROOM_CANDIDATES_MAX,
		    &list, &t->candidate_count);
	for (size_t i = 0; !err && i < t->candidate_count; i++) {
		sd_json_variant *one = sd_json_variant_by_index(list, i);

		err = sd_json_variant_is_object(one) ?
		    candidate_read(one, &t->candidates[i]) :
		    KK_EFORMAT;
	}
	return call_needed(err);
}

/* is_whole: an answer, with all of it; else an event, with the number. */
static enum kk_err transport_get(sd_json_variant *in, bool is_whole,
    struct room_signal *s)
{
	uint64_t number;
	enum kk_err err = call_get_u64(in, "transport", UINT32_MAX, &number);

	if (err)
		return is_whole ? call_optional(err) : call_needed(err);
	s->transport = kk_calloc(1, sizeof(*s->transport));
	if (!s->transport)
		return KK_ENOMEM;
	s->has_transport = true;
	s->transport->number = number;
	return is_whole ? transport_read(in, s->transport) : KK_OK;
}

/* 0 where there is none. */
static enum kk_err type_read(sd_json_variant *in, const char *name,
    uint8_t *type)
{
	uint32_t n = 0;
	enum kk_err err = call_optional(call_get_u32(in, name, PAYLOAD_TYPE_MAX,
	    &n));

	*type = (uint8_t)n;
	return err;
}

static enum kk_err slot_read(sd_json_variant *in, struct room_slot *slot)
{
	uint32_t type = 0;
	char kind[TYPE_BYTES];
	enum kk_err err = call_get_u64(in, "slot", UINT32_MAX, &slot->slot);

	if (!err)
		err = call_get_text(in, "kind", kind, sizeof(kind));
	if (!err)
		err = call_get_u32(in, "ssrc", UINT32_MAX, &slot->ssrc);
	if (!err)
		err = call_get_u32(in, "payloadType", PAYLOAD_TYPE_MAX, &type);
	if (err)
		return call_needed(err);
	slot->is_audio = !strcmp(kind, room_kind_name(true));
	if (!slot->is_audio && strcmp(kind, room_kind_name(false)) != 0)
		return KK_EFORMAT;
	err = call_optional(call_get_u32(in, "rtxSsrc", UINT32_MAX,
	    &slot->rtx_ssrc));
	slot->payload_type = (uint8_t)type;
	if (!err)
		err = type_read(in, "rtxPayloadType", &slot->rtx_payload_type);
	if (!err)
		err = type_read(in, "vp9PayloadType", &slot->vp9_payload_type);
	return err ?
	    err :
	    type_read(in, "vp9RtxPayloadType", &slot->vp9_rtx_payload_type);
}

static enum kk_err slots_get(sd_json_variant *in, struct room_signal *s)
{
	sd_json_variant *list;
	void *array = NULL;
	enum kk_err err;

	s->has_slots = call_has(in, "slots");
	err = list_get(in, "slots", ROOM_SLOTS_MAX, sizeof(struct room_slot),
	    &array, &s->slot_count, &list);
	s->slots = array;
	for (size_t i = 0; !err && i < s->slot_count; i++)
		err = slot_read(sd_json_variant_by_index(list, i),
		    &s->slots[i]);
	return err;
}

static enum kk_err heard_one(sd_json_variant *in, struct room_heard *h)
{
	enum kk_err err = call_get_u64(in, "slot", UINT32_MAX, &h->slot);

	if (err)
		return call_needed(err);
	err = call_get_exact(in, "participant", h->peer.bytes, ROOM_PEER_BYTES);
	h->has_peer = !err;
	return call_optional(err);
}

static enum kk_err loudest_read(sd_json_variant *in, struct room_signal *s)
{
	sd_json_variant *list;
	void *array = NULL;
	enum kk_err err = list_get(in, "slots", ROOM_SLOTS_MAX,
	    sizeof(struct room_heard), &array, &s->heard_count, &list);

	s->heard = array;
	for (size_t i = 0; !err && i < s->heard_count; i++)
		err = heard_one(sd_json_variant_by_index(list, i),
		    &s->heard[i]);
	return err;
}

static enum kk_err wanted_read(sd_json_variant *in, struct room_signal *s)
{
	char name[TYPE_BYTES];
	uint64_t count = 0;
	enum kk_err err = call_get_text(in, "source", name, sizeof(name));

	if (!err)
		err = call_get_u64(in, "encodings", UINT32_MAX, &count);
	if (err)
		return call_needed(err);
	s->source = room_source_of(name);
	s->encodings = (size_t)count;
	return s->source == ROOM_SOURCE_COUNT || count == 0 ? KK_EFORMAT :
							      KK_OK;
}

static enum kk_err epoch_get(sd_json_variant *in, struct room_signal *s)
{
	enum kk_err err = call_get_u64(in, "epoch", UINT64_MAX, &s->epoch);

	s->has_epoch = !err;
	return err;
}

static enum kk_err answer_read(sd_json_variant *in, struct room_signal *s)
{
	enum kk_err err = call_needed(call_get_u64(in, "id", UINT64_MAX,
	    &s->id));

	if (!err)
		err = call_optional(epoch_get(in, s));
	if (!err) {
		err = call_get_exact(in, "participant", s->peer.bytes,
		    ROOM_PEER_BYTES);
		s->has_peer = !err;
		err = call_optional(err);
	}
	if (!err)
		err = peers_get(in, s);
	if (!err)
		err = call_optional(call_get_bool(in, "isBehind",
		    &s->is_behind));
	if (!err)
		err = call_optional(call_get_bool(in, "audioLevels",
		    &s->allows_levels));
	if (!err)
		err = transport_get(in, true, s);
	return err ? err : slots_get(in, s);
}

/* An error that we do not know is a failure of the server's, to us. */
static enum kk_err error_read(sd_json_variant *in, struct room_signal *s)
{
	char name[TYPE_BYTES];
	enum kk_err err = call_get_u64(in, "id", UINT64_MAX, &s->id);

	/* To what is no request at all it cannot say an id. */
	err = call_optional(err);
	if (!err)
		err = call_needed(call_get_text(in, "error", name,
		    sizeof(name)));
	if (!err)
		err = call_optional(call_get_u64(in, "retryMs", UINT32_MAX,
		    &s->retry_ms));
	if (!err)
		err = call_optional(epoch_get(in, s));
	s->error = ROOM_ERROR_INTERNAL;
	for (int i = 1; !err && i < ROOM_ERROR_COUNT; i++) {
		if (!strcmp(name, room_error_name((enum room_error)i)))
			s->error = (enum room_error)i;
	}
	return err;
}

static enum kk_err from_get(sd_json_variant *in, const char *name,
    struct room_signal *s)
{
	enum kk_err err = call_needed(call_get_exact(in, name, s->peer.bytes,
	    ROOM_PEER_BYTES));

	s->has_peer = !err;
	return err;
}

/* Which of two words a field has. */
static enum kk_err word_get(sd_json_variant *in, const char *name,
    const char *no, const char *yes, bool *out)
{
	char word[TYPE_BYTES];
	enum kk_err err = call_needed(call_get_text(in, name, word,
	    sizeof(word)));

	if (err)
		return err;
	*out = !strcmp(word, yes);
	return *out || !strcmp(word, no) ? KK_OK : KK_EFORMAT;
}

static enum kk_err joined_read(sd_json_variant *in, struct room_signal *s)
{
	return from_get(in, "participant", s);
}

static enum kk_err left_read(sd_json_variant *in, struct room_signal *s)
{
	enum kk_err err = from_get(in, "participant", s);

	return err ? err : word_get(in, "reason", "left", "lost", &s->is_lost);
}

static enum kk_err published_read(sd_json_variant *in, struct room_signal *s)
{
	enum kk_err err = from_get(in, "participant", s);

	return err ? err : source_get(in, &s->source);
}

static enum kk_err message_read(sd_json_variant *in, struct room_signal *s)
{
	enum kk_err err = from_get(in, "from", s);

	if (!err)
		err = call_get_bytes(in, "message", ROOM_MESSAGE_MAX_BYTES,
		    &s->message);
	return call_needed(err);
}

static enum kk_err ordered_read(sd_json_variant *in, struct room_signal *s)
{
	enum kk_err err = call_needed(epoch_get(in, s));

	return err ? err : message_read(in, s);
}

static enum kk_err state_read(sd_json_variant *in, struct room_signal *s)
{
	enum kk_err err = transport_get(in, false, s);

	return err ? err :
		     word_get(in, "state", "connected", "lost", &s->is_lost);
}

static enum kk_err nothing_read(sd_json_variant *in, struct room_signal *s)
{
	(void)in;
	(void)s;
	return KK_OK;
}

static enum kk_err closed_read(sd_json_variant *in, struct room_signal *s)
{
	return word_get(in, "reason", "shutdown", "unregistered",
	    &s->is_unregistered);
}

static const struct {
	const char *name;
	enum kk_err (*read)(sd_json_variant *in, struct room_signal *s);
} types[ROOM_SIGNAL_COUNT] = {
	[ROOM_ANSWER] = { "answer", answer_read },
	[ROOM_ANSWER_ERROR] = { "error", error_read },
	[ROOM_JOINED] = { "joined", joined_read },
	[ROOM_LEFT] = { "left", left_read },
	[ROOM_PUBLISHED] = { "published", published_read },
	[ROOM_UNPUBLISHED] = { "unpublished", published_read },
	[ROOM_COMMIT] = { "commit", ordered_read },
	[ROOM_WELCOME] = { "welcome", ordered_read },
	[ROOM_MESSAGE] = { "message", message_read },
	[ROOM_TRANSPORT] = { "transport", state_read },
	[ROOM_LOUDEST] = { "loudest", loudest_read },
	[ROOM_WANTED] = { "wanted", wanted_read },
	[ROOM_RESET] = { "reset", nothing_read },
	[ROOM_CLOSED] = { "closed", closed_read },
	[ROOM_SIGNAL_OTHER] = { "", nothing_read },
};

static enum kk_err object_read(sd_json_variant *in, struct room_signal *s)
{
	char name[TYPE_BYTES];
	size_t measured;
	enum kk_err err;

	if (!sd_json_variant_is_object(in))
		return KK_EFORMAT;
	err = call_json_measure(in, &measured);
	if (!err)
		err = call_needed(call_get_text(in, "type", name,
		    sizeof(name)));
	if (err)
		return err;
	s->type = ROOM_ANSWER;
	while (s->type < ROOM_SIGNAL_OTHER &&
	    strcmp(name, types[s->type].name) != 0)
		s->type++;
	return types[s->type].read(in, s);
}

enum kk_err room_signal_parse(struct room_signal *s, const char *text,
    size_t bytes)
{
	sd_json_variant *in = NULL;
	enum kk_err err;

	*s = (struct room_signal){ .type = ROOM_SIGNAL_OTHER };
	if (bytes > ROOM_MESSAGE_MAX_BYTES)
		return KK_ELIMIT;
	if (strlen(text) != bytes ||
	    sd_json_parse(text, 0, &in, NULL, NULL) < 0)
		return KK_EFORMAT;
	err = object_read(in, s);
	sd_json_variant_unref(in);
	if (err)
		room_signal_clear(s);
	return err;
}

void room_signal_clear(struct room_signal *s)
{
	kk_bytes_clear(&s->message);
	kk_free(s->peers);
	kk_free(s->transport);
	kk_free(s->slots);
	kk_free(s->heard);
	*s = (struct room_signal){ .type = ROOM_SIGNAL_OTHER };
}
