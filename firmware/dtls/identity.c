/* identity.c - a certificate of our own, and which backends there are. */
#include "dtls/backend.h"

enum {
	DAY_S = 86400,
	NOW_MIN_S = 365 * DAY_S, /* 1971: a clock that was never set */
};
/* UTCTime ends with 2049 (RFC 5280, 4.1.2.5); a lifetime's room before it. */
static const uint64_t now_max_s = 2492000000;

const struct dtls_ops *dtls_ops_get(enum dtls_backend backend)
{
	switch (backend) {
#ifdef KK_DTLS_OPENSSL
	case DTLS_BACKEND_OPENSSL:
		return &dtls_ossl_ops;
#endif
#ifdef KK_DTLS_MBEDTLS
	case DTLS_BACKEND_MBEDTLS:
		return &dtls_mbed_ops;
#endif
	default:
		return NULL;
	}
}

bool dtls_backend_is_here(enum dtls_backend backend)
{
	return dtls_ops_get(backend) != NULL;
}

const char *dtls_backend_name(enum dtls_backend backend)
{
	const struct dtls_ops *ops = dtls_ops_get(backend);

	return ops ? ops->name : "none";
}

static enum kk_err identity_fill(struct dtls_identity *id)
{
	enum kk_err err;

	err = id->ops->identity_new(&id->ctx, id->from_s, id->to_s, &id->der);
	if (err)
		return err;
	err = id->ops->sha256(kk_bytes_view(&id->der), id->fingerprint);
	if (err)
		return err;
	dtls_fingerprint_write(id->fingerprint, id->text);
	return KK_OK;
}

enum kk_err dtls_identity_new(struct dtls_identity **identityp,
    enum dtls_backend backend, uint64_t now_s, uint32_t lifetime_s)
{
	const struct dtls_ops *ops = dtls_ops_get(backend);
	struct dtls_identity *id;
	enum kk_err err;

	if (lifetime_s == 0 || lifetime_s > DTLS_LIFETIME_MAX_S)
		return KK_EINVAL;
	if (now_s < NOW_MIN_S || now_s > now_max_s)
		return KK_EINVAL;
	if (!ops)
		return KK_EUNSUP;
	id = kk_calloc(1, sizeof(*id));
	if (!id)
		return KK_ENOMEM;
	id->backend = backend;
	id->ops = ops;
	id->from_s = now_s - DAY_S;
	id->to_s = now_s + lifetime_s;
	err = identity_fill(id);
	if (err) {
		dtls_identity_free(id);
		return err;
	}
	*identityp = id;
	return KK_OK;
}

void dtls_identity_free(struct dtls_identity *identity)
{
	if (!identity)
		return;
	if (identity->ctx)
		identity->ops->identity_free(identity->ctx);
	kk_bytes_clear(&identity->der);
	kk_free_wiped(identity, sizeof(*identity));
}

const uint8_t *dtls_identity_fingerprint(const struct dtls_identity *identity)
{
	return identity->fingerprint;
}

const char *dtls_identity_fingerprint_text(const struct dtls_identity *identity)
{
	return identity->text;
}

struct kk_view dtls_identity_certificate(const struct dtls_identity *identity)
{
	return kk_bytes_view(&identity->der);
}

uint64_t dtls_identity_expires_s(const struct dtls_identity *identity)
{
	return identity->to_s;
}

enum dtls_backend dtls_identity_backend(const struct dtls_identity *identity)
{
	return identity->backend;
}
