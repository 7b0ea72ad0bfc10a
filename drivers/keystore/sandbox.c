/* sandbox.c - a key store in memory, for tests and a PC without hardware. */
#include <string.h>

#include "drivers/keystore/keystore_internal.h"

struct sandbox_entry {
	struct keystore_name name;
	struct keystore_pair *pair; /* NULL: the entry is free */
};

struct sandbox {
	struct sandbox_entry entries[KEYSTORE_KEYS_MAX];
};

static struct sandbox_entry *entry_find(struct sandbox *box, const char *name)
{
	for (size_t i = 0; i < KEYSTORE_KEYS_MAX; i++)
		if (box->entries[i].pair &&
		    strcmp(box->entries[i].name.text, name) == 0)
			return &box->entries[i];
	return NULL;
}

static struct sandbox_entry *entry_get_free(struct sandbox *box)
{
	for (size_t i = 0; i < KEYSTORE_KEYS_MAX; i++)
		if (!box->entries[i].pair)
			return &box->entries[i];
	return NULL;
}

static enum kk_err sandbox_generate(void *ctx, const char *name,
    struct keystore_type type, enum keystore_mode mode,
    struct crypto_key **keyp)
{
	struct sandbox_entry *entry = entry_find(ctx, name);
	struct keystore_pair *pair;
	enum kk_err err;

	if (entry && mode == KEYSTORE_NEW)
		return KK_EEXIST;
	if (!entry)
		entry = entry_get_free(ctx);
	if (!entry)
		return KK_ELIMIT;
	err = keystore_pair_new(&pair, type);
	if (err)
		return err;
	err = keystore_handle_new(keyp, pair);
	if (err) {
		keystore_pair_free(pair);
		return err;
	}
	keystore_pair_free(entry->pair);
	entry->pair = pair;
	memset(&entry->name, 0, sizeof(entry->name));
	memcpy(entry->name.text, name, strlen(name));
	return KK_OK;
}

static enum kk_err sandbox_find(void *ctx, const char *name,
    struct keystore_type *type, struct crypto_key **keyp)
{
	struct sandbox_entry *entry = entry_find(ctx, name);

	if (!entry)
		return KK_ENOENT;
	*type = entry->pair->type;
	return keystore_handle_new(keyp, entry->pair);
}

static enum kk_err sandbox_list(void *ctx, struct keystore_name *names,
    size_t room, size_t *count)
{
	struct sandbox *box = ctx;

	for (size_t i = 0; i < KEYSTORE_KEYS_MAX; i++) {
		if (!box->entries[i].pair)
			continue;
		if (*count < room)
			names[*count] = box->entries[i].name;
		++*count;
	}
	return KK_OK;
}

static enum kk_err sandbox_delete(void *ctx, const char *name)
{
	struct sandbox_entry *entry = entry_find(ctx, name);

	if (!entry)
		return KK_ENOENT;
	keystore_pair_free(entry->pair);
	*entry = (struct sandbox_entry){ 0 };
	return KK_OK;
}

static void sandbox_free(void *ctx)
{
	struct sandbox *box = ctx;

	for (size_t i = 0; i < KEYSTORE_KEYS_MAX; i++)
		keystore_pair_free(box->entries[i].pair);
	kk_free(box);
}

static const struct keystore_ops sandbox_ops = { sandbox_generate, sandbox_find,
	sandbox_list, sandbox_delete, sandbox_free, NULL };

enum kk_err keystore_sandbox_open(struct keystore **storep)
{
	struct sandbox *box = kk_calloc(1, sizeof(*box));

	if (!box)
		return KK_ENOMEM;
	return keystore_new(storep, &sandbox_ops, box);
}
