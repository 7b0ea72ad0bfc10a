/* rules.c - which proposals may stand in one commit (RFC 9420, 12.2). */
#include "mls/group.h"

bool mls_proposal_sender_may(uint8_t sender_type, uint16_t proposal_type)
{
	switch (sender_type) {
	case MLS_SENDER_MEMBER:
		return proposal_type != MLS_PROPOSAL_EXTERNAL_INIT;
	case MLS_SENDER_EXTERNAL: /* 12.1.8 */
		return proposal_type != MLS_PROPOSAL_UPDATE &&
		    proposal_type != MLS_PROPOSAL_EXTERNAL_INIT;
	case MLS_SENDER_NEW_MEMBER_PROPOSAL:
		return proposal_type == MLS_PROPOSAL_ADD;
	default: /* 12.4.3.2 */
		return proposal_type == MLS_PROPOSAL_EXTERNAL_INIT ||
		    proposal_type == MLS_PROPOSAL_REMOVE ||
		    proposal_type == MLS_PROPOSAL_PSK;
	}
}

static size_t items_count_type(const struct mls_items *items, uint16_t type)
{
	size_t count = 0;

	for (size_t i = 0; i < items->count; i++)
		count += items->at[i].p.type == type;
	return count;
}

bool mls_items_need_path(const struct mls_items *items)
{
	for (size_t i = 0; i < items->count; i++) {
		uint16_t type = items->at[i].p.type;

		if (type != MLS_PROPOSAL_ADD && type != MLS_PROPOSAL_PSK &&
		    type != MLS_PROPOSAL_REINIT)
			return true;
	}
	return items->count == 0;
}

/* The leaf that an update or a remove touches; false for other types. */
static bool item_target(const struct mls_item *item, uint32_t *leaf)
{
	if (item->p.type == MLS_PROPOSAL_UPDATE) {
		*leaf = item->proposer.index;
		return true;
	}
	if (item->p.type == MLS_PROPOSAL_REMOVE) {
		*leaf = item->p.remove;
		return true;
	}
	return false;
}

/* One update or remove at most for each leaf, and the leaf is there. */
static enum kk_err targets_check(const struct mls_items *items,
    const struct mls_epoch *epoch)
{
	uint32_t width = epoch->tree->width;
	enum kk_err err = KK_OK;
	uint32_t leaf;
	bool *seen;

	seen = kk_calloc(width, sizeof(*seen));
	if (!seen)
		return KK_ENOMEM;
	for (size_t i = 0; !err && i < items->count; i++) {
		if (!item_target(&items->at[i], &leaf))
			continue;
		if (!mls_tree_leaf(epoch->tree, leaf))
			err = KK_ENOENT;
		else if (seen[leaf])
			err = KK_EEXIST;
		else
			seen[leaf] = true;
	}
	kk_free(seen);
	return err;
}

/* 12.1.4, 12.2: nonce length, usage, and no PSK twice. */
static enum kk_err psks_check(const struct mls_items *items,
    const struct mls_epoch *epoch)
{
	for (size_t i = 0; i < items->count; i++) {
		const struct mls_psk_id *id = &items->at[i].p.psk;

		if (items->at[i].p.type != MLS_PROPOSAL_PSK)
			continue;
		if (id->nonce.bytes != epoch->suite->hash_bytes)
			return KK_EFORMAT;
		/* Reinit and branch start a group: its first commit only. */
		if (id->type == MLS_PSK_RESUMPTION &&
		    id->usage != MLS_PSK_USAGE_APPLICATION &&
		    epoch->context.epoch != 0)
			return KK_EDENIED;
		for (size_t k = 0; k < i; k++) {
			if (items->at[k].p.type == MLS_PROPOSAL_PSK &&
			    kk_view_equal(id->raw, items->at[k].p.psk.raw))
				return KK_EEXIST;
		}
	}
	return KK_OK;
}

static enum kk_err reinit_check(const struct mls_items *items,
    const struct mls_epoch *epoch)
{
	for (size_t i = 0; i < items->count; i++) {
		const struct mls_item *item = &items->at[i];

		if (item->p.type != MLS_PROPOSAL_REINIT)
			continue;
		if (items->count != 1)
			return KK_EDENIED;
		if (item->p.reinit.version < epoch->context.version)
			return KK_EDENIED;
	}
	return KK_OK;
}

static enum kk_err member_commit_check(const struct mls_items *items,
    uint32_t committer)
{
	for (size_t i = 0; i < items->count; i++) {
		const struct mls_item *item = &items->at[i];
		uint32_t leaf;

		/* Neither an update nor the removal of the committer itself,
		 * whoever proposed it. */
		if (item_target(item, &leaf) && leaf == committer)
			return KK_EDENIED;
		/* By value it is the committer's, who may not update so. */
		if (!mls_proposal_sender_may(item->proposer.type, item->p.type))
			return KK_EDENIED;
	}
	if (items_count_type(items, MLS_PROPOSAL_GROUP_CONTEXT_EXTENSIONS) > 1)
		return KK_EEXIST;
	return KK_OK;
}

static enum kk_err external_commit_check(const struct mls_items *items)
{
	for (size_t i = 0; i < items->count; i++) {
		const struct mls_item *item = &items->at[i];

		if (item->is_by_ref ||
		    !mls_proposal_sender_may(MLS_SENDER_NEW_MEMBER_COMMIT,
			item->p.type))
			return KK_EDENIED;
	}
	if (items_count_type(items, MLS_PROPOSAL_EXTERNAL_INIT) != 1 ||
	    items_count_type(items, MLS_PROPOSAL_REMOVE) > 1)
		return KK_EDENIED;
	return KK_OK;
}

enum kk_err mls_items_check(const struct mls_items *items,
    const struct mls_epoch *epoch, struct mls_sender committer, bool has_path)
{
	enum kk_err err;

	if (!has_path && mls_items_need_path(items))
		return KK_EDENIED;
	if (committer.type == MLS_SENDER_MEMBER)
		err = member_commit_check(items, committer.index);
	else
		err = external_commit_check(items);
	if (!err)
		err = targets_check(items, epoch);
	if (!err)
		err = psks_check(items, epoch);
	if (!err)
		err = reinit_check(items, epoch);
	return err;
}
