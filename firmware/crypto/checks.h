/*
 * checks.h - signature checks put off and handed out as a batch.
 *
 * Parsing a join, a commit or a certificate chain only collects its signature
 * checks.  Whoever asked runs them here with crypto_checks_run(), or hands
 * them to WebCrypto, to other cores or to an engine, and confirms each.
 * Nothing that depends on them may be used before crypto_checks_done() is true.
 */
#pragma once
#include "crypto/crypto.h"

struct crypto_checks;

struct crypto_check { /* views borrowed from the batch */
	enum crypto_sig sig;
	struct kk_view public;
	struct kk_view message; /* the whole signed text, labels included */
	struct kk_view signature;
};

MUST_CHECK enum kk_err crypto_checks_new(struct crypto_checks **checksp);
void crypto_checks_free(struct crypto_checks *checks);

enum { /* more is refused with KK_ELIMIT */
	CRYPTO_CHECKS_MAX = 16384,
	CRYPTO_CHECKS_MAX_BYTES = 64 * 1024 * 1024
};

/*
 * Adds a check; everything is copied.  One that equals an earlier one in all
 * its parts is the earlier one: chains share issuers.
 * Errors: KK_ENOMEM, KK_ELIMIT.
 */
MUST_CHECK enum kk_err crypto_checks_add(struct crypto_checks *checks,
    enum crypto_sig sig, struct kk_view public, struct kk_view message,
    struct kk_view signature);

/* The same for SignWithLabel (RFC 9420, 5.1.2). */
MUST_CHECK enum kk_err crypto_checks_add_with_label(
    struct crypto_checks *checks, enum crypto_sig sig, struct kk_view public,
    const char *label, struct kk_view content, struct kk_view signature);

size_t crypto_checks_count(const struct crypto_checks *checks);
/* Errors: KK_EINVAL no such index. */
MUST_CHECK enum kk_err crypto_checks_get(const struct crypto_checks *checks,
    size_t index, struct crypto_check *check);

/*
 * Records the verdict of somebody outside.  A false one is final: the batch has
 * failed, whatever is confirmed later.  Errors: KK_EINVAL no such index.
 */
MUST_CHECK enum kk_err crypto_checks_confirm(struct crypto_checks *checks,
    size_t index, bool is_valid);

/* Verifies here all that is not yet confirmed.  Errors: KK_EVERIFY. */
MUST_CHECK enum kk_err crypto_checks_run(struct crypto_checks *checks);

/* KK_OK all confirmed, KK_EVERIFY one failed, KK_ESTATE some are open. */
MUST_CHECK enum kk_err crypto_checks_done(const struct crypto_checks *checks);
