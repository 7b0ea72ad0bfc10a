/* key.c - the port's key, and the request for its certificate (PKCS#10). */
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <string.h>

#include "port.h"

enum { CN_MAX = 64 }; /* letters: RFC 5280, A.1, ub-common-name */

static enum kk_err bio_take(BIO *bio, struct kk_bytes *out)
{
	char *data = NULL;
	const long bytes = BIO_get_mem_data(bio, &data);

	return bytes > 0 ? kk_bytes_copy(out, kk_view_of(data, (size_t)bytes)) :
			   KK_ECRYPTO;
}

/* A longer name is cut before a letter that has no room. */
static int name_bytes(const char *name)
{
	size_t at = 0;

	for (size_t letters = 0; name[at]; at++) {
		if (((unsigned char)name[at] & 0xc0) != 0x80 &&
		    letters++ == CN_MAX)
			break;
	}
	return (int)at;
}

static enum kk_err request_make(EVP_PKEY *key, const char *identity,
    struct kk_bytes *out)
{
	X509_REQ *request = X509_REQ_new();
	BIO *bio = BIO_new(BIO_s_mem());
	enum kk_err err = KK_ECRYPTO;

	if (request && bio &&
	    X509_REQ_set_version(request, X509_REQ_VERSION_1) == 1 &&
	    X509_NAME_add_entry_by_NID(X509_REQ_get_subject_name(request),
		NID_commonName, MBSTRING_UTF8, (const unsigned char *)identity,
		name_bytes(identity), -1, 0) == 1 &&
	    X509_REQ_set_pubkey(request, key) == 1 &&
	    X509_REQ_sign(request, key, EVP_sha384()) > 0 &&
	    PEM_write_bio_X509_REQ(bio, request) == 1)
		err = bio_take(bio, out);
	X509_REQ_free(request);
	BIO_free(bio);
	return err;
}

enum kk_err port_key_make(const char *identity, uint8_t der[PORT_KEY_BYTES],
    size_t *der_bytes, struct kk_bytes *request)
{
	EVP_PKEY *key = EVP_EC_gen("P-384");
	unsigned char *at = der;
	int bytes = key ? i2d_PrivateKey(key, NULL) : -1;
	enum kk_err err = KK_ECRYPTO;

	*request = (struct kk_bytes){ 0 };
	if (bytes > 0 && bytes <= PORT_KEY_BYTES &&
	    i2d_PrivateKey(key, &at) == bytes)
		err = request_make(key, identity, request);
	if (!err)
		*der_bytes = (size_t)bytes;
	EVP_PKEY_free(key);
	ERR_clear_error();
	return err;
}

enum kk_err port_request_print(struct kk_view request,
    char out[PORT_PRINT_BYTES])
{
	static const char digits[] = "0123456789abcdef";
	BIO *bio = BIO_new_mem_buf(request.data, (int)request.bytes);
	X509_REQ *read = bio ? PEM_read_bio_X509_REQ(bio, NULL, NULL, NULL) :
			       NULL;
	const unsigned char *point = NULL;
	unsigned char hash[EVP_MAX_MD_SIZE];
	int bytes = 0;
	const bool is_done = read &&
	    X509_PUBKEY_get0_param(NULL, &point, &bytes, NULL,
		X509_REQ_get_X509_PUBKEY(read)) == 1 &&
	    EVP_Digest(point, (size_t)bytes, hash, NULL, EVP_sha256(), NULL) ==
		1;

	for (size_t i = 0; is_done && i < PORT_PRINT_BYTES / 2; i++) {
		out[2 * i] = digits[hash[i] >> 4];
		out[2 * i + 1] = digits[hash[i] & 15];
	}
	out[PORT_PRINT_BYTES - 1] = '\0';
	X509_REQ_free(read);
	BIO_free(bio);
	ERR_clear_error();
	return is_done ? KK_OK : KK_EFORMAT;
}
