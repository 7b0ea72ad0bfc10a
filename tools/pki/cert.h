/* cert.h - what a CA signs.  No file; time is an argument. */
#pragma once
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "crypto/crypto.h"
#include "tools/pki/index.h"

/* What a certificate is to say. */
struct pki_plan {
	enum pki_kind kind;
	const char *name; /* common name */
	EVP_PKEY *public;
	const GENERAL_NAMES *sans; /* or NULL */
	int64_t from_s, until_s;
	uint8_t serial[PKI_SERIAL_BYTES];
};

/* Both give what the caller frees, signed by key, whose certificate ca is.
 * Errors: KK_EINVAL a name that certificates cannot have, KK_ENOMEM,
 * KK_ECRYPTO, those of crypto_sign(). */
MUST_CHECK enum kk_err pki_cert_make(const struct pki_plan *plan, X509 *ca,
    struct crypto_key *key, X509 **cert);
/* The CA's own; the plan's kind and other names do not count. */
MUST_CHECK enum kk_err pki_cert_make_ca(const struct pki_plan *plan,
    struct crypto_key *key, X509 **cert);
/* The list of all that the index has as revoked and not long run out. */
MUST_CHECK enum kk_err pki_crl_sign(const struct pki_index *index, X509 *ca,
    struct crypto_key *key, uint64_t number, int64_t now_s, int64_t next_s,
    X509_CRL **crl);

/*
 * Would boxes take it?  Checks by OpenSSL, and for members of meetings also by
 * the boxes' own rules (crypto/x509.h).  crl may be NULL.
 * Errors: those of crypto_x509_chain_check(); KK_EUNTRUSTED, KK_EEXPIRED,
 * KK_EREVOKED, KK_EDENIED by OpenSSL.
 */
MUST_CHECK enum kk_err pki_cert_check(X509 *cert, X509 *ca, X509_CRL *crl,
    int64_t now_s);

/* PEM texts; *out is the caller's.  Errors: KK_ENOMEM. */
MUST_CHECK enum kk_err pki_cert_pem(X509 *cert, struct kk_bytes *out);
MUST_CHECK enum kk_err pki_crl_pem(X509_CRL *crl, struct kk_bytes *out);
/* One PEM block's; NULL where it is none. */
X509 *pki_cert_of_pem(struct kk_view pem);
X509_CRL *pki_crl_of_pem(struct kk_view pem);

/* Is the kind in its certificate this one?  False: none of ours. */
bool pki_cert_kind(X509 *cert, enum pki_kind *kind);
void pki_serial_text(const uint8_t serial[PKI_SERIAL_BYTES],
    char text[PKI_SERIAL_TEXT]);
bool pki_cert_serial(X509 *cert, char text[PKI_SERIAL_TEXT]);
int64_t pki_asn1_time(const ASN1_TIME *t);
