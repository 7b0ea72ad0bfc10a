/* profile.c - what belongs to a profile, and its keys from DTLS. */
#include "srtp/backend.h"

static const struct srtp_params profiles[] = {
	/* RFC 3711, 8.2, 5.2; RFC 5764, 4.1.2 */
	{ SRTP_PROFILE_AES128_CM_SHA1_80, "AES_CM_128_HMAC_SHA1_80", 16, 14, 10,
	    14 },
	/* RFC 5764, 4.1.2: SRTCP has the long tag all the same */
	{ SRTP_PROFILE_AES128_CM_SHA1_32, "AES_CM_128_HMAC_SHA1_32", 16, 14, 4,
	    14 },
	/* RFC 7714, 12 */
	{ SRTP_PROFILE_AEAD_AES_128_GCM, "AEAD_AES_128_GCM", 16, 12, 16, 20 },
	{ SRTP_PROFILE_AEAD_AES_256_GCM, "AEAD_AES_256_GCM", 32, 12, 16, 20 },
};

const struct srtp_params *srtp_params_get(enum srtp_profile profile)
{
	for (size_t i = 0; i < KK_ARRAY_LEN(profiles); i++) {
		if (profiles[i].id == profile)
			return &profiles[i];
	}
	return NULL;
}

const char *srtp_profile_name(enum srtp_profile profile)
{
	const struct srtp_params *params = srtp_params_get(profile);

	return params ? params->name : NULL;
}

size_t srtp_key_bytes(enum srtp_profile profile)
{
	const struct srtp_params *params = srtp_params_get(profile);

	return params ? params->key_bytes : 0;
}

size_t srtp_salt_bytes(enum srtp_profile profile)
{
	const struct srtp_params *params = srtp_params_get(profile);

	return params ? params->salt_bytes : 0;
}

size_t srtp_dtls_bytes(enum srtp_profile profile)
{
	return 2 * (srtp_key_bytes(profile) + srtp_salt_bytes(profile));
}

enum kk_err srtp_dtls_split(struct srtp_dtls_keys *keys,
    enum srtp_profile profile, struct kk_view material, bool is_client)
{
	const size_t key_bytes = srtp_key_bytes(profile);
	const size_t salt_bytes = srtp_salt_bytes(profile);
	struct kk_view part[4]; /* client's and server's key, then salts */
	const size_t own = is_client ? 0 : 1, peer = 1 - own;

	if (key_bytes == 0 || material.bytes != srtp_dtls_bytes(profile))
		return KK_EINVAL;
	part[0] = kk_view_of(material.data, key_bytes);
	part[1] = kk_view_of(material.data + key_bytes, key_bytes);
	part[2] = kk_view_of(material.data + 2 * key_bytes, salt_bytes);
	part[3] = kk_view_of(part[2].data + salt_bytes, salt_bytes);
	*keys = (struct srtp_dtls_keys){ part[own], part[2 + own], part[peer],
		part[2 + peer] };
	return KK_OK;
}
