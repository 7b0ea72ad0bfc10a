/* keys.c - SRTP profiles and their keys. */
#include <string.h>

#include "dtls/backend.h"

struct profile {
	enum dtls_srtp id;
	const char *name;
	size_t key_bytes;
	size_t salt_bytes;
};

static const struct profile profiles[] = {
	/* RFC 5764, 4.1.2; RFC 7714, 12.1 and 12.2 */
	{ DTLS_SRTP_AES128_CM_SHA1_80, "SRTP_AES128_CM_HMAC_SHA1_80", 16, 14 },
	{ DTLS_SRTP_AEAD_AES_128_GCM, "SRTP_AEAD_AES_128_GCM", 16, 12 },
	{ DTLS_SRTP_AEAD_AES_256_GCM, "SRTP_AEAD_AES_256_GCM", 32, 12 },
};

static const struct profile *profile_get(enum dtls_srtp id)
{
	for (size_t i = 0; i < KK_ARRAY_LEN(profiles); i++)
		if (profiles[i].id == id)
			return &profiles[i];
	return NULL;
}

const char *dtls_srtp_name(enum dtls_srtp profile)
{
	const struct profile *p = profile_get(profile);

	return p ? p->name : NULL;
}

enum kk_err dtls_srtp_sizes(enum dtls_srtp profile, size_t *key_bytes,
    size_t *salt_bytes)
{
	const struct profile *p = profile_get(profile);

	if (!p)
		return KK_EUNSUP;
	*key_bytes = p->key_bytes;
	*salt_bytes = p->salt_bytes;
	return KK_OK;
}

void dtls_keys_split(struct dtls_srtp_keys *keys, const uint8_t *block)
{
	const size_t key_bytes = keys->key_bytes, salt_bytes = keys->salt_bytes;

	memcpy(keys->client_key, block, key_bytes);
	block += key_bytes;
	memcpy(keys->server_key, block, key_bytes);
	block += key_bytes;
	memcpy(keys->client_salt, block, salt_bytes);
	block += salt_bytes;
	memcpy(keys->server_salt, block, salt_bytes);
}

bool dtls_link_expects(struct dtls_link *link, const uint8_t *hash)
{
	bool is_one = false;

	for (size_t i = 0; i < link->fingerprint_count; i++)
		is_one |= kk_secret_equal(link->fingerprints[i], hash,
		    DTLS_FINGERPRINT_BYTES);
	link->has_matched = is_one;
	if (!is_one)
		link->err = KK_EAUTH;
	return is_one;
}

enum kk_err dtls_link_send(struct dtls_link *link, struct kk_view datagram)
{
	enum kk_err err = dtls_queue_put(&link->queue, datagram);

	if (err == KK_ELIMIT) {
		link->counts.overflows++;
		return KK_OK;
	}
	return err;
}
