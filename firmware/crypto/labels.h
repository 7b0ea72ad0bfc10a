/* labels.h - the text that SignWithLabel signs.  Internal. */
#pragma once
#include "crypto/crypto.h"

/* Source: RFC 9420, 5.1.2 (SignContent) and 5.1.3 (EncryptContext). */
void crypto_label_write(struct kk_writer *w, const char *label,
    struct kk_view content);
