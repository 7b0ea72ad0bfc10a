/* request.c - what requests are refused for. */
#include "tools/pki/request.h"

#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/x509.h"
#include "site.h"

static enum pki_flaw flaw_of(struct site *s, const char *script)
{
	char path[96];
	struct pki_request r;
	enum pki_flaw flaw;
	char *text;

	site_run(s, script);
	(void)snprintf(path, sizeof(path), "%s/r.csr", s->folder);
	text = file_text(path);
	flaw = pki_request_read(&r, kk_view_text(text));
	free(text);
	if (!flaw)
		pki_request_clear(&r);
	return flaw;
}

#define REQUEST \
	"openssl req -new -utf8 -nodes -keyout k -out r.csr -subj '/CN=Room 4' "
#define EC "-newkey ec -pkeyopt ec_paramgen_curve:"

TEST(requests_are_refused_for_what_is_wrong_with_them)
{
	static struct site s;

	site_start(&s);
	CHECK_EQ(flaw_of(&s, REQUEST EC "P-256"), PKI_FINE);
	CHECK_EQ(flaw_of(&s, REQUEST EC "P-521"), PKI_FLAW_KEY);
	CHECK_EQ(flaw_of(&s, REQUEST "-newkey rsa:2048"), PKI_FLAW_KEY);
	CHECK_EQ(flaw_of(&s, REQUEST EC "P-256 -pkeyopt ec_param_enc:explicit"),
	    PKI_FLAW_KEY);
	CHECK_EQ(flaw_of(&s, REQUEST EC "P-256 -subj '/O=nobody'"),
	    PKI_FLAW_NAME);
	CHECK_EQ(flaw_of(&s, REQUEST EC "P-256 -subj '/CN=a/CN=b'"),
	    PKI_FLAW_NAME);
	CHECK_EQ(flaw_of(&s,
		     REQUEST EC "P-256 -subj \"/CN=$(printf 'a\\033[2J')\""),
	    PKI_FLAW_NAME);
	CHECK_EQ(flaw_of(&s,
		     REQUEST EC "P-256 -addext "
				"basicConstraints=critical,CA:true"),
	    PKI_FLAW_CA);
	CHECK_EQ(flaw_of(&s,
		     REQUEST EC "P-256 -addext subjectAltName=DNS:*.site"),
	    PKI_FLAW_SAN);
	CHECK_EQ(flaw_of(&s,
		     REQUEST EC "P-256 -addext subjectAltName=URI:http://a"),
	    PKI_FLAW_SAN);
	CHECK_EQ(flaw_of(&s,
		     REQUEST EC "P-256 -addext "
				"subjectAltName=DNS:a.site,IP:10.0.0.1"),
	    PKI_FINE);
	CHECK_EQ(flaw_of(&s, "cat r.csr r.csr >two; mv two r.csr"),
	    PKI_FLAW_FORM);
	CHECK_EQ(flaw_of(&s, "echo none >r.csr"), PKI_FLAW_FORM);
	site_end(&s);
}

/* Any flipped bit of the DER is another request, or none. */
TEST(request_with_a_flipped_bit_is_refused)
{
	struct crypto_key *key;
	struct kk_bytes pem;
	struct pki_request r;
	unsigned char *der = NULL;
	int bytes;

	CHECK_OK(crypto_init());
	CHECK_OK(crypto_sig_key_generate(&key, CRYPTO_ECDSA_P256_SHA256));
	CHECK_OK(crypto_x509_request(key, "Raum 4 Süd", &pem));
	CHECK_EQ(pki_request_read(&r, kk_bytes_view(&pem)), PKI_FINE);
	CHECK_STR(r.name, "Raum 4 Süd");
	CHECK(!r.is_p384);
	bytes = i2d_X509_REQ(r.req, &der);
	CHECK(bytes > 0);
	pki_request_clear(&r);
	for (int bit = 0; bit < bytes * 8; bit += 3) {
		der[bit / 8] ^= (unsigned char)(1 << bit % 8);
		CHECK(pki_request_read(&r, kk_view_of(der, (size_t)bytes)) !=
		    PKI_FINE);
		der[bit / 8] ^= (unsigned char)(1 << bit % 8);
	}
	CHECK_EQ(pki_request_read(&r, kk_view_of(der, (size_t)bytes)),
	    PKI_FINE);
	pki_request_clear(&r);
	OPENSSL_free(der);
	kk_bytes_clear(&pem);
	crypto_key_free(key);
}

/* The box's own writer, read by others: both curves, and a name too long. */
TEST(request_of_a_handle_is_one_to_openssl_and_to_the_tool)
{
	static const enum crypto_sig sigs[] = { CRYPTO_ECDSA_P256_SHA256,
		CRYPTO_ECDSA_P384_SHA384 };
	static struct site s;
	struct crypto_key *key;
	struct kk_bytes pem;
	char path[96];

	CHECK_OK(crypto_init());
	site_start(&s);
	(void)snprintf(path, sizeof(path), "%s/r.csr", s.folder);
	for (size_t i = 0; i < KK_ARRAY_LEN(sigs); i++) {
		CHECK_OK(crypto_sig_key_generate(&key, sigs[i]));
		CHECK_OK(crypto_x509_request(key, "Room 4", &pem));
		file_write(path, pem.data, pem.bytes);
		site_run(&s,
		    "openssl req -in r.csr -noout -verify -subject 2>&1 "
		    "| grep 'CN=Room 4\\|CN = Room 4'");
		kk_bytes_clear(&pem);
		CHECK_ERR(crypto_x509_request(key, "a\nb", &pem), KK_EFORMAT);
		CHECK_ERR(crypto_x509_request(key, "", &pem), KK_EFORMAT);
		crypto_key_free(key);
	}
	CHECK_OK(crypto_sig_key_generate(&key, CRYPTO_ECDSA_P521_SHA512));
	CHECK_ERR(crypto_x509_request(key, "Room 4", &pem), KK_EUNSUP);
	crypto_key_free(key);
	site_end(&s);
}
