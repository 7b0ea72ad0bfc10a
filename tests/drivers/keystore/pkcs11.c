/* pkcs11.c - a key store in a token; SoftHSM is the token. */
#define _GNU_SOURCE /* mkdtemp() */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/process.h"
#include "store_world.h"

#ifdef KK_KEYSTORE_PKCS11
#include <p11-kit/p11-kit.h>
#include <p11-kit/pkcs11.h>

enum { OUT_BYTES = 4096 };

#define MODULE "/usr/lib/softhsm/libsofthsm2.so"
#define URI "pkcs11:token=box?module-path=" MODULE

struct token_world {
	char folder[64];
	struct keystore *store;
};

static void script_run(const struct token_world *w, const char *script)
{
	char out[OUT_BYTES];
	int status = process_script(w->folder, script, out, sizeof(out));

	if (status)
		tap_diag("%s\n%s", script, out);
	CHECK_EQ(status, 0);
}

static enum kk_err store_open(struct token_world *w, const char *pin)
{
	return keystore_pkcs11_open(&w->store, URI, kk_view_text(pin));
}

static void world_begin(struct token_world *w)
{
	char path[96];

	*w = (struct token_world){ .folder = "/tmp/kk-token-XXXXXX" };
	CHECK_OK(crypto_init());
	CHECK(mkdtemp(w->folder) != NULL);
	(void)snprintf(path, sizeof(path), "%s/hsm", w->folder);
	CHECK_EQ(setenv("SOFTHSM2_CONF", path, 1), 0);
	script_run(w,
	    "mkdir tokens; printf 'directories.tokendir = %s/tokens\\n"
	    "objectstore.backend = file\\nlog.level = ERROR\\n' $PWD >hsm; "
	    "softhsm2-util --init-token --free --label box --pin 1234 "
	    "--so-pin 5678");
	CHECK_OK(store_open(w, "1234"));
}

static void world_finish(struct token_world *w)
{
	keystore_free(w->store);
	folder_remove(w->folder);
}

static void key_signs(struct crypto_key *key, enum crypto_sig sig)
{
	struct kk_view message = kk_view_text("a room's word");
	uint8_t signature[CRYPTO_SIGNATURE_MAX_BYTES];
	size_t bytes = sizeof(signature);
	struct kk_bytes out = { 0 };

	CHECK_OK(crypto_sign(key, message, signature, &bytes));
	CHECK_OK(crypto_verify(sig, crypto_key_public(key), message,
	    kk_view_of(signature, bytes)));
	CHECK_ERR(crypto_key_export(key, &out), KK_EDENIED);
}

TEST(token_makes_keys_that_sign_and_are_found_again_by_name)
{
	static const enum crypto_sig sigs[] = { CRYPTO_ECDSA_P256_SHA256,
		CRYPTO_ECDSA_P384_SHA384 };
	static const char *const names[] = { "identity-p256", "identity-p384" };
	struct token_world w;
	struct crypto_key *made, *found;
	struct keystore_type type;
	struct keystore_name list[4];
	size_t count = 4;

	world_begin(&w);
	for (size_t i = 0; i < 2; i++) {
		CHECK_OK(keystore_generate(w.store, names[i],
		    keystore_type_sig(sigs[i]), KEYSTORE_NEW, &made));
		key_signs(made, sigs[i]);
		/* As after a restart. */
		keystore_free(w.store);
		w.store = NULL;
		key_signs(made, sigs[i]); /* the handle keeps the token open */
		CHECK_OK(store_open(&w, "1234"));
		CHECK_OK(keystore_find(w.store, names[i], &type, &found));
		CHECK_EQ(type.kind, KEYSTORE_SIG);
		CHECK_EQ(type.id, sigs[i]);
		CHECK(kk_view_equal(crypto_key_public(made),
		    crypto_key_public(found)));
		key_signs(found, sigs[i]);
		crypto_key_free(made);
		crypto_key_free(found);
	}
	CHECK_OK(keystore_list(w.store, list, &count));
	CHECK_EQ(count, 2);
	CHECK_STR(list[0].text, names[0]);
	CHECK_STR(list[1].text, names[1]);
	world_finish(&w);
}

TEST(token_s_keys_are_not_replaced_and_gone_once_deleted)
{
	struct keystore_type p256 = keystore_type_sig(CRYPTO_ECDSA_P256_SHA256);
	struct token_world w;
	struct crypto_key *key, *none = NULL;
	struct keystore_name list[4];
	size_t count = 4;

	world_begin(&w);
	CHECK_ERR(keystore_find(w.store, "a", NULL, &none), KK_ENOENT);
	CHECK_OK(keystore_generate(w.store, "a", p256, KEYSTORE_NEW, &key));
	CHECK_ERR(keystore_generate(w.store, "a", p256, KEYSTORE_NEW, &none),
	    KK_EEXIST);
	CHECK_ERR(keystore_generate(w.store, "a", p256, KEYSTORE_REPLACE,
		      &none),
	    KK_EUNSUP);
	CHECK_ERR(keystore_generate(w.store, "b",
		      keystore_type_sig(CRYPTO_ED25519), KEYSTORE_NEW, &none),
	    KK_EUNSUP);
	CHECK_ERR(keystore_generate(w.store, "b",
		      keystore_type_kem(CRYPTO_DHKEM_P256), KEYSTORE_NEW,
		      &none),
	    KK_EUNSUP);
	CHECK_ERR(keystore_generate(w.store, "../a", p256, KEYSTORE_NEW, &none),
	    KK_EINVAL);
	crypto_key_free(key);
	CHECK_OK(keystore_delete(w.store, "a"));
	CHECK_ERR(keystore_delete(w.store, "a"), KK_ENOENT);
	CHECK_ERR(keystore_find(w.store, "a", NULL, &none), KK_ENOENT);
	CHECK_OK(keystore_list(w.store, list, &count));
	CHECK_EQ(count, 0);
	CHECK(none == NULL);
	world_finish(&w);
}

static CK_ATTRIBUTE attr(CK_ATTRIBUTE_TYPE type, void *value, size_t bytes)
{
	return (CK_ATTRIBUTE){ type, value, bytes };
}

static CK_SESSION_HANDLE session_open(CK_FUNCTION_LIST *m)
{
	CK_SLOT_ID slots[4];
	CK_ULONG count = 4;
	CK_SESSION_HANDLE session = 0;
	unsigned char pin[] = "1234";

	CHECK_EQ(m->C_GetSlotList(CK_TRUE, slots, &count), CKR_OK);
	CHECK(count >= 1);
	CHECK_EQ(m->C_OpenSession(slots[0], CKF_SERIAL_SESSION | CKF_RW_SESSION,
		     NULL, NULL, &session),
	    CKR_OK);
	CHECK_EQ(m->C_Login(session, CKU_USER, pin, 4), CKR_OK);
	return session;
}

/* A module of our own, beside the store's. */
static CK_FUNCTION_LIST *module_open(void)
{
	CK_FUNCTION_LIST *m = p11_kit_module_load(MODULE, 0);

	CHECK(m != NULL);
	CHECK_EQ(p11_kit_module_initialize(m), CKR_OK);
	return m;
}

static void module_close(CK_FUNCTION_LIST *m)
{
	CHECK_EQ(p11_kit_module_finalize(m), CKR_OK);
	p11_kit_module_release(m);
}

static uint8_t p256[] = { 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01,
	0x07 };
static char known[] = "known";
static CK_BBOOL yes = CK_TRUE, no = CK_FALSE;

/* A pair "known" that the token would give out. */
static void readable_make(void)
{
	CK_FUNCTION_LIST *m = module_open();
	CK_ATTRIBUTE open[] = { attr(CKA_TOKEN, &yes, 1),
		attr(CKA_EC_PARAMS, p256, sizeof(p256)),
		attr(CKA_LABEL, known, 5) };
	CK_ATTRIBUTE closed[] = { attr(CKA_TOKEN, &yes, 1),
		attr(CKA_SENSITIVE, &no, 1), attr(CKA_EXTRACTABLE, &yes, 1),
		attr(CKA_SIGN, &yes, 1), attr(CKA_LABEL, known, 5) };
	CK_MECHANISM make = { CKM_EC_KEY_PAIR_GEN, NULL, 0 };
	CK_OBJECT_HANDLE public, private;

	CHECK_EQ(m->C_GenerateKeyPair(session_open(m), &make, open, 3, closed,
		     5, &public, &private),
	    CKR_OK);
	module_close(m);
}

/* A public key "known" without its other half. */
static void half_make(void)
{
	CK_FUNCTION_LIST *m = module_open();
	CK_OBJECT_CLASS class = CKO_PUBLIC_KEY;
	CK_KEY_TYPE type = CKK_EC;
	/* The base point: SEC 2, 2.4.2. */
	uint8_t point[] = { 0x04, 0x41, 0x04, 0x6b, 0x17, 0xd1, 0xf2, 0xe1,
		0x2c, 0x42, 0x47, 0xf8, 0xbc, 0xe6, 0xe5, 0x63, 0xa4, 0x40,
		0xf2, 0x77, 0x03, 0x7d, 0x81, 0x2d, 0xeb, 0x33, 0xa0, 0xf4,
		0xa1, 0x39, 0x45, 0xd8, 0x98, 0xc2, 0x96, 0x4f, 0xe3, 0x42,
		0xe2, 0xfe, 0x1a, 0x7f, 0x9b, 0x8e, 0xe7, 0xeb, 0x4a, 0x7c,
		0x0f, 0x9e, 0x16, 0x2b, 0xce, 0x33, 0x57, 0x6b, 0x31, 0x5e,
		0xce, 0xcb, 0xb6, 0x40, 0x68, 0x37, 0xbf, 0x51, 0xf5 };
	CK_ATTRIBUTE half[] = { attr(CKA_CLASS, &class, sizeof(class)),
		attr(CKA_KEY_TYPE, &type, sizeof(type)),
		attr(CKA_TOKEN, &yes, 1),
		attr(CKA_EC_PARAMS, p256, sizeof(p256)),
		attr(CKA_EC_POINT, point, sizeof(point)),
		attr(CKA_LABEL, known, 5) };
	CK_OBJECT_HANDLE public;

	CHECK_EQ(m->C_CreateObject(session_open(m), half, 6, &public), CKR_OK);
	module_close(m);
}

/* The module's own table, which p11-kit calls through: what a token answers is
 * changed there. */
static CK_FUNCTION_LIST *table, before;

static void token_bend(void)
{
	void *lib = dlopen(MODULE, RTLD_NOW | RTLD_LOCAL);
	CK_C_GetFunctionList get = NULL;

	CHECK(lib != NULL);
	*(void **)&get = dlsym(lib, "C_GetFunctionList");
	CHECK(get != NULL);
	if (!get)
		return;
	CHECK_EQ(get(&table), CKR_OK);
	before = *table;
}

static void token_unbend(void)
{
	*table = before;
}

/* It knows no history of its keys. */
static CK_RV silent_get(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
    CK_ATTRIBUTE *get, CK_ULONG count)
{
	for (CK_ULONG i = 0; i < count; i++)
		if (get[i].type == CKA_ALWAYS_SENSITIVE ||
		    get[i].type == CKA_NEVER_EXTRACTABLE) {
			get[i].ulValueLen = (CK_ULONG)-1;
			return CKR_ATTRIBUTE_TYPE_INVALID;
		}
	return before.C_GetAttributeValue(session, object, get, count);
}

static CK_FLAGS bent_flags;
static unsigned logins;

static CK_RV flags_get(CK_SLOT_ID slot, CK_TOKEN_INFO *info)
{
	CK_RV rv = before.C_GetTokenInfo(slot, info);

	info->flags |= bent_flags;
	return rv;
}

static CK_RV login_count(CK_SESSION_HANDLE session, CK_USER_TYPE user,
    CK_UTF8CHAR *pin, CK_ULONG pin_bytes)
{
	logins++;
	return before.C_Login(session, user, pin, pin_bytes);
}

TEST(token_that_does_not_tell_its_keys_history_is_named_and_taken)
{
	struct token_world w;
	struct crypto_key *key;

	token_bend();
	world_begin(&w);
	CHECK_OK(keystore_generate(w.store, "a",
	    keystore_type_sig(CRYPTO_ECDSA_P256_SHA256), KEYSTORE_NEW, &key));
	crypto_key_free(key);
	CHECK(!keystore_is_silent(w.store));
	keystore_free(w.store);
	table->C_GetAttributeValue = silent_get;
	CHECK_OK(store_open(&w, "1234"));
	CHECK(!keystore_is_silent(w.store));
	CHECK_OK(keystore_find(w.store, "a", NULL, &key));
	CHECK(keystore_is_silent(w.store));
	crypto_key_free(key);
	world_finish(&w);
	token_unbend();
}

TEST(key_that_came_from_outside_is_refused_though_it_can_not_be_read_now)
{
	struct token_world w;
	struct crypto_key *none = NULL;

	world_begin(&w);
	keystore_free(w.store);
	w.store = NULL;
	script_run(&w,
	    "openssl genpkey -algorithm EC -pkeyopt "
	    "ec_paramgen_curve:P-256 -out known.pem 2>/dev/null; "
	    "softhsm2-util --import known.pem --token box --label known "
	    "--id 01 --pin 1234");
	CHECK_OK(store_open(&w, "1234"));
	CHECK_ERR(keystore_find(w.store, "known", NULL, &none), KK_EPOLICY);
	CHECK(none == NULL);
	world_finish(&w);
}

TEST(half_a_pair_is_no_key_and_gets_no_second_half)
{
	struct token_world w;
	struct crypto_key *none = NULL;
	struct keystore_name list[4];
	size_t count = 4;

	world_begin(&w);
	keystore_free(w.store);
	w.store = NULL;
	half_make();
	CHECK_OK(store_open(&w, "1234"));
	CHECK_ERR(keystore_find(w.store, "known", NULL, &none), KK_ENOENT);
	CHECK_ERR(keystore_generate(w.store, "known",
		      keystore_type_sig(CRYPTO_ECDSA_P256_SHA256), KEYSTORE_NEW,
		      &none),
	    KK_EFORMAT);
	CHECK(none == NULL);
	CHECK_OK(keystore_list(w.store, list, &count));
	CHECK_EQ(count, 0);
	world_finish(&w);
}

TEST(last_try_before_the_lock_is_not_taken_nor_one_behind_it)
{
	static const CK_FLAGS flags[] = { CKF_USER_PIN_FINAL_TRY,
		CKF_USER_PIN_LOCKED };
	struct token_world w;

	token_bend();
	world_begin(&w);
	keystore_free(w.store);
	w.store = NULL;
	table->C_GetTokenInfo = flags_get;
	table->C_Login = login_count;
	for (size_t i = 0; i < 2; i++) {
		bent_flags = flags[i];
		CHECK_ERR(store_open(&w, "1234"), KK_EDENIED);
	}
	CHECK_EQ(logins, 0);
	bent_flags = 0;
	CHECK_OK(store_open(&w, "1234"));
	CHECK_EQ(logins, 1);
	world_finish(&w);
	token_unbend();
}

TEST(key_that_was_put_into_the_token_and_can_be_read_is_refused)
{
	struct token_world w;
	struct crypto_key *none = NULL;

	world_begin(&w);
	keystore_free(w.store);
	w.store = NULL;
	readable_make();
	CHECK_OK(store_open(&w, "1234"));
	CHECK_ERR(keystore_find(w.store, "known", NULL, &none), KK_EPOLICY);
	CHECK(none == NULL);
	world_finish(&w);
}

TEST(token_is_not_opened_by_a_wrong_pin_and_opened_by_the_right_one_after)
{
	struct token_world w;
	struct keystore *none = NULL;

	world_begin(&w);
	keystore_free(w.store);
	w.store = NULL;
	CHECK_ERR(store_open(&w, "4321"), KK_EAUTH);
	CHECK_ERR(store_open(&w, ""), KK_EAUTH);
	CHECK_OK(store_open(&w, "1234"));
	CHECK_ERR(keystore_pkcs11_open(&none,
		      "pkcs11:token=none?module-path="
		      "/usr/lib/softhsm/libsofthsm2.so",
		      kk_view_text("1234")),
	    KK_ENOENT);
	CHECK_ERR(keystore_pkcs11_open(&none, "pkcs11:token=box",
		      kk_view_text("1234")),
	    KK_EINVAL);
	CHECK_ERR(keystore_pkcs11_open(&none,
		      "pkcs11:token=box?module-path=box.so",
		      kk_view_text("1234")),
	    KK_EINVAL);
	CHECK_ERR(keystore_pkcs11_open(&none, "token", kk_view_text("1234")),
	    KK_EINVAL);
	CHECK_ERR(keystore_pkcs11_open(&none,
		      "pkcs11:token=box?module-path=/none.so",
		      kk_view_text("1234")),
	    KK_EUNSUP);
	CHECK(none == NULL);
	world_finish(&w);
}
#endif
