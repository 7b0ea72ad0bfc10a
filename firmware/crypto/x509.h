/*
 * x509.h - certificate chains of a site's own CA (RFC 5280, a strict profile).
 *
 * Chains are ECDSA P-256, P-384 or P-521.  mbedTLS parses; the rules are checked here
 * because signature checks are collected (checks.h) and because the clock is the
 * caller's.  Zone: keys, and the web client's key core.
 */
#pragma once
#include "crypto/checks.h"

enum {
	CRYPTO_X509_CHAIN_MAX = 4, /* certificates in a chain, without anchor */
	CRYPTO_X509_CERT_MAX_BYTES = 8192
};

/* A site's trust: anchors and revocation lists. */
struct crypto_x509_trust;
MUST_CHECK enum kk_err crypto_x509_trust_new(struct crypto_x509_trust **trustp);
void crypto_x509_trust_free(struct crypto_x509_trust *trust);
/* der or PEM.  Errors: KK_EFORMAT, KK_EUNSUP no CA or a key of another kind. */
MUST_CHECK enum kk_err crypto_x509_trust_add_ca(struct crypto_x509_trust *trust,
    struct kk_view cert);
/* Its signature is checked at once against an anchor.  A list replaces an older
 * one of the same issuer; an older one is refused with KK_EREPLAY. */
MUST_CHECK enum kk_err crypto_x509_trust_add_crl(
    struct crypto_x509_trust *trust, struct kk_view crl);
/* With this on, a chain whose issuer has no valid list is refused. */
void crypto_x509_trust_require_crl(struct crypto_x509_trust *trust, bool on);

/*
 * Checks a chain, end entity first, as in an MLS x509 credential (RFC 9420,
 * 5.3).  now_s is seconds since 1970.  Its signature checks are added to checks;
 * the verdict counts only once they are done.  name NULL, or must equal a DNS or
 * e-mail subject alternative name, or the common name where there is none.
 * *subject receives the end entity's common name (or first SAN), its key public.
 * Errors: KK_EFORMAT, KK_ELIMIT, KK_EUNSUP, KK_EEXPIRED, KK_EREVOKED,
 * KK_EUNTRUSTED, KK_ENAME, KK_EDENIED (usage or constraint).
 */
struct crypto_x509_subject {
	char name[256]; /* UTF-8, control characters refused */
	enum crypto_sig sig;
	uint8_t public[CRYPTO_SIG_PUBLIC_MAX_BYTES];
	size_t public_bytes;
	int64_t not_before_s, not_after_s; /* of the whole chain */
};

MUST_CHECK enum kk_err crypto_x509_chain_check(
    const struct crypto_x509_trust *trust, const struct kk_view *certs,
    size_t cert_count, int64_t now_s, const char *name,
    struct crypto_checks *checks, struct crypto_x509_subject *subject);
