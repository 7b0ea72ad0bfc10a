/*
 * certificate.c - whether a chain is one that the network can be shown.
 *
 * By OpenSSL, as wpa_supplicant: a network's CA is its own matter, and may have
 * keys that firmware/crypto does not know.
 */
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "port.h"

/* All that are there, in their order; NULL: none, or what is no PEM. */
static STACK_OF(X509) * certificates_read(struct kk_view pem)
{
	BIO *bio = BIO_new_mem_buf(pem.data, (int)pem.bytes);
	STACK_OF(X509) *all = sk_X509_new_null();
	X509 *one;

	while (bio && all && sk_X509_num(all) <= PORT_CHAIN_MAX &&
	    (one = PEM_read_bio_X509(bio, NULL, NULL, NULL))) {
		if (sk_X509_push(all, one) <= 0)
			X509_free(one);
	}
	BIO_free(bio);
	if (all && sk_X509_num(all) > 0 && sk_X509_num(all) <= PORT_CHAIN_MAX &&
	    ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE) {
		ERR_clear_error();
		return all;
	}
	ERR_clear_error();
	sk_X509_pop_free(all, X509_free);
	return NULL;
}

static bool is_of_request(X509 *leaf, struct kk_view request)
{
	BIO *bio = BIO_new_mem_buf(request.data, (int)request.bytes);
	X509_REQ *asked = bio ? PEM_read_bio_X509_REQ(bio, NULL, NULL, NULL) :
				NULL;
	const bool is_ours = asked &&
	    EVP_PKEY_eq(X509_get0_pubkey(leaf), X509_REQ_get0_pubkey(asked)) ==
		1;

	X509_REQ_free(asked);
	BIO_free(bio);
	return is_ours;
}

static bool is_issued_by(X509 *cert, X509 *issuer)
{
	return X509_check_issued(issuer, cert) == X509_V_OK &&
	    X509_verify(cert, X509_get0_pubkey(issuer)) == 1;
}

static enum port_flaw dates_check(STACK_OF(X509) * chain, time_t now)
{
	for (int i = 0; i < sk_X509_num(chain); i++) {
		X509 *cert = sk_X509_value(chain, i);

		if (X509_cmp_time(X509_get0_notBefore(cert), &now) >= 0)
			return PORT_NOT_YET;
		if (X509_cmp_time(X509_get0_notAfter(cert), &now) <= 0)
			return PORT_OVER;
	}
	return PORT_FITS;
}

/* The last one's CA, or itself, is one of the profile's. */
static bool is_anchored(X509 *last, struct kk_view anchors)
{
	STACK_OF(X509) *all = anchors.bytes > 0 ? certificates_read(anchors) :
						  NULL;
	bool is_known = false;

	for (int i = 0; i < sk_X509_num(all); i++) {
		X509 *anchor = sk_X509_value(all, i);

		is_known |= X509_cmp(last, anchor) == 0 ||
		    is_issued_by(last, anchor);
	}
	sk_X509_pop_free(all, X509_free);
	return is_known;
}

static enum port_flaw chain_check(STACK_OF(X509) * chain,
    struct kk_view request, struct kk_view anchors, time_t now)
{
	X509 *leaf = sk_X509_value(chain, 0);
	const int last = sk_X509_num(chain) - 1;
	enum port_flaw flaw;

	if (!is_of_request(leaf, request))
		return PORT_OTHER_KEY;
	for (int i = 0; i < last; i++) {
		if (!is_issued_by(sk_X509_value(chain, i),
			sk_X509_value(chain, i + 1)))
			return PORT_NO_CHAIN;
	}
	if (X509_check_purpose(leaf, X509_PURPOSE_SSL_CLIENT, 0) != 1)
		return PORT_NO_CLIENT;
	flaw = dates_check(chain, now);
	if (flaw)
		return flaw;
	return is_anchored(sk_X509_value(chain, last), anchors) ?
	    PORT_FITS :
	    PORT_FITS_ALONE;
}

enum port_flaw port_dates_check(struct kk_view chain, int64_t now_s)
{
	STACK_OF(X509) *all = certificates_read(chain);
	enum port_flaw flaw = all ? dates_check(all, (time_t)now_s) :
				    PORT_NO_PEM;

	sk_X509_pop_free(all, X509_free);
	ERR_clear_error();
	return flaw;
}

enum port_flaw port_chain_check(struct kk_view chain, struct kk_view request,
    struct kk_view anchors, int64_t now_s)
{
	STACK_OF(X509) *all = certificates_read(chain);
	enum port_flaw flaw = all ?
	    chain_check(all, request, anchors, (time_t)now_s) :
	    PORT_NO_PEM;

	sk_X509_pop_free(all, X509_free);
	ERR_clear_error();
	return flaw;
}
