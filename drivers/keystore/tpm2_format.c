/*
 * tpm2_format.c - a TPM's key as bytes.
 *
 *	struct {
 *		opaque magic[4] = "KTPM";
 *		uint16 version = 1;
 *		uint16 id;              // enum crypto_sig
 *		opaque public<V>;       // TPM2B_PUBLIC
 *		opaque private<V>;      // TPM2B_PRIVATE, encrypted by the TPM
 *	} KeyFile;
 *
 * The TPM itself checks that the two belong together and to it.
 */
#include <string.h>
#include <tss2/tss2_mu.h>

#include "drivers/keystore/keystore_internal.h"
#include "drivers/keystore/tpm2_internal.h"

enum { FILE_VERSION = 1, MAGIC_BYTES = 4 };

static const char magic[MAGIC_BYTES + 1] = "KTPM";

enum kk_err tpm2_file_make(struct kk_bytes *text,
    const struct tpm2_curve *curve, const TPM2B_PUBLIC *public,
    const TPM2B_PRIVATE *private)
{
	uint8_t open[sizeof(*public)], closed[sizeof(*private)];
	size_t open_bytes = 0, closed_bytes = 0;
	struct kk_writer w;

	*text = (struct kk_bytes){ 0 };
	if (Tss2_MU_TPM2B_PUBLIC_Marshal(public, open, sizeof(open),
		&open_bytes) != TSS2_RC_SUCCESS ||
	    Tss2_MU_TPM2B_PRIVATE_Marshal(private, closed, sizeof(closed),
		&closed_bytes) != TSS2_RC_SUCCESS)
		return KK_EFORMAT;
	kk_writer_init(&w);
	kk_write_raw(&w, kk_view_of(magic, MAGIC_BYTES));
	kk_write_u16(&w, FILE_VERSION);
	kk_write_u16(&w, (uint16_t)curve->sig);
	kk_write_vec(&w, kk_view_of(open, open_bytes));
	kk_write_vec(&w, kk_view_of(closed, closed_bytes));
	if (w.bytes > TPM2_FILE_MAX_BYTES)
		kk_writer_fail(&w, KK_ELIMIT);
	return kk_writer_take(&w, text);
}

static enum kk_err parts_read(struct kk_view open, struct kk_view closed,
    TPM2B_PUBLIC *public, TPM2B_PRIVATE *private)
{
	size_t at = 0;

	if (!open.bytes || !closed.bytes ||
	    Tss2_MU_TPM2B_PUBLIC_Unmarshal(open.data, open.bytes, &at,
		public) != TSS2_RC_SUCCESS ||
	    at != open.bytes)
		return KK_EFORMAT;
	at = 0;
	if (Tss2_MU_TPM2B_PRIVATE_Unmarshal(closed.data, closed.bytes, &at,
		private) != TSS2_RC_SUCCESS ||
	    at != closed.bytes)
		return KK_EFORMAT;
	return KK_OK;
}

enum kk_err tpm2_file_parse(struct kk_view text,
    const struct tpm2_curve **curve, TPM2B_PUBLIC *public,
    TPM2B_PRIVATE *private)
{
	struct kk_view start, open, closed;
	struct kk_reader r;
	uint16_t version, id;
	enum kk_err err;

	*public = (TPM2B_PUBLIC){ 0 };
	*private = (TPM2B_PRIVATE){ 0 };
	kk_reader_init(&r, text);
	start = kk_read_raw(&r, MAGIC_BYTES);
	if (!kk_reader_err(&r) && memcmp(start.data, magic, MAGIC_BYTES) != 0)
		return KK_EFORMAT; /* a sealed file, perhaps */
	version = kk_read_u16(&r);
	id = kk_read_u16(&r);
	open = kk_read_vec(&r);
	closed = kk_read_vec(&r);
	err = kk_reader_end(&r);
	if (err)
		return err;
	*curve = tpm2_curve_of(id);
	if (version != FILE_VERSION || !*curve)
		return KK_EUNSUP;
	return parts_read(open, closed, public, private);
}
