/*
 * file_format.c - a sealed key as bytes.
 *
 *	struct {
 *		opaque magic[4] = "KKEY";
 *		uint16 version = 1;
 *		uint8 kind;             // enum keystore_kind
 *		uint16 id;              // enum crypto_sig or crypto_kem
 *		opaque public<V>;
 *		opaque nonce[12];
 *		opaque sealed<V>;       // AES-256-GCM of the private key
 *	} KeyFile;
 *
 * Everything before sealed, and the key's name behind it, is the AAD: a file
 * under another name, or with another header, does not open.
 */
#include <string.h>

#include "drivers/keystore/keystore_internal.h"

enum { FILE_VERSION = 1, MAGIC_BYTES = 4 };

static const char magic[MAGIC_BYTES + 1] = "KKEY";

static void head_write(struct kk_writer *w, const struct keystore_pair *pair,
    struct kk_view nonce)
{
	kk_write_raw(w, kk_view_of(magic, MAGIC_BYTES));
	kk_write_u16(w, FILE_VERSION);
	kk_write_u8(w, (uint8_t)pair->type.kind);
	kk_write_u16(w, pair->type.id);
	kk_write_vec(w, kk_view_of(pair->public, pair->public_bytes));
	kk_write_raw(w, nonce);
}

static enum kk_err aad_make(struct kk_bytes *aad, struct kk_view head,
    const char *name)
{
	struct kk_writer w;

	kk_writer_init(&w);
	kk_write_raw(&w, head);
	kk_write_vec(&w, kk_view_text(name));
	return kk_writer_take(&w, aad);
}

/* Appends the sealed private key to the head that w has. */
static enum kk_err sealed_write(struct kk_writer *w, struct kk_view wrap_key,
    const char *name, const struct keystore_pair *pair, struct kk_view nonce)
{
	uint8_t sealed[sizeof(pair->private) + CRYPTO_AEAD_TAG_BYTES];
	struct kk_bytes aad;
	enum kk_err err = aad_make(&aad, kk_writer_view(w), name);

	if (err)
		return err;
	err = crypto_aead_seal(CRYPTO_AES_256_GCM, wrap_key, nonce,
	    kk_bytes_view(&aad), kk_view_of(pair->private, pair->private_bytes),
	    sealed);
	kk_bytes_clear(&aad);
	if (!err)
		kk_write_vec(w,
		    kk_view_of(sealed,
			pair->private_bytes + CRYPTO_AEAD_TAG_BYTES));
	return err;
}

enum kk_err keystore_file_seal(struct kk_bytes *file, struct kk_view wrap_key,
    const char *name, const struct keystore_pair *pair)
{
	uint8_t nonce[CRYPTO_AEAD_NONCE_BYTES] = { 0 };
	struct kk_view nonce_view = kk_view_of(nonce, sizeof(nonce));
	struct kk_writer w;
	enum kk_err err = crypto_random(nonce, sizeof(nonce));

	if (err)
		return err;
	kk_writer_init(&w);
	head_write(&w, pair, nonce_view);
	err = w.err;
	if (!err)
		err = sealed_write(&w, wrap_key, name, pair, nonce_view);
	if (err) {
		kk_writer_clear(&w);
		return err;
	}
	return kk_writer_take(&w, file);
}

/* Reads the head's fields; the nonce is a view. */
static enum kk_err head_read(struct kk_reader *r, struct keystore_pair *pair,
    struct kk_view *nonce)
{
	struct kk_view start = kk_read_raw(r, MAGIC_BYTES);
	uint16_t version = kk_read_u16(r);
	struct kk_view public;

	if (kk_reader_err(r))
		return kk_reader_err(r);
	if (memcmp(start.data, magic, MAGIC_BYTES) != 0)
		return KK_EFORMAT;
	if (version != FILE_VERSION)
		return KK_EUNSUP;
	pair->type.kind = kk_read_u8(r);
	pair->type.id = kk_read_u16(r);
	public = kk_read_vec(r);
	*nonce = kk_read_raw(r, CRYPTO_AEAD_NONCE_BYTES);
	if (kk_reader_err(r))
		return kk_reader_err(r);
	if ((pair->type.kind != KEYSTORE_SIG &&
		pair->type.kind != KEYSTORE_KEM) ||
	    public.bytes == 0 || public.bytes > sizeof(pair->public))
		return KK_EFORMAT;
	memcpy(pair->public, public.data, public.bytes);
	pair->public_bytes = public.bytes;
	return KK_OK;
}

static enum kk_err sealed_open(struct keystore_pair *pair,
    struct kk_view wrap_key, const char *name, struct kk_view head,
    struct kk_view nonce, struct kk_view sealed)
{
	struct kk_bytes aad;
	enum kk_err err;

	if (sealed.bytes <= CRYPTO_AEAD_TAG_BYTES ||
	    sealed.bytes > sizeof(pair->private) + CRYPTO_AEAD_TAG_BYTES)
		return KK_EFORMAT;
	err = aad_make(&aad, head, name);
	if (err)
		return err;
	err = crypto_aead_open(CRYPTO_AES_256_GCM, wrap_key, nonce,
	    kk_bytes_view(&aad), sealed, pair->private);
	kk_bytes_clear(&aad);
	if (!err)
		pair->private_bytes = sealed.bytes - CRYPTO_AEAD_TAG_BYTES;
	return err;
}

enum kk_err keystore_file_unseal(struct keystore_pair *pair,
    struct kk_view wrap_key, const char *name, struct kk_view file)
{
	struct kk_view nonce = { 0 }, sealed, head;
	struct kk_reader r;
	enum kk_err err;

	*pair = (struct keystore_pair){ 0 };
	kk_reader_init(&r, file);
	err = head_read(&r, pair, &nonce);
	if (err)
		return err;
	head = kk_view_of(file.data, file.bytes - r.left_bytes);
	sealed = kk_read_vec(&r);
	err = kk_reader_end(&r);
	if (err)
		return err;
	return sealed_open(pair, wrap_key, name, head, nonce, sealed);
}
