/* keystore.c - the class: names checked, calls handed to a kind of store. */
#include <stdlib.h>
#include <string.h>

#include "drivers/keystore/keystore_internal.h"

struct keystore {
	const struct keystore_ops *ops;
	void *ctx;
};

struct keystore_type keystore_type_sig(enum crypto_sig sig)
{
	return (struct keystore_type){ KEYSTORE_SIG, (uint16_t)sig };
}

struct keystore_type keystore_type_kem(enum crypto_kem kem)
{
	return (struct keystore_type){ KEYSTORE_KEM, (uint16_t)kem };
}

enum kk_err keystore_new(struct keystore **storep,
    const struct keystore_ops *ops, void *ctx)
{
	struct keystore *store = kk_calloc(1, sizeof(*store));

	if (!store) {
		ops->free(ctx);
		return KK_ENOMEM;
	}
	*store = (struct keystore){ ops, ctx };
	*storep = store;
	return KK_OK;
}

void keystore_free(struct keystore *store)
{
	if (!store)
		return;
	store->ops->free(store->ctx);
	kk_free(store);
}

/* Names become file names: nothing in them may lead elsewhere. */
bool keystore_name_is_ok(const char *name)
{
	size_t bytes = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-");

	return bytes > 0 && bytes <= KEYSTORE_NAME_MAX_BYTES &&
	    name[bytes] == '\0';
}

enum kk_err keystore_generate(struct keystore *store, const char *name,
    struct keystore_type type, enum keystore_mode mode,
    struct crypto_key **keyp)
{
	if (!keystore_name_is_ok(name))
		return KK_EINVAL;
	return store->ops->generate(store->ctx, name, type, mode, keyp);
}

enum kk_err keystore_find(struct keystore *store, const char *name,
    struct keystore_type *type, struct crypto_key **keyp)
{
	struct keystore_type found;
	enum kk_err err;

	if (!keystore_name_is_ok(name))
		return KK_EINVAL;
	err = store->ops->find(store->ctx, name, &found, keyp);
	if (!err && type)
		*type = found;
	return err;
}

static int name_order(const void *a, const void *b)
{
	const struct keystore_name *na = a, *nb = b;

	return strcmp(na->text, nb->text);
}

enum kk_err keystore_list(struct keystore *store, struct keystore_name *names,
    size_t *count)
{
	const size_t room = *count;
	size_t found = 0;
	enum kk_err err;

	*count = 0;
	err = store->ops->list(store->ctx, names, room, &found);
	if (!err && found > room)
		err = KK_ENOSPC;
	if (err)
		return err;
	if (found > 1)
		qsort(names, found, sizeof(*names), name_order);
	*count = found;
	return KK_OK;
}

enum kk_err keystore_delete(struct keystore *store, const char *name)
{
	if (!keystore_name_is_ok(name))
		return KK_EINVAL;
	return store->ops->delete(store->ctx, name);
}

bool keystore_is_silent(const struct keystore *store)
{
	return store->ops->is_silent && store->ops->is_silent(store->ctx);
}
