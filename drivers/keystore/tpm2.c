/*
 * tpm2.c - a key store in a TPM 2.0 (tpm2-tss, ESAPI).
 *
 * A key is made in the TPM below its owner hierarchy's primary key, may sign
 * and nothing else, and leaves it only encrypted for that TPM (fixedTPM).  So
 * it lies in the folder, one file a key, as tpm2_format.c says: without this
 * TPM it is of no use, and clearing the TPM destroys it.
 */
#include <string.h>
#include <tss2/tss2_esys.h>
#include <tss2/tss2_tctildr.h>
#include <unistd.h>

#include "crypto/der.h"
#include "drivers/keystore/keystore_internal.h"
#include "drivers/keystore/tpm2_internal.h"

struct tpm {
	unsigned refs; /* the store's, and one of each handle */
	int dir_fd;
	TSS2_TCTI_CONTEXT *tcti;
	ESYS_CONTEXT *esys;
};

struct tpm_key {
	struct tpm *tpm;
	ESYS_TR object;
	const struct tpm2_curve *curve;
};

static const struct tpm2_curve curves[] = {
	{ CRYPTO_ECDSA_P256_SHA256, CRYPTO_SHA256, 32, TPM2_ECC_NIST_P256,
	    TPM2_ALG_SHA256 },
	{ CRYPTO_ECDSA_P384_SHA384, CRYPTO_SHA384, 48, TPM2_ECC_NIST_P384,
	    TPM2_ALG_SHA384 },
};

const struct tpm2_curve *tpm2_curve_of(uint16_t sig)
{
	for (size_t i = 0; i < KK_ARRAY_LEN(curves); i++)
		if (curves[i].sig == sig)
			return &curves[i];
	return NULL;
}

/* The number of an error, without what parameter it is about.  Source: TPM 2.0
 * Library, part 2, 6.6. */
static TPM2_RC code_of(TSS2_RC rc)
{
	if (rc & TSS2_RC_LAYER_MASK)
		return 0; /* not the TPM's own */
	return rc & TPM2_RC_FMT1 ? rc & (TPM2_RC_FMT1 | 0x3f) : rc & 0xfff;
}

static enum kk_err err_of(TSS2_RC rc)
{
	if (rc == TSS2_RC_SUCCESS)
		return KK_OK;
	switch (code_of(rc)) {
	case TPM2_RC_LOCKOUT:
	case TPM2_RC_DISABLED:
	case TPM2_RC_HIERARCHY:
		return KK_EDENIED;
	case TPM2_RC_AUTH_FAIL:
	case TPM2_RC_BAD_AUTH:
	case TPM2_RC_AUTH_MISSING:
	case TPM2_RC_INTEGRITY:
	case TPM2_RC_BINDING:
		return KK_EAUTH;
	case TPM2_RC_CURVE:
	case TPM2_RC_SCHEME:
	case TPM2_RC_HASH:
	case TPM2_RC_VALUE:
	case TPM2_RC_COMMAND_CODE:
		return KK_EUNSUP;
	case TPM2_RC_OBJECT_MEMORY:
	case TPM2_RC_MEMORY:
		return KK_ELIMIT;
	default:
		return KK_EIO;
	}
}

static void tpm_unref(struct tpm *t)
{
	if (--t->refs > 0)
		return;
	if (t->esys)
		Esys_Finalize(&t->esys);
	if (t->tcti)
		Tss2_TctiLdr_Finalize(&t->tcti);
	if (t->dir_fd >= 0)
		(void)close(t->dir_fd);
	kk_free(t);
}

/* Anybody may use it who may talk to the TPM: a box starts unattended. */
static TPM2B_PUBLIC template_of(const struct tpm2_curve *curve, bool is_parent)
{
	TPM2B_PUBLIC in = { .publicArea = { .type = TPM2_ALG_ECC,
				.nameAlg = TPM2_ALG_SHA256,
				.objectAttributes = TPMA_OBJECT_FIXEDTPM |
				    TPMA_OBJECT_FIXEDPARENT |
				    TPMA_OBJECT_SENSITIVEDATAORIGIN |
				    TPMA_OBJECT_USERWITHAUTH |
				    TPMA_OBJECT_NODA } };
	TPMS_ECC_PARMS *ecc = &in.publicArea.parameters.eccDetail;

	ecc->curveID = curve->curve;
	ecc->kdf.scheme = TPM2_ALG_NULL;
	if (is_parent) {
		in.publicArea.objectAttributes |= TPMA_OBJECT_RESTRICTED |
		    TPMA_OBJECT_DECRYPT;
		ecc->symmetric.algorithm = TPM2_ALG_AES;
		ecc->symmetric.keyBits.aes = 128;
		ecc->symmetric.mode.aes = TPM2_ALG_CFB;
		ecc->scheme.scheme = TPM2_ALG_NULL;
	} else {
		in.publicArea.objectAttributes |= TPMA_OBJECT_SIGN_ENCRYPT;
		ecc->symmetric.algorithm = TPM2_ALG_NULL;
		ecc->scheme.scheme = TPM2_ALG_ECDSA;
		ecc->scheme.details.ecdsa.hashAlg = curve->hash_alg;
	}
	return in;
}

/* The same key each time, of the TPM's own seed.  It takes one of few places:
 * it is let go as soon as a key was loaded below it. */
static enum kk_err primary_make(struct tpm *t, ESYS_TR *primary)
{
	const TPM2B_PUBLIC in = template_of(&curves[0], true);
	const TPM2B_SENSITIVE_CREATE sensitive = { 0 };
	const TPM2B_DATA none = { 0 };
	const TPML_PCR_SELECTION pcrs = { 0 };

	return err_of(Esys_CreatePrimary(t->esys, ESYS_TR_RH_OWNER,
	    ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE, &sensitive, &in,
	    &none, &pcrs, primary, NULL, NULL, NULL, NULL));
}

static enum kk_err pair_make(struct tpm *t, const struct tpm2_curve *curve,
    TPM2B_PUBLIC **public, TPM2B_PRIVATE **private)
{
	const TPM2B_PUBLIC in = template_of(curve, false);
	const TPM2B_SENSITIVE_CREATE sensitive = { 0 };
	const TPM2B_DATA none = { 0 };
	const TPML_PCR_SELECTION pcrs = { 0 };
	ESYS_TR primary = ESYS_TR_NONE;
	enum kk_err err = primary_make(t, &primary);

	if (err)
		return err;
	err = err_of(Esys_Create(t->esys, primary, ESYS_TR_PASSWORD,
	    ESYS_TR_NONE, ESYS_TR_NONE, &sensitive, &in, &none, &pcrs, private,
	    public, NULL, NULL, NULL));
	(void)Esys_FlushContext(t->esys, primary);
	return err;
}

static enum kk_err pair_load(struct tpm *t, const TPM2B_PUBLIC *public,
    const TPM2B_PRIVATE *private, ESYS_TR *object)
{
	ESYS_TR primary = ESYS_TR_NONE;
	enum kk_err err = primary_make(t, &primary);

	if (err)
		return err;
	err = err_of(Esys_Load(t->esys, primary, ESYS_TR_PASSWORD, ESYS_TR_NONE,
	    ESYS_TR_NONE, private, public, object));
	(void)Esys_FlushContext(t->esys, primary);
	return err;
}

/* Numbers may come without their leading zeroes. */
static bool number_put(uint8_t *out, size_t bytes,
    const TPM2B_ECC_PARAMETER *number)
{
	if (number->size > bytes)
		return false;
	memset(out, 0, bytes);
	memcpy(out + bytes - number->size, number->buffer, number->size);
	return true;
}

static enum kk_err key_sign(void *ctx, struct kk_view message, uint8_t *out,
    size_t *out_bytes)
{
	const struct tpm_key *key = ctx;
	const size_t bytes = key->curve->coord_bytes;
	const TPMT_SIG_SCHEME scheme = { .scheme = TPM2_ALG_ECDSA,
		.details.ecdsa.hashAlg = key->curve->hash_alg };
	const TPMT_TK_HASHCHECK none = { .tag = TPM2_ST_HASHCHECK,
		.hierarchy = TPM2_RH_NULL };
	TPM2B_DIGEST digest = {
		.size = (UINT16)crypto_hash_bytes(key->curve->hash)
	};
	TPMT_SIGNATURE *signature = NULL;
	uint8_t raw[2 * TPM2_COORD_MAX_BYTES];
	enum kk_err err;

	*out_bytes = 0;
	err = crypto_hash(key->curve->hash, &message, 1, digest.buffer);
	if (err)
		return err;
	err = err_of(Esys_Sign(key->tpm->esys, key->object, ESYS_TR_PASSWORD,
	    ESYS_TR_NONE, ESYS_TR_NONE, &digest, &scheme, &none, &signature));
	if (err)
		return err;
	if (number_put(raw, bytes, &signature->signature.ecdsa.signatureR) &&
	    number_put(raw + bytes, bytes,
		&signature->signature.ecdsa.signatureS))
		err = crypto_der_encode(raw, bytes, out, out_bytes);
	else
		err = KK_ECRYPTO;
	Esys_Free(signature);
	return err;
}

static void key_free(void *ctx)
{
	struct tpm_key *key = ctx;

	(void)Esys_FlushContext(key->tpm->esys, key->object);
	tpm_unref(key->tpm);
	kk_free(key);
}

static const struct crypto_key_ops key_ops = { key_sign, NULL, key_free };

/* Takes the loaded object over in any case. */
static enum kk_err handle_make(struct tpm *t, ESYS_TR object,
    const struct tpm2_curve *curve, struct kk_view point,
    struct crypto_key **keyp)
{
	struct tpm_key *key = kk_calloc(1, sizeof(*key));

	if (!key) {
		(void)Esys_FlushContext(t->esys, object);
		return KK_ENOMEM;
	}
	*key = (struct tpm_key){ t, object, curve };
	t->refs++;
	return keystore_device_key_new(keyp, curve->sig, point, &key_ops, key);
}

static enum kk_err pair_open(struct tpm *t, const TPM2B_PUBLIC *public,
    const TPM2B_PRIVATE *private, const struct tpm2_curve *curve,
    struct crypto_key **keyp)
{
	const TPMS_ECC_POINT *ecc = &public->publicArea.unique.ecc;
	const size_t bytes = curve->coord_bytes;
	uint8_t point[1 + 2 * TPM2_COORD_MAX_BYTES] = { 0x04 };
	ESYS_TR object = ESYS_TR_NONE;
	enum kk_err err;

	if (public->publicArea.type != TPM2_ALG_ECC ||
	    public->publicArea.parameters.eccDetail.curveID != curve->curve ||
	    !number_put(point + 1, bytes, &ecc->x) ||
	    !number_put(point + 1 + bytes, bytes, &ecc->y))
		return KK_EFORMAT;
	err = pair_load(t, public, private, &object);
	return err ? err :
		     handle_make(t, object, curve,
			 kk_view_of(point, 1 + 2 * bytes), keyp);
}

static enum kk_err tpm_generate(void *ctx, const char *name,
    struct keystore_type type, enum keystore_mode mode,
    struct crypto_key **keyp)
{
	struct tpm *t = ctx;
	const struct tpm2_curve *curve = type.kind == KEYSTORE_SIG ?
	    tpm2_curve_of(type.id) :
	    NULL;
	TPM2B_PUBLIC *public = NULL;
	TPM2B_PRIVATE *private = NULL;
	struct crypto_key *key = NULL;
	struct kk_bytes text = { 0 };
	enum kk_err err;

	if (!curve)
		return KK_EUNSUP;
	if (mode == KEYSTORE_NEW && keystore_io_has(t->dir_fd, name))
		return KK_EEXIST;
	err = pair_make(t, curve, &public, &private);
	if (!err)
		err = tpm2_file_make(&text, curve, public, private);
	if (!err)
		err = pair_open(t, public, private, curve, &key);
	if (!err) /* the file last: nothing can fail behind it */
		err = keystore_io_write(t->dir_fd, name, mode,
		    kk_bytes_view(&text));
	if (err)
		crypto_key_free(key);
	else
		*keyp = key;
	kk_bytes_clear(&text);
	Esys_Free(public);
	Esys_Free(private);
	return err;
}

static enum kk_err tpm_find(void *ctx, const char *name,
    struct keystore_type *type, struct crypto_key **keyp)
{
	struct tpm *t = ctx;
	uint8_t text[TPM2_FILE_MAX_BYTES];
	size_t bytes = sizeof(text);
	const struct tpm2_curve *curve = NULL;
	struct crypto_key *key = NULL;
	TPM2B_PUBLIC public;
	TPM2B_PRIVATE private;
	enum kk_err err = keystore_io_read(t->dir_fd, name, text, &bytes);

	if (err)
		return err == KK_ELIMIT ? KK_EFORMAT : err;
	err = tpm2_file_parse(kk_view_of(text, bytes), &curve, &public,
	    &private);
	if (!err)
		err = pair_open(t, &public, &private, curve, &key);
	if (err)
		return err;
	*type = keystore_type_sig(curve->sig);
	*keyp = key;
	return KK_OK;
}

static enum kk_err tpm_list(void *ctx, struct keystore_name *names, size_t room,
    size_t *count)
{
	const struct tpm *t = ctx;

	return keystore_io_list(t->dir_fd, names, room, count);
}

static enum kk_err tpm_delete(void *ctx, const char *name)
{
	const struct tpm *t = ctx;

	return keystore_io_delete(t->dir_fd, name);
}

static void tpm_free(void *ctx)
{
	tpm_unref(ctx);
}

static const struct keystore_ops tpm_ops = { tpm_generate, tpm_find, tpm_list,
	tpm_delete, tpm_free, NULL };

/* The TPM tests what it has not tested since it was switched on. */
static enum kk_err tpm_open(struct tpm *t, const char *tcti)
{
	enum kk_err err;

	if (Tss2_TctiLdr_Initialize(tcti, &t->tcti) != TSS2_RC_SUCCESS)
		return KK_ENOENT;
	if (Esys_Initialize(&t->esys, t->tcti, NULL) != TSS2_RC_SUCCESS)
		return KK_EIO;
	err = err_of(Esys_SelfTest(t->esys, ESYS_TR_NONE, ESYS_TR_NONE,
	    ESYS_TR_NONE, TPM2_NO));
	return err;
}

/* tpm2-tss would load a library of any name, and "cmd:" runs a program. */
static bool tcti_is_ok(const char *tcti)
{
	return !strncmp(tcti, "device:/", 8) || !strncmp(tcti, "swtpm:", 6);
}

enum kk_err keystore_tpm2_open(struct keystore **storep, const char *path,
    const char *tcti)
{
	struct tpm *t;
	enum kk_err err;

	if (!tcti || !*tcti)
		tcti = "device:/dev/tpmrm0";
	if (!tcti_is_ok(tcti))
		return KK_EINVAL;
	t = kk_calloc(1, sizeof(*t));
	if (!t)
		return KK_ENOMEM;
	*t = (struct tpm){ .refs = 1, .dir_fd = -1 };
	err = keystore_io_open_folder(&t->dir_fd, path);
	if (!err)
		err = tpm_open(t, tcti);
	if (err) {
		tpm_unref(t);
		return err;
	}
	return keystore_new(storep, &tpm_ops, t);
}
