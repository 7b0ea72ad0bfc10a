/* selftest.c - does a device's key do what its public key says? */
#include "drivers/keystore/keystore_internal.h"

static enum kk_err selftest(struct crypto_key *key, enum crypto_sig sig)
{
	/* No message of MLS, TLS or X.509 begins like this. */
	struct kk_view message = kk_view_text("konklave key store selftest");
	uint8_t signature[CRYPTO_SIGNATURE_MAX_BYTES];
	size_t bytes = sizeof(signature);
	enum kk_err err = crypto_sign(key, message, signature, &bytes);

	if (err)
		return err;
	return crypto_verify(sig, crypto_key_public(key), message,
	    kk_view_of(signature, bytes));
}

enum kk_err keystore_device_key_new(struct crypto_key **keyp,
    enum crypto_sig sig, struct kk_view public,
    const struct crypto_key_ops *ops, void *ctx)
{
	enum kk_err err = crypto_key_new_sig_ops(keyp, sig, public, ops, ctx);

	if (err)
		return err == KK_EINVAL ? KK_EFORMAT : err;
	err = selftest(*keyp, sig);
	if (err) {
		crypto_key_free(*keyp);
		*keyp = NULL;
	}
	return err;
}
