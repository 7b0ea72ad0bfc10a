/*
 * message.h - framed content, messages, welcomes and group infos as they travel
 * (RFC 9420, 6, 8.1, 12.4.3).  All fields are views into the input.
 */
#pragma once
#include "mls/proposal.h"

struct mls_context { /* GroupContext, RFC 9420, 8.1 */
	uint16_t version;
	uint16_t suite;
	struct kk_view group_id;
	uint64_t epoch;
	struct kk_view tree_hash;
	struct kk_view confirmed_hash;
	struct kk_view extensions;
};

struct mls_sender {
	uint8_t type; /* enum mls_sender_type */
	uint32_t index; /* a leaf, or a place in external_senders */
};

struct mls_content { /* FramedContent, RFC 9420, 6 */
	struct kk_view group_id;
	uint64_t epoch;
	struct mls_sender sender;
	struct kk_view authenticated_data;
	uint8_t type; /* enum mls_content_type */
	union {
		struct kk_view application;
		struct mls_proposal proposal;
		struct mls_commit commit;
	};
	struct kk_view raw; /* filled by reading */
};

struct mls_auth { /* FramedContentAuthData, RFC 9420, 6.1 */
	struct kk_view signature;
	struct kk_view confirmation_tag; /* commits only */
};

struct mls_auth_content { /* AuthenticatedContent, RFC 9420, 6 */
	uint16_t wire_format;
	struct mls_content content;
	struct mls_auth auth;
	struct kk_view raw; /* filled by reading from one piece */
};

struct mls_public_message { /* RFC 9420, 6.2 */
	struct mls_content content;
	struct mls_auth auth;
	struct kk_view membership_tag; /* members only */
};

struct mls_private_message { /* RFC 9420, 6.3 */
	struct kk_view group_id;
	uint64_t epoch;
	uint8_t type; /* enum mls_content_type */
	struct kk_view authenticated_data;
	struct kk_view sender_data;
	struct kk_view ciphertext;
};

struct mls_group_info { /* RFC 9420, 12.4.3 */
	struct mls_context context;
	struct kk_view extensions;
	struct kk_view confirmation_tag;
	uint32_t signer;
	struct kk_view signature;
	struct kk_view tbs; /* filled by reading */
	struct kk_view context_raw; /* filled by reading */
};

struct mls_group_secrets { /* RFC 9420, 12.4.3.1 */
	struct kk_view joiner_secret;
	bool has_path_secret;
	struct kk_view path_secret;
	struct kk_view psks; /* inside of the vector of PreSharedKeyID */
	size_t psk_count;
};

struct mls_welcome_secret { /* EncryptedGroupSecrets */
	struct kk_view key_package_ref;
	struct mls_hpke_ciphertext secrets;
};

struct mls_welcome {
	uint16_t suite;
	struct kk_view secrets; /* inside of the vector of welcome secrets */
	size_t secret_count;
	struct kk_view group_info; /* encrypted */
};

struct mls_message { /* MLSMessage, RFC 9420, 6 */
	uint16_t version;
	uint16_t wire_format; /* enum mls_wire_format */
	union {
		struct mls_public_message public_message;
		struct mls_private_message private_message;
		struct mls_welcome welcome;
		struct mls_group_info group_info;
		struct mls_key_package_fields key_package;
	};
};

/* Readers: errors stick in r. */
void mls_context_read(struct kk_reader *r, struct mls_context *c);
void mls_content_read(struct kk_reader *r, struct mls_content *c);
void mls_auth_read(struct kk_reader *r, uint8_t content_type,
    struct mls_auth *auth);
void mls_auth_content_read(struct kk_reader *r, struct mls_auth_content *c);
void mls_group_info_read(struct kk_reader *r, struct mls_group_info *g);
void mls_group_secrets_read(struct kk_reader *r, struct mls_group_secrets *g);
void mls_welcome_secret_read(struct kk_reader *r, struct mls_welcome_secret *s);
void mls_welcome_read(struct kk_reader *r, struct mls_welcome *w);
void mls_public_message_read(struct kk_reader *r, struct mls_public_message *m);
void mls_private_message_read(struct kk_reader *r,
    struct mls_private_message *m);

/* A whole message: KK_ETRAIL when bytes are left, KK_EUNSUP for another version
 * or an unknown wire format. */
MUST_CHECK enum kk_err mls_message_parse(struct mls_message *m,
    struct kk_view in);

/* The content inside a PrivateMessage (6.3.1): header fields come from
 * outside, padding must be zero.  Errors stick in r. */
void mls_private_content_read(struct kk_reader *r, struct mls_content *c,
    struct mls_auth *auth);
void mls_private_content_write(struct kk_writer *w, const struct mls_content *c,
    const struct mls_auth *auth, size_t padding_bytes);

/* Writers, from the fields. */
void mls_context_write(struct kk_writer *w, const struct mls_context *c);
void mls_content_write(struct kk_writer *w, const struct mls_content *c);
void mls_auth_write(struct kk_writer *w, uint8_t content_type,
    const struct mls_auth *auth);
void mls_auth_content_write(struct kk_writer *w,
    const struct mls_auth_content *c);
void mls_group_info_write_unsigned(struct kk_writer *w,
    const struct mls_group_info *g);
void mls_group_info_write(struct kk_writer *w, const struct mls_group_info *g);
void mls_group_secrets_write(struct kk_writer *w,
    const struct mls_group_secrets *g);
void mls_welcome_secret_write(struct kk_writer *w,
    const struct mls_welcome_secret *s);
void mls_welcome_write(struct kk_writer *w, const struct mls_welcome *m);
void mls_public_message_write(struct kk_writer *w,
    const struct mls_public_message *m);
void mls_private_message_write(struct kk_writer *w,
    const struct mls_private_message *m);
void mls_message_write(struct kk_writer *w, const struct mls_message *m);
void mls_message_write_header(struct kk_writer *w, uint16_t wire_format);
