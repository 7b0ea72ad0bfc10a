/* site.h - a folder with a CA's tool, and openssl as its peer. */
#pragma once
#include "harness/process.h"
#include "harness/tap.h"

enum { SITE_OUT_BYTES = 65536 };

struct site {
	char folder[64];
	char out[SITE_OUT_BYTES]; /* of the last script, both outputs */
};

/* Has files pass (a passphrase) and wrong; in scripts $pki is the program, and
 * $with its options for the CA in the folder ca. */
void site_start(struct site *s);
void site_init(struct site *s); /* site_start(), and a CA in ca */
void site_end(struct site *s);

/* A script's status, run in the folder; it ends where a command fails. */
int site_try(struct site *s, const char *script);
/* It must end with status 0. */
void site_run(struct site *s, const char *script);
/* It must end with this one, and say this. */
void site_fails(struct site *s, int status, const char *says,
    const char *script);
/* A request NAME.csr of a fresh key NAME.key on that curve. */
void site_request(struct site *s, const char *name, const char *curve,
    const char *subject);
