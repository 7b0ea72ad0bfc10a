/* params.c - sizes and numbers of curves, KEMs and schemes. */
#include "crypto/params.h"

/* FIPS 186-5 / SP 800-186, 3.2.1: the orders n of the base points. */
static const uint8_t order_p256[32] = { 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0,
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa, 0xad,
	0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25,
	0x51 };

static const uint8_t order_p384[48] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xc7, 0x63, 0x4d, 0x81, 0xf4, 0x37,
	0x2d, 0xdf, 0x58, 0x1a, 0x0d, 0xb2, 0x48, 0xb0, 0xa7, 0x7a, 0xec, 0xec,
	0x19, 0x6a, 0xcc, 0xc5, 0x29, 0x73 };

static const uint8_t order_p521[66] = { 0x01, 0xff, 0xff, 0xff, 0xff, 0xff,
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	0xff, 0xff, 0xff, 0xfa, 0x51, 0x86, 0x87, 0x83, 0xbf, 0x2f, 0x96, 0x6b,
	0x7f, 0xcc, 0x01, 0x48, 0xf7, 0x09, 0xa5, 0xd0, 0x3b, 0xb5, 0xc9, 0xb8,
	0x89, 0x9c, 0x47, 0xae, 0xbb, 0x6f, 0xb7, 0x1e, 0x91, 0x38, 0x64,
	0x09 };

static const struct crypto_curve_params curves[CRYPTO_CURVE_COUNT] = {
	[CRYPTO_P256] = { 32, 65, CRYPTO_SHA256, order_p256, 0xff },
	[CRYPTO_P384] = { 48, 97, CRYPTO_SHA384, order_p384, 0xff },
	[CRYPTO_P521] = { 66, 133, CRYPTO_SHA512, order_p521, 0x01 },
	[CRYPTO_X25519] = { 32, 32, CRYPTO_SHA256, NULL, 0xff },
	[CRYPTO_X448] = { 56, 56, CRYPTO_SHA512, NULL, 0xff },
	[CRYPTO_CURVE_ED25519] = { 32, 32, CRYPTO_SHA512, NULL, 0xff },
	[CRYPTO_CURVE_ED448] = { 57, 57, CRYPTO_SHA512, NULL, 0xff },
};

/* RFC 9180, 7.1: Nsecret; Ndh is the length of a coordinate. */
static const struct crypto_kem_params kems[] = {
	{ CRYPTO_DHKEM_P256, CRYPTO_P256, 32, 32 },
	{ CRYPTO_DHKEM_P384, CRYPTO_P384, 48, 48 },
	{ CRYPTO_DHKEM_P521, CRYPTO_P521, 66, 64 },
	{ CRYPTO_DHKEM_X25519, CRYPTO_X25519, 32, 32 },
	{ CRYPTO_DHKEM_X448, CRYPTO_X448, 56, 64 },
};

const struct crypto_curve_params *crypto_curve_params(enum crypto_curve curve)
{
	return &curves[curve];
}

const struct crypto_kem_params *crypto_kem_params(enum crypto_kem kem)
{
	for (size_t i = 0; i < KK_ARRAY_LEN(kems); i++)
		if (kems[i].kem == kem)
			return &kems[i];
	return NULL;
}

enum kk_err crypto_sig_curve(enum crypto_sig sig, enum crypto_curve *curve)
{
	switch (sig) {
	case CRYPTO_ECDSA_P256_SHA256:
		*curve = CRYPTO_P256;
		return KK_OK;
	case CRYPTO_ECDSA_P384_SHA384:
		*curve = CRYPTO_P384;
		return KK_OK;
	case CRYPTO_ECDSA_P521_SHA512:
		*curve = CRYPTO_P521;
		return KK_OK;
	case CRYPTO_ED25519:
		*curve = CRYPTO_CURVE_ED25519;
		return KK_OK;
	case CRYPTO_ED448:
		*curve = CRYPTO_CURVE_ED448;
		return KK_OK;
	default:
		return KK_EUNSUP;
	}
}

bool crypto_scalar_is_valid(enum crypto_curve curve, const uint8_t *private)
{
	const struct crypto_curve_params *params = &curves[curve];
	unsigned int borrow = 0, any = 0;

	if (!params->order)
		return true;
	/* private - order must borrow: then private is the smaller one. */
	for (size_t i = params->private_bytes; i-- > 0;) {
		unsigned int diff = private[i] - params->order[i] - borrow;

		borrow = diff >> 8 & 1;
		any |= private[i];
	}
	return ((any + 0xff) >> 8 & borrow) == 1;
}

bool crypto_public_is_formed(enum crypto_curve curve, struct kk_view public)
{
	const struct crypto_curve_params *params = &curves[curve];

	if (public.bytes != params->public_bytes)
		return false;
	return !params->order || public.data[0] == 4;
}
