/*
 * x509_chain.c - the path from an end entity to an anchor (RFC 5280, 6.1).
 *
 * All rules are checked first; only a chain that passes them adds signature
 * checks to the batch.
 */
#include <mbedtls/oid.h>
#include <string.h>

#include "crypto/x509_internal.h"

struct chain {
	struct x509_cert certs[CRYPTO_X509_CHAIN_MAX];
	size_t count;
	const struct x509_cert *anchor;
	bool has_anchor; /* the last certificate is the anchor itself */
};

static enum kk_err chain_parse(struct chain *chain, const struct kk_view *certs,
    size_t cert_count)
{
	if (cert_count == 0)
		return KK_EFORMAT;
	if (cert_count > CRYPTO_X509_CHAIN_MAX)
		return KK_ELIMIT;
	while (chain->count < cert_count) {
		size_t i = chain->count;
		enum kk_err err = x509_cert_parse(&chain->certs[i], certs[i]);

		if (err)
			return err;
		chain->count++;
		for (size_t j = 0; j < i; j++) /* RFC 5280, 6.1: no doubles */
			if (kk_view_equal(chain->certs[j].raw,
				chain->certs[i].raw))
				return KK_EFORMAT;
	}
	return KK_OK;
}

static void chain_free(struct chain *chain)
{
	for (size_t i = 0; i < chain->count; i++)
		x509_cert_clear(&chain->certs[i]);
	kk_free(chain);
}

/* Who signed certificate i, or is it, in the anchor's case. */
static const struct x509_cert *chain_issuer(const struct chain *chain, size_t i)
{
	return i + 1 < chain->count ? &chain->certs[i + 1] : chain->anchor;
}

/* How many of the chain's certificates have to be signed by another. */
static size_t chain_signed(const struct chain *chain)
{
	return chain->has_anchor ? chain->count - 1 : chain->count;
}

static enum kk_err chain_link(struct chain *chain,
    const struct crypto_x509_trust *trust)
{
	const struct x509_cert *last = &chain->certs[chain->count - 1];

	chain->anchor = x509_trust_anchor(trust, last);
	if (!chain->anchor)
		return KK_EUNTRUSTED;
	chain->has_anchor = kk_view_equal(chain->anchor->raw, last->raw);
	for (size_t i = 0; i + 1 < chain->count; i++)
		if (!x509_cert_is_issued_by(&chain->certs[i],
			&chain->certs[i + 1]))
			return KK_EUNTRUSTED;
	return KK_OK;
}

static bool cert_is_self_issued(const struct x509_cert *cert)
{
	return kk_view_equal(cert->issuer, cert->subject);
}

/* RFC 5280, 6.1.4 (k) to (n), from the end entity upward. */
static enum kk_err chain_check_issuers(const struct chain *chain)
{
	int below = 0; /* intermediates that are not self-issued */

	for (size_t i = 0; i < chain_signed(chain); i++) {
		const struct x509_cert *by = chain_issuer(chain, i);
		enum kk_err err = x509_cert_check_ca(by);

		if (err)
			return err;
		if (by->path_len >= 0 && below > by->path_len)
			return KK_EDENIED;
		if (!cert_is_self_issued(by))
			below++;
		err = x509_cert_check_pair(&chain->certs[i], by);
		if (err)
			return err;
	}
	return KK_OK;
}

/* id-kp-eapOverLAN (RFC 4334, 2): the key is a network port's, which other
 * programs hold. */
static bool cert_is_ports(const struct x509_cert *cert)
{
	static const uint8_t eap[] = { 0x2b, 6, 1, 5, 5, 7, 3, 14 };
	const mbedtls_x509_sequence *use = &cert->crt.ext_key_usage;

	for (; use && use->buf.p; use = use->next) {
		if (kk_view_equal(kk_view_of(use->buf.p, use->buf.len),
			kk_view_of(eap, sizeof(eap))))
			return true;
	}
	return false;
}

/* RFC 5280, 4.2.1.12; id-kp-imUri of RFC 9734, 3. */
static bool cert_allows_meeting(const struct x509_cert *cert)
{
	static const char im_uri[] = "\x2b\x06\x01\x05\x05\x07\x03\x28";
	const mbedtls_x509_crt *crt = &cert->crt;

	return !mbedtls_x509_crt_check_extended_key_usage(crt,
		   MBEDTLS_OID_CLIENT_AUTH,
		   MBEDTLS_OID_SIZE(MBEDTLS_OID_CLIENT_AUTH)) ||
	    !mbedtls_x509_crt_check_extended_key_usage(crt, im_uri,
		sizeof(im_uri) - 1);
}

static enum kk_err chain_check_usage(const struct chain *chain)
{
	const struct x509_cert *leaf = &chain->certs[0];

	if (leaf->is_ca || cert_is_ports(leaf) ||
	    mbedtls_x509_crt_check_key_usage(&leaf->crt,
		MBEDTLS_X509_KU_DIGITAL_SIGNATURE))
		return KK_EDENIED;
	for (size_t i = 0; i < chain_signed(chain); i++)
		if (!cert_allows_meeting(&chain->certs[i]))
			return KK_EDENIED;
	return KK_OK;
}

/* The time in which the whole chain is valid, the anchor included. */
static enum kk_err chain_check_time(const struct chain *chain, int64_t now_s,
    struct crypto_x509_subject *subject)
{
	subject->not_before_s = chain->anchor->not_before_s;
	subject->not_after_s = chain->anchor->not_after_s;
	for (size_t i = 0; i < chain->count; i++) {
		const struct x509_cert *cert = &chain->certs[i];

		if (cert->not_before_s > subject->not_before_s)
			subject->not_before_s = cert->not_before_s;
		if (cert->not_after_s < subject->not_after_s)
			subject->not_after_s = cert->not_after_s;
	}
	if (now_s < subject->not_before_s || now_s > subject->not_after_s)
		return KK_EEXPIRED;
	return KK_OK;
}

static enum kk_err chain_check_revoked(const struct chain *chain,
    const struct crypto_x509_trust *trust, int64_t now_s)
{
	enum kk_err err = KK_OK;

	for (size_t i = 0; !err && i < chain_signed(chain); i++)
		err = x509_trust_check_revoked(trust, &chain->certs[i],
		    chain_issuer(chain, i), now_s);
	return err;
}

static bool checks_have(const struct crypto_checks *checks,
    const struct crypto_check *want)
{
	struct crypto_check have;

	for (size_t i = 0; i < crypto_checks_count(checks); i++)
		if (!crypto_checks_get(checks, i, &have) &&
		    have.sig == want->sig &&
		    kk_view_equal(have.signature, want->signature) &&
		    kk_view_equal(have.public, want->public) &&
		    kk_view_equal(have.message, want->message))
			return true;
	return false;
}

/*
 * The members of a meeting share their intermediates: one check of each is
 * enough in a batch, and none where it was made when the issuer was added.
 */
static enum kk_err chain_add_checks(const struct chain *chain,
    const struct crypto_x509_trust *trust, struct crypto_checks *checks)
{
	enum kk_err err = KK_OK;

	for (size_t i = 0; !err && i < chain_signed(chain); i++) {
		const struct x509_cert *cert = &chain->certs[i];
		const struct x509_cert *by = chain_issuer(chain, i);
		const struct crypto_check check = { by->key_sig, by->public,
			cert->tbs, cert->signature };

		if (x509_trust_has_issuer(trust, cert) ||
		    checks_have(checks, &check))
			continue;
		err = crypto_checks_add(checks, check.sig, check.public,
		    check.message, check.signature);
	}
	return err;
}

static enum kk_err chain_check_subject(const struct chain *chain,
    const char *name, struct crypto_x509_subject *subject)
{
	const struct x509_cert *leaf = &chain->certs[0];
	enum kk_err err = x509_name_get(leaf, subject->name);

	if (!err && name)
		err = x509_name_match(leaf, name);
	if (err)
		return err;
	subject->sig = leaf->key_sig;
	memcpy(subject->public, leaf->public.data, leaf->public.bytes);
	subject->public_bytes = leaf->public.bytes;
	return KK_OK;
}

static enum kk_err chain_check(struct chain *chain,
    const struct crypto_x509_trust *trust, int64_t now_s, const char *name,
    struct crypto_x509_subject *subject)
{
	enum kk_err err = chain_link(chain, trust);

	if (!err)
		err = chain_check_issuers(chain);
	if (!err)
		err = chain_check_usage(chain);
	if (!err)
		err = chain_check_time(chain, now_s, subject);
	if (!err)
		err = chain_check_revoked(chain, trust, now_s);
	if (!err)
		err = chain_check_subject(chain, name, subject);
	return err;
}

enum kk_err crypto_x509_chain_check(const struct crypto_x509_trust *trust,
    const struct kk_view *certs, size_t cert_count, int64_t now_s,
    const char *name, struct crypto_checks *checks,
    struct crypto_x509_subject *subject)
{
	struct crypto_x509_subject found = { 0 };
	struct chain *chain = kk_calloc(1, sizeof(*chain));
	enum kk_err err;

	if (!chain)
		return KK_ENOMEM;
	err = chain_parse(chain, certs, cert_count);
	if (!err)
		err = chain_check(chain, trust, now_s, name, &found);
	if (!err)
		err = chain_add_checks(chain, trust, checks);
	if (!err)
		*subject = found;
	chain_free(chain);
	return err;
}
