/* request.h - certificate requests (PKCS#10, RFC 2986).  No file, no clock. */
#pragma once
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "tools/pki/index.h"

enum { PKI_REQUEST_MAX_BYTES = 16384, PKI_SANS_MAX = 32 };

enum pki_flaw {
	PKI_FINE,
	PKI_FLAW_FORM, /* no request, or more than one */
	PKI_FLAW_SIGNATURE, /* not by the key in it */
	PKI_FLAW_KEY, /* neither P-256 nor P-384 */
	PKI_FLAW_NAME, /* no common name, several, or one not to be shown */
	PKI_FLAW_SAN, /* alternative names of other kinds, or malformed */
	PKI_FLAW_CA, /* asks to be a CA */
	PKI_FLAW_MEMORY,
	PKI_FLAWS
};

struct pki_request {
	X509_REQ *req;
	EVP_PKEY *public; /* borrowed from req */
	bool is_p384;
	char name[PKI_NAME_BYTES + 1];
	char key[PKI_KEY_TEXT]; /* SHA-256 of the uncompressed point, as keyd
				   tells it */
	GENERAL_NAMES *sans; /* NULL: none */
};

/* DER or PEM.  On a flaw *r is cleared. */
enum pki_flaw pki_request_read(struct pki_request *r, struct kk_view text);
void pki_request_clear(struct pki_request *r); /* zeroed is fine */

/* SHA-256 of a public key's uncompressed point, in hexadecimal.  False: not of
 * a curve that we have. */
bool pki_key_fingerprint(EVP_PKEY *key, char text[PKI_KEY_TEXT]);

/* Adds DNS:NAME, IP:ADDRESS or email:ADDRESS.  False: it is none of them. */
bool pki_san_add(GENERAL_NAMES **sans, const char *text);
/* The same text; false where it does not fit. */
bool pki_san_text(const GENERAL_NAME *san, char *text, size_t room);
