/* class.c - what every kind of key store does. */
#include <stdio.h>
#include <string.h>

#include "mock/alloc.h"
#include "store_world.h"

/* Signs by handle and verifies with the public key. */
static void key_signs(struct crypto_key *key, enum crypto_sig sig)
{
	struct kk_view message = kk_view_text("a room's word");
	uint8_t signature[CRYPTO_SIGNATURE_MAX_BYTES];
	size_t bytes = sizeof(signature);

	CHECK_OK(crypto_sign(key, message, signature, &bytes));
	CHECK_OK(crypto_verify(sig, crypto_key_public(key), message,
	    kk_view_of(signature, bytes)));
	CHECK_ERR(crypto_verify(sig, crypto_key_public(key),
		      kk_view_text("another word"),
		      kk_view_of(signature, bytes)),
	    KK_EVERIFY);
}

/* Opens by handle what was sealed to its public key. */
static void key_opens(struct crypto_key *key, uint16_t suite_id)
{
	const struct crypto_suite *suite = crypto_suite_get(suite_id);
	struct kk_view info = kk_view_text("info"), text = kk_view_text("text");
	uint8_t enc[CRYPTO_KEM_PUBLIC_MAX_BYTES], sealed[64], out[64];
	struct kk_view ct = kk_view_of(sealed,
	    text.bytes + CRYPTO_AEAD_TAG_BYTES);
	struct kk_view enc_view;

	CHECK(suite != NULL);
	if (!suite)
		return;
	CHECK_OK(crypto_hpke_seal(suite, crypto_key_public(key), info, text,
	    text, NULL, enc, sealed));
	enc_view = kk_view_of(enc, suite->kem_public_bytes);
	CHECK_OK(crypto_hpke_open(suite, key, enc_view, info, text, ct, NULL,
	    out));
	CHECK_MEM(out, text.data, text.bytes);
	sealed[0] ^= 1;
	CHECK_ERR(crypto_hpke_open(suite, key, enc_view, info, text, ct, NULL,
		      out),
	    KK_EAUTH);
}

static void keys_cannot_be_exported(struct crypto_key *key)
{
	struct kk_bytes out = { 0 };

	CHECK_ERR(crypto_key_export(key, &out), KK_EDENIED);
	CHECK_EQ(out.bytes, 0);
}

static void store_round_trips_sig(struct keystore *store, enum crypto_sig sig)
{
	struct crypto_key *made, *found;
	struct keystore_type type;

	CHECK_OK(keystore_generate(store, "identity", keystore_type_sig(sig),
	    KEYSTORE_REPLACE, &made));
	CHECK_OK(keystore_find(store, "identity", &type, &found));
	CHECK_EQ(type.kind, KEYSTORE_SIG);
	CHECK_EQ(type.id, sig);
	CHECK(kk_view_equal(crypto_key_public(made), crypto_key_public(found)));
	key_signs(made, sig);
	key_signs(found, sig);
	keys_cannot_be_exported(made);
	keys_cannot_be_exported(found);
	crypto_key_free(made);
	crypto_key_free(found);
}

static void store_round_trips_kem(struct keystore *store, enum crypto_kem kem,
    uint16_t suite)
{
	struct crypto_key *made, *found;
	struct keystore_type type;

	CHECK_OK(keystore_generate(store, "init", keystore_type_kem(kem),
	    KEYSTORE_REPLACE, &made));
	CHECK_OK(keystore_find(store, "init", &type, &found));
	CHECK_EQ(type.kind, KEYSTORE_KEM);
	CHECK_EQ(type.id, kem);
	key_opens(made, suite);
	key_opens(found, suite);
	keys_cannot_be_exported(found);
	crypto_key_free(made);
	crypto_key_free(found);
}

static void store_refuses_names(struct keystore *store)
{
	static const char too_long[] =
	    "a2345678901234567890123456789012345678901234567890123456789012345";
	const char *const names[] = { "", "Room", "room 4", "room.4", "../room",
		"/room", "room/4", "r\xc3\xb6om", "room_4", too_long };
	struct keystore_type type = keystore_type_sig(CRYPTO_ECDSA_P256_SHA256);
	struct crypto_key *key = NULL;

	for (size_t i = 0; i < KK_ARRAY_LEN(names); i++) {
		CHECK_ERR(keystore_generate(store, names[i], type, KEYSTORE_NEW,
			      &key),
		    KK_EINVAL);
		CHECK_ERR(keystore_find(store, names[i], NULL, &key),
		    KK_EINVAL);
		CHECK_ERR(keystore_delete(store, names[i]), KK_EINVAL);
	}
	CHECK(key == NULL);
	CHECK_OK(keystore_generate(store,
	    "a234567890123456789012345678901234567890123456789012345678901234",
	    type, KEYSTORE_NEW, &key));
	crypto_key_free(key);
}

static void store_refuses_types(struct keystore *store)
{
	struct crypto_key *key = NULL;

	CHECK_ERR(keystore_generate(store, "x",
		      keystore_type_sig((enum crypto_sig)0x0401), KEYSTORE_NEW,
		      &key),
	    KK_EUNSUP);
	CHECK_ERR(keystore_generate(store, "x",
		      keystore_type_kem((enum crypto_kem)0x0030), KEYSTORE_NEW,
		      &key),
	    KK_EUNSUP);
	CHECK_ERR(keystore_generate(store, "x",
		      (struct keystore_type){ 0, 0x0403 }, KEYSTORE_NEW, &key),
	    KK_EUNSUP);
	CHECK_ERR(store_try(store, "x"), KK_ENOENT);
}

static void store_lists_and_deletes(struct keystore *store)
{
	struct keystore_name names[4];
	struct kk_bytes public;
	size_t count = 0;

	CHECK_OK(keystore_list(store, NULL, &count));
	CHECK_EQ(count, 0);
	public = store_make(store, "c");
	kk_bytes_clear(&public);
	public = store_make(store, "a");
	kk_bytes_clear(&public);
	public = store_make(store, "b-1");
	kk_bytes_clear(&public);
	count = 2;
	CHECK_ERR(keystore_list(store, names, &count), KK_ENOSPC);
	CHECK_EQ(count, 0);
	count = 4;
	CHECK_OK(keystore_list(store, names, &count));
	CHECK_EQ(count, 3);
	CHECK_STR(names[0].text, "a");
	CHECK_STR(names[1].text, "b-1");
	CHECK_STR(names[2].text, "c");
	CHECK_OK(keystore_delete(store, "b-1"));
	CHECK_ERR(keystore_delete(store, "b-1"), KK_ENOENT);
	CHECK_ERR(store_try(store, "b-1"), KK_ENOENT);
	CHECK_OK(store_try(store, "a"));
	count = 4;
	CHECK_OK(keystore_list(store, names, &count));
	CHECK_EQ(count, 2);
	CHECK_OK(keystore_delete(store, "a"));
	CHECK_OK(keystore_delete(store, "c"));
}

static void store_keeps_old_unless_told(struct keystore *store)
{
	struct kk_bytes public = store_make(store, "room");
	struct keystore_type type = keystore_type_sig(CRYPTO_ECDSA_P256_SHA256);
	struct crypto_key *key;

	CHECK_ERR(keystore_generate(store, "room", type, KEYSTORE_NEW, &key),
	    KK_EEXIST);
	CHECK_OK(keystore_find(store, "room", NULL, &key));
	CHECK(kk_view_equal(crypto_key_public(key), kk_bytes_view(&public)));
	crypto_key_free(key);
	CHECK_OK(keystore_generate(store, "room", type, KEYSTORE_REPLACE,
	    &key));
	CHECK(!kk_view_equal(crypto_key_public(key), kk_bytes_view(&public)));
	crypto_key_free(key);
	kk_bytes_clear(&public);
}

static void store_does_its_duty(struct keystore *store)
{
	store_lists_and_deletes(store);
	store_round_trips_sig(store, CRYPTO_ECDSA_P256_SHA256);
	store_round_trips_sig(store, CRYPTO_ECDSA_P384_SHA384);
	store_round_trips_kem(store, CRYPTO_DHKEM_P256, 2);
	store_round_trips_kem(store, CRYPTO_DHKEM_P384, 7);
	store_refuses_names(store);
	store_refuses_types(store);
	store_keeps_old_unless_told(store);
}

static void store_outlived_by_handle(struct keystore *store)
{
	struct crypto_key *key;

	CHECK_OK(keystore_generate(store, "room",
	    keystore_type_sig(CRYPTO_ECDSA_P256_SHA256), KEYSTORE_NEW, &key));
	CHECK_OK(keystore_delete(store, "room"));
	keystore_free(store);
	key_signs(key, CRYPTO_ECDSA_P256_SHA256);
	crypto_key_free(key);
}

static enum kk_err store_life(struct keystore *store)
{
	struct crypto_key *key;
	struct keystore_name names[2];
	size_t count = 2;
	enum kk_err err;

	err = keystore_generate(store, "room",
	    keystore_type_sig(CRYPTO_ECDSA_P256_SHA256), KEYSTORE_REPLACE,
	    &key);
	if (err)
		return err;
	crypto_key_free(key);
	err = store_try(store, "room");
	return err ? err : keystore_list(store, names, &count);
}

#ifdef KK_KEYSTORE_SANDBOX
TEST(keystore_sandbox_does_what_a_store_does)
{
	struct keystore *store;

	CHECK_OK(crypto_init());
	CHECK_OK(keystore_sandbox_open(&store));
	store_does_its_duty(store);
	keystore_free(store);
	CHECK_OK(keystore_sandbox_open(&store));
	store_outlived_by_handle(store);
}

TEST(keystore_sandbox_survives_each_failed_allocation)
{
	struct keystore *store;
	enum kk_err err;

	CHECK_OK(crypto_init());
	ALLOC_FAULT_LOOP(err, keystore_sandbox_open(&store));
	CHECK_OK(err);
	ALLOC_FAULT_LOOP(err, store_life(store));
	CHECK_OK(err);
	keystore_free(store);
}
#endif

#ifdef KK_KEYSTORE_FILE
TEST(keystore_file_does_what_a_store_does)
{
	struct store_world w = store_world_new();

	store_does_its_duty(w.store);
	store_world_free(&w);
}

TEST(keystore_file_handle_outlives_store_and_file)
{
	struct store_world w = store_world_new();

	store_outlived_by_handle(w.store);
	w.store = NULL;
	store_world_free(&w);
}

static enum kk_err open_and_free(const struct store_world *w)
{
	struct keystore *store;
	enum kk_err err = keystore_file_open(&store, w->folder,
	    store_wrap_view());

	if (!err)
		keystore_free(store);
	return err;
}

TEST(keystore_file_survives_each_failed_allocation)
{
	struct store_world w = store_world_new();
	enum kk_err err;

	keystore_free(w.store);
	ALLOC_FAULT_LOOP(err, open_and_free(&w));
	CHECK_OK(err);
	CHECK_OK(keystore_file_open(&w.store, w.folder, store_wrap_view()));
	ALLOC_FAULT_LOOP(err, store_life(w.store));
	CHECK_OK(err);
	store_world_free(&w);
}
#endif
