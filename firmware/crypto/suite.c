/*
 * suite.c - the cipher suites, and which library does what.
 *
 * Measured on x86-64 by tests/bench/crypto.c, mbedTLS against OpenSSL: a P-256
 * verification 1610 us and 88 us, P-384 2760 and 680, HPKE seal of suite 2 1470
 * and 87, of suite 7 2350 and 730, AES-128-GCM over 1200 bytes 5.6 and 0.5,
 * DeriveSecret 2.2 and 1.3.  So OpenSSL is asked first where it is configured,
 * and mbedTLS is the base that is always there, alone in the web client.
 */
#include "crypto/params.h"

#define SUITE(number, title, h, a, k, s, nh, nk, nsk, npk) \
	{ .id = (number),                                  \
		.name = (title),                           \
		.hash = (h),                               \
		.aead = (a),                               \
		.kem = (k),                                \
		.sig = (s),                                \
		.hash_bytes = (nh),                        \
		.aead_key_bytes = (nk),                    \
		.kem_private_bytes = (nsk),                \
		.kem_public_bytes = (npk) }

/* RFC 9420, 17.1 */
static const struct crypto_suite suites[] = {
#ifdef KK_MLS_ALL_SUITES
	SUITE(1, "MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519", CRYPTO_SHA256,
	    CRYPTO_AES_128_GCM, CRYPTO_DHKEM_X25519, CRYPTO_ED25519, 32, 16, 32,
	    32),
	SUITE(3, "MLS_128_DHKEMX25519_CHACHA20POLY1305_SHA256_Ed25519",
	    CRYPTO_SHA256, CRYPTO_CHACHA20_POLY1305, CRYPTO_DHKEM_X25519,
	    CRYPTO_ED25519, 32, 32, 32, 32),
	SUITE(4, "MLS_256_DHKEMX448_AES256GCM_SHA512_Ed448", CRYPTO_SHA512,
	    CRYPTO_AES_256_GCM, CRYPTO_DHKEM_X448, CRYPTO_ED448, 64, 32, 56,
	    56),
	SUITE(5, "MLS_256_DHKEMP521_AES256GCM_SHA512_P521", CRYPTO_SHA512,
	    CRYPTO_AES_256_GCM, CRYPTO_DHKEM_P521, CRYPTO_ECDSA_P521_SHA512, 64,
	    32, 66, 133),
	SUITE(6, "MLS_256_DHKEMX448_CHACHA20POLY1305_SHA512_Ed448",
	    CRYPTO_SHA512, CRYPTO_CHACHA20_POLY1305, CRYPTO_DHKEM_X448,
	    CRYPTO_ED448, 64, 32, 56, 56),
#endif
	SUITE(2, "MLS_128_DHKEMP256_AES128GCM_SHA256_P256", CRYPTO_SHA256,
	    CRYPTO_AES_128_GCM, CRYPTO_DHKEM_P256, CRYPTO_ECDSA_P256_SHA256, 32,
	    16, 32, 65),
	SUITE(7, "MLS_256_DHKEMP384_AES256GCM_SHA384_P384", CRYPTO_SHA384,
	    CRYPTO_AES_256_GCM, CRYPTO_DHKEM_P384, CRYPTO_ECDSA_P384_SHA384, 48,
	    32, 48, 97),
};

static bool suite_is_possible(const struct crypto_suite *suite)
{
	const struct crypto_kem_params *kem = crypto_kem_params(suite->kem);
	enum crypto_curve curve;

	if (!kem || !crypto_dh_backend(kem->curve))
		return false;
	if (crypto_sig_curve(suite->sig, &curve))
		return false;
	return crypto_sig_backend(curve) != NULL;
}

const struct crypto_suite *crypto_suite_get(uint16_t id)
{
	for (size_t i = 0; i < KK_ARRAY_LEN(suites); i++)
		if (suites[i].id == id && suite_is_possible(&suites[i]))
			return &suites[i];
	return NULL;
}

const struct crypto_aead_backend *crypto_aead_backend(void)
{
	return &CRYPTO_FIRST(aead);
}

const struct crypto_ctr_backend *crypto_ctr_backend(void)
{
	return &CRYPTO_FIRST(ctr);
}

const struct crypto_dh_backend *crypto_dh_backend(enum crypto_curve curve)
{
	if (CRYPTO_FIRST(dh).has(curve))
		return &CRYPTO_FIRST(dh);
	return crypto_psa_dh.has(curve) ? &crypto_psa_dh : NULL;
}

const struct crypto_sig_backend *crypto_sig_backend(enum crypto_curve curve)
{
	if (CRYPTO_FIRST(sig).has(curve))
		return &CRYPTO_FIRST(sig);
	return crypto_psa_sig.has(curve) ? &crypto_psa_sig : NULL;
}
