/*
 * x509.h - certificate chains of a site's own CA (RFC 5280, a strict profile).
 *
 * Chains are ECDSA P-256, P-384 or P-521.  mbedTLS parses; the rules are
 * checked here because signature checks are collected (checks.h) and because
 * the clock is the caller's.  Zone: keys, and the web client's key core.
 *
 * Where the profile is narrower than RFC 5280:
 * - DER throughout, version 3, serial positive and at most 20 bytes;
 * - a signature's hash goes with its issuer's curve (P-256 with SHA-256, P-384
 *   with SHA-384, P-521 with SHA-512), points are uncompressed;
 * - a chain stands in its order, without doubles, without gaps; names chain
 *   byte for byte, and key identifiers too where both sides have one; they
 *   are needed where two anchors have one name;
 * - name constraints are refused, since nothing here enforces them, and so is
 *   every critical extension that is not understood;
 * - an extended key usage, where present, must allow client authentication or
 *   instant messaging (RFC 9734) or everything, and an end entity's must not
 *   name EAP over LAN (RFC 4334);
 * - an end entity is no CA; an anchor is one, and its own dates, path length
 *   and key usage count as well;
 * - revocation lists are complete, direct, and of the issuer itself.
 */
#pragma once
#include "crypto/checks.h"

enum {
	CRYPTO_X509_CHAIN_MAX = 4, /* certificates in a chain as it is sent */
	CRYPTO_X509_CERT_MAX_BYTES = 8192,
	CRYPTO_X509_CRL_MAX_BYTES = 256 * 1024, /* some 7000 entries */
	CRYPTO_X509_PEM_MAX_BYTES = 1024 * 1024,
	CRYPTO_X509_ANCHORS_MAX = 32,
	CRYPTO_X509_ISSUERS_MAX = 64,
	CRYPTO_X509_NAME_MAX_BYTES = 255
};

/* A site's trust: anchors, issuers below them, and revocation lists. */
struct crypto_x509_trust;
MUST_CHECK enum kk_err crypto_x509_trust_new(struct crypto_x509_trust **trustp);
void crypto_x509_trust_free(struct crypto_x509_trust *trust); /* NULL is fine */

/*
 * Adds an anchor: one DER certificate, or PEM with one or more.  All are added
 * or none.  A certificate that is there already changes nothing.
 * Errors: KK_EFORMAT, KK_EUNSUP a key of another kind or an extension that is
 * not understood, KK_EDENIED no CA, KK_ELIMIT, KK_ENOMEM, KK_EEXIST an anchor
 * of this name without a key identifier of its own to tell the two apart.
 */
MUST_CHECK enum kk_err crypto_x509_trust_add_ca(struct crypto_x509_trust *trust,
    struct kk_view cert);

/*
 * Makes an intermediate CA known, as the issuer of revocation lists; it becomes
 * no anchor, and chains still carry it.  DER or PEM, all or none.  Its
 * signature is checked at once against an anchor or an issuer added before, and
 * no more in chains.
 * Errors: as above, KK_EUNTRUSTED no such issuer, KK_EVERIFY.
 */
MUST_CHECK enum kk_err crypto_x509_trust_add_issuer(
    struct crypto_x509_trust *trust, struct kk_view cert);

/*
 * Adds a revocation list, DER or PEM (one).  Its signature is checked at once
 * against an anchor or a known issuer.  A list replaces an older one of the
 * same issuer; the same one again changes nothing.
 * Errors: KK_EFORMAT, KK_EUNSUP a delta, indirect or partial list or an unknown
 * critical extension, KK_ELIMIT, KK_EUNTRUSTED unknown issuer, KK_EDENIED the
 * issuer may not sign lists, KK_EVERIFY, KK_EREPLAY not newer than what is
 * there, KK_ENOMEM.
 * Source: RFC 5280, 5 and 6.3.
 */
MUST_CHECK enum kk_err crypto_x509_trust_add_crl(
    struct crypto_x509_trust *trust, struct kk_view crl);

/*
 * With this on, each certificate below the anchor needs a list of its issuer
 * that is valid now: KK_EUNTRUSTED without one, KK_EEXPIRED with a stale one.
 * Without it a stale list still revokes what stands in it.
 */
void crypto_x509_trust_require_crl(struct crypto_x509_trust *trust, bool on);

/*
 * Checks a chain, end entity first, as in an MLS x509 credential (RFC 9420,
 * 5.3).  now_s is seconds since 1970.  Its signature checks are added to
 * checks, each once in a batch; the verdict counts only once they are done.
 * name NULL, or must equal a DNS or e-mail subject alternative name (DNS
 * without regard to case; a name with a wildcard equals nothing), or the common
 * name where there is none.
 * *subject receives the end entity's common name (or first such alternative
 * name) and its key; it is written on success only.  After KK_ENOMEM from
 * adding a check, checks may hold some of the chain's: give the batch up.
 * Errors: KK_EFORMAT, KK_ELIMIT, KK_EUNSUP, KK_EEXPIRED (also not yet valid),
 * KK_EREVOKED, KK_EUNTRUSTED, KK_ENAME, KK_EDENIED (usage or constraint),
 * KK_ENOMEM.
 * Source: RFC 5280, 6.1.
 */
struct crypto_x509_subject {
	char name[CRYPTO_X509_NAME_MAX_BYTES + 1]; /* UTF-8, printable */
	enum crypto_sig sig;
	uint8_t public[CRYPTO_SIG_PUBLIC_MAX_BYTES];
	size_t public_bytes;
	int64_t not_before_s, not_after_s; /* of the whole chain */
};

MUST_CHECK enum kk_err crypto_x509_chain_check(
    const struct crypto_x509_trust *trust, const struct kk_view *certs,
    size_t cert_count, int64_t now_s, const char *name,
    struct crypto_checks *checks, struct crypto_x509_subject *subject);

/*
 * What the holder of a key gives to a CA (x509_request.c): a PKCS#10 request
 * in PEM, with this common name alone, for a P-256 or P-384 key.
 * Errors: KK_EUNSUP another key, KK_EFORMAT the name cannot be shown, KK_ELIMIT
 * it is too long, those of crypto_sign(), KK_ENOMEM.
 * Source: RFC 2986, 4.
 */
MUST_CHECK enum kk_err crypto_x509_request(struct crypto_key *key,
    const char *name, struct kk_bytes *pem);

/*
 * The part to be signed of a certificate, a list or a request, its algorithm,
 * and the signature: all of it, in DER.
 * Errors: KK_EUNSUP, KK_ELIMIT over 16 MiB, those of crypto_sign(), KK_ENOMEM.
 */
MUST_CHECK enum kk_err crypto_x509_seal(struct crypto_key *key,
    struct kk_view tbs, struct kk_bytes *der);
