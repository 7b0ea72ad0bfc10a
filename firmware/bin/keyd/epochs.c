/* epochs.c - each epoch's base key, to the media processes alone. */
#include "keyd.h"
#include "sframe/sframe.h" /* the exporter's label; nothing of it is linked */

enum { MEMBERS_BYTES = SFRAME_SENDERS_MAX / 8 };

static size_t members_write(const struct mls_group *group,
    uint8_t map[MEMBERS_BYTES])
{
	uint32_t end = mls_group_leaf_end(group);

	if (end > SFRAME_SENDERS_MAX)
		end = SFRAME_SENDERS_MAX;
	for (uint32_t i = 0; i < end; i++) {
		if (mls_group_member(group, i))
			map[i / 8] |= (uint8_t)(1 << i % 8);
	}
	return (end + 7) / 8;
}

static enum kk_err keys_put(const struct keyd_meeting *m, bool may_seal,
    sd_json_variant **out)
{
	uint8_t map[MEMBERS_BYTES] = { 0 }, key[KEYD_BASE_KEY_BYTES];
	size_t map_bytes = members_write(m->group, map);
	enum kk_err err;

	err = mls_group_export(m->group, SFRAME_EXPORTER_LABEL,
	    (struct kk_view){ 0 }, key, sizeof(key));
	if (!err)
		err = call_put_u64(out, "epoch", mls_group_epoch(m->group));
	if (!err)
		err = call_put_u64(out, "suite", KEYD_SFRAME_SUITE);
	if (!err)
		err = call_put_secret(out, "baseKey",
		    kk_view_of(key, sizeof(key)));
	if (!err)
		err = call_put_u64(out, "ownLeaf",
		    mls_group_own_leaf(m->group));
	if (!err)
		err = call_put_bytes(out, "members",
		    kk_view_of(map, map_bytes));
	if (!err)
		err = call_put_u64(out, "retireMs", KEYD_RETIRE_MS);
	if (!err)
		err = call_put_bool(out, "maySeal", may_seal);
	kk_wipe(key, sizeof(key));
	return err;
}

/* A watcher that cannot be told is cut off: it would go on with old keys. */
static void watch_tell(struct keyd *k, struct keyd_watch *w,
    struct keyd_meeting *m, bool is_ended)
{
	/* Two senders under one leaf and key would repeat each nonce
	 * (RFC 9605, 9.1): mediad seals for this leaf, and once. */
	bool may_seal = w->role == KEYD_MEDIA && m->may_seal;
	sd_json_variant *out = NULL;
	enum kk_err err;

	err = call_put_bytes(&out, "meeting", meeting_keys_id(m->keys));
	if (!err)
		err = call_put_bool(&out, "ended", is_ended);
	if (!err && !is_ended) {
		if (may_seal)
			m->may_seal = false;
		err = keys_put(m, may_seal, &out);
	}
	if (!err)
		err = call_notify(w->link, out);
	sd_json_variant_unref(out);
	if (!err)
		return;
	kk_log(&k->log, KK_LOG_WARNING, "a watcher is cut off err=%s",
	    kk_err_name(err));
	(void)sd_varlink_close(w->link);
}

enum kk_err keyd_epochs_watch(void *arg, struct call_request *rq)
{
	struct keyd *k = arg;

	for (size_t i = 0; i < KEYD_WATCHES_MAX; i++) {
		struct keyd_watch *w = &k->watches[i];

		if (w->link)
			continue;
		*w = (struct keyd_watch){ sd_varlink_ref(rq->link), rq->role };
		rq->is_kept = true;
		for (struct keyd_meeting *m = k->meetings; m && w->link;
		    m = m->next) {
			if (m->phase == KEYD_JOINED)
				watch_tell(k, w, m, false);
		}
		return KK_OK;
	}
	return KK_ELIMIT;
}

void keyd_epochs_gone(void *arg, sd_varlink *link)
{
	struct keyd *k = arg;

	for (size_t i = 0; i < KEYD_WATCHES_MAX; i++) {
		if (k->watches[i].link == link)
			k->watches[i].link = sd_varlink_unref(link);
	}
}

static void all_tell(struct keyd *k, struct keyd_meeting *m, bool is_ended)
{
	for (size_t i = 0; i < KEYD_WATCHES_MAX; i++) {
		if (k->watches[i].link)
			watch_tell(k, &k->watches[i], m, is_ended);
	}
}

void keyd_epochs_tell(struct keyd *k, struct keyd_meeting *m)
{
	all_tell(k, m, false);
}

void keyd_epochs_end(struct keyd *k, struct keyd_meeting *m)
{
	all_tell(k, m, true);
}
