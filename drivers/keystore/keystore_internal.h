/* keystore_internal.h - what kinds of key stores share.  Not for others. */
#pragma once
#include "drivers/keystore/keystore.h"

/* What a kind of store implements.  Names are checked before. */
struct keystore_ops {
	enum kk_err (*generate)(void *ctx, const char *name,
	    struct keystore_type type, enum keystore_mode mode,
	    struct crypto_key **keyp);
	enum kk_err (*find)(void *ctx, const char *name,
	    struct keystore_type *type, struct crypto_key **keyp);
	/* In any order, up to room names; *count tells how many there are. */
	enum kk_err (*list)(void *ctx, struct keystore_name *names, size_t room,
	    size_t *count);
	enum kk_err (*delete)(void *ctx, const char *name);
	void (*free)(void *ctx);
	bool (*is_silent)(const void *ctx); /* NULL: never */
};

/* Owns ctx from now on, also on error. */
MUST_CHECK enum kk_err keystore_new(struct keystore **storep,
    const struct keystore_ops *ops, void *ctx);

bool keystore_name_is_ok(const char *name);

/*
 * secret.c.  Zeroed memory for secrets: pages of their own, locked where the
 * limits allow it, left out of core dumps and wiped in a forked child.  NULL
 * when there is none.
 */
void *keystore_secret_new(size_t bytes);
void keystore_secret_free(void *p, size_t bytes); /* wipes; NULL is fine */

/* handle.c.  A pair as it stands in a store. */
struct keystore_pair {
	struct keystore_type type;
	uint8_t private[CRYPTO_SIG_PRIVATE_MAX_BYTES];
	size_t private_bytes;
	uint8_t public[CRYPTO_SIG_PUBLIC_MAX_BYTES];
	size_t public_bytes;
};

/* Makes a new pair in secret memory, for keystore_pair_free().
 * Errors: KK_EUNSUP, KK_ENOMEM, KK_ECRYPTO. */
MUST_CHECK enum kk_err keystore_pair_new(struct keystore_pair **pairp,
    struct keystore_type type);
void keystore_pair_free(struct keystore_pair *pair);

/*
 * A handle with a copy of the pair in secret memory.
 * Errors: KK_EFORMAT public does not belong to private, KK_EUNSUP, KK_ENOMEM.
 */
MUST_CHECK enum kk_err keystore_handle_new(struct crypto_key **keyp,
    const struct keystore_pair *pair);

/*
 * selftest.c.  A key that a device has, which was tried: it signs, and its
 * public key verifies.  Owns ctx from now on, also on error.
 * Errors: KK_EFORMAT public is no key of this kind, KK_EVERIFY it signs
 * something else, those of crypto_sign(), KK_ENOMEM.
 */
MUST_CHECK enum kk_err keystore_device_key_new(struct crypto_key **keyp,
    enum crypto_sig sig, struct kk_view public,
    const struct crypto_key_ops *ops, void *ctx);

/* file_format.c.  One file's text, sealed. */
enum { KEYSTORE_FILE_MAX_BYTES = 512 };
MUST_CHECK enum kk_err keystore_file_seal(struct kk_bytes *file,
    struct kk_view wrap_key, const char *name,
    const struct keystore_pair *pair);
MUST_CHECK enum kk_err keystore_file_unseal(struct keystore_pair *pair,
    struct kk_view wrap_key, const char *name, struct kk_view file);

/* file_io.c.  Files of a folder that is open at dir_fd. */
MUST_CHECK enum kk_err keystore_io_open_folder(int *dir_fd, const char *path);
MUST_CHECK enum kk_err keystore_io_read(int dir_fd, const char *name,
    uint8_t *out, size_t *out_bytes);
MUST_CHECK enum kk_err keystore_io_write(int dir_fd, const char *name,
    enum keystore_mode mode, struct kk_view text);
bool keystore_io_has(int dir_fd, const char *name);
MUST_CHECK enum kk_err keystore_io_delete(int dir_fd, const char *name);
MUST_CHECK enum kk_err keystore_io_list(int dir_fd, struct keystore_name *names,
    size_t room, size_t *count);
