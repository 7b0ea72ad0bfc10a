/* code.c - the security code, from the epoch authenticator to digits. */
#include "crypto/crypto.h"
#include "meeting/meeting.h"

#define MEETING_CODE_LABEL "Konklave 1 security code"

enum {
	GROUPS = MEETING_CODE_DIGITS / MEETING_CODE_GROUP_DIGITS,
	GROUP_BYTES = 5, /* 40 bits modulo 10^5: a bias below 2^-23 */
	GROUP_MODULUS = 100000
};

static void group_write(const uint8_t *from, char *out)
{
	uint64_t n = 0;

	for (int i = 0; i < GROUP_BYTES; i++)
		n = n << 8 | from[i];
	n %= GROUP_MODULUS;
	for (int i = MEETING_CODE_GROUP_DIGITS; i-- > 0; n /= 10)
		out[i] = (char)('0' + n % 10);
}

enum kk_err meeting_code(struct kk_view authenticator, char *out)
{
	uint8_t prk[CRYPTO_HASH_MAX_BYTES], stream[GROUPS * GROUP_BYTES];
	enum kk_err err;

	out[0] = '\0';
	if (authenticator.bytes == 0)
		return KK_EINVAL;
	err = crypto_hkdf_extract(CRYPTO_SHA256,
	    kk_view_text(MEETING_CODE_LABEL), authenticator, prk);
	if (!err)
		err = crypto_hkdf_expand(CRYPTO_SHA256,
		    kk_view_of(prk, crypto_hash_bytes(CRYPTO_SHA256)),
		    kk_view_text("digits"), stream, sizeof(stream));
	for (size_t i = 0; !err && i < GROUPS; i++) {
		char *group = out + i * (MEETING_CODE_GROUP_DIGITS + 1);

		group_write(stream + i * GROUP_BYTES, group);
		group[MEETING_CODE_GROUP_DIGITS] = i + 1 < GROUPS ? ' ' : '\0';
	}
	kk_wipe(prk, sizeof(prk));
	kk_wipe(stream, sizeof(stream));
	return err;
}
