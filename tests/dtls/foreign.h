/*
 * foreign.h - a peer that is OpenSSL and nothing of ours, for what our own
 * machines never do.
 */
#pragma once
#include <openssl/ssl.h>

#include "dtls/dtls.h"
#include "harness/tap.h"

struct foreign {
	SSL_CTX *ctx;
	SSL *ssl;
	BIO *wire; /* the network's end */
	uint8_t fingerprint[DTLS_FINGERPRINT_BYTES];
	bool is_done;
	bool has_failed;
	unsigned sent; /* datagrams */
};

struct foreign_config {
	enum dtls_role role;
	const char *srtp; /* OpenSSL's list; NULL: no use_srtp */
	const char *ciphers; /* NULL: its default */
	const char *curve; /* of the certificate; NULL: none at all */
	uint64_t options; /* SSL_OP_ */
	size_t padding_bytes; /* an extension that nobody knows */
};

void foreign_init(struct foreign *f, const struct foreign_config *config);
void foreign_clear(struct foreign *f);

/* Lets a machine and the foreigner talk until neither has more to say.  The
 * machine's first error is returned. */
enum kk_err foreign_talk(struct foreign *f, struct dtls *machine);
