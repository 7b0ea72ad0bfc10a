/* siblings.c - keyd and roomd, played. */
#define _GNU_SOURCE /* libsystemd's macros ask for it */
#include "siblings.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "harness/tap.h"

enum { MEDIA }; /* roles */
enum { RATE = 1000, BYTES_MAX = 4096, SIZES_MAX = 16 };

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

/* --- keyd ----------------------------------------------------------------- */

void siblings_key(uint64_t epoch, uint8_t key[SIBLINGS_KEY_BYTES])
{
	for (size_t i = 0; i < SIBLINGS_KEY_BYTES; i++)
		key[i] = (uint8_t)(epoch * 59 + i * i * 31 + i * 7 + 3);
}

void siblings_epoch_tell(struct siblings *s, const struct siblings_epoch *of)
{
	uint8_t key[SIBLINGS_KEY_BYTES];
	sd_json_variant *out = NULL;

	siblings_key(of->epoch, key);
	CHECK_OK(call_put_bytes(&out, "meeting", kk_view_text("meeting")));
	CHECK_OK(call_put_bool(&out, "ended", false));
	CHECK_OK(call_put_u64(&out, "epoch", of->epoch));
	CHECK_OK(call_put_u64(&out, "suite", SIBLINGS_SUITE));
	CHECK_OK(call_put_secret(&out, "baseKey",
	    kk_view_of(key, sframe_base_key_bytes(SIBLINGS_SUITE))));
	CHECK_OK(call_put_u64(&out, "ownLeaf", of->own_leaf));
	CHECK_OK(call_put_bytes(&out, "members", kk_view_of(&of->members, 1)));
	CHECK_OK(call_put_u64(&out, "retireMs", SIBLINGS_RETIRE_MS));
	CHECK_OK(call_put_bool(&out, "maySeal", of->may_seal));
	CHECK_OK(call_notify(s->keys_watcher, out));
	sd_json_variant_unref(out);
}

void siblings_end_tell(struct siblings *s)
{
	sd_json_variant *out = NULL;

	CHECK_OK(call_put_bytes(&out, "meeting", kk_view_text("meeting")));
	CHECK_OK(call_put_bool(&out, "ended", true));
	CHECK_OK(call_notify(s->keys_watcher, out));
	sd_json_variant_unref(out);
}

static enum kk_err epoch_keys(void *arg, struct call_request *rq)
{
	struct siblings *s = arg;

	s->keys_watcher = sd_varlink_ref(rq->link);
	rq->is_kept = true;
	s->calls->keys_watched(s->arg);
	return KK_OK;
}

/* --- roomd ---------------------------------------------------------------- */

sd_json_variant *siblings_transport(const struct siblings_transport *t)
{
	sd_json_variant *v = NULL;

	CHECK(sd_json_buildo(&v, SD_JSON_BUILD_PAIR_STRING("ufrag", t->ufrag),
		  SD_JSON_BUILD_PAIR_STRING("pwd", t->pwd),
		  SD_JSON_BUILD_PAIR_STRING("fingerprint", t->fingerprint),
		  SD_JSON_BUILD_PAIR("candidates",
		      SD_JSON_BUILD_ARRAY(SD_JSON_BUILD_OBJECT(
			  SD_JSON_BUILD_PAIR_STRING("address", "127.0.0.1"),
			  SD_JSON_BUILD_PAIR_UNSIGNED("port", t->port),
			  SD_JSON_BUILD_PAIR_STRING("protocol", "udp"),
			  SD_JSON_BUILD_PAIR_UNSIGNED("priority", 2130706431),
			  SD_JSON_BUILD_PAIR_STRING("foundation", "1"),
			  SD_JSON_BUILD_PAIR_STRING("kind", "host"))))) >= 0);
	return v;
}

static enum kk_err plan(void *arg, struct call_request *rq)
{
	struct siblings *s = arg;

	s->plan_watcher = sd_varlink_ref(rq->link);
	rq->is_kept = true;
	s->calls->plan_watched(s->arg);
	return KK_OK;
}

static enum kk_err connect_take(void *arg, struct call_request *rq)
{
	struct siblings *s = arg;
	sd_json_variant *sizes;
	uint64_t generation = 0;

	CHECK_OK(call_get_u64(rq->in, "generation", UINT64_MAX, &generation));
	CHECK_OK(call_get_list(rq->in, "sizes", SIZES_MAX, &sizes,
	    &s->report.sizes));
	if (generation != s->generation)
		return KK_ESTATE;
	s->connects++;
	return s->calls->connected(s->arg,
	    sd_json_variant_string(sd_json_variant_by_key(rq->in,
		"fingerprint")));
}

static enum kk_err report(void *arg, struct call_request *rq)
{
	struct siblings *s = arg;
	struct siblings_report *r = &s->report;

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
	struct siblings *s = arg;

	if (link == s->keys_watcher)
		s->keys_watcher = sd_varlink_unref(link);
	else if (link == s->plan_watcher)
		s->plan_watcher = sd_varlink_unref(link);
}

#define RULE(name) \
	{ name, CALL_ROLE(MEDIA), CALL_ANY_STATE, RATE, 0, BYTES_MAX }

static const struct call_rule keys_rules[] = {
	RULE("io.konklave.Keys.EpochKeys"),
};
static call_handler *const keys_handlers[] = { epoch_keys };
static const struct call_rule room_rules[] = {
	RULE("io.konklave.Room.Plan"),
	RULE("io.konklave.Room.Connect"),
	RULE("io.konklave.Room.Report"),
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

	(void)unlink(path);
	CHECK_OK(call_server_listen(server, &listen));
}

void siblings_open(struct siblings *s, sd_event *event,
    const struct siblings_calls *calls, void *arg)
{
	const struct call_service keys = { .interface = &vl_interface_Keys,
		.rules = keys_rules,
		.handlers = keys_handlers,
		.rule_count = KK_ARRAY_LEN(keys_rules),
		.arg = s,
		.gone = gone };
	const struct call_service room = { .interface = &vl_interface_Room,
		.rules = room_rules,
		.handlers = room_handlers,
		.rule_count = KK_ARRAY_LEN(room_rules),
		.arg = s,
		.gone = gone };

	s->calls = calls;
	s->arg = arg;
	CHECK_OK(call_server_new(&s->keys, event, &keys));
	CHECK_OK(call_server_new(&s->room, event, &room));
	listen_at(s->keys, s->keyd);
	listen_at(s->room, s->roomd);
}

void siblings_close(struct siblings *s)
{
	sd_varlink *watchers[] = { s->keys_watcher, s->plan_watcher };

	s->keys_watcher = s->plan_watcher = NULL; /* gone() is told */
	for (size_t i = 0; i < KK_ARRAY_LEN(watchers); i++)
		sd_varlink_close_unref(watchers[i]);
	(void)unlink(s->keyd);
	(void)unlink(s->roomd);
}

void siblings_free(struct siblings *s)
{
	call_server_free(s->keys);
	call_server_free(s->room);
	s->keys = s->room = NULL;
}
