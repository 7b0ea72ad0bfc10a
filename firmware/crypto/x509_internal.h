/* x509_internal.h - what the files of X.509 share.  Not for others. */
#pragma once
#include <mbedtls/x509_crl.h>
#include <mbedtls/x509_crt.h>

#include "crypto/x509.h"

enum { /* DER tags, X.690, 8 */
	DER_BOOLEAN = 0x01,
	DER_INTEGER = 0x02,
	DER_BIT_STRING = 0x03,
	DER_OCTET_STRING = 0x04,
	DER_OID = 0x06,
	DER_UTF8_STRING = 0x0c,
	DER_PRINTABLE_STRING = 0x13,
	DER_IA5_STRING = 0x16,
	DER_UTC_TIME = 0x17,
	DER_GENERALIZED_TIME = 0x18,
	DER_SEQUENCE = 0x30,
	DER_SET = 0x31,
	DER_CONTEXT_0 = 0x80 /* [0] IMPLICIT, primitive */
};

/*
 * x509_der.c.  Reads one element of the given tag, with a length in its
 * shortest form, and gives its content.  Sticks KK_EFORMAT or KK_ETRUNC.
 */
struct kk_view x509_der_read(struct kk_reader *r, uint8_t tag);
bool x509_der_next_is(const struct kk_reader *r, uint8_t tag);

/* KK_OK when in is DER down to its leaves.  Errors: KK_EFORMAT, KK_ELIMIT. */
MUST_CHECK enum kk_err x509_der_check(struct kk_view in);

/* One extension of RFC 5280, 4.1: views into the input. */
struct x509_ext {
	struct kk_view oid;
	bool is_critical;
	struct kk_view value;
};

void x509_ext_read(struct kk_reader *r, struct x509_ext *ext);

/* Finds an id-ce extension (2.5.29.id); an empty view when it is not there. */
struct kk_view x509_ext_find(struct kk_view exts, uint8_t id);
bool x509_ext_is(const struct x509_ext *ext, uint8_t id);

enum { /* RFC 5280, 4.2.1 and 5.2: last number of id-ce */
	X509_EXT_SKI = 14,
	X509_EXT_BASIC = 19,
	X509_EXT_CRL_NUMBER = 20,
	X509_EXT_DELTA = 27,
	X509_EXT_IDP = 28,
	X509_EXT_NAMES = 30,
	X509_EXT_AKI = 35
};

/*
 * x509_sig.c.  Reads the signature behind the TBS part: the algorithm must be
 * ECDSA without parameters.  *sig is the scheme that the issuer's key must
 * have.
 * Errors: KK_EFORMAT, KK_EUNSUP.
 */
MUST_CHECK enum kk_err x509_sig_read(struct kk_view raw, struct kk_view tbs,
    enum crypto_sig *sig, struct kk_view *signature);

/* The point in a SubjectPublicKeyInfo.  Errors: KK_EUNSUP. */
MUST_CHECK enum kk_err x509_key_read(struct kk_view spki, enum crypto_sig *sig,
    struct kk_view *public);

enum kk_err x509_err_of(int mbedtls_err); /* never KK_OK */

/* x509_time.c.  Seconds since 1970 of a time that mbedTLS has parsed. */
int64_t x509_time_seconds(const mbedtls_x509_time *t);

/* x509_cert.c.  The views point into crt, which owns its copy. */
struct x509_cert {
	mbedtls_x509_crt crt;
	struct kk_view raw, tbs;
	struct kk_view issuer, subject; /* raw names */
	struct kk_view serial;
	struct kk_view signature;
	struct kk_view ski, aki; /* empty where absent */
	struct kk_view public;
	enum crypto_sig key_sig; /* what its key makes */
	enum crypto_sig made_by; /* what made its signature */
	int64_t not_before_s, not_after_s;
	bool is_ca;
	int path_len; /* -1: any */
};

/*
 * Parses and checks what can be told of a certificate alone.  On error *cert is
 * cleared.  Errors: KK_EFORMAT, KK_EUNSUP, KK_ELIMIT, KK_ENOMEM.
 */
MUST_CHECK enum kk_err x509_cert_parse(struct x509_cert *cert,
    struct kk_view der);
void x509_cert_clear(struct x509_cert *cert);

/* KK_EDENIED unless it is a CA whose key may sign certificates. */
MUST_CHECK enum kk_err x509_cert_check_ca(const struct x509_cert *cert);
/* True when key identifiers and names of the two allow it. */
bool x509_cert_is_issued_by(const struct x509_cert *cert,
    const struct x509_cert *issuer);
/* KK_EUNSUP when the issuer's key is not of the kind that signed. */
MUST_CHECK enum kk_err x509_cert_check_pair(const struct x509_cert *cert,
    const struct x509_cert *issuer);

/*
 * x509_name.c.  Writes the display name of a subject, zero-terminated.
 * Errors: KK_EFORMAT bad text or several common names, KK_ELIMIT too long,
 * KK_ENAME there is none.
 */
MUST_CHECK enum kk_err x509_name_get(const struct x509_cert *cert,
    char name[CRYPTO_X509_NAME_MAX_BYTES + 1]);
/* KK_OK or KK_ENAME.  x509_name_get() must have passed before. */
MUST_CHECK enum kk_err x509_name_match(const struct x509_cert *cert,
    const char *name);

/* x509_crl.c.  A list, bound to the name and key of who signed it. */
struct x509_crl {
	struct kk_bytes raw; /* the other views point into it */
	struct kk_bytes issuer_key; /* set by who verified it */
	struct kk_view tbs, issuer, signature;
	struct kk_view aki;
	enum crypto_sig made_by;
	int64_t this_s, next_s;
	bool has_number;
	struct kk_view number; /* without leading zeroes */
	struct kk_view *serials; /* in order of x509_serial_compare() */
	size_t serial_count;
};

/* On error *crl is cleared.  Errors: as crypto_x509_trust_add_crl(). */
MUST_CHECK enum kk_err x509_crl_parse(struct x509_crl *crl, struct kk_view der);
void x509_crl_clear(struct x509_crl *crl);
bool x509_crl_has(const struct x509_crl *crl, struct kk_view serial);
/* True when a is not newer than b. */
bool x509_crl_is_stale_to(const struct x509_crl *a, const struct x509_crl *b);

/* x509_pem.c.  Calls fn with each certificate or list of a PEM text, or with
 * in itself when it is DER.  Stops at the first error. */
typedef enum kk_err x509_pem_fn(void *arg, struct kk_view der);
MUST_CHECK enum kk_err x509_pem_each(struct kk_view in, const char *label,
    x509_pem_fn *fn, void *arg);

/* x509_trust.c. */
struct crypto_x509_trust {
	struct x509_cert *anchors[CRYPTO_X509_ANCHORS_MAX];
	size_t anchor_count;
	struct x509_cert *issuers[CRYPTO_X509_ISSUERS_MAX];
	size_t issuer_count;
	struct x509_crl *crls[CRYPTO_X509_ANCHORS_MAX +
	    CRYPTO_X509_ISSUERS_MAX]; /* at most one of an issuer */
	size_t crl_count;
	bool needs_crl;
};

/*
 * The anchor that issued cert, or that is cert itself.  NULL when there is none
 * or when more than one may be it.
 */
const struct x509_cert *x509_trust_anchor(const struct crypto_x509_trust *trust,
    const struct x509_cert *cert);

/* True when cert is a known issuer: its signature was verified then. */
bool x509_trust_has_issuer(const struct crypto_x509_trust *trust,
    const struct x509_cert *cert);

/* KK_EREVOKED, KK_EEXPIRED, KK_EUNTRUSTED; see require_crl. */
MUST_CHECK enum kk_err x509_trust_check_revoked(
    const struct crypto_x509_trust *trust, const struct x509_cert *cert,
    const struct x509_cert *issuer, int64_t now_s);
