/*
 * keystore.h - where private keys live.  Zone: keys.  One thread per store.
 *
 * A key is made inside its store and never comes out; what comes out is a
 * struct crypto_key that signs or decrypts by handle and cannot be exported.  A
 * handle outlives its store and its key's deletion; free it with
 * crypto_key_free().
 *
 * In a token (PKCS#11) or a TPM the key itself stays there; a handle then needs
 * the device, keeps it open, and does not outlive its key's deletion.  They
 * hold signature keys alone, on P-256 and P-384; another kind is KK_EUNSUP, and
 * so is KEYSTORE_REPLACE of a key in a token.  When such a key is opened it
 * signs, and its public key verifies: KK_EVERIFY where that fails.
 */
#pragma once
#include "crypto/crypto.h"

enum {
	KEYSTORE_NAME_MAX_BYTES = 64, /* of [a-z0-9-] */
	KEYSTORE_KEYS_MAX = 1024, /* in one store */
	KEYSTORE_WRAP_KEY_BYTES = 32 /* AES-256 */
};

struct keystore;

enum keystore_kind { /* numbers stand in files */
	KEYSTORE_SIG = 1,
	KEYSTORE_KEM = 2
};

struct keystore_type {
	enum keystore_kind kind;
	uint16_t id; /* enum crypto_sig or enum crypto_kem */
};

struct keystore_type keystore_type_sig(enum crypto_sig sig);
struct keystore_type keystore_type_kem(enum crypto_kem kem);

enum keystore_mode {
	KEYSTORE_NEW, /* KK_EEXIST when the name is taken */
	KEYSTORE_REPLACE /* the old key of that name is gone on success */
};

struct keystore_name {
	char text[KEYSTORE_NAME_MAX_BYTES + 1];
};

/*
 * Makes a key.  On success *keyp is the caller's; on error it is left alone,
 * and an older key of that name is as it was (but see KK_EIO).
 * Errors: KK_EINVAL the name, KK_EUNSUP the type, KK_EEXIST, KK_ELIMIT the
 * store is full, KK_EIO (the old or the new key is there, never a part),
 * KK_EDENIED the folder cannot be written, KK_ENOMEM, KK_ECRYPTO.
 */
MUST_CHECK enum kk_err keystore_generate(struct keystore *store,
    const char *name, struct keystore_type type, enum keystore_mode mode,
    struct crypto_key **keyp);

/*
 * Opens a key by its name.  *type (may be NULL) tells what it is.
 * Errors: KK_EINVAL the name, KK_ENOENT, KK_EAUTH not sealed by this wrapping
 * key for this name, or altered; KK_EFORMAT, KK_ETRUNC, KK_ETRAIL, KK_EUNSUP of
 * another version; KK_EDENIED a file that others may read or that is no plain
 * file; KK_EIO, KK_ENOMEM.
 */
MUST_CHECK enum kk_err keystore_find(struct keystore *store, const char *name,
    struct keystore_type *type, struct crypto_key **keyp);

/*
 * Writes the names of all keys, in their order.  *count is the room on entry,
 * the number of names on return (0 on error).
 * Errors: KK_ENOSPC, KK_ELIMIT more than a store may have, KK_EIO, KK_ENOMEM.
 */
MUST_CHECK enum kk_err keystore_list(struct keystore *store,
    struct keystore_name *names, size_t *count);

/* Errors: KK_EINVAL, KK_ENOENT, KK_EIO. */
MUST_CHECK enum kk_err keystore_delete(struct keystore *store,
    const char *name);

void keystore_free(struct keystore *store); /* NULL is fine */

/*
 * Has a key of this store been used whose device does not tell whether it was
 * ever outside (CKA_NEVER_EXTRACTABLE)?  Its user is told by name.
 */
bool keystore_is_silent(const struct keystore *store);

/*
 * Sealed files in a folder that exists, belongs to this user and is closed to
 * everybody else (mode 0700).  wrap_key is copied into locked memory; the
 * caller wipes its own.  A folder is open once at a time.
 * Errors: KK_EINVAL length of wrap_key, KK_ENOENT, KK_EDENIED the folder is a
 * link, no folder, another's, or open to others; KK_ESTATE it is in use;
 * KK_EIO, KK_ENOMEM.
 */
MUST_CHECK enum kk_err keystore_file_open(struct keystore **storep,
    const char *path, struct kk_view wrap_key);

/* In memory, for tests and the sandbox.  Errors: KK_ENOMEM. */
MUST_CHECK enum kk_err keystore_sandbox_open(struct keystore **storep);

/*
 * A token: smart card, USB token, HSM.  uri is one of RFC 7512 with a
 * module-path, as in
 *	pkcs11:token=box?module-path=/usr/lib/softhsm/libsofthsm2.so
 * and matches one token.  pin is borrowed.  keystore_find() refuses a key that
 * the token would give out, or that came from outside: KK_EPOLICY; half a pair
 * is KK_EFORMAT, also to keystore_generate().
 * Errors: KK_EINVAL the URI, KK_EUNSUP no such module or it lacks ECDSA,
 * KK_ENOENT no such token, KK_EEXIST several, KK_EAUTH wrong PIN, KK_EDENIED
 * the PIN is locked, or one try away from it; KK_EIO, KK_ENOMEM.
 */
MUST_CHECK enum kk_err keystore_pkcs11_open(struct keystore **storep,
    const char *uri, struct kk_view pin);

/*
 * A TPM 2.0, with a folder as above for what it gives out encrypted.  tcti is
 * tpm2-tss's way to it: device:FILE, of which /dev/tpmrm0 is the default (NULL
 * or ""), or swtpm:WHERE for an emulated one, and no other.  The owner
 * hierarchy has no password.  Two keys fit into any TPM; where it is not behind
 * the kernel's resource manager (tpmrm), those of a killed process keep their
 * place until it is switched off. Errors: those of the folder; KK_EINVAL
 * another way, KK_ENOENT also no TPM there, KK_EIO it does not answer or fails
 * its test.  keystore_find() and keystore_generate() besides: KK_EAUTH another
 * TPM's key, or one from before it was cleared, or the owner has a password;
 * KK_EDENIED it is locked out or switched off, KK_EUNSUP it lacks the curve,
 * KK_ELIMIT it has no room for one more key.
 */
MUST_CHECK enum kk_err keystore_tpm2_open(struct keystore **storep,
    const char *path, const char *tcti);
