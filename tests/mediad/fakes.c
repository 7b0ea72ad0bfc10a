/* fakes.c - keyd and roomd, as far as mediad knows them. */
#define _GNU_SOURCE /* libsystemd's macros ask for it */
#include <stdio.h>

#include "../pipelines/link/coturn.h"
#include "world.h"

void keys_tell(struct box *b)
{
	const struct world *w = b->world;
	const struct siblings_epoch epoch = { w->epoch, b->number,
		(uint8_t)w->members, b->may_seal };

	b->may_seal = false;
	siblings_epoch_tell(&b->siblings, &epoch);
}

void keys_end(struct box *b)
{
	siblings_end_tell(&b->siblings);
}

static void keys_watched(void *arg)
{
	struct box *b = arg;

	if (b->world->epoch)
		keys_tell(b);
}

static void servers_put(const struct box *b, sd_json_variant **transport)
{
	sd_json_variant *list = NULL;

	if (!b->turn_port)
		return;
	CHECK(sd_json_build(&list,
		  SD_JSON_BUILD_ARRAY(SD_JSON_BUILD_OBJECT(
		      SD_JSON_BUILD_PAIR_STRING("kind", "turn-tcp"),
		      SD_JSON_BUILD_PAIR_STRING("host", "localhost"),
		      SD_JSON_BUILD_PAIR_UNSIGNED("port", b->turn_port),
		      SD_JSON_BUILD_PAIR_STRING("user", COTURN_USER),
		      SD_JSON_BUILD_PAIR_STRING("password",
			  b->turn_password)))) >= 0);
	CHECK_OK(call_put_value(transport, "servers", list));
	CHECK_OK(call_put_bool(transport, "relayOnly", true));
	sd_json_variant_unref(list);
}

static void transport_put(struct box *b, sd_json_variant **out)
{
	const struct siblings_transport transport = { b->peer->ufrag,
		b->peer->pwd, dtls_identity_fingerprint_text(b->peer->identity),
		peer_port(b->peer) };
	sd_json_variant *v = siblings_transport(&transport);

	servers_put(b, &v);
	CHECK_OK(call_put_value(out, "transport", v));
	sd_json_variant_unref(v);
}

static void media_put(struct box *b, sd_json_variant **out)
{
	int64_t other = b->number == 0 ? 1 : 0;
	sd_json_variant *publish = NULL, *slots = NULL;

	CHECK(sd_json_build(&publish,
		  SD_JSON_BUILD_ARRAY(
		      SD_JSON_BUILD_OBJECT(SD_JSON_BUILD_PAIR_STRING("source",
					       "microphone"),
			  SD_JSON_BUILD_PAIR_STRING("kind", "audio"),
			  SD_JSON_BUILD_PAIR_UNSIGNED("payloadType", OPUS),
			  SD_JSON_BUILD_PAIR("ssrcs",
			      SD_JSON_BUILD_ARRAY(
				  SD_JSON_BUILD_UNSIGNED(AUDIO + b->number))),
			  SD_JSON_BUILD_PAIR_BOOLEAN("tellsLevel",
			      b->number == LEVEL_BOX)),
		      SD_JSON_BUILD_OBJECT(SD_JSON_BUILD_PAIR_STRING("source",
					       "camera"),
			  SD_JSON_BUILD_PAIR_STRING("kind", "video"),
			  SD_JSON_BUILD_PAIR_UNSIGNED("payloadType", VP8),
			  SD_JSON_BUILD_PAIR("ssrcs",
			      SD_JSON_BUILD_ARRAY(SD_JSON_BUILD_UNSIGNED(VIDEO +
				  b->number)))))) >= 0);
	CHECK_OK(call_put_value(out, "publish", publish));
	CHECK(
	    sd_json_build(&slots,
		SD_JSON_BUILD_ARRAY(
		    SD_JSON_BUILD_OBJECT(SD_JSON_BUILD_PAIR_UNSIGNED("slot", 1),
			SD_JSON_BUILD_PAIR_STRING("kind", "audio"),
			SD_JSON_BUILD_PAIR_UNSIGNED("ssrc", AUDIO_SLOT),
			SD_JSON_BUILD_PAIR_UNSIGNED("payloadType", OPUS),
			SD_JSON_BUILD_PAIR_INTEGER("leaf", other),
			SD_JSON_BUILD_PAIR_STRING("source", "microphone")),
		    SD_JSON_BUILD_OBJECT(SD_JSON_BUILD_PAIR_UNSIGNED("slot", 2),
			SD_JSON_BUILD_PAIR_STRING("kind", "video"),
			SD_JSON_BUILD_PAIR_UNSIGNED("ssrc", VIDEO_SLOT),
			SD_JSON_BUILD_PAIR_UNSIGNED("payloadType", VP8),
			SD_JSON_BUILD_PAIR_UNSIGNED("rtxSsrc", RTX_SLOT),
			SD_JSON_BUILD_PAIR_UNSIGNED("rtxPayloadType", 97),
			SD_JSON_BUILD_PAIR_INTEGER("leaf", other),
			SD_JSON_BUILD_PAIR_STRING("source", "camera")))) >= 0);
	CHECK_OK(call_put_value(out, "slots", slots));
	sd_json_variant_unref(publish);
	sd_json_variant_unref(slots);
}

static void people_put(struct box *b, sd_json_variant **out)
{
	sd_json_variant *list = NULL;

	for (unsigned i = 0; i < BOXES; i++) {
		sd_json_variant *v = NULL;
		char name[32];

		if (!(b->world->members & 1U << i))
			continue;
		(void)snprintf(name, sizeof(name), "Room %u", i);
		CHECK(sd_json_buildo(&v, SD_JSON_BUILD_PAIR_UNSIGNED("leaf", i),
			  SD_JSON_BUILD_PAIR_STRING("name", name),
			  SD_JSON_BUILD_PAIR_BOOLEAN("verified", i == 0),
			  SD_JSON_BUILD_PAIR_BOOLEAN("isSelf", i == b->number),
			  SD_JSON_BUILD_PAIR_BOOLEAN("hasMicrophone", true),
			  SD_JSON_BUILD_PAIR_BOOLEAN("hasCamera", true),
			  SD_JSON_BUILD_PAIR_BOOLEAN("isSpeaking", false)) >=
		    0);
		CHECK_OK(call_list_add(&list, v));
		sd_json_variant_unref(v);
	}
	CHECK_OK(call_put_value(out, "people", list));
	sd_json_variant_unref(list);
}

/* Fields that mediad has no use for may stand there too. */
static void lines_put(const struct box *b, sd_json_variant **out)
{
	sd_json_variant *list = NULL;

	for (unsigned i = 0; i < b->world->lines; i++) {
		sd_json_variant *v = NULL;

		CHECK(sd_json_buildo(&v, SD_JSON_BUILD_PAIR_UNSIGNED("leaf", 0),
			  SD_JSON_BUILD_PAIR_STRING("id", "AAECAwQFBgc="),
			  SD_JSON_BUILD_PAIR_STRING("label", "+49 30 5551"),
			  SD_JSON_BUILD_PAIR_STRING("transport", "srtp")) >= 0);
		CHECK_OK(call_list_add(&list, v));
		sd_json_variant_unref(v);
	}
	CHECK_OK(call_put_value(out, "lines", list));
	CHECK_OK(call_put_bool(out, "isLocked", true));
	CHECK_OK(call_put_text(out, "label", "VS-NfD"));
	sd_json_variant_unref(list);
}

void plan_tell(struct box *b)
{
	bool is_in = b->world->epoch && b->world->members & 1U << b->number;
	sd_json_variant *out = NULL;

	if (!b->siblings.plan_watcher)
		return;
	CHECK_OK(call_put_text(&out, "phase", is_in ? "in" : "connecting"));
	CHECK_OK(call_put_u64(&out, "generation",
	    is_in ? b->siblings.generation : 0));
	if (is_in) {
		CHECK_OK(call_put_bytes(&out, "meeting",
		    kk_view_text("meeting")));
		CHECK_OK(call_put_u64(&out, "epoch", b->world->epoch));
		CHECK_OK(call_put_text(&out, "code", "12345 67890"));
		transport_put(b, &out);
		media_put(b, &out);
		people_put(b, &out);
		if (b->world->lines > 0)
			lines_put(b, &out);
	}
	CHECK_OK(call_notify(b->siblings.plan_watcher, out));
	sd_json_variant_unref(out);
}

static void plan_watched(void *arg)
{
	plan_tell(arg);
}

static enum kk_err connected(void *arg, const char *fingerprint)
{
	struct box *b = arg;

	if (!b->peer->machine)
		peer_expect(b->peer, fingerprint);
	return KK_OK;
}

static const struct siblings_calls calls = { keys_watched, plan_watched,
	connected };

void fakes_open(struct box *b)
{
	siblings_open(&b->siblings, b->world->event, &calls, b);
}

/* Servers live until the boxes are gone: a call may be under way. */
void fakes_close(struct box *b)
{
	struct world *w = b->world;

	siblings_close(&b->siblings);
	CHECK(w->old_count < OLD_MAX);
	w->old[w->old_count++] = b->siblings;
	b->siblings.keys = b->siblings.room = NULL;
}
