/*
 * protect.h - signing, tagging and encrypting framed content (RFC 9420, 6).
 *
 * context is always the encoded GroupContext of the content's epoch.
 */
#pragma once
#include "crypto/checks.h"
#include "mls/message.h"
#include "mls/schedule.h"
#include "mls/secrettree.h"

/* FramedContentTBS (6.1): context counts for members and joiners by commit. */
void mls_content_write_tbs(struct kk_writer *w, uint16_t wire_format,
    const struct mls_content *content, struct kk_view context);

MUST_CHECK enum kk_err mls_content_sign(uint16_t wire_format,
    const struct mls_content *content, struct kk_view context,
    struct crypto_key *signer, struct kk_bytes *signature);

/* Adds the signature check of received content to a batch. */
MUST_CHECK enum kk_err mls_content_check(const struct crypto_suite *suite,
    uint16_t wire_format, const struct mls_content *content,
    struct kk_view signature, struct kk_view context, struct kk_view public,
    struct crypto_checks *checks);

/* The tag of a member's PublicMessage (6.2), to send and to compare.
 * Checking errors: KK_EAUTH. */
MUST_CHECK enum kk_err mls_membership_tag(const struct crypto_suite *suite,
    const struct mls_secret *membership, const struct mls_content *content,
    const struct mls_auth *auth, struct kk_view context,
    struct mls_secret *tag);
MUST_CHECK enum kk_err mls_membership_check(const struct crypto_suite *suite,
    const struct mls_secret *membership, const struct mls_public_message *m,
    struct kk_view context);

/* Signed content as a whole MLSMessage.  Only commits and proposals.
 * membership counts for members only and may be NULL for others. */
MUST_CHECK enum kk_err mls_public_protect(const struct crypto_suite *suite,
    const struct mls_secret *membership, const struct mls_content *content,
    const struct mls_auth *auth, struct kk_view context,
    struct kk_bytes *message);

/* What hides content in an epoch. */
struct mls_private_keys {
	const struct crypto_suite *suite;
	const struct mls_secret *sender_data;
	struct mls_secret_tree *tree;
};

/*
 * Signed content of a member as a whole MLSMessage, its length rounded up to a
 * multiple of padding_bytes (0 or 1: none).  Uses up one key of our ratchet.
 */
MUST_CHECK enum kk_err mls_private_protect(const struct mls_private_keys *keys,
    const struct mls_content *content, const struct mls_auth *auth,
    size_t padding_bytes, struct kk_bytes *message);

struct mls_opened { /* released with mls_opened_clear() */
	struct kk_bytes plain;
	struct mls_content content; /* views into plain and the message */
	struct mls_auth auth;
	uint32_t generation;
};

/*
 * Opens a message without using up its key; the caller checks the signature and
 * then calls mls_private_consume().  Errors: KK_EAUTH, KK_EREPLAY, KK_ELIMIT
 * too far ahead, KK_EFORMAT, KK_EINVAL no such leaf.  On error *opened is
 * empty.
 */
MUST_CHECK enum kk_err mls_private_open(const struct mls_private_keys *keys,
    const struct mls_private_message *m, struct mls_opened *opened);
MUST_CHECK enum kk_err mls_private_consume(const struct mls_private_keys *keys,
    const struct mls_opened *opened);
void mls_opened_clear(struct mls_opened *opened); /* wipes */
