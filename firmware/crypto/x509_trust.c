/* x509_trust.c - what a site trusts: anchors, issuers, revocation lists. */
#include "crypto/x509_internal.h"

enum kk_err crypto_x509_trust_new(struct crypto_x509_trust **trustp)
{
	struct crypto_x509_trust *trust = kk_calloc(1, sizeof(*trust));

	if (!trust)
		return KK_ENOMEM;
	*trustp = trust;
	return KK_OK;
}

static void cert_free(struct x509_cert *cert)
{
	x509_cert_clear(cert);
	kk_free(cert);
}

static void crl_free(struct x509_crl *crl)
{
	x509_crl_clear(crl);
	kk_free(crl);
}

void crypto_x509_trust_free(struct crypto_x509_trust *trust)
{
	if (!trust)
		return;
	for (size_t i = 0; i < trust->anchor_count; i++)
		cert_free(trust->anchors[i]);
	for (size_t i = 0; i < trust->issuer_count; i++)
		cert_free(trust->issuers[i]);
	for (size_t i = 0; i < trust->crl_count; i++)
		crl_free(trust->crls[i]);
	kk_free(trust);
}

void crypto_x509_trust_require_crl(struct crypto_x509_trust *trust, bool on)
{
	trust->needs_crl = on;
}

/* Two CAs of one name are told apart by their key identifiers alone. */
static bool certs_clash(const struct x509_cert *a, const struct x509_cert *b)
{
	return kk_view_equal(a->subject, b->subject) &&
	    (a->ski.bytes == 0 || b->ski.bytes == 0 ||
		kk_view_equal(a->ski, b->ski));
}

/* Parses a CA certificate onto the heap. */
static enum kk_err ca_parse(struct x509_cert **certp, struct kk_view der)
{
	struct x509_cert *cert = kk_calloc(1, sizeof(*cert));
	enum kk_err err;

	if (!cert)
		return KK_ENOMEM;
	err = x509_cert_parse(cert, der);
	if (!err)
		err = x509_cert_check_ca(cert);
	if (err) {
		cert_free(cert);
		return err;
	}
	*certp = cert;
	return KK_OK;
}

struct ca_list {
	struct x509_cert **certs;
	size_t *count;
	size_t max;
};

/* Takes cert over in any case.  KK_OK also when it is there already. */
static enum kk_err ca_list_add(struct ca_list *list, struct x509_cert *cert)
{
	enum kk_err err = KK_OK;

	for (size_t i = 0; i < *list->count; i++) {
		if (kk_view_equal(list->certs[i]->raw, cert->raw)) {
			cert_free(cert);
			return KK_OK;
		}
		if (certs_clash(list->certs[i], cert))
			err = KK_EEXIST;
	}
	if (!err && *list->count >= list->max)
		err = KK_ELIMIT;
	if (err) {
		cert_free(cert);
		return err;
	}
	list->certs[(*list->count)++] = cert;
	return KK_OK;
}

/* Forgets what was added after there were count. */
static void ca_list_cut(struct ca_list *list, size_t count)
{
	while (*list->count > count)
		cert_free(list->certs[--*list->count]);
}

static struct ca_list anchors_of(struct crypto_x509_trust *trust)
{
	return (struct ca_list){ trust->anchors, &trust->anchor_count,
		CRYPTO_X509_ANCHORS_MAX };
}

static struct ca_list issuers_of(struct crypto_x509_trust *trust)
{
	return (struct ca_list){ trust->issuers, &trust->issuer_count,
		CRYPTO_X509_ISSUERS_MAX };
}

static enum kk_err anchor_add(void *arg, struct kk_view der)
{
	struct ca_list list = anchors_of(arg);
	struct x509_cert *cert;
	enum kk_err err = ca_parse(&cert, der);

	return err ? err : ca_list_add(&list, cert);
}

static enum kk_err cas_add(struct crypto_x509_trust *trust,
    struct kk_view certs, struct ca_list list, x509_pem_fn *fn)
{
	size_t old_count = *list.count;
	enum kk_err err = x509_pem_each(certs, "CERTIFICATE", fn, trust);

	if (err)
		ca_list_cut(&list, old_count);
	return err;
}

enum kk_err crypto_x509_trust_add_ca(struct crypto_x509_trust *trust,
    struct kk_view cert)
{
	return cas_add(trust, cert, anchors_of(trust), anchor_add);
}

const struct x509_cert *x509_trust_anchor(const struct crypto_x509_trust *trust,
    const struct x509_cert *cert)
{
	const struct x509_cert *found = NULL;

	for (size_t i = 0; i < trust->anchor_count; i++) {
		const struct x509_cert *anchor = trust->anchors[i];

		if (kk_view_equal(anchor->raw, cert->raw))
			return anchor;
		if (!x509_cert_is_issued_by(cert, anchor))
			continue;
		if (found)
			return NULL; /* cert does not say which */
		found = anchor;
	}
	return found;
}

/* The anchor or known issuer that signed cert, by name and identifier. */
static const struct x509_cert *issuer_of(const struct crypto_x509_trust *trust,
    const struct x509_cert *cert)
{
	const struct x509_cert *found = x509_trust_anchor(trust, cert);

	for (size_t i = 0; !found && i < trust->issuer_count; i++)
		if (x509_cert_is_issued_by(cert, trust->issuers[i]))
			found = trust->issuers[i];
	return found;
}

static enum kk_err issuer_check(const struct crypto_x509_trust *trust,
    const struct x509_cert *cert)
{
	const struct x509_cert *by = issuer_of(trust, cert);

	if (!by)
		return KK_EUNTRUSTED;
	if (x509_cert_check_pair(cert, by))
		return KK_EUNSUP;
	return crypto_verify(by->key_sig, by->public, cert->tbs,
	    cert->signature);
}

static enum kk_err issuer_add(void *arg, struct kk_view der)
{
	struct ca_list list = issuers_of(arg);
	struct x509_cert *cert;
	enum kk_err err = ca_parse(&cert, der);

	if (err)
		return err;
	err = issuer_check(arg, cert);
	if (err) {
		cert_free(cert);
		return err;
	}
	return ca_list_add(&list, cert);
}

enum kk_err crypto_x509_trust_add_issuer(struct crypto_x509_trust *trust,
    struct kk_view cert)
{
	return cas_add(trust, cert, issuers_of(trust), issuer_add);
}

bool x509_trust_has_issuer(const struct crypto_x509_trust *trust,
    const struct x509_cert *cert)
{
	for (size_t i = 0; i < trust->issuer_count; i++)
		if (kk_view_equal(trust->issuers[i]->raw, cert->raw))
			return true;
	return false;
}

static bool crl_may_be_by(const struct x509_crl *crl,
    const struct x509_cert *ca)
{
	if (!kk_view_equal(crl->issuer, ca->subject))
		return false;
	return crl->aki.bytes == 0 || ca->ski.bytes == 0 ||
	    kk_view_equal(crl->aki, ca->ski);
}

/* Errors: KK_EDENIED, KK_EUNSUP, KK_EVERIFY.  RFC 5280, 6.3.3 (f), (g). */
static enum kk_err crl_verify(const struct x509_crl *crl,
    const struct x509_cert *ca)
{
	if (mbedtls_x509_crt_check_key_usage(&ca->crt,
		MBEDTLS_X509_KU_CRL_SIGN))
		return KK_EDENIED;
	if (crl->made_by != ca->key_sig)
		return KK_EUNSUP;
	return crypto_verify(ca->key_sig, ca->public, crl->tbs, crl->signature);
}

/* Tries whoever has the list's issuer's name; there are few of one name. */
static enum kk_err crl_bind(const struct crypto_x509_trust *trust,
    struct x509_crl *crl)
{
	enum kk_err err = KK_EUNTRUSTED;
	size_t count = trust->anchor_count + trust->issuer_count;

	for (size_t i = 0; err && i < count; i++) {
		const struct x509_cert *ca = i < trust->anchor_count ?
		    trust->anchors[i] :
		    trust->issuers[i - trust->anchor_count];

		if (!crl_may_be_by(crl, ca))
			continue;
		err = crl_verify(crl, ca);
		if (!err)
			return kk_bytes_copy(&crl->issuer_key, ca->public);
	}
	return err;
}

static bool crl_is_of(const struct x509_crl *crl, struct kk_view name,
    struct kk_view key)
{
	return kk_view_equal(crl->issuer, name) &&
	    kk_view_equal(kk_bytes_view(&crl->issuer_key), key);
}

/* Takes crl over unless it fails, or is the one that is there (KK_OK). */
static enum kk_err crl_put(struct crypto_x509_trust *trust,
    struct x509_crl **crlp)
{
	struct x509_crl **old = NULL;
	struct x509_crl *crl = *crlp;

	for (size_t i = 0; !old && i < trust->crl_count; i++)
		if (crl_is_of(trust->crls[i], crl->issuer,
			kk_bytes_view(&crl->issuer_key)))
			old = &trust->crls[i];
	if (!old && trust->crl_count >= KK_ARRAY_LEN(trust->crls))
		return KK_ELIMIT;
	if (old && kk_view_equal((*old)->tbs, crl->tbs))
		return KK_OK;
	if (old && x509_crl_is_stale_to(crl, *old))
		return KK_EREPLAY;
	if (old)
		crl_free(*old);
	else
		old = &trust->crls[trust->crl_count++];
	*old = crl;
	*crlp = NULL;
	return KK_OK;
}

static enum kk_err crl_add(void *arg, struct kk_view der)
{
	struct x509_crl *crl = kk_calloc(1, sizeof(*crl));
	enum kk_err err;

	if (!crl)
		return KK_ENOMEM;
	err = x509_crl_parse(crl, der);
	if (!err)
		err = crl_bind(arg, crl);
	if (!err)
		err = crl_put(arg, &crl);
	if (crl)
		crl_free(crl);
	return err;
}

enum kk_err crypto_x509_trust_add_crl(struct crypto_x509_trust *trust,
    struct kk_view crl)
{
	return x509_pem_each(crl, "X509 CRL", crl_add, trust);
}

enum kk_err x509_trust_check_revoked(const struct crypto_x509_trust *trust,
    const struct x509_cert *cert, const struct x509_cert *issuer, int64_t now_s)
{
	const struct x509_crl *crl = NULL;

	for (size_t i = 0; !crl && i < trust->crl_count; i++)
		if (crl_is_of(trust->crls[i], issuer->subject, issuer->public))
			crl = trust->crls[i];
	if (crl && x509_crl_has(crl, cert->serial))
		return KK_EREVOKED; /* also when the list is stale */
	if (!trust->needs_crl)
		return KK_OK;
	if (!crl)
		return KK_EUNTRUSTED;
	return now_s < crl->this_s || now_s > crl->next_s ? KK_EEXPIRED : KK_OK;
}
