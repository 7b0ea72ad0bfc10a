/*
 * pkcs11.c - a key store in a token: smart card, USB token, HSM (PKCS#11 2.40).
 *
 * Keys are made there, may sign and nothing else, and cannot be read out.  A
 * name is the label of a key pair.
 */
#define P11_KIT_FUTURE_UNSTABLE_API
#include <p11-kit/p11-kit.h>
#include <p11-kit/pkcs11.h>
#include <p11-kit/uri.h>
#include <string.h>

#include "crypto/der.h"
#include "drivers/keystore/keystore_internal.h"

enum {
	SLOTS_MAX = 32,
	POINT_MAX = 128,
	PARAMS_MAX = 16,
	FOUND_MAX = 64,
	P384_BYTES = 48,
	P256_BYTES = 32
};

struct token {
	unsigned refs; /* the store's, and one of each handle */
	CK_FUNCTION_LIST *module;
	CK_SLOT_ID slot;
	CK_SESSION_HANDLE session;
	bool has_session;
	bool is_silent; /* it does not tell where a key was before */
};

struct token_key {
	struct token *token;
	CK_OBJECT_HANDLE private;
	enum crypto_sig sig;
};

/* RFC 5480, 2.1.1.1: the curve's name in DER. */
struct curve {
	enum crypto_sig sig;
	enum crypto_hash hash;
	size_t coord_bytes;
	uint8_t params[10];
	size_t params_bytes;
};

static const struct curve curves[] = {
	{ CRYPTO_ECDSA_P256_SHA256, CRYPTO_SHA256, P256_BYTES,
	    { 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07 },
	    10 },
	{ CRYPTO_ECDSA_P384_SHA384, CRYPTO_SHA384, P384_BYTES,
	    { 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22 }, 7 },
};

static const struct curve *curve_of(enum crypto_sig sig)
{
	for (size_t i = 0; i < KK_ARRAY_LEN(curves); i++)
		if (curves[i].sig == sig)
			return &curves[i];
	return NULL;
}

static enum kk_err err_of(CK_RV rv)
{
	switch (rv) {
	case CKR_OK:
		return KK_OK;
	case CKR_PIN_INCORRECT:
	case CKR_PIN_INVALID:
	case CKR_PIN_LEN_RANGE:
	case CKR_PIN_EXPIRED:
		return KK_EAUTH;
	case CKR_PIN_LOCKED:
		return KK_EDENIED;
	case CKR_TOKEN_NOT_PRESENT:
	case CKR_TOKEN_NOT_RECOGNIZED:
	case CKR_DEVICE_REMOVED:
	case CKR_SLOT_ID_INVALID:
		return KK_ENOENT;
	case CKR_KEY_HANDLE_INVALID:
	case CKR_OBJECT_HANDLE_INVALID:
		return KK_ENOKEY;
	case CKR_HOST_MEMORY:
	case CKR_DEVICE_MEMORY:
		return KK_ENOMEM;
	case CKR_MECHANISM_INVALID:
	case CKR_MECHANISM_PARAM_INVALID:
	case CKR_CURVE_NOT_SUPPORTED:
	case CKR_DOMAIN_PARAMS_INVALID:
	case CKR_ATTRIBUTE_VALUE_INVALID:
	case CKR_FUNCTION_NOT_SUPPORTED:
		return KK_EUNSUP;
	default:
		return KK_EIO;
	}
}

static void token_unref(struct token *t)
{
	if (--t->refs > 0)
		return;
	/* The last session's end logs out; C_Logout would do it for all. */
	if (t->module && t->has_session)
		(void)t->module->C_CloseSession(t->session);
	if (t->module) {
		(void)p11_kit_module_finalize(t->module);
		p11_kit_module_release(t->module);
	}
	kk_free(t);
}

static CK_ATTRIBUTE attr(CK_ATTRIBUTE_TYPE type, const void *value,
    size_t bytes)
{
	return (CK_ATTRIBUTE){ type, (void *)(uintptr_t)value, bytes };
}

/* Objects of a class, of that label unless it is NULL; room at most. */
static enum kk_err objects_find(const struct token *t, CK_OBJECT_CLASS class,
    const char *label, CK_OBJECT_HANDLE *found, size_t room, size_t *count)
{
	const CK_FUNCTION_LIST *m = t->module;
	CK_BBOOL yes = CK_TRUE;
	CK_ATTRIBUTE want[] = { attr(CKA_CLASS, &class, sizeof(class)),
		attr(CKA_TOKEN, &yes, sizeof(yes)),
		attr(CKA_LABEL, label, label ? strlen(label) : 0) };
	CK_ULONG n = 0;
	CK_RV rv = m->C_FindObjectsInit(t->session, want, label ? 3 : 2);

	*count = 0;
	if (rv != CKR_OK)
		return err_of(rv);
	do {
		rv = m->C_FindObjects(t->session, found + *count, room - *count,
		    &n);
		*count += rv == CKR_OK ? n : 0;
	} while (rv == CKR_OK && n > 0 && *count < room);
	(void)m->C_FindObjectsFinal(t->session);
	return err_of(rv);
}

/* The one object of a name.  Errors: KK_ENOENT, KK_EEXIST there are two. */
static enum kk_err object_find(const struct token *t, CK_OBJECT_CLASS class,
    const char *name, CK_OBJECT_HANDLE *object)
{
	CK_OBJECT_HANDLE found[2];
	size_t count;
	enum kk_err err = objects_find(t, class, name, found, 2, &count);

	if (err)
		return err;
	if (count != 1)
		return count ? KK_EEXIST : KK_ENOENT;
	*object = found[0];
	return KK_OK;
}

/* CKA_EC_POINT is a point in an OCTET STRING; older tokens leave that out. */
static struct kk_view point_of(const uint8_t *data, size_t bytes,
    const struct curve *curve)
{
	size_t want = 2 * curve->coord_bytes + 1;

	if (bytes == want + 2 && data[0] == 0x04 && data[1] == want)
		return kk_view_of(data + 2, want);
	return kk_view_of(data, bytes);
}

static enum kk_err public_read(const struct token *t, CK_OBJECT_HANDLE object,
    const struct curve **curve, uint8_t point[POINT_MAX],
    struct kk_view *public)
{
	uint8_t params[PARAMS_MAX];
	CK_ATTRIBUTE get[] = { attr(CKA_EC_PARAMS, params, sizeof(params)),
		attr(CKA_EC_POINT, point, POINT_MAX) };
	CK_RV rv = t->module->C_GetAttributeValue(t->session, object, get, 2);

	if (rv == CKR_BUFFER_TOO_SMALL || rv == CKR_ATTRIBUTE_TYPE_INVALID)
		return KK_EUNSUP; /* another kind of key */
	if (rv != CKR_OK)
		return err_of(rv);
	*curve = NULL;
	for (size_t i = 0; i < KK_ARRAY_LEN(curves); i++)
		if (kk_view_equal(kk_view_of(params, get[0].ulValueLen),
			kk_view_of(curves[i].params, curves[i].params_bytes)))
			*curve = &curves[i];
	if (!*curve)
		return KK_EUNSUP;
	*public = point_of(point, get[1].ulValueLen, *curve);
	return KK_OK;
}

/* One attribute alone, so that one that the token does not know hides no
 * other.  Errors: KK_EUNSUP it does not know it. */
static enum kk_err flag_read(const struct token *t, CK_OBJECT_HANDLE object,
    CK_ATTRIBUTE_TYPE type, CK_BBOOL *flag)
{
	CK_ATTRIBUTE get = attr(type, flag, sizeof(*flag));
	CK_RV rv = t->module->C_GetAttributeValue(t->session, object, &get, 1);

	if (rv == CKR_ATTRIBUTE_TYPE_INVALID)
		return KK_EUNSUP;
	if (rv == CKR_OK && get.ulValueLen != sizeof(*flag))
		return KK_EFORMAT;
	return err_of(rv);
}

/*
 * A key that could be read out is no identity, whoever put it there; nor is one
 * that was outside before.  Of the latter some tokens say nothing: their keys
 * are taken, and keystore_is_silent() tells.  Source: PKCS#11 2.40, 4.9.
 */
static enum kk_err private_check(struct token *t, CK_OBJECT_HANDLE object)
{
	static const struct {
		CK_ATTRIBUTE_TYPE type;
		CK_BBOOL want;
		bool is_history;
	} checks[] = { { CKA_SENSITIVE, CK_TRUE, false },
		{ CKA_EXTRACTABLE, CK_FALSE, false },
		{ CKA_ALWAYS_SENSITIVE, CK_TRUE, true },
		{ CKA_NEVER_EXTRACTABLE, CK_TRUE, true } };

	for (size_t i = 0; i < KK_ARRAY_LEN(checks); i++) {
		CK_BBOOL flag = !checks[i].want;
		enum kk_err err = flag_read(t, object, checks[i].type, &flag);

		if (err == KK_EUNSUP && checks[i].is_history) {
			t->is_silent = true;
			continue;
		}
		if (err)
			return err;
		if (flag != checks[i].want)
			return KK_EPOLICY;
	}
	return KK_OK;
}

static enum kk_err key_sign(void *ctx, struct kk_view message, uint8_t *out,
    size_t *out_bytes)
{
	const struct token_key *key = ctx;
	const struct curve *curve = curve_of(key->sig);
	const CK_FUNCTION_LIST *m = key->token->module;
	CK_MECHANISM ecdsa = { CKM_ECDSA, NULL, 0 };
	uint8_t digest[CRYPTO_HASH_MAX_BYTES], raw[2 * P384_BYTES];
	CK_ULONG raw_bytes = sizeof(raw);
	CK_RV rv;
	enum kk_err err = crypto_hash(curve->hash, &message, 1, digest);

	*out_bytes = 0;
	if (err)
		return err;
	rv = m->C_SignInit(key->token->session, &ecdsa, key->private);
	if (rv == CKR_OK)
		rv = m->C_Sign(key->token->session, digest,
		    crypto_hash_bytes(curve->hash), raw, &raw_bytes);
	if (rv != CKR_OK)
		return err_of(rv);
	if (raw_bytes != 2 * curve->coord_bytes)
		return KK_ECRYPTO;
	return crypto_der_encode(raw, curve->coord_bytes, out, out_bytes);
}

static void key_free(void *ctx)
{
	struct token_key *key = ctx;

	token_unref(key->token);
	kk_free(key);
}

static const struct crypto_key_ops key_ops = { key_sign, NULL, key_free };

static enum kk_err handle_make(struct token *t, CK_OBJECT_HANDLE private,
    CK_OBJECT_HANDLE public_object, struct keystore_type *type,
    struct crypto_key **keyp)
{
	uint8_t point[POINT_MAX];
	const struct curve *curve = NULL;
	struct kk_view public;
	struct token_key *key;
	enum kk_err err = private_check(t, private);

	if (!err)
		err = public_read(t, public_object, &curve, point, &public);
	if (err || !curve)
		return err;
	key = kk_calloc(1, sizeof(*key));
	if (!key)
		return KK_ENOMEM;
	*key = (struct token_key){ t, private, curve->sig };
	t->refs++;
	err = keystore_device_key_new(keyp, curve->sig, public, &key_ops, key);
	if (!err)
		*type = keystore_type_sig(curve->sig);
	return err;
}

static enum kk_err p11_find(void *ctx, const char *name,
    struct keystore_type *type, struct crypto_key **keyp)
{
	struct crypto_key *key = NULL;
	CK_OBJECT_HANDLE private, public;
	enum kk_err err = object_find(ctx, CKO_PRIVATE_KEY, name, &private);

	if (!err) {
		err = object_find(ctx, CKO_PUBLIC_KEY, name, &public);
		if (err == KK_ENOENT)
			err = KK_EFORMAT; /* half a pair */
	}
	if (!err)
		err = handle_make(ctx, private, public, type, &key);
	if (!err)
		*keyp = key;
	return err;
}

static enum kk_err pair_make(const struct token *t, const char *name,
    const struct curve *curve, CK_OBJECT_HANDLE *public,
    CK_OBJECT_HANDLE *private)
{
	CK_MECHANISM make = { CKM_EC_KEY_PAIR_GEN, NULL, 0 };
	CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
	uint8_t id[16];
	enum kk_err err = crypto_random(id, sizeof(id));
	CK_ATTRIBUTE open[] = { attr(CKA_TOKEN, &yes, sizeof(yes)),
		attr(CKA_VERIFY, &yes, sizeof(yes)),
		attr(CKA_EC_PARAMS, curve->params, curve->params_bytes),
		attr(CKA_LABEL, name, strlen(name)),
		attr(CKA_ID, id, sizeof(id)) };
	CK_ATTRIBUTE closed[] = { attr(CKA_TOKEN, &yes, sizeof(yes)),
		attr(CKA_PRIVATE, &yes, sizeof(yes)),
		attr(CKA_SENSITIVE, &yes, sizeof(yes)),
		attr(CKA_EXTRACTABLE, &no, sizeof(no)),
		attr(CKA_SIGN, &yes, sizeof(yes)),
		attr(CKA_DECRYPT, &no, sizeof(no)),
		attr(CKA_UNWRAP, &no, sizeof(no)),
		attr(CKA_DERIVE, &no, sizeof(no)),
		attr(CKA_LABEL, name, strlen(name)),
		attr(CKA_ID, id, sizeof(id)) };

	if (err)
		return err;
	return err_of(t->module->C_GenerateKeyPair(t->session, &make, open,
	    KK_ARRAY_LEN(open), closed, KK_ARRAY_LEN(closed), public, private));
}

static void pair_destroy(const struct token *t, CK_OBJECT_HANDLE public,
    CK_OBJECT_HANDLE private)
{
	(void)t->module->C_DestroyObject(t->session, public);
	(void)t->module->C_DestroyObject(t->session, private);
}

/* A public key alone, which keystore_find() does not see: a second one of its
 * name would make the pair ambiguous. */
static enum kk_err half_check(const struct token *t, const char *name)
{
	CK_OBJECT_HANDLE public;
	enum kk_err err = object_find(t, CKO_PUBLIC_KEY, name, &public);

	if (err == KK_ENOENT)
		return KK_OK;
	return err && err != KK_EEXIST ? err : KK_EFORMAT;
}

/* There is no step that puts one key in another's place, so none is lost. */
static enum kk_err p11_generate(void *ctx, const char *name,
    struct keystore_type type, enum keystore_mode mode,
    struct crypto_key **keyp)
{
	const struct curve *curve = type.kind == KEYSTORE_SIG ?
	    curve_of((enum crypto_sig)type.id) :
	    NULL;
	CK_OBJECT_HANDLE public, private;
	struct keystore_type made;
	struct crypto_key *key = NULL;
	enum kk_err err;

	if (!curve)
		return KK_EUNSUP;
	err = object_find(ctx, CKO_PRIVATE_KEY, name, &private);
	if (err != KK_ENOENT)
		return err && err != KK_EEXIST ? err :
		    mode == KEYSTORE_NEW       ? KK_EEXIST :
						 KK_EUNSUP;
	err = half_check(ctx, name);
	if (!err)
		err = pair_make(ctx, name, curve, &public, &private);
	if (err)
		return err;
	err = handle_make(ctx, private, public, &made, &key);
	if (err)
		pair_destroy(ctx, public, private);
	else
		*keyp = key;
	return err;
}

/* Other labels than our names belong to others. */
static enum kk_err label_read(const struct token *t, CK_OBJECT_HANDLE object,
    struct keystore_name *name, bool *is_name)
{
	CK_ATTRIBUTE get = attr(CKA_LABEL, name->text, sizeof(name->text) - 1);
	CK_RV rv;

	*name = (struct keystore_name){ 0 };
	rv = t->module->C_GetAttributeValue(t->session, object, &get, 1);
	*is_name = rv == CKR_OK && get.ulValueLen < sizeof(name->text) &&
	    keystore_name_is_ok(name->text);
	return rv == CKR_BUFFER_TOO_SMALL ? KK_OK : err_of(rv);
}

static enum kk_err p11_list(void *ctx, struct keystore_name *names, size_t room,
    size_t *count)
{
	CK_OBJECT_HANDLE found[FOUND_MAX];
	struct keystore_name name;
	size_t all;
	bool is_name;
	enum kk_err err = objects_find(ctx, CKO_PRIVATE_KEY, NULL, found,
	    FOUND_MAX, &all);

	if (!err && all == FOUND_MAX)
		err = KK_ELIMIT; /* there may be more */
	for (size_t i = 0; !err && i < all; i++) {
		err = label_read(ctx, found[i], &name, &is_name);
		if (err || !is_name)
			continue;
		if (*count < room)
			names[*count] = name;
		++*count;
	}
	return err;
}

static enum kk_err p11_delete(void *ctx, const char *name)
{
	const struct token *t = ctx;
	CK_OBJECT_HANDLE private, public;
	enum kk_err err = object_find(t, CKO_PRIVATE_KEY, name, &private);

	if (err)
		return err;
	/* The private one last: what was cut off is found again. */
	if (!object_find(t, CKO_PUBLIC_KEY, name, &public))
		err = err_of(t->module->C_DestroyObject(t->session, public));
	if (!err)
		err = err_of(t->module->C_DestroyObject(t->session, private));
	return err;
}

static void p11_free(void *ctx)
{
	token_unref(ctx);
}

static bool p11_is_silent(const void *ctx)
{
	const struct token *t = ctx;

	return t->is_silent;
}

static const struct keystore_ops p11_ops = { p11_generate, p11_find, p11_list,
	p11_delete, p11_free, p11_is_silent };

static enum kk_err module_load(struct token *t, const char *path)
{
	if (!path || path[0] != '/')
		return KK_EINVAL;
	t->module = p11_kit_module_load(path, P11_KIT_MODULE_CRITICAL);
	if (!t->module)
		return KK_EUNSUP;
	if (p11_kit_module_initialize(t->module) != CKR_OK) {
		p11_kit_module_release(t->module);
		t->module = NULL;
		return KK_EUNSUP;
	}
	return KK_OK;
}

/* The one token that the URI is about. */
static enum kk_err slot_find(struct token *t, P11KitUri *uri,
    CK_TOKEN_INFO *token)
{
	CK_SLOT_ID slots[SLOTS_MAX];
	CK_ULONG count = SLOTS_MAX;
	CK_TOKEN_INFO info;
	size_t found = 0;
	CK_RV rv = t->module->C_GetSlotList(CK_TRUE, slots, &count);

	if (rv != CKR_OK)
		return rv == CKR_BUFFER_TOO_SMALL ? KK_ELIMIT : err_of(rv);
	for (CK_ULONG i = 0; i < count; i++) {
		if (t->module->C_GetTokenInfo(slots[i], &info) != CKR_OK ||
		    !(info.flags & CKF_TOKEN_INITIALIZED) ||
		    p11_kit_uri_match_token_info(uri, &info) != 1)
			continue;
		t->slot = slots[i];
		*token = info;
		found++;
	}
	if (found != 1)
		return found ? KK_EEXIST : KK_ENOENT;
	return KK_OK;
}

/*
 * The last try is left to people: a process that starts again and again with a
 * wrong PIN must not lock the token.  (Not every token tells.)
 */
static enum kk_err login(struct token *t, const CK_TOKEN_INFO *info,
    struct kk_view pin)
{
	CK_RV rv;

	if (info->flags & (CKF_USER_PIN_LOCKED | CKF_USER_PIN_FINAL_TRY))
		return KK_EDENIED;
	rv = t->module->C_OpenSession(t->slot,
	    CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL, &t->session);
	if (rv != CKR_OK)
		return err_of(rv);
	t->has_session = true;
	rv = t->module->C_Login(t->session, CKU_USER,
	    (CK_UTF8CHAR *)(uintptr_t)pin.data, pin.bytes);
	return rv == CKR_USER_ALREADY_LOGGED_IN ? KK_OK : err_of(rv);
}

static enum kk_err mechanisms_check(const struct token *t)
{
	CK_MECHANISM_INFO info;
	CK_RV rv = t->module->C_GetMechanismInfo(t->slot, CKM_ECDSA, &info);

	if (rv != CKR_OK)
		return err_of(rv);
	return info.flags & CKF_SIGN ? KK_OK : KK_EUNSUP;
}

static enum kk_err token_open(struct token *t, P11KitUri *uri,
    struct kk_view pin)
{
	CK_TOKEN_INFO info = { 0 };
	enum kk_err err = module_load(t, p11_kit_uri_get_module_path(uri));

	if (!err)
		err = slot_find(t, uri, &info);
	if (!err)
		err = mechanisms_check(t);
	if (!err)
		err = login(t, &info, pin);
	return err;
}

/* A PIN in a URI would be kept and told wherever that is: RFC 7512, 7. */
static bool uri_read(P11KitUri *parsed, const char *uri)
{
	return p11_kit_uri_parse(uri,
		   P11_KIT_URI_FOR_TOKEN | P11_KIT_URI_FOR_MODULE_WITH_VERSION,
		   parsed) == P11_KIT_URI_OK &&
	    !p11_kit_uri_any_unrecognized(parsed) &&
	    !p11_kit_uri_get_pin_value(parsed) &&
	    !p11_kit_uri_get_pin_source(parsed);
}

enum kk_err keystore_pkcs11_open(struct keystore **storep, const char *uri,
    struct kk_view pin)
{
	struct token *t = kk_calloc(1, sizeof(*t));
	P11KitUri *parsed = p11_kit_uri_new();
	enum kk_err err = KK_ENOMEM;

	if (t && parsed) {
		t->refs = 1;
		err = uri_read(parsed, uri) ? token_open(t, parsed, pin) :
					      KK_EINVAL;
	}
	p11_kit_uri_free(parsed);
	if (!err)
		return keystore_new(storep, &p11_ops, t);
	if (t)
		token_unref(t);
	return err;
}
