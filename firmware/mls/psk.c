/* psk.c - pre-shared keys: finding them and mixing them (RFC 9420, 8.4). */
#include "mls/group.h"

/* A resumption PSK of this very group, from what was kept of past epochs. */
static const struct mls_secret *own_resumption(const struct mls_group *group,
    const struct mls_psk_id *id)
{
	if (!group || id->type != MLS_PSK_RESUMPTION ||
	    !kk_view_equal(id->group_id, group->now->context.group_id))
		return NULL;
	if (id->epoch == group->now->context.epoch)
		return &group->now->secrets.resumption;
	for (uint32_t i = 0; i < group->resumption_count; i++) {
		if (group->resumption[i].epoch == id->epoch)
			return &group->resumption[i].psk;
	}
	return NULL;
}

static enum kk_err psk_find(const struct mls_group *group,
    const struct mls_client *client, const struct crypto_suite *suite,
    const struct mls_psk_id *id, struct kk_bytes *secret)
{
	const struct mls_hooks *hooks = &client->config.hooks;
	const struct mls_secret *own = own_resumption(group, id);

	*secret = (struct kk_bytes){ 0 };
	if (own)
		return kk_bytes_copy(secret, mls_secret_view(suite, own));
	if (!hooks->psk)
		return KK_ENOENT;
	return hooks->psk(hooks->arg, id, secret);
}

bool mls_psk_is_known(const struct mls_group *group,
    const struct mls_psk_id *id)
{
	struct kk_bytes secret;
	enum kk_err err = psk_find(group, group->client, group->now->suite, id,
	    &secret);

	kk_bytes_clear(&secret);
	return !err;
}

struct psk_list {
	struct mls_psk_input *inputs;
	struct kk_bytes *secrets;
	size_t count;
};

static enum kk_err list_new(struct psk_list *list, size_t room)
{
	*list = (struct psk_list){ 0 };
	list->inputs = kk_calloc(room, sizeof(*list->inputs));
	list->secrets = kk_calloc(room, sizeof(*list->secrets));
	return list->inputs && list->secrets ? KK_OK : KK_ENOMEM;
}

static void list_clear(struct psk_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		kk_bytes_clear(&list->secrets[i]);
	kk_free(list->inputs);
	kk_free(list->secrets);
}

static enum kk_err list_append(struct psk_list *list,
    const struct mls_group *group, const struct mls_client *client,
    const struct crypto_suite *suite, const struct mls_psk_id *id)
{
	struct kk_bytes *secret = &list->secrets[list->count];
	enum kk_err err = psk_find(group, client, suite, id, secret);

	if (err)
		return err;
	list->inputs[list->count].id = id->raw;
	list->inputs[list->count].secret = kk_bytes_view(secret);
	list->count++;
	return KK_OK;
}

enum kk_err mls_items_psk_secret(const struct mls_items *items,
    const struct mls_group *group, const struct mls_client *client,
    const struct crypto_suite *suite, struct mls_secret *out)
{
	struct psk_list list;
	enum kk_err err = list_new(&list, items->count);

	for (size_t i = 0; !err && i < items->count; i++) {
		if (items->at[i].p.type == MLS_PROPOSAL_PSK)
			err = list_append(&list, group, client, suite,
			    &items->at[i].p.psk);
	}
	if (!err)
		err = mls_schedule_psk(suite, list.inputs, list.count, out);
	list_clear(&list);
	return err;
}

enum kk_err mls_psk_list_secret(struct kk_view psks, size_t count,
    const struct mls_group *group, const struct mls_client *client,
    const struct crypto_suite *suite, struct mls_secret *out)
{
	struct psk_list list;
	struct kk_reader r;
	enum kk_err err = list_new(&list, count);

	kk_reader_init(&r, psks);
	while (!err && list.count < count && kk_reader_more(&r)) {
		struct mls_psk_id id;

		mls_psk_id_read(&r, &id);
		err = r.err;
		if (!err)
			err = list_append(&list, group, client, suite, &id);
	}
	if (!err)
		err = kk_reader_end(&r);
	if (!err)
		err = mls_schedule_psk(suite, list.inputs, list.count, out);
	list_clear(&list);
	return err;
}

void mls_psk_want_write(struct kk_writer *w, const struct mls_psk_want *want,
    const struct crypto_suite *suite)
{
	uint8_t nonce[MLS_HASH_MAX_BYTES];
	struct mls_psk_id id = {
		.type = (uint8_t)want->type,
		.id = want->id,
		.usage = (uint8_t)want->usage,
		.group_id = want->group_id,
		.epoch = want->epoch,
		.nonce = { nonce, suite->hash_bytes },
	};
	enum kk_err err = crypto_random(nonce, suite->hash_bytes);

	if (err)
		kk_writer_fail(w, err);
	mls_psk_id_write(w, &id);
}
