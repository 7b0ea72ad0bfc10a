/* kdf.h - HMAC and HKDF over input in pieces, without copying.  Internal. */
#pragma once
#include "crypto/crypto.h"

enum { CRYPTO_KDF_PARTS_MAX = 8 };

/* Errors: KK_EINVAL more than CRYPTO_KDF_PARTS_MAX pieces. */
enum kk_err crypto_hmac_parts(enum crypto_hash hash, struct kk_view key,
    const struct kk_view *parts, size_t part_count, uint8_t *out);

/* Errors: KK_EINVAL over 255 hashes, over CRYPTO_KDF_PARTS_MAX - 2 pieces. */
enum kk_err crypto_hkdf_expand_parts(enum crypto_hash hash, struct kk_view prk,
    const struct kk_view *info, size_t info_count, uint8_t *out,
    size_t out_bytes);
