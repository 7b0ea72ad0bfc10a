/*
 * pki.h - what konklave-pki's files share.  One process, one command, one
 * thread; it runs on a site's own PC, which needs no network.
 */
#pragma once
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdio.h>

#include "crypto/crypto.h"
#include "tools/pki/index.h"
#include "tools/pki/words.h"

enum pki_exit { /* konklave-pki.8 */
	PKI_DONE = 0,
	PKI_FAILED = 1,
	PKI_USAGE = 2,
	PKI_REFUSED = 3, /* the request, or what was asked for */
	PKI_NO_KEY = 4, /* passphrase, PIN, token */
	PKI_BUSY = 5,
	PKI_CLOCK = 6
};

enum {
	PKI_BACK_S =
	    3600, /* certificates begin so much earlier: clocks differ */
	PKI_DAY_S = 86400,
	PKI_CLOCK_SET_S =
	    1767225600, /* 2026-01-01: earlier is no right clock */
	PKI_PASSPHRASE_MIN = 12, /* bytes */
	PKI_SECRET_MAX = 1024,
	PKI_PATH_BYTES = 4096,
	PKI_NOTE_BYTES = 512,
	PKI_CA_DAYS = 7300,
	PKI_CRL_DAYS = 90,
	PKI_DAYS_MAX = 20000
};

/* The command line (options.c); values are borrowed from argv. */
enum { PKI_WORDS_MAX = 3, PKI_NAMES_MAX = 32 };

struct pki_options {
	const char *word[PKI_WORDS_MAX]; /* the command, and what it is about */
	size_t words;
	const char *folder, *name, *reason, *out, *passphrase, *pin, *token,
	    *fingerprint;
	const char *names[PKI_NAMES_MAX]; /* DNS:, IP:, email: */
	size_t name_count;
	unsigned days;
	bool is_sure, is_json, is_clock_right, is_done;
};

struct pki {
	struct pki_options o;
	bool is_german;
	enum pki_exit exit; /* of what went wrong */
	int64_t now_s;
	int folder, issued; /* or -1 */
	bool is_locked; /* this command writes */
	struct kk_bytes text; /* of the index */
	struct pki_index index;
	X509 *ca;
	struct crypto_key *key; /* the CA's, once it is needed */
	char note[PKI_NOTE_BYTES]; /* for the log */
};

/* Errors: KK_EINVAL, having said what is wrong. */
MUST_CHECK enum kk_err pki_options_parse(struct pki_options *o, int argc,
    char **argv);

/*
 * words.c.  pki_fail() says it on standard error, notes it for the log, and
 * gives KK_EPOLICY; main() ends with that status.  {1} and {2} are replaced.
 */
enum kk_err pki_fail(struct pki *p, enum pki_exit status, enum pki_word word,
    const char *one, const char *two);
void pki_tell(const struct pki *p, enum pki_word word, const char *one,
    const char *two);

/*
 * ask.c.  A secret comes from a file of ours alone, else from the terminal;
 * twice where it is new.  *secret is to be cleared.
 */
MUST_CHECK enum kk_err pki_ask_secret(struct pki *p, const char *file,
    enum pki_word prompt, bool is_new, struct kk_bytes *secret);
/* "yes" at the terminal, --yes, or the fingerprint that --fingerprint gave. */
MUST_CHECK enum kk_err pki_ask_sure(struct pki *p, const char *fingerprint);

/*
 * folder.c.  A CA's folder: index.txt, ca.pem, ca.key or ca.token, issued/,
 * crl.pem, log.txt.  What a killed process left half-done is put right when the
 * folder is next opened for writing.
 */
MUST_CHECK enum kk_err pki_folder_open(struct pki *p, bool is_writing);
void pki_folder_close(struct pki *p);
/* A new CA's folder beside where it will be; pki_folder_finish() moves it. */
MUST_CHECK enum kk_err pki_folder_begin(struct pki *p);
MUST_CHECK enum kk_err pki_folder_finish(struct pki *p);
/* An act, and the certificate that comes of it (or NULL). */
MUST_CHECK enum kk_err pki_folder_act(struct pki *p,
    const struct pki_event *event, const struct kk_bytes *pem);
MUST_CHECK enum kk_err pki_folder_write(struct pki *p, const char *name,
    struct kk_view text);
MUST_CHECK enum kk_err pki_folder_read(struct pki *p, const char *name,
    struct kk_bytes *text);
MUST_CHECK enum kk_err pki_cert_read(struct pki *p, const char *serial,
    X509 **cert);
void pki_folder_log(struct pki *p, bool is_done); /* what was asked for */
/* A file elsewhere, in one step.  Errors: as pki_fail(). */
MUST_CHECK enum kk_err pki_file_write(struct pki *p, const char *path,
    struct kk_view text);

/*
 * clock.c.  Sets now_s; with a CA open, refuses times before its last act, or
 * long after.
 */
MUST_CHECK enum kk_err pki_clock_read(struct pki *p);
MUST_CHECK enum kk_err pki_clock_check(struct pki *p);

/* key.c.  The CA's key; p->key is set. */
MUST_CHECK enum kk_err pki_key_make(struct pki *p);
MUST_CHECK enum kk_err pki_key_load(struct pki *p);
/* The key as OpenSSL has public ones; the caller's. */
EVP_PKEY *pki_key_public(const struct crypto_key *key);

/* token.c.  The same, in a PKCS#11 token. */
MUST_CHECK enum kk_err pki_token_make(struct pki *p);
MUST_CHECK enum kk_err pki_token_load(struct pki *p);
#define PKI_TOKEN_FILE "ca.token" /* its URI */

/* pkcs8.c.  A P-384 key as encrypted PKCS#8 in PEM, and back.
 * Errors: KK_EAUTH wrong passphrase, KK_EFORMAT, KK_EUNSUP another kind of key,
 * KK_ENOMEM, KK_ECRYPTO. */
MUST_CHECK enum kk_err pki_pkcs8_make(struct kk_view passphrase,
    struct kk_bytes *pem, struct crypto_key **key);
MUST_CHECK enum kk_err pki_pkcs8_read(struct kk_view pem,
    struct kk_view passphrase, struct crypto_key **key);

/* commands: init.c, issue.c, revoke.c, show.c, verify.c. */
MUST_CHECK enum kk_err pki_init(struct pki *p);
MUST_CHECK enum kk_err pki_issue(struct pki *p);
MUST_CHECK enum kk_err pki_renew(struct pki *p);
MUST_CHECK enum kk_err pki_revoke(struct pki *p);
MUST_CHECK enum kk_err pki_crl(struct pki *p);
MUST_CHECK enum kk_err pki_show(struct pki *p);
MUST_CHECK enum kk_err pki_list(struct pki *p);
MUST_CHECK enum kk_err pki_log(struct pki *p);
MUST_CHECK enum kk_err pki_verify(struct pki *p);

/* A new list under the next number, with its act (revoke.c). */
MUST_CHECK enum kk_err pki_crl_make(struct pki *p);
uint64_t pki_crl_number(const struct pki *p); /* crl.pem's; 0: none */
/* Something was revoked and crl.pem does not have it. */
bool pki_crl_is_behind(const struct pki *p);
/* The certificate of a serial or of its unmistakable beginning (show.c). */
MUST_CHECK enum kk_err pki_serial_find(struct pki *p, const char *beginning,
    const struct pki_event **event);
