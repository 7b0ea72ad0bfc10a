/* request.c - writing what the server is asked. */
#define _GNU_SOURCE /* libsystemd's macros ask for it */
#include "call/call.h"
#include "room/signal.h"
#include "wire/rtp.h"
#include "wire/twcc.h"

enum { SIGNALLING_VERSION = 1 };

static struct kk_view peer_view(const struct room_peer_id *peer)
{
	return kk_view_of(peer->bytes, sizeof(peer->bytes));
}

static enum kk_err hello_put(const struct room_request *rq,
    sd_json_variant **out)
{
	enum kk_err err = call_put_u64(out, "version", SIGNALLING_VERSION);

	(void)rq;
	return err ? err : call_put_text(out, "client", "konklave-box");
}

static enum kk_err register_put(const struct room_request *rq,
    sd_json_variant **out)
{
	enum kk_err err = call_put_secret(out, "siteToken", rq->site_token);

	if (!err)
		err = call_put_bytes(out, "meeting", rq->meeting);
	if (!err)
		err = call_put_bytes(out, "tokenHash", rq->token_hash);
	if (!err)
		err = call_put_u64(out, "participants", ROOM_PARTICIPANTS);
	if (!err && rq->is_reset)
		err = call_put_bool(out, "reset", true);
	return err;
}

static enum kk_err epoch_put(const struct room_request *rq,
    sd_json_variant **out)
{
	return rq->has_epoch ? call_put_u64(out, "epoch", rq->epoch) : KK_OK;
}

static enum kk_err enter_put(const struct room_request *rq,
    sd_json_variant **out)
{
	enum kk_err err = call_put_bytes(out, "meeting", rq->meeting);

	if (!err)
		err = call_put_secret(out, "token", rq->token);
	return err ? err : epoch_put(rq, out);
}

static enum kk_err welcomes_put(const struct room_request *rq,
    sd_json_variant **out)
{
	sd_json_variant *list = NULL;
	enum kk_err err = KK_OK;

	for (size_t i = 0; !err && i < rq->to_count; i++) {
		sd_json_variant *one = NULL;

		err = call_put_bytes(&one, "to", peer_view(&rq->to[i]));
		if (!err)
			err = call_put_bytes(&one, "message",
			    kk_bytes_view(&rq->welcome));
		if (!err)
			err = call_list_add(&list, one);
		sd_json_variant_unref(one);
	}
	if (!err)
		err = list ? call_put_value(out, "welcomes", list) :
			     call_put_empty_list(out, "welcomes");
	sd_json_variant_unref(list);
	return err;
}

static enum kk_err message_put(const struct room_request *rq,
    sd_json_variant **out)
{
	return call_put_bytes(out, "message", kk_bytes_view(&rq->message));
}

static enum kk_err commit_put(const struct room_request *rq,
    sd_json_variant **out)
{
	enum kk_err err = epoch_put(rq, out);

	if (!err)
		err = message_put(rq, out);
	return err ? err : welcomes_put(rq, out);
}

static enum kk_err transport_put(const struct room_request *rq,
    sd_json_variant **out)
{
	(void)rq;
	return call_put_text(out, "direction", "both");
}

static enum kk_err number_put(const struct room_request *rq,
    sd_json_variant **out)
{
	return call_put_u64(out, "transport", rq->transport);
}

static enum kk_err connect_put(const struct room_request *rq,
    sd_json_variant **out)
{
	enum kk_err err = number_put(rq, out);

	return err ? err : call_put_text(out, "fingerprint", rq->fingerprint);
}

static enum kk_err source_put(const struct room_request *rq,
    sd_json_variant **out)
{
	return call_put_text(out, "source", room_source_name(rq->source));
}

static enum kk_err extension_put(const char *uri, uint64_t id,
    sd_json_variant **list)
{
	sd_json_variant *one = NULL;
	enum kk_err err = call_put_text(&one, "uri", uri);

	if (!err)
		err = call_put_u64(&one, "id", id);
	if (!err)
		err = call_list_add(list, one);
	sd_json_variant_unref(one);
	return err;
}

/* The box numbers all that it sends: wire/twcc.h. */
static enum kk_err extensions_put(const struct room_request *rq,
    sd_json_variant **out)
{
	sd_json_variant *list = NULL;
	enum kk_err err = extension_put(WIRE_TWCC_URI, WIRE_TWCC_ID, &list);

	if (!err && rq->tells_level)
		err = extension_put(WIRE_RTP_LEVEL_URI, WIRE_RTP_LEVEL_ID,
		    &list);
	if (!err)
		err = call_put_value(out, "extensions", list);
	sd_json_variant_unref(list);
	return err;
}

static enum kk_err encoding_put(const struct room_encoding *e,
    sd_json_variant **list)
{
	sd_json_variant *one = NULL;
	enum kk_err err = call_put_u64(&one, "ssrc", e->ssrc);

	if (!err && e->rtx_ssrc)
		err = call_put_u64(&one, "rtxSsrc", e->rtx_ssrc);
	if (!err && e->width > 0)
		err = call_put_u64(&one, "maxWidth", e->width);
	if (!err && e->height > 0)
		err = call_put_u64(&one, "maxHeight", e->height);
	if (!err)
		err = call_list_add(list, one);
	sd_json_variant_unref(one);
	return err;
}

static enum kk_err publish_put(const struct room_request *rq,
    sd_json_variant **out)
{
	const bool is_audio = room_source_is_audio(rq->source);
	sd_json_variant *list = NULL;
	enum kk_err err = number_put(rq, out);

	if (!err)
		err = source_put(rq, out);
	if (!err)
		err = call_put_text(out, "kind", room_kind_name(is_audio));
	if (!err)
		err = call_put_u64(out, "payloadType", rq->payload_type);
	if (!err && rq->rtx_payload_type)
		err = call_put_u64(out, "rtxPayloadType", rq->rtx_payload_type);
	for (size_t i = 0; !err && i < rq->encoding_count; i++)
		err = encoding_put(&rq->encodings[i], &list);
	if (!err)
		err = call_put_value(out, "encodings", list);
	if (!err)
		err = extensions_put(rq, out);
	sd_json_variant_unref(list);
	return err;
}

static enum kk_err slots_put(const struct room_request *rq,
    sd_json_variant **out)
{
	enum kk_err err = number_put(rq, out);

	if (!err)
		err = call_put_u64(out, "audio", rq->audio_slots);
	if (!err)
		err = call_put_u64(out, "video", rq->video_slots);
	/* The media process decodes both (pipelines/graphs/person.c). */
	return err ? err : call_put_bool(out, "vp9", true);
}

static enum kk_err watch_one(const struct room_watch *w, sd_json_variant **out)
{
	enum kk_err err = call_put_u64(out, "slot", w->slot);

	if (!err && w->is_loudest)
		return call_put_bool(out, "loudest", true);
	if (err || !w->has_peer)
		return err ? err : call_put_value(out, "participant", NULL);
	err = call_put_bytes(out, "participant", peer_view(&w->peer));
	if (!err)
		err = call_put_text(out, "source", room_source_name(w->source));
	if (!err && w->width > 0)
		err = call_put_u64(out, "width", w->width);
	if (!err && w->width > 0)
		err = call_put_u64(out, "height", w->height);
	if (!err && w->priority > 0)
		err = call_put_u64(out, "priority", w->priority);
	return err;
}

static enum kk_err watch_put(const struct room_request *rq,
    sd_json_variant **out)
{
	sd_json_variant *list = NULL;
	enum kk_err err = KK_OK;

	for (size_t i = 0; !err && i < rq->watch_count; i++) {
		sd_json_variant *one = NULL;

		err = watch_one(&rq->watch[i], &one);
		if (!err)
			err = call_list_add(&list, one);
		sd_json_variant_unref(one);
	}
	if (!err)
		err = list ? call_put_value(out, "slots", list) :
			     call_put_empty_list(out, "slots");
	sd_json_variant_unref(list);
	return err;
}

static enum kk_err nothing_put(const struct room_request *rq,
    sd_json_variant **out)
{
	(void)rq;
	(void)out;
	return KK_OK;
}

static const struct {
	const char *name;
	enum kk_err (*put)(const struct room_request *rq,
	    sd_json_variant **out);
} types[ROOM_ASK_COUNT] = {
	[ROOM_ASK_HELLO] = { "hello", hello_put },
	[ROOM_ASK_REGISTER] = { "register", register_put },
	[ROOM_ASK_ENTER] = { "enter", enter_put },
	[ROOM_ASK_BEGIN] = { "begin", epoch_put },
	[ROOM_ASK_COMMIT] = { "commit", commit_put },
	[ROOM_ASK_MESSAGE] = { "message", message_put },
	[ROOM_ASK_TRANSPORT] = { "transport", transport_put },
	[ROOM_ASK_RESTART] = { "restart", number_put },
	[ROOM_ASK_CONNECT] = { "connect", connect_put },
	[ROOM_ASK_PUBLISH] = { "publish", publish_put },
	[ROOM_ASK_DISCONNECT] = { "disconnect", number_put },
	[ROOM_ASK_SLOTS] = { "slots", slots_put },
	[ROOM_ASK_WATCH] = { "watch", watch_put },
	[ROOM_ASK_LEAVE] = { "leave", nothing_put },
};

const char *room_request_name(enum room_request_type type)
{
	return (size_t)type < ROOM_ASK_COUNT ? types[type].name : "none";
}

enum kk_err room_request_write(const struct room_request *rq, char **text)
{
	sd_json_variant *out = NULL;
	enum kk_err err = call_put_text(&out, "type", types[rq->type].name);

	*text = NULL;
	if (!err)
		err = call_put_u64(&out, "id", rq->id);
	if (!err)
		err = types[rq->type].put(rq, &out);
	if (!err && sd_json_variant_format(out, 0, text) < 0)
		err = KK_ENOMEM;
	sd_json_variant_unref(out);
	return err;
}

void room_request_free(struct room_request *rq)
{
	if (!rq)
		return;
	kk_bytes_clear(&rq->message);
	kk_bytes_clear(&rq->welcome);
	kk_free(rq);
}
