/*
 * file.c - a key store of sealed files.
 *
 * Protects keys at rest: who has the disk but not the wrapping key has nothing.
 * Who can read the process's memory has the keys; against that there are TPM
 * and PKCS#11.
 */
#include <string.h>
#include <unistd.h>

#include "drivers/keystore/keystore_internal.h"

struct file_store {
	int dir_fd;
	uint8_t wrap_key[KEYSTORE_WRAP_KEY_BYTES];
};

static struct kk_view wrap_key_of(const struct file_store *store)
{
	return kk_view_of(store->wrap_key, sizeof(store->wrap_key));
}

static enum kk_err store_check_room(const struct file_store *store,
    const char *name, enum keystore_mode mode)
{
	size_t count;
	enum kk_err err;

	if (keystore_io_has(store->dir_fd, name))
		return mode == KEYSTORE_NEW ? KK_EEXIST : KK_OK;
	err = keystore_io_list(store->dir_fd, NULL, 0, &count);
	if (err)
		return err;
	return count >= KEYSTORE_KEYS_MAX ? KK_ELIMIT : KK_OK;
}

static enum kk_err pair_write(const struct file_store *store, const char *name,
    enum keystore_mode mode, const struct keystore_pair *pair)
{
	struct kk_bytes text;
	enum kk_err err = keystore_file_seal(&text, wrap_key_of(store), name,
	    pair);

	if (err)
		return err;
	err = keystore_io_write(store->dir_fd, name, mode,
	    kk_bytes_view(&text));
	kk_bytes_clear(&text);
	return err;
}

static enum kk_err file_generate(void *ctx, const char *name,
    struct keystore_type type, enum keystore_mode mode,
    struct crypto_key **keyp)
{
	struct file_store *store = ctx;
	struct keystore_pair *pair;
	struct crypto_key *key;
	enum kk_err err = store_check_room(store, name, mode);

	if (err)
		return err;
	err = keystore_pair_new(&pair, type);
	if (err)
		return err;
	err = keystore_handle_new(&key, pair);
	if (!err) { /* the file last: nothing can fail behind it */
		err = pair_write(store, name, mode, pair);
		if (err)
			crypto_key_free(key);
		else
			*keyp = key;
	}
	keystore_pair_free(pair);
	return err;
}

static enum kk_err file_find(void *ctx, const char *name,
    struct keystore_type *type, struct crypto_key **keyp)
{
	struct file_store *store = ctx;
	uint8_t text[KEYSTORE_FILE_MAX_BYTES];
	size_t bytes = sizeof(text);
	struct keystore_pair *pair;
	enum kk_err err = keystore_io_read(store->dir_fd, name, text, &bytes);

	if (err)
		return err == KK_ELIMIT ? KK_EFORMAT : err;
	pair = keystore_secret_new(sizeof(*pair));
	if (!pair)
		return KK_ENOMEM;
	err = keystore_file_unseal(pair, wrap_key_of(store), name,
	    kk_view_of(text, bytes));
	if (!err)
		err = keystore_handle_new(keyp, pair);
	if (!err)
		*type = pair->type;
	keystore_pair_free(pair);
	return err;
}

static enum kk_err file_list(void *ctx, struct keystore_name *names,
    size_t room, size_t *count)
{
	struct file_store *store = ctx;

	return keystore_io_list(store->dir_fd, names, room, count);
}

static enum kk_err file_delete(void *ctx, const char *name)
{
	struct file_store *store = ctx;

	return keystore_io_delete(store->dir_fd, name);
}

static void file_free(void *ctx)
{
	struct file_store *store = ctx;

	(void)close(store->dir_fd);
	keystore_secret_free(store, sizeof(*store));
}

static const struct keystore_ops file_ops = { file_generate, file_find,
	file_list, file_delete, file_free, NULL };

enum kk_err keystore_file_open(struct keystore **storep, const char *path,
    struct kk_view wrap_key)
{
	struct file_store *store;
	enum kk_err err;

	if (wrap_key.bytes != KEYSTORE_WRAP_KEY_BYTES)
		return KK_EINVAL;
	store = keystore_secret_new(sizeof(*store));
	if (!store)
		return KK_ENOMEM;
	err = keystore_io_open_folder(&store->dir_fd, path);
	if (err) {
		keystore_secret_free(store, sizeof(*store));
		return err;
	}
	memcpy(store->wrap_key, wrap_key.data, wrap_key.bytes);
	return keystore_new(storep, &file_ops, store);
}
