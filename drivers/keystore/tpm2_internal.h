/* tpm2_internal.h - what the TPM's two files share.  Not for others. */
#pragma once
#include <tss2/tss2_tpm2_types.h>

#include "drivers/keystore/keystore.h"

enum { TPM2_COORD_MAX_BYTES = 48, TPM2_FILE_MAX_BYTES = 1024 };

struct tpm2_curve {
	enum crypto_sig sig;
	enum crypto_hash hash;
	size_t coord_bytes;
	TPM2_ECC_CURVE curve;
	TPMI_ALG_HASH hash_alg;
};

const struct tpm2_curve *tpm2_curve_of(uint16_t sig); /* NULL: none */

/* A file's text.  Errors: KK_EFORMAT, KK_ETRUNC, KK_ETRAIL, KK_EUNSUP of
 * another version or curve; KK_ENOMEM. */
MUST_CHECK enum kk_err tpm2_file_make(struct kk_bytes *text,
    const struct tpm2_curve *curve, const TPM2B_PUBLIC *public,
    const TPM2B_PRIVATE *private);
MUST_CHECK enum kk_err tpm2_file_parse(struct kk_view text,
    const struct tpm2_curve **curve, TPM2B_PUBLIC *public,
    TPM2B_PRIVATE *private);
