/* fakes.c - keyd and roomd, as far as mediad knows them. */
#define _GNU_SOURCE /* libsystemd's macros ask for it */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sframe/sframe.h"
#include "../pipelines/link/coturn.h"
#include "world.h"

enum { MEDIA }; /* roles */
enum { RATE = 1000, BYTES_MAX = 4096 };

static SD_VARLINK_DEFINE_METHOD_FULL(EpochKeys, SD_VARLINK_REQUIRES_MORE,
    SD_VARLINK_DEFINE_OUTPUT(meeting, SD_VARLINK_STRING, 0),
    SD_VARLINK_DEFINE_OUTPUT(ended, SD_VARLINK_BOOL, 0),
    SD_VARLINK_DEFINE_OUTPUT(epoch, SD_VARLINK_INT, SD_VARLINK_NULLABLE),
    SD_VARLINK_DEFINE_OUTPUT(suite, SD_VARLINK_INT, SD_VARLINK_NULLABLE),
    SD_VARLINK_DEFINE_OUTPUT(baseKey, SD_VARLINK_STRING, SD_VARLINK_NULLABLE),
    SD_VARLINK_DEFINE_OUTPUT(ownLeaf, SD_VARLINK_INT, SD_VARLINK_NULLABLE),
    SD_VARLINK_DEFINE_OUTPUT(members, SD_VARLINK_STRING, SD_VARLINK_NULLABLE),
    SD_VARLINK_DEFINE_OUTPUT(retireMs, SD_VARLINK_INT, SD_VARLINK_NULLABLE),
    SD_VARLINK_DEFINE_OUTPUT(maySeal, SD_VARLINK_BOOL, SD_VARLINK_NULLABLE));
static SD_VARLINK_DEFINE_INTERFACE(Keys, "io.konklave.Keys",
    &vl_method_EpochKeys);

static SD_VARLINK_DEFINE_METHOD_FULL(Plan, SD_VARLINK_REQUIRES_MORE,
    SD_VARLINK_DEFINE_OUTPUT(phase, SD_VARLINK_STRING, 0),
    SD_VARLINK_DEFINE_OUTPUT(generation, SD_VARLINK_INT, 0),
    SD_VARLINK_DEFINE_OUTPUT(meeting, SD_VARLINK_STRING, SD_VARLINK_NULLABLE),
    SD_VARLINK_DEFINE_OUTPUT(epoch, SD_VARLINK_INT, SD_VARLINK_NULLABLE),
    SD_VARLINK_DEFINE_OUTPUT(code, SD_VARLINK_STRING, SD_VARLINK_NULLABLE),
    SD_VARLINK_DEFINE_OUTPUT(transport, SD_VARLINK_OBJECT, SD_VARLINK_NULLABLE),
    SD_VARLINK_DEFINE_OUTPUT(publish, SD_VARLINK_OBJECT,
	SD_VARLINK_NULLABLE | SD_VARLINK_ARRAY),
    SD_VARLINK_DEFINE_OUTPUT(slots, SD_VARLINK_OBJECT,
	SD_VARLINK_NULLABLE | SD_VARLINK_ARRAY),
    SD_VARLINK_DEFINE_OUTPUT(people, SD_VARLINK_OBJECT,
	SD_VARLINK_NULLABLE | SD_VARLINK_ARRAY),
    SD_VARLINK_DEFINE_OUTPUT(lines, SD_VARLINK_OBJECT,
	SD_VARLINK_NULLABLE | SD_VARLINK_ARRAY),
    SD_VARLINK_DEFINE_OUTPUT(isLocked, SD_VARLINK_BOOL, SD_VARLINK_NULLABLE),
    SD_VARLINK_DEFINE_OUTPUT(label, SD_VARLINK_STRING, SD_VARLINK_NULLABLE));
static SD_VARLINK_DEFINE_METHOD(Connect,
    SD_VARLINK_DEFINE_INPUT(generation, SD_VARLINK_INT, 0),
    SD_VARLINK_DEFINE_INPUT(fingerprint, SD_VARLINK_STRING, 0),
    SD_VARLINK_DEFINE_INPUT(sizes, SD_VARLINK_OBJECT, SD_VARLINK_ARRAY));
static SD_VARLINK_DEFINE_METHOD(Report,
    SD_VARLINK_DEFINE_INPUT(generation, SD_VARLINK_INT, 0),
    SD_VARLINK_DEFINE_INPUT(state, SD_VARLINK_STRING, 0),
    SD_VARLINK_DEFINE_INPUT(isSpeaking, SD_VARLINK_BOOL, 0),
    SD_VARLINK_DEFINE_INPUT(hasMicrophone, SD_VARLINK_BOOL, 0),
    SD_VARLINK_DEFINE_INPUT(hasCamera, SD_VARLINK_BOOL, 0),
    SD_VARLINK_DEFINE_INPUT(needsEpoch, SD_VARLINK_BOOL, 0));
static SD_VARLINK_DEFINE_INTERFACE(Room, "io.konklave.Room", &vl_method_Plan,
    &vl_method_Connect, &vl_method_Report);

void epoch_key(uint64_t epoch, uint8_t key[KEY_BYTES])
{
	for (size_t i = 0; i < KEY_BYTES; i++)
		key[i] = (uint8_t)(epoch * 59 + i * i * 31 + i * 7 + 3);
}

void keys_tell(struct box *b)
{
	const struct world *w = b->world;
	uint8_t key[KEY_BYTES], members = (uint8_t)w->members;
	sd_json_variant *out = NULL;

	epoch_key(w->epoch, key);
	CHECK_OK(call_put_bytes(&out, "meeting", kk_view_text("meeting")));
	CHECK_OK(call_put_bool(&out, "ended", false));
	CHECK_OK(call_put_u64(&out, "epoch", w->epoch));
	CHECK_OK(call_put_u64(&out, "suite", SFRAME_AES_256_GCM_SHA512_128));
	CHECK_OK(call_put_secret(&out, "baseKey",
	    kk_view_of(key,
		sframe_base_key_bytes(SFRAME_AES_256_GCM_SHA512_128))));
	CHECK_OK(call_put_u64(&out, "ownLeaf", b->number));
	CHECK_OK(call_put_bytes(&out, "members", kk_view_of(&members, 1)));
	CHECK_OK(call_put_u64(&out, "retireMs", 10000));
	CHECK_OK(call_put_bool(&out, "maySeal", b->may_seal));
	b->may_seal = false;
	CHECK_OK(call_notify(b->keys_watcher, out));
	sd_json_variant_unref(out);
}

void keys_end(struct box *b)
{
	sd_json_variant *out = NULL;

	CHECK_OK(call_put_bytes(&out, "meeting", kk_view_text("meeting")));
	CHECK_OK(call_put_bool(&out, "ended", true));
	CHECK_OK(call_notify(b->keys_watcher, out));
	sd_json_variant_unref(out);
}

static enum kk_err epoch_keys(void *arg, struct call_request *rq)
{
	struct box *b = arg;

	b->keys_watcher = sd_varlink_ref(rq->link);
	rq->is_kept = true;
	if (b->world->epoch)
		keys_tell(b);
	return KK_OK;
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
	sd_json_variant *v = NULL;

	CHECK(
	    sd_json_buildo(&v,
		SD_JSON_BUILD_PAIR_STRING("ufrag", b->peer->ufrag),
		SD_JSON_BUILD_PAIR_STRING("pwd", b->peer->pwd),
		SD_JSON_BUILD_PAIR_STRING("fingerprint",
		    dtls_identity_fingerprint_text(b->peer->identity)),
		SD_JSON_BUILD_PAIR("candidates",
		    SD_JSON_BUILD_ARRAY(SD_JSON_BUILD_OBJECT(
			SD_JSON_BUILD_PAIR_STRING("address", "127.0.0.1"),
			SD_JSON_BUILD_PAIR_UNSIGNED("port", peer_port(b->peer)),
			SD_JSON_BUILD_PAIR_STRING("protocol", "udp"),
			SD_JSON_BUILD_PAIR_UNSIGNED("priority", 2130706431),
			SD_JSON_BUILD_PAIR_STRING("foundation", "1"),
			SD_JSON_BUILD_PAIR_STRING("kind", "host"))))) >= 0);
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

	if (!b->plan_watcher)
		return;
	CHECK_OK(call_put_text(&out, "phase", is_in ? "in" : "connecting"));
	CHECK_OK(call_put_u64(&out, "generation", is_in ? b->generation : 0));
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
	CHECK_OK(call_notify(b->plan_watcher, out));
	sd_json_variant_unref(out);
}

static enum kk_err plan(void *arg, struct call_request *rq)
{
	struct box *b = arg;

	b->plan_watcher = sd_varlink_ref(rq->link);
	rq->is_kept = true;
	plan_tell(b);
	return KK_OK;
}

static enum kk_err connect_take(void *arg, struct call_request *rq)
{
	struct box *b = arg;
	uint64_t generation = 0;

	CHECK_OK(call_get_u64(rq->in, "generation", UINT64_MAX, &generation));
	if (generation != b->generation)
		return KK_ESTATE;
	b->connects++;
	if (!b->peer->machine)
		peer_expect(b->peer,
		    sd_json_variant_string(sd_json_variant_by_key(rq->in,
			"fingerprint")));
	return KK_OK;
}

static enum kk_err report(void *arg, struct call_request *rq)
{
	struct box *b = arg;
	struct report *r = &b->report;

	CHECK_OK(call_get_u64(rq->in, "generation", UINT64_MAX,
	    &r->generation));
	(void)snprintf(r->state, sizeof(r->state), "%s",
	    sd_json_variant_string(sd_json_variant_by_key(rq->in, "state")));
	CHECK_OK(call_get_bool(rq->in, "isSpeaking", &r->is_speaking));
	CHECK_OK(call_get_bool(rq->in, "hasMicrophone", &r->has_microphone));
	CHECK_OK(call_get_bool(rq->in, "hasCamera", &r->has_camera));
	CHECK_OK(call_get_bool(rq->in, "needsEpoch", &r->needs_epoch));
	r->count++;
	return KK_OK;
}

static void keys_gone(void *arg, sd_varlink *link)
{
	struct box *b = arg;

	if (b->keys_watcher != link)
		return;
	b->keys_watcher = NULL;
	sd_varlink_unref(link);
}

static void plan_gone(void *arg, sd_varlink *link)
{
	struct box *b = arg;

	if (b->plan_watcher != link)
		return;
	b->plan_watcher = NULL;
	sd_varlink_unref(link);
}

static const struct call_rule keys_rules[] = {
	{ "io.konklave.Keys.EpochKeys", CALL_ROLE(MEDIA), CALL_ANY_STATE, RATE,
	    0, BYTES_MAX },
};
static call_handler *const keys_handlers[] = { epoch_keys };
static const struct call_rule room_rules[] = {
	{ "io.konklave.Room.Plan", CALL_ROLE(MEDIA), CALL_ANY_STATE, RATE, 0,
	    BYTES_MAX },
	{ "io.konklave.Room.Connect", CALL_ROLE(MEDIA), CALL_ANY_STATE, RATE, 0,
	    BYTES_MAX },
	{ "io.konklave.Room.Report", CALL_ROLE(MEDIA), CALL_ANY_STATE, RATE, 0,
	    BYTES_MAX },
};
static call_handler *const room_handlers[] = { plan, connect_take, report };

static void listen_at(struct call_server *server, const char *path)
{
	uid_t uid = geteuid();
	struct call_listen listen = { .role = MEDIA,
		.path = path,
		.fd = -1,
		.uids = &uid,
		.uid_count = 1 };

	(void)unlink(path);
	CHECK_OK(call_server_listen(server, &listen));
}

void fakes_open(struct box *b)
{
	struct call_service keys = { .interface = &vl_interface_Keys,
		.rules = keys_rules,
		.handlers = keys_handlers,
		.rule_count = KK_ARRAY_LEN(keys_rules),
		.arg = b,
		.gone = keys_gone };
	struct call_service room = { .interface = &vl_interface_Room,
		.rules = room_rules,
		.handlers = room_handlers,
		.rule_count = KK_ARRAY_LEN(room_rules),
		.arg = b,
		.gone = plan_gone };

	CHECK_OK(call_server_new(&b->keys, b->world->event, &keys));
	CHECK_OK(call_server_new(&b->room, b->world->event, &room));
	listen_at(b->keys, b->keyd);
	listen_at(b->room, b->roomd);
}

/* Servers live until the boxes are gone: a call may be under way. */
void fakes_close(struct box *b)
{
	struct world *w = b->world;

	sd_varlink *watchers[] = { b->keys_watcher, b->plan_watcher };

	b->keys_watcher = b->plan_watcher = NULL; /* gone() is told */
	for (size_t i = 0; i < KK_ARRAY_LEN(watchers); i++)
		sd_varlink_close_unref(watchers[i]);
	CHECK(w->old_count + 2 <= SERVERS_MAX);
	w->old[w->old_count++] = b->keys;
	w->old[w->old_count++] = b->room;
	b->keys = b->room = NULL;
	(void)unlink(b->keyd);
	(void)unlink(b->roomd);
}
