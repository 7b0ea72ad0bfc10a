/* hash.c - what a digest is.  RFC 7616, 3.4; RFC 8760. */
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#include "ua/ua_private.h"

enum { TEXT_MAX_BYTES = 2048 };

const char *ua_hash_name(enum ua_hash hash)
{
	return hash == UA_SHA256 ? "SHA-256" : "MD5";
}

size_t ua_hash_bytes(enum ua_hash hash)
{
	return hash == UA_SHA256 ? UA_HA1_SHA256_BYTES : UA_HA1_BYTES;
}

bool ua_hash_find(enum ua_hash *hash, const char *name)
{
	/* RFC 7616, 3.3: MD5 where none is named. */
	if (!name || su_casematch(name, "MD5"))
		*hash = UA_MD5;
	else if (su_casematch(name, "SHA-256"))
		*hash = UA_SHA256;
	else
		return false;
	return true;
}

void ua_hash_hex(char *out, const uint8_t *in, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		(void)snprintf(out + 2 * i, 3, "%02x", in[i]);
}

static bool hash_text(enum ua_hash hash, const char *text, size_t text_bytes,
    char out[UA_DIGEST_BYTES])
{
	uint8_t raw[UA_HA1_SHA256_BYTES];
	const bool is_ok = EVP_Digest(text, text_bytes, raw, NULL,
			       hash == UA_SHA256 ? EVP_sha256() : EVP_md5(),
			       NULL) == 1;

	if (is_ok)
		ua_hash_hex(out, raw, ua_hash_bytes(hash));
	kk_wipe(raw, sizeof(raw));
	return is_ok;
}

bool ua_digest_ha1(enum ua_hash hash, const char *user, const char *realm,
    const char *password, char out[UA_DIGEST_BYTES])
{
	char text[TEXT_MAX_BYTES];
	const int n = snprintf(text, sizeof(text), "%s:%s:%s", user, realm,
	    password);
	const bool is_ok = n > 0 && (size_t)n < sizeof(text) &&
	    hash_text(hash, text, (size_t)n, out);

	kk_wipe(text, sizeof(text));
	return is_ok;
}

bool ua_digest_response(const struct ua_digest *d, const char *ha1,
    char out[UA_DIGEST_BYTES])
{
	char text[TEXT_MAX_BYTES], ha2[UA_DIGEST_BYTES];
	int n = snprintf(text, sizeof(text), "%s:%s", d->method, d->uri);
	bool is_ok = n > 0 && (size_t)n < sizeof(text) &&
	    hash_text(d->hash, text, (size_t)n, ha2);

	if (is_ok && d->qop)
		n = snprintf(text, sizeof(text), "%s:%s:%s:%s:%s:%s", ha1,
		    d->nonce, d->nc, d->cnonce, d->qop, ha2);
	else if (is_ok) /* RFC 2069 */
		n = snprintf(text, sizeof(text), "%s:%s:%s", ha1, d->nonce,
		    ha2);
	is_ok = is_ok && n > 0 && (size_t)n < sizeof(text) &&
	    hash_text(d->hash, text, (size_t)n, out);
	kk_wipe(text, sizeof(text));
	return is_ok;
}
