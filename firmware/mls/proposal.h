/*
 * proposal.h - key packages, PSK ids, proposals and commits as they stand in
 * messages (RFC 9420, 8.4, 10, 12.1, 12.4).  All fields are views into the
 * input.
 */
#pragma once
#include "mls/leaf.h"

struct mls_key_package_fields { /* RFC 9420, 10 */
	uint16_t version;
	uint16_t suite;
	struct kk_view init_key;
	struct mls_leaf_fields leaf;
	struct kk_view extensions;
	struct kk_view signature;
	struct kk_view raw, tbs; /* filled by reading */
};

struct mls_psk_id { /* PreSharedKeyID, RFC 9420, 8.4 */
	uint8_t type; /* enum mls_psk_type */
	struct kk_view id; /* external */
	uint8_t usage; /* resumption: enum mls_psk_usage */
	struct kk_view group_id;
	uint64_t epoch;
	struct kk_view nonce;
	struct kk_view raw; /* filled by reading */
};

struct mls_reinit {
	struct kk_view group_id;
	uint16_t version;
	uint16_t suite;
	struct kk_view extensions;
};

struct mls_proposal {
	uint16_t type; /* enum mls_proposal_type */
	union {
		struct mls_key_package_fields add;
		struct mls_leaf_fields update;
		uint32_t remove; /* leaf index */
		struct mls_psk_id psk;
		struct mls_reinit reinit;
		struct kk_view external_init; /* kem_output */
		struct kk_view extensions;
	};
	struct kk_view raw; /* filled by reading */
};

struct mls_proposal_or_ref {
	bool is_ref;
	struct kk_view ref;
	struct mls_proposal proposal;
};

struct mls_hpke_ciphertext {
	struct kk_view kem_output;
	struct kk_view ciphertext;
};

struct mls_path_node { /* UpdatePathNode, RFC 9420, 7.6 */
	struct kk_view encryption_key;
	struct kk_view ciphertexts; /* inside of the vector of HPKECiphertext */
};

struct mls_update_path {
	struct mls_leaf_fields leaf;
	struct kk_view nodes; /* inside of the vector of UpdatePathNode */
	size_t node_count;
};

struct mls_commit {
	struct kk_view proposals; /* inside of the vector of ProposalOrRef */
	size_t proposal_count;
	bool has_path;
	struct mls_update_path path;
};

/* Readers: errors stick in r.  Unknown proposal types give KK_EUNSUP. */
void mls_key_package_read(struct kk_reader *r,
    struct mls_key_package_fields *kp);
void mls_psk_id_read(struct kk_reader *r, struct mls_psk_id *id);
void mls_proposal_read(struct kk_reader *r, struct mls_proposal *p);
void mls_proposal_or_ref_read(struct kk_reader *r,
    struct mls_proposal_or_ref *p);
void mls_hpke_ciphertext_read(struct kk_reader *r,
    struct mls_hpke_ciphertext *c);
void mls_path_node_read(struct kk_reader *r, struct mls_path_node *n);
void mls_update_path_read(struct kk_reader *r, struct mls_update_path *p);
void mls_commit_read(struct kk_reader *r, struct mls_commit *c);

/* Writers, from the fields. */
void mls_key_package_write(struct kk_writer *w,
    const struct mls_key_package_fields *kp);
void mls_key_package_write_unsigned(struct kk_writer *w,
    const struct mls_key_package_fields *kp);
void mls_psk_id_write(struct kk_writer *w, const struct mls_psk_id *id);
void mls_proposal_write(struct kk_writer *w, const struct mls_proposal *p);
void mls_proposal_or_ref_write(struct kk_writer *w,
    const struct mls_proposal_or_ref *p);
void mls_hpke_ciphertext_write(struct kk_writer *w,
    const struct mls_hpke_ciphertext *c);
void mls_path_node_write(struct kk_writer *w, const struct mls_path_node *n);
void mls_update_path_write(struct kk_writer *w,
    const struct mls_update_path *p);
void mls_commit_write(struct kk_writer *w, const struct mls_commit *c);

/* The hash that names a key package (5.2). */
MUST_CHECK enum kk_err mls_key_package_ref(const struct crypto_suite *suite,
    struct kk_view key_package, struct mls_secret *ref);
