/* mbed_private.h - the parts of an mbedTLS session. */
#pragma once
#include <mbedtls/pk.h>
#include <mbedtls/x509_crt.h>

#include "dtls/backend.h"

struct mbed_identity {
	mbedtls_x509_crt cert;
	mbedtls_pk_context key;
};

/* mbed_identity.c */
enum kk_err mbed_identity_new(void **ctxp, uint64_t from_s, uint64_t to_s,
    struct kk_bytes *der);
void mbed_identity_free(void *ctx);
enum kk_err mbed_sha256(struct kk_view in, uint8_t *out);
enum kk_err mbed_hmac(struct kk_view key, struct kk_view in, uint8_t *out);
enum kk_err mbed_err(int code); /* our error for mbedTLS's */
