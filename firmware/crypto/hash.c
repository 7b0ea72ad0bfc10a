/*
 * hash.c - hashes, HMAC (RFC 2104) and HKDF (RFC 5869).
 *
 * HMAC is built from the hash: the libraries' own HMAC pays for a key object
 * each time, which costs more than the four compressions of a short message.
 */
#include <string.h>

#include "crypto/backend.h"
#include "crypto/kdf.h"

enum { BLOCK_MAX_BYTES = 128 }; /* SHA-384 and SHA-512 */

size_t crypto_hash_bytes(enum crypto_hash hash)
{
	switch (hash) {
	case CRYPTO_SHA1:
		return 20;
	case CRYPTO_SHA256:
		return 32;
	case CRYPTO_SHA384:
		return 48;
	case CRYPTO_SHA512:
		return 64;
	}
	return 0;
}

static size_t hash_block_bytes(enum crypto_hash hash)
{
	return hash == CRYPTO_SHA256 || hash == CRYPTO_SHA1 ? 64 : 128;
}

enum kk_err crypto_hash(enum crypto_hash hash, const struct kk_view *parts,
    size_t part_count, uint8_t *out)
{
	if (crypto_hash_bytes(hash) == 0)
		return KK_EINVAL;
	return crypto_hash_backend()->hash(hash, parts, part_count, out);
}

/* Writes the key as a block; a key longer than a block is hashed first. */
static enum kk_err hmac_key_block(enum crypto_hash hash, struct kk_view key,
    uint8_t *block)
{
	memset(block, 0, BLOCK_MAX_BYTES);
	if (key.bytes > hash_block_bytes(hash))
		return crypto_hash(hash, &key, 1, block);
	if (key.bytes > 0)
		memcpy(block, key.data, key.bytes);
	return KK_OK;
}

static void block_xor(uint8_t *block, size_t bytes, uint8_t pad)
{
	for (size_t i = 0; i < bytes; i++)
		block[i] ^= pad;
}

enum kk_err crypto_hmac_parts(enum crypto_hash hash, struct kk_view key,
    const struct kk_view *parts, size_t part_count, uint8_t *out)
{
	struct kk_view all[CRYPTO_KDF_PARTS_MAX + 1];
	uint8_t block[BLOCK_MAX_BYTES], inner[CRYPTO_HASH_MAX_BYTES];
	const size_t block_bytes = hash_block_bytes(hash);
	enum kk_err err;

	if (crypto_hash_bytes(hash) == 0 || part_count > CRYPTO_KDF_PARTS_MAX)
		return KK_EINVAL;
	err = hmac_key_block(hash, key, block);
	if (err)
		goto out;
	block_xor(block, block_bytes, 0x36);
	all[0] = kk_view_of(block, block_bytes);
	for (size_t i = 0; i < part_count; i++)
		all[i + 1] = parts[i];
	err = crypto_hash(hash, all, part_count + 1, inner);
	if (err)
		goto out;
	block_xor(block, block_bytes, 0x36 ^ 0x5c);
	all[1] = kk_view_of(inner, crypto_hash_bytes(hash));
	err = crypto_hash(hash, all, 2, out);
out:
	kk_wipe(block, sizeof(block));
	kk_wipe(inner, sizeof(inner));
	return err;
}

enum kk_err crypto_hmac(enum crypto_hash hash, struct kk_view key,
    struct kk_view data, uint8_t *out)
{
	return crypto_hmac_parts(hash, key, &data, 1, out);
}

enum kk_err crypto_hkdf_extract(enum crypto_hash hash, struct kk_view salt,
    struct kk_view ikm, uint8_t *out)
{
	return crypto_hmac_parts(hash, salt, &ikm, 1, out);
}

enum kk_err crypto_hkdf_expand_parts(enum crypto_hash hash, struct kk_view prk,
    const struct kk_view *info, size_t info_count, uint8_t *out,
    size_t out_bytes)
{
	struct kk_view parts[CRYPTO_KDF_PARTS_MAX];
	const size_t hash_bytes = crypto_hash_bytes(hash);
	uint8_t t[CRYPTO_HASH_MAX_BYTES] = { 0 }, counter = 1;
	enum kk_err err = KK_OK;

	if (hash_bytes == 0 || out_bytes > 255 * hash_bytes ||
	    info_count > CRYPTO_KDF_PARTS_MAX - 2)
		return KK_EINVAL;
	parts[0] = kk_view_of(t, 0); /* T(0) is empty */
	for (size_t i = 0; i < info_count; i++)
		parts[i + 1] = info[i];
	parts[info_count + 1] = kk_view_of(&counter, 1);
	for (size_t at = 0; at < out_bytes && !err; at += hash_bytes) {
		size_t left = out_bytes - at;

		err = crypto_hmac_parts(hash, prk, parts, info_count + 2, t);
		if (!err)
			memcpy(out + at, t,
			    left < hash_bytes ? left : hash_bytes);
		parts[0].bytes = hash_bytes;
		counter++;
	}
	kk_wipe(t, sizeof(t));
	if (err)
		kk_wipe(out, out_bytes);
	return err;
}

enum kk_err crypto_hkdf_expand(enum crypto_hash hash, struct kk_view prk,
    struct kk_view info, uint8_t *out, size_t out_bytes)
{
	return crypto_hkdf_expand_parts(hash, prk, &info, 1, out, out_bytes);
}
