/*
 * der.h - ECDSA signatures between DER and r || s.  Internal.
 *
 * Only the one DER form of a pair of positive numbers is read: no long form
 * where the short one does, no needless zero byte, no negative or zero number,
 * nothing behind the sequence.
 * Source: RFC 3279, 2.2.3 (Ecdsa-Sig-Value); X.690, 8.3 and 10.1.
 */
#pragma once
#include "crypto/crypto.h"

/* raw receives two numbers of coord_bytes (at most 66).  Errors: KK_EFORMAT. */
enum kk_err crypto_der_decode(struct kk_view der, size_t coord_bytes,
    uint8_t *raw);

/* out has CRYPTO_SIGNATURE_MAX_BYTES.  Errors: KK_EINVAL r or s is 0. */
enum kk_err crypto_der_encode(const uint8_t *raw, size_t coord_bytes,
    uint8_t *out, size_t *out_bytes);
