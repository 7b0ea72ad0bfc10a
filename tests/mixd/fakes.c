/* fakes.c - the lines' keyd and roomd, as far as mixd knows them. */
#define _GNU_SOURCE /* libsystemd's macros ask for it */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "world.h"

enum { MEDIA }; /* roles */
enum { RATE = 1000, BYTES_MAX = 4096, RETIRE_MS = 10000 };
static const enum sframe_suite suite = SFRAME_AES_256_GCM_SHA512_128;

static SD_VARLINK_DEFINE_METHOD_FULL(EpochKeys, SD_VARLINK_REQUIRES_MORE,
    SD_VARLINK_DEFINE_OUTPUT(meeting, SD_VARLINK_STRING, 0),
    SD_VARLINK_DEFINE_OUTPUT(ended, SD_VARLINK_BOOL, 0),
    SD_VARLINK_DEFINE_OUTPUT(epoch, SD_VARLINK_INT, 0),
    SD_VARLINK_DEFINE_OUTPUT(suite, SD_VARLINK_INT, 0),
    SD_VARLINK_DEFINE_OUTPUT(baseKey, SD_VARLINK_STRING, 0),
    SD_VARLINK_DEFINE_OUTPUT(ownLeaf, SD_VARLINK_INT, 0),
    SD_VARLINK_DEFINE_OUTPUT(members, SD_VARLINK_STRING, 0),
    SD_VARLINK_DEFINE_OUTPUT(retireMs, SD_VARLINK_INT, 0),
    SD_VARLINK_DEFINE_OUTPUT(maySeal, SD_VARLINK_BOOL, 0));
static SD_VARLINK_DEFINE_INTERFACE(Keys, "io.konklave.Keys",
    &vl_method_EpochKeys);

static SD_VARLINK_DEFINE_METHOD_FULL(Plan, SD_VARLINK_REQUIRES_MORE,
    SD_VARLINK_DEFINE_OUTPUT(phase, SD_VARLINK_STRING, 0),
    SD_VARLINK_DEFINE_OUTPUT(generation, SD_VARLINK_INT, 0),
    SD_VARLINK_DEFINE_OUTPUT(meeting, SD_VARLINK_STRING, 0),
    SD_VARLINK_DEFINE_OUTPUT(epoch, SD_VARLINK_INT, 0),
    SD_VARLINK_DEFINE_OUTPUT(transport, SD_VARLINK_OBJECT, 0),
    SD_VARLINK_DEFINE_OUTPUT(publish, SD_VARLINK_OBJECT, SD_VARLINK_ARRAY),
    SD_VARLINK_DEFINE_OUTPUT(slots, SD_VARLINK_OBJECT, SD_VARLINK_ARRAY),
    SD_VARLINK_DEFINE_OUTPUT(people, SD_VARLINK_OBJECT, SD_VARLINK_ARRAY),
    SD_VARLINK_DEFINE_OUTPUT(lines, SD_VARLINK_OBJECT,
	SD_VARLINK_NULLABLE | SD_VARLINK_ARRAY));
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

/* --- keyd ----------------------------------------------------------------- */

void epoch_key(uint64_t epoch, uint8_t key[KEY_BYTES])
{
	for (size_t i = 0; i < KEY_BYTES; i++)
		key[i] = (uint8_t)(epoch * 59 + i * i * 31 + i * 7 + 3);
}

void keys_tell(struct world *w)
{
	const uint8_t members = 1U << FAR_LEAF | 1U << OWN_LEAF;
	sd_json_variant *out = NULL;
	uint8_t key[KEY_BYTES];

	if (!w->keys_watcher || !w->epoch)
		return;
	epoch_key(w->epoch, key);
	CHECK_OK(call_put_bytes(&out, "meeting", kk_view_text("meeting")));
	CHECK_OK(call_put_bool(&out, "ended", false));
	CHECK_OK(call_put_u64(&out, "epoch", w->epoch));
	CHECK_OK(call_put_u64(&out, "suite", suite));
	CHECK_OK(call_put_secret(&out, "baseKey",
	    kk_view_of(key, sframe_base_key_bytes(suite))));
	CHECK_OK(call_put_u64(&out, "ownLeaf", OWN_LEAF));
	CHECK_OK(call_put_bytes(&out, "members", kk_view_of(&members, 1)));
	CHECK_OK(call_put_u64(&out, "retireMs", RETIRE_MS));
	CHECK_OK(call_put_bool(&out, "maySeal", w->may_seal));
	w->may_seal = false;
	CHECK_OK(call_notify(w->keys_watcher, out));
	sd_json_variant_unref(out);
}

void epoch_next(struct world *w)
{
	const uint8_t members = 1U << FAR_LEAF | 1U << OWN_LEAF;
	struct vault_epoch epoch = { .epoch = ++w->epoch,
		.suite = suite,
		.own_leaf = FAR_LEAF,
		.members = kk_view_of(&members, 1),
		.retire_ms = RETIRE_MS,
		.may_seal = true };
	uint8_t key[KEY_BYTES];

	w->may_seal = true;
	epoch_key(w->epoch, key);
	epoch.base_key = kk_view_of(key, sframe_base_key_bytes(suite));
	CHECK_OK(vault_epoch_set(w->far.vault, &epoch, 0));
	keys_tell(w);
	plan_tell(w);
}

static enum kk_err epoch_keys(void *arg, struct call_request *rq)
{
	struct world *w = arg;

	w->keys_watcher = sd_varlink_ref(rq->link);
	rq->is_kept = true;
	keys_tell(w);
	return KK_OK;
}

/* --- roomd ---------------------------------------------------------------- */

static void transport_put(struct world *w, sd_json_variant **out)
{
	sd_json_variant *v = NULL;

	CHECK(sd_json_buildo(&v,
		  SD_JSON_BUILD_PAIR_STRING("ufrag", w->transport.ufrag),
		  SD_JSON_BUILD_PAIR_STRING("pwd", w->transport.pwd),
		  SD_JSON_BUILD_PAIR_STRING("fingerprint",
		      w->transport.fingerprint),
		  SD_JSON_BUILD_PAIR("candidates",
		      SD_JSON_BUILD_ARRAY(SD_JSON_BUILD_OBJECT(
			  SD_JSON_BUILD_PAIR_STRING("address", "127.0.0.1"),
			  SD_JSON_BUILD_PAIR_UNSIGNED("port",
			      media_port(w->media)),
			  SD_JSON_BUILD_PAIR_STRING("protocol", "udp"),
			  SD_JSON_BUILD_PAIR_UNSIGNED("priority", 2130706431),
			  SD_JSON_BUILD_PAIR_STRING("foundation", "1"),
			  SD_JSON_BUILD_PAIR_STRING("kind", "host"))))) >= 0);
	CHECK_OK(call_put_value(out, "transport", v));
	sd_json_variant_unref(v);
}

static void slots_put(struct world *w, sd_json_variant **out)
{
	sd_json_variant *list = NULL;

	for (size_t i = 0; i < SLOTS; i++) {
		const struct media_slot *s = &w->slots[i];
		sd_json_variant *v = NULL;

		CHECK(sd_json_buildo(&v,
			  SD_JSON_BUILD_PAIR_UNSIGNED("slot", s->slot),
			  SD_JSON_BUILD_PAIR_STRING("kind", "audio"),
			  SD_JSON_BUILD_PAIR_UNSIGNED("ssrc", s->ssrc),
			  SD_JSON_BUILD_PAIR_UNSIGNED("payloadType",
			      s->payload_type)) >= 0);
		CHECK_OK(call_list_add(&list, v));
		sd_json_variant_unref(v);
	}
	CHECK_OK(call_put_value(out, "slots", list));
	sd_json_variant_unref(list);
}

static void publish_put(sd_json_variant **out)
{
	sd_json_variant *v = NULL;

	CHECK(sd_json_build(&v,
		  SD_JSON_BUILD_ARRAY(SD_JSON_BUILD_OBJECT(
		      SD_JSON_BUILD_PAIR_STRING("source", "microphone"),
		      SD_JSON_BUILD_PAIR_STRING("kind", "audio"),
		      SD_JSON_BUILD_PAIR_UNSIGNED("payloadType", OPUS),
		      SD_JSON_BUILD_PAIR("ssrcs",
			  SD_JSON_BUILD_ARRAY(
			      SD_JSON_BUILD_UNSIGNED(OWN_SSRC)))))) >= 0);
	CHECK_OK(call_put_value(out, "publish", v));
	sd_json_variant_unref(v);
}

static void people_put(sd_json_variant **out)
{
	sd_json_variant *list = NULL;

	for (unsigned leaf = FAR_LEAF; leaf <= OWN_LEAF; leaf++) {
		sd_json_variant *v = NULL;

		CHECK(
		    sd_json_buildo(&v,
			SD_JSON_BUILD_PAIR_UNSIGNED("leaf", leaf),
			SD_JSON_BUILD_PAIR_STRING("name",
			    leaf == OWN_LEAF ? "Lines of Room 4" : "Far"),
			SD_JSON_BUILD_PAIR_BOOLEAN("verified", true),
			SD_JSON_BUILD_PAIR_BOOLEAN("isSelf", leaf == OWN_LEAF),
			SD_JSON_BUILD_PAIR_BOOLEAN("hasMicrophone", true),
			SD_JSON_BUILD_PAIR_BOOLEAN("hasCamera", false),
			SD_JSON_BUILD_PAIR_BOOLEAN("isSpeaking", false)) >= 0);
		CHECK_OK(call_list_add(&list, v));
		sd_json_variant_unref(v);
	}
	CHECK_OK(call_put_value(out, "people", list));
	sd_json_variant_unref(list);
}

static void line_add(sd_json_variant **list, const struct plan_line *line,
    unsigned lane)
{
	sd_json_variant *v = NULL;

	CHECK(sd_json_buildo(&v, SD_JSON_BUILD_PAIR_UNSIGNED("leaf", OWN_LEAF),
		  SD_JSON_BUILD_PAIR_STRING("id", "AAAAAAAAAAA="),
		  SD_JSON_BUILD_PAIR_STRING("label", "+49 30 123..."),
		  SD_JSON_BUILD_PAIR_UNSIGNED("sinceMs", 1),
		  SD_JSON_BUILD_PAIR_STRING("transport", "plain"),
		  SD_JSON_BUILD_PAIR_BOOLEAN("isMuted", line->is_muted),
		  SD_JSON_BUILD_PAIR_BOOLEAN("isMutedByHost",
		      line->is_muted_by_host),
		  SD_JSON_BUILD_PAIR_BOOLEAN("hasHandUp", false),
		  SD_JSON_BUILD_PAIR_UNSIGNED("lane", lane)) >= 0);
	CHECK_OK(call_list_add(list, v));
	sd_json_variant_unref(v);
}

static void lines_put(const struct world *w, sd_json_variant **out)
{
	sd_json_variant *list = NULL;

	for (unsigned i = 0; i < LANES; i++) {
		if (w->line[i].is_there)
			line_add(&list, &w->line[i], i);
	}
	if (list)
		CHECK_OK(call_put_value(out, "lines", list));
	sd_json_variant_unref(list);
}

void plan_tell(struct world *w)
{
	sd_json_variant *out = NULL;

	if (!w->plan_watcher || !w->epoch)
		return;
	CHECK_OK(call_put_text(&out, "phase", "in"));
	CHECK_OK(call_put_u64(&out, "generation", w->generation));
	CHECK_OK(call_put_bytes(&out, "meeting", kk_view_text("meeting")));
	CHECK_OK(call_put_u64(&out, "epoch", w->epoch));
	transport_put(w, &out);
	publish_put(&out);
	slots_put(w, &out);
	people_put(&out);
	lines_put(w, &out);
	CHECK_OK(call_notify(w->plan_watcher, out));
	sd_json_variant_unref(out);
}

static enum kk_err plan(void *arg, struct call_request *rq)
{
	struct world *w = arg;

	w->plan_watcher = sd_varlink_ref(rq->link);
	rq->is_kept = true;
	plan_tell(w);
	return KK_OK;
}

static enum kk_err connect_take(void *arg, struct call_request *rq)
{
	struct world *w = arg;
	sd_json_variant *sizes;
	uint64_t generation = 0;

	CHECK_OK(call_get_u64(rq->in, "generation", UINT64_MAX, &generation));
	CHECK_OK(call_get_list(rq->in, "sizes", RATE, &sizes,
	    &w->report.sizes));
	if (generation != w->generation)
		return KK_ESTATE;
	w->connects++;
	return media_transport_connect(w->peer, w->transport.number,
	    sd_json_variant_string(sd_json_variant_by_key(rq->in,
		"fingerprint")));
}

static enum kk_err report(void *arg, struct call_request *rq)
{
	struct world *w = arg;
	struct report *r = &w->report;

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

/* --- both ----------------------------------------------------------------- */

static void gone(void *arg, sd_varlink *link)
{
	struct world *w = arg;

	if (link == w->keys_watcher)
		w->keys_watcher = sd_varlink_unref(link);
	else if (link == w->plan_watcher)
		w->plan_watcher = sd_varlink_unref(link);
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
	const uid_t uid = geteuid();
	const struct call_listen listen = { .role = MEDIA,
		.path = path,
		.fd = -1,
		.uids = &uid,
		.uid_count = 1 };

	CHECK_OK(call_server_listen(server, &listen));
}

void fakes_open(struct world *w)
{
	const struct call_service keys = { .interface = &vl_interface_Keys,
		.rules = keys_rules,
		.handlers = keys_handlers,
		.rule_count = KK_ARRAY_LEN(keys_rules),
		.arg = w,
		.gone = gone };
	const struct call_service room = { .interface = &vl_interface_Room,
		.rules = room_rules,
		.handlers = room_handlers,
		.rule_count = KK_ARRAY_LEN(room_rules),
		.arg = w,
		.gone = gone };

	CHECK_OK(call_server_new(&w->keys, w->event, &keys));
	CHECK_OK(call_server_new(&w->room, w->event, &room));
	listen_at(w->keys, w->keyd);
	listen_at(w->room, w->roomd);
}

void fakes_close(struct world *w)
{
	call_server_free(w->keys);
	call_server_free(w->room);
	(void)unlink(w->keyd);
	(void)unlink(w->roomd);
}
