/*
 * mls.h - Messaging Layer Security (RFC 9420): groups and keys.  Zone: keys.
 *
 * The way of a change: a member makes a commit (mls_group_commit), or receives
 * one (mls_group_process).  Either gives a *staged* next epoch, of which
 * nothing can be used yet.  Its signature checks stand in a batch
 * (mls_staged_checks) that the caller runs or has run elsewhere.  Then the
 * caller applies it (mls_group_apply) or drops it (mls_staged_free), which
 * leaves the group as it was.  So "the server refused our commit" and "this
 * member may not do that" are both: drop.
 *
 * The library has no clock, no socket and no thread; now_s is seconds since
 * 1970, and 0 means that no clock can be trusted: lifetimes are not checked
 * then.  One thread per client and its groups.  Byte runs given back in struct
 * kk_bytes are the caller's, to be released with kk_bytes_clear().
 */
#pragma once
#include "crypto/checks.h"
#include "mls/message.h"

struct mls_client;
struct mls_key_package;
struct mls_group;
struct mls_staged;

/* Past each limit: KK_ELIMIT, and nothing changed.  0 takes the default. */
struct mls_limits {
	uint32_t members; /* leaves in a tree; 1024 */
	uint32_t message_bytes; /* of anything received; 8 MiB */
	uint32_t forward; /* generations a message may be ahead; 1000 */
	uint32_t proposals; /* kept for an epoch, and in a commit; 2048 */
	uint32_t past_epochs; /* whose application messages still open; 1 */
	uint32_t resumption; /* epochs whose resumption PSK is kept; 4 */
};

/* Answers of the application.  Each may be NULL. */
struct mls_hooks {
	void *arg;
	/* Gives the secret of an external PSK, or of a resumption PSK of
	 * another group; *secret becomes the library's.  Errors: KK_ENOENT. */
	enum kk_err (*psk)(void *arg, const struct mls_psk_id *id,
	    struct kk_bytes *secret);
	/*
	 * Is this member's credential good?  Called for each leaf that is
	 * new to the group, also for those found there by who joins; old is the
	 * leaf it replaces, or NULL.  An x509 chain adds its signature checks
	 * to checks.  NULL accepts everybody.
	 */
	enum kk_err (*credential)(void *arg, const struct mls_leaf_fields *leaf,
	    const struct mls_leaf_fields *old, struct crypto_checks *checks);
};

struct mls_client_config {
	const struct crypto_suite *suite;
	struct mls_credential credential; /* copied */
	struct crypto_key *signer; /* borrowed, outlives the client */
	/* Numbers beyond RFC 9420 that this client understands; copied. */
	struct mls_u16_list extensions;
	struct mls_u16_list proposals;
	struct kk_view leaf_extensions; /* inside of a vector; copied */
	uint32_t lifetime_s; /* of key packages; 0: 90 days */
	uint32_t padding_bytes; /* messages are padded to a multiple; 0: none */
	bool refuse_public_handshake; /* only external commits may be public */
	struct mls_limits limits;
	struct mls_hooks hooks;
};

/* A client outlives its key packages and groups.  Errors: KK_ENOMEM, KK_EINVAL
 * the signer's public key does not fit the suite. */
MUST_CHECK enum kk_err mls_client_new(struct mls_client **clientp,
    const struct mls_client_config *config);
void mls_client_free(struct mls_client *client); /* NULL is fine */

/*
 * Key packages: made to be added by others, used for one join.
 */
MUST_CHECK enum kk_err mls_key_package_new(struct mls_key_package **kpp,
    const struct mls_client *client, int64_t now_s);
/* From the message and the private keys, as another program stored them. */
MUST_CHECK enum kk_err mls_key_package_import(struct mls_key_package **kpp,
    const struct mls_client *client, struct kk_view message,
    struct kk_view init_private, struct kk_view leaf_private);
struct kk_view mls_key_package_message(const struct mls_key_package *kp);
void mls_key_package_free(struct mls_key_package *kp); /* wipes */

/*
 * Making and joining groups.
 */
/* A group of one.  extensions is the inside of the group context's vector. */
MUST_CHECK enum kk_err mls_group_new(struct mls_group **groupp,
    const struct mls_client *client, struct kk_view group_id,
    struct kk_view extensions, int64_t now_s);

/*
 * From a Welcome.  tree is the content of a ratchet_tree extension when it
 * comes separately, else empty.  The staged join gives the group by
 * mls_staged_take_group(); kp may be freed then.  Errors: KK_ENOKEY the welcome
 * is not for kp, KK_ENOENT a PSK is missing, KK_EAUTH, KK_EVERIFY, ...
 */
MUST_CHECK enum kk_err mls_group_join(struct mls_staged **stagedp,
    const struct mls_client *client, const struct mls_key_package *kp,
    struct kk_view welcome, struct kk_view tree, int64_t now_s);

/* A PSK for a proposal of ours: what psk hook gives for id. */
struct mls_psk_want {
	enum mls_psk_type type;
	struct kk_view id; /* external */
	enum mls_psk_usage usage; /* resumption */
	struct kk_view group_id;
	uint64_t epoch;
};

/*
 * By an external commit, from a GroupInfo message with external_pub.
 * The commit goes to the group; when it is accepted, mls_staged_take_group().
 * replaces is our old leaf to be removed with it, or MLS_NO_LEAF.
 */
MUST_CHECK enum kk_err mls_group_join_external(struct mls_staged **stagedp,
    struct kk_bytes *commit, const struct mls_client *client,
    struct kk_view group_info, struct kk_view tree, int64_t replaces,
    const struct mls_psk_want *psks, size_t psk_count, int64_t now_s);

void mls_group_free(struct mls_group *group); /* wipes; NULL is fine */

/*
 * Asking a group.  Views are borrowed until the group changes.
 */
const struct crypto_suite *mls_group_suite(const struct mls_group *group);
struct kk_view mls_group_id(const struct mls_group *group);
uint64_t mls_group_epoch(const struct mls_group *group);
uint32_t mls_group_own_leaf(const struct mls_group *group);
struct kk_view mls_group_extensions(const struct mls_group *group);
struct kk_view mls_group_tree_hash(const struct mls_group *group);
uint32_t mls_group_member_count(const struct mls_group *group);
uint32_t mls_group_leaf_end(const struct mls_group *group); /* above all */
/* NULL where nobody is. */
const struct mls_leaf_fields *mls_group_member(const struct mls_group *group,
    uint32_t leaf);
bool mls_group_is_active(const struct mls_group *group);
/* After a ReInit commit: what the next group must be.  KK_ENOENT else. */
MUST_CHECK enum kk_err mls_group_reinit_get(const struct mls_group *group,
    struct mls_reinit *reinit);

/* Secrets for the application (RFC 9420, 8.5, 8.7). */
MUST_CHECK enum kk_err mls_group_export(const struct mls_group *group,
    const char *label, struct kk_view context, uint8_t *out, size_t out_bytes);
MUST_CHECK enum kk_err mls_group_authenticator(const struct mls_group *group,
    struct kk_bytes *out);
MUST_CHECK enum kk_err mls_group_resumption_psk(const struct mls_group *group,
    uint64_t epoch, struct kk_bytes *out);

/* A signed GroupInfo message, with the ratchet tree and, where wanted, the key
 * for external commits. */
MUST_CHECK enum kk_err mls_group_info_message(struct mls_group *group,
    bool with_external_pub, bool with_tree, struct kk_bytes *out);
/* The content of a ratchet_tree extension. */
MUST_CHECK enum kk_err mls_group_tree(const struct mls_group *group,
    struct kk_bytes *out);

/* A change that is proposed, or that a staged commit makes. */
struct mls_change {
	uint16_t type; /* enum mls_proposal_type */
	struct mls_sender proposer;
	uint32_t leaf; /* add, update, remove: whose */
	/* Add, update: the new leaf; remove: the old one. */
	const struct mls_leaf_fields *member;
	const struct mls_psk_id *psk;
};

/*
 * Sending.  A proposal is kept for the next commit as if it was received.
 */
enum mls_wire { MLS_WIRE_PRIVATE, MLS_WIRE_PUBLIC };

MUST_CHECK enum kk_err mls_group_propose_add(struct mls_group *group,
    enum mls_wire wire, struct kk_view key_package, int64_t now_s,
    struct kk_bytes *message);
MUST_CHECK enum kk_err mls_group_propose_update(struct mls_group *group,
    enum mls_wire wire, struct kk_bytes *message);
MUST_CHECK enum kk_err mls_group_propose_remove(struct mls_group *group,
    enum mls_wire wire, uint32_t leaf, struct kk_bytes *message);
MUST_CHECK enum kk_err mls_group_propose_psk(struct mls_group *group,
    enum mls_wire wire, const struct mls_psk_want *psk,
    struct kk_bytes *message);
MUST_CHECK enum kk_err mls_group_propose_extensions(struct mls_group *group,
    enum mls_wire wire, struct kk_view extensions, struct kk_bytes *message);
MUST_CHECK enum kk_err mls_group_propose_reinit(struct mls_group *group,
    enum mls_wire wire, const struct mls_reinit *reinit,
    struct kk_bytes *message);
/* Somebody outside asks to be added (RFC 9420, 12.1.8): signs for no group. */
MUST_CHECK enum kk_err mls_propose_self(const struct mls_client *client,
    const struct mls_key_package *kp, struct kk_view group_id, uint64_t epoch,
    struct kk_bytes *message);

/*
 * What is kept for the next commit.  An application that does not want a
 * proposal committed by us drops it; others may commit it all the same, and
 * then the staged commit is where to refuse it.
 */
size_t mls_group_proposal_count(const struct mls_group *group);
MUST_CHECK enum kk_err mls_group_proposal(const struct mls_group *group,
    size_t index, struct mls_change *change);
/* Those behind it move up.  Errors: KK_EINVAL no such index. */
MUST_CHECK enum kk_err mls_group_drop_proposal(struct mls_group *group,
    size_t index);
void mls_group_drop_proposals(struct mls_group *group);

struct mls_commit_spec { /* all zero: commit what was proposed, with a path */
	enum mls_wire wire;
	bool leave_proposals_out; /* those received or proposed before */
	bool omit_path; /* where RFC 9420, 12.4 allows; ignored elsewhere */
	const struct kk_view *adds; /* key package messages */
	size_t add_count;
	const uint32_t *removes; /* leaves */
	size_t remove_count;
	const struct mls_psk_want *psks;
	size_t psk_count;
	const struct kk_view *extensions; /* NULL: unchanged */
	const struct mls_reinit *reinit; /* alone */
	struct kk_view authenticated_data;
	bool tree_apart; /* leave the tree out of the Welcome */
};

struct mls_commit_out {
	struct kk_bytes commit;
	struct kk_bytes welcome; /* empty where nobody was added */
};

/*
 * Makes a commit.  The group stays in its epoch; several may be staged.
 * Kept proposals that cannot stand in it are left out: those that contradict
 * each other, a PSK that we do not know, somebody who is a member already.
 * Errors: KK_EDENIED, KK_EEXIST, KK_ESTATE, KK_ELIMIT, ... as for received
 * ones.
 */
MUST_CHECK enum kk_err mls_group_commit(struct mls_group *group,
    const struct mls_commit_spec *spec, int64_t now_s,
    struct mls_commit_out *out, struct mls_staged **stagedp);
void mls_commit_out_clear(struct mls_commit_out *out);

/* An application message, always private. */
MUST_CHECK enum kk_err mls_group_protect(struct mls_group *group,
    struct kk_view data, struct kk_view authenticated_data,
    struct kk_bytes *message);

/*
 * Receiving.
 */
enum mls_event_type {
	MLS_EVENT_APPLICATION,
	MLS_EVENT_PROPOSAL,
	MLS_EVENT_COMMIT
};

struct mls_event { /* released with mls_event_clear() */
	enum mls_event_type type;
	struct mls_sender sender;
	uint64_t epoch; /* of application data: may be a past one */
	struct kk_bytes data; /* application data */
	struct kk_bytes authenticated_data;
	uint16_t proposal_type;
	struct mls_staged *staged; /* commit: take it, or it is dropped */
};

/*
 * Takes in a message of the group.  Application data and proposals are verified
 * here; a commit is staged with its checks open.  On error nothing changed.
 * Errors: KK_EGROUP, KK_EEPOCH, KK_EAUTH, KK_EVERIFY, KK_EREPLAY, KK_ELIMIT,
 * KK_EDENIED, KK_EFORMAT, KK_EUNSUP, KK_ENOENT (a proposal or PSK that is not
 * known), KK_ESTATE (no longer a member, or a group that was reinitialised).
 */
MUST_CHECK enum kk_err mls_group_process(struct mls_group *group,
    struct kk_view message, int64_t now_s, struct mls_event *event);
void mls_event_clear(struct mls_event *event);

/* Our own commit that came back: KK_OK when message is the commit that made
 * staged. */
MUST_CHECK enum kk_err mls_staged_is_own(const struct mls_staged *staged,
    struct kk_view message);

/*
 * Staged epochs: what would change.
 */
size_t mls_staged_change_count(const struct mls_staged *staged);
MUST_CHECK enum kk_err mls_staged_change(const struct mls_staged *staged,
    size_t index, struct mls_change *change);
struct mls_sender mls_staged_committer(const struct mls_staged *staged);
bool mls_staged_has_path(const struct mls_staged *staged);
bool mls_staged_removes_us(const struct mls_staged *staged);
/* KK_ESTATE where the commit removes us: there is no next epoch for us. */
uint64_t mls_staged_epoch(const struct mls_staged *staged);
struct kk_view mls_staged_extensions(const struct mls_staged *staged);
const struct mls_leaf_fields *mls_staged_member(const struct mls_staged *staged,
    uint32_t leaf);
uint32_t mls_staged_leaf_end(const struct mls_staged *staged);

struct crypto_checks *mls_staged_checks(struct mls_staged *staged);

/*
 * Enters the staged epoch and frees staged; other staged epochs of the group
 * become stale (KK_EEPOCH).  Errors leave both as they were: KK_ESTATE checks
 * are open, KK_EVERIFY a check failed, KK_EEPOCH the group moved on, KK_EINVAL
 * not of this group.
 */
MUST_CHECK enum kk_err mls_group_apply(struct mls_group *group,
    struct mls_staged *staged);
/* The same for a join: gives the group, frees staged. */
MUST_CHECK enum kk_err mls_staged_take_group(struct mls_staged *staged,
    struct mls_group **groupp);
void mls_staged_free(struct mls_staged *staged); /* wipes; NULL is fine */

/* Wipes what is kept of past epochs, so that late messages no longer open. */
void mls_group_forget_past(struct mls_group *group);

/*
 * Saved state: sealed with AES-256-GCM under the caller's 32-byte key, which is
 * borrowed. Restoring errors: KK_EAUTH wrong key or changed bytes, KK_EUNSUP
 * another version, KK_EFORMAT, KK_EINVAL another suite or signer.  Staged
 * epochs and what keys were used by messages sent after saving are not in it:
 * save before a message leaves.
 */
enum { MLS_STATE_KEY_BYTES = 32 };
MUST_CHECK enum kk_err mls_group_save(const struct mls_group *group,
    const uint8_t *key, struct kk_bytes *out);
MUST_CHECK enum kk_err mls_group_restore(struct mls_group **groupp,
    const struct mls_client *client, const uint8_t *key, struct kk_view in);
MUST_CHECK enum kk_err mls_key_package_save(const struct mls_key_package *kp,
    const uint8_t *key, struct kk_bytes *out);
MUST_CHECK enum kk_err mls_key_package_restore(struct mls_key_package **kpp,
    const struct mls_client *client, const uint8_t *key, struct kk_view in);
/* A staged commit of ours, its checks done (KK_ESTATE), so that it survives a
 * restart between sending and being accepted.  It belongs to the group saved at
 * the same time. */
MUST_CHECK enum kk_err mls_staged_save(const struct mls_staged *staged,
    const uint8_t *key, struct kk_bytes *out);
MUST_CHECK enum kk_err mls_staged_restore(struct mls_staged **stagedp,
    struct mls_group *group, const uint8_t *key, struct kk_view in);
