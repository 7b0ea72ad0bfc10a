/* fakes.c - the lines' keyd and roomd, as far as mixd knows them. */
#define _GNU_SOURCE /* libsystemd's macros ask for it */
#include "world.h"

void keys_tell(struct world *w)
{
	const struct siblings_epoch epoch = { w->epoch, OWN_LEAF,
		1U << FAR_LEAF | 1U << OWN_LEAF, w->may_seal };

	if (!w->siblings.keys_watcher || !w->epoch)
		return;
	w->may_seal = false;
	siblings_epoch_tell(&w->siblings, &epoch);
}

void epoch_next(struct world *w)
{
	const uint8_t members = 1U << FAR_LEAF | 1U << OWN_LEAF;
	struct vault_epoch epoch = { .epoch = ++w->epoch,
		.suite = SIBLINGS_SUITE,
		.own_leaf = FAR_LEAF,
		.members = kk_view_of(&members, 1),
		.retire_ms = SIBLINGS_RETIRE_MS,
		.may_seal = true };
	uint8_t key[SIBLINGS_KEY_BYTES];

	w->may_seal = true;
	siblings_key(w->epoch, key);
	epoch.base_key = kk_view_of(key, sframe_base_key_bytes(SIBLINGS_SUITE));
	CHECK_OK(vault_epoch_set(w->far.vault, &epoch, 0));
	keys_tell(w);
	plan_tell(w);
}

static void transport_put(struct world *w, sd_json_variant **out)
{
	const struct siblings_transport transport = { w->transport.ufrag,
		w->transport.pwd, w->transport.fingerprint,
		media_port(w->media) };
	sd_json_variant *v = siblings_transport(&transport);

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

	if (!w->siblings.plan_watcher || !w->epoch)
		return;
	CHECK_OK(call_put_text(&out, "phase", "in"));
	CHECK_OK(call_put_u64(&out, "generation", w->siblings.generation));
	CHECK_OK(call_put_bytes(&out, "meeting", kk_view_text("meeting")));
	CHECK_OK(call_put_u64(&out, "epoch", w->epoch));
	transport_put(w, &out);
	publish_put(&out);
	slots_put(w, &out);
	people_put(&out);
	lines_put(w, &out);
	CHECK_OK(call_notify(w->siblings.plan_watcher, out));
	sd_json_variant_unref(out);
}

static void keys_watched(void *arg)
{
	keys_tell(arg);
}

static void plan_watched(void *arg)
{
	plan_tell(arg);
}

static enum kk_err connected(void *arg, const char *fingerprint)
{
	struct world *w = arg;

	return media_transport_connect(w->peer, w->transport.number,
	    fingerprint);
}

static const struct siblings_calls calls = { keys_watched, plan_watched,
	connected };

void fakes_open(struct world *w)
{
	siblings_open(&w->siblings, w->event, &calls, w);
}

void fakes_close(struct world *w)
{
	siblings_close(&w->siblings);
	siblings_free(&w->siblings);
}
