/*
 * leaf.h - leaf nodes, credentials and capabilities (RFC 9420, 5.3, 7.2).
 *
 * A leaf is immutable once it is made and shared by reference count between the
 * trees of two epochs.  Its fields are views into its own bytes.
 */
#pragma once
#include "mls/ext.h"

struct mls_credential {
	uint16_t type; /* enum mls_credential_type */
	struct kk_view identity; /* basic */
	struct kk_view
	    certs; /* x509: the inside of the vector of certificates */
};

struct mls_capabilities {
	struct mls_u16_list versions;
	struct mls_u16_list suites;
	struct mls_u16_list extensions;
	struct mls_u16_list proposals;
	struct mls_u16_list credentials;
};

struct mls_leaf_fields {
	struct kk_view encryption_key;
	struct kk_view signature_key;
	struct mls_credential credential;
	struct mls_capabilities capabilities;
	uint8_t source; /* enum mls_leaf_source */
	uint64_t not_before_s, not_after_s; /* MLS_LEAF_KEY_PACKAGE */
	struct kk_view parent_hash; /* MLS_LEAF_COMMIT */
	struct kk_view extensions;
	struct kk_view signature;
	/* Filled by reading only: */
	struct kk_view raw; /* the whole node */
	struct kk_view tbs; /* raw up to the signature */
};

struct mls_leaf {
	unsigned int refs;
	struct mls_leaf_fields f;
	size_t room_bytes;
	uint8_t bytes[];
};

/* Errors stick in r; fields are views into r's input. */
void mls_leaf_read(struct kk_reader *r, struct mls_leaf_fields *f);
/* Everything, or everything before the signature. */
void mls_leaf_write(struct kk_writer *w, const struct mls_leaf_fields *f);
void mls_leaf_write_unsigned(struct kk_writer *w,
    const struct mls_leaf_fields *f);

void mls_credential_read(struct kk_reader *r, struct mls_credential *c);
void mls_credential_write(struct kk_writer *w, const struct mls_credential *c);
bool mls_credential_equal(const struct mls_credential *a,
    const struct mls_credential *b);

/* Splits an x509 credential; *count is the room on entry.  Errors: KK_EINVAL
 * not x509, KK_ELIMIT more certificates than room. */
MUST_CHECK enum kk_err mls_credential_certs(const struct mls_credential *c,
    struct kk_view *certs, size_t *count);

/* A leaf from its encoding.  Errors: those of reading, KK_ETRAIL, KK_ENOMEM. */
MUST_CHECK enum kk_err mls_leaf_new(struct mls_leaf **leafp,
    struct kk_view raw);
struct mls_leaf *mls_leaf_ref(struct mls_leaf *leaf);
void mls_leaf_unref(struct mls_leaf *leaf); /* NULL is fine */

/* LeafNodeTBS (7.2): update and commit leaves name group and place. */
void mls_leaf_write_tbs(struct kk_writer *w, const struct mls_leaf_fields *f,
    struct kk_view group_id, uint32_t leaf_index);

/* Does the leaf declare support?  Types of RFC 9420 are always supported
 * (7.2: "default" ones are not listed). */
bool mls_leaf_supports_extension(const struct mls_leaf_fields *f,
    uint16_t type);
bool mls_leaf_supports_proposal(const struct mls_leaf_fields *f, uint16_t type);
bool mls_leaf_supports_credential(const struct mls_leaf_fields *f,
    uint16_t type);
bool mls_leaf_supports_suite(const struct mls_leaf_fields *f, uint16_t suite);
