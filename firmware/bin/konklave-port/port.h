/* port.h - the inside of konklave-port.  Zone: port. */
#pragma once
#include "event.h"
#include "program/notice.h"
#include "program/options.h"
#include "program/program.h"
#include "program/words.h"

enum {
	PORT_FILE_BYTES = 65536, /* of a chain, a request */
	PORT_CHAIN_MAX = 8, /* certificates */
	PORT_KEY_BYTES = 512, /* P-384 in DER has 167 */
	PORT_PATH_BYTES = 512
};

struct port_options {
	const char *root; /* "": the box's own */
	const char *verb, *word; /* word: NULL where the verb takes none */
	const char *supplicant; /* the program */
	unsigned answer_s;
	bool is_json, is_done;
};

/* Errors: KK_EINVAL, and it was said what is wrong. */
MUST_CHECK enum kk_err port_options_parse(struct port_options *o, int argc,
    char **argv);

/* --- what the box keeps of its port (store.c) ----------------------------- */

/*
 * PORT_REQUEST, PORT_CERTIFICATE, and the profile.  Errors of reading: those of
 * program.h; of writing KK_EIO.
 */
MUST_CHECK enum kk_err port_read(const char *root, const char *name,
    struct kk_bytes *text);
MUST_CHECK enum kk_err port_write(const char *root, const char *name,
    struct kk_view text);

#define PORT_REQUEST "port.csr"
#define PORT_CERTIFICATE "port.pem"

/*
 * The sealed key.  systemd-creds(1) seals it to this box, and to its TPM where
 * there is one; what it has sealed is opened again before it is kept, and whole
 * on the disk before it has its name.
 * Errors: KK_EIO.
 */
MUST_CHECK enum kk_err port_key_seal(const char *root, struct kk_view der);
bool port_key_is_there(const char *root);

/* By whom the box says it is, in the profile.  Errors: KK_ENOENT the profile
 * has no 8021x, KK_EFORMAT it is none, those of program.h. */
enum { PORT_IDENTITY_BYTES = 256 };
MUST_CHECK enum kk_err port_identity(const char *root,
    char out[PORT_IDENTITY_BYTES]);

/* --- another program (seal.c) --------------------------------------------- */

/* Gives it what to read, and takes up to *out_bytes of what it writes; out may
 * be NULL.  Errors: KK_EIO also where it fails, KK_ELIMIT. */
MUST_CHECK enum kk_err port_program_run(const char *const argv[],
    struct kk_view in, uint8_t *out, size_t *out_bytes);

/* --- the key and its request (key.c) -------------------------------------- */

/* Makes both.  der is the key's, as many bytes as it gets room for; the caller
 * wipes it.  Errors: KK_ECRYPTO, KK_ENOMEM. */
MUST_CHECK enum kk_err port_key_make(const char *identity,
    uint8_t der[PORT_KEY_BYTES], size_t *der_bytes, struct kk_bytes *request);

/* SHA-256 of the key that a request asks a certificate for (its point), as
 * konklave-pki(8) shows it, with its end.  Errors: KK_EFORMAT. */
enum { PORT_PRINT_BYTES = 65 };
MUST_CHECK enum kk_err port_request_print(struct kk_view request,
    char out[PORT_PRINT_BYTES]);

/* --- the certificate (certificate.c) -------------------------------------- */

enum port_flaw {
	PORT_FITS,
	PORT_FITS_ALONE, /* its CA is none of the profile's: no flaw */
	PORT_NO_PEM,
	PORT_OTHER_KEY,
	PORT_NO_CHAIN, /* one is not issued by the next */
	PORT_NO_CLIENT, /* its purpose is another one */
	PORT_OVER,
	PORT_NOT_YET,
	PORT_FLAWS
};

/* A chain in PEM, the box's own first.  anchors (PEM) may be empty. */
enum port_flaw port_chain_check(struct kk_view chain, struct kk_view request,
    struct kk_view anchors, int64_t now_s);
/* PORT_FITS, _OVER, _NOT_YET, _NO_PEM. */
enum port_flaw port_dates_check(struct kk_view chain, int64_t now_s);

/* --- the commands (commands.c) ---------------------------------------------
 */

/* What people and scripts are told goes to standard output and standard error;
 * false: it could not be done, and it was said why. */
bool port_command(const struct port_options *o);

/* --- a port (run.c) ------------------------------------------------------- */

/* Runs wpa_supplicant on it until that ends, and tells how it stands.  Gives
 * the program's own status. */
int port_run(const struct port_options *o, const char *port);
