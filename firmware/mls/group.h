/* group.h - inside of clients, groups, epochs and staged commits. */
#pragma once
#include "mls/keyring.h"
#include "mls/mls.h"
#include "mls/protect.h"
#include "mls/treecheck.h"
#include "mls/treehash.h"
#include "mls/treekem.h"

enum {
	MLS_MEMBERS_DEFAULT = 1024, /* DESIGN: 10 sender bits in a KID */
	MLS_MESSAGE_BYTES_DEFAULT = 8 * 1024 * 1024,
	MLS_FORWARD_DEFAULT = 1000,
	MLS_PROPOSALS_DEFAULT = 2048,
	MLS_PAST_EPOCHS_DEFAULT = 1,
	MLS_RESUMPTION_DEFAULT = 4,
	MLS_LIFETIME_DEFAULT_S = 90 * 24 * 3600,
	MLS_CLOCK_SKEW_S = 3600 /* key packages are valid a bit earlier */
};

struct mls_client {
	struct mls_client_config config; /* views into texts; no zero limits */
	struct mls_capabilities capabilities; /* views into texts */
	struct kk_bytes texts;
};

struct mls_key_package {
	struct kk_bytes message; /* the whole MLSMessage */
	struct mls_key_package_fields f; /* views into message */
	struct mls_secret ref;
	struct crypto_key *init_key;
	struct mls_private *leaf_key;
};

struct mls_epoch {
	const struct crypto_suite *suite;
	struct kk_bytes context_raw;
	struct mls_context context; /* views into context_raw */
	struct mls_tree *tree;
	uint32_t own_leaf;
	struct mls_keyring ring;
	struct mls_secret interim;
	struct mls_secret confirmation_tag;
	struct mls_epoch_secrets secrets;
	struct mls_secret_tree *secret_tree;
	struct kk_bytes reinit; /* the ReInit proposal that closed the group */
};

struct mls_stored { /* a proposal kept for the next commit */
	struct mls_secret ref;
	struct kk_bytes raw; /* AuthenticatedContent */
	struct mls_sender sender;
	struct mls_proposal proposal; /* views into raw */
	struct mls_private *leaf_key; /* of an update of our own */
};

struct mls_store {
	struct mls_stored *at;
	size_t count, room;
};

struct mls_resumption {
	uint64_t epoch;
	struct mls_secret psk;
};

struct mls_group {
	const struct mls_client *client;
	struct mls_epoch *now;
	struct mls_epoch **past; /* newest first, client limit of them */
	uint32_t past_count;
	struct mls_resumption *resumption; /* newest first */
	uint32_t resumption_count;
	struct mls_store store;
	bool is_removed;
};

struct mls_item { /* a proposal in a commit */
	struct mls_proposal p;
	struct mls_sender proposer;
	bool is_by_ref;
	uint32_t leaf; /* whose: add, update, remove */
	struct mls_leaf *leaf_node; /* held: add, update new; remove old */
	struct mls_private *leaf_key; /* borrowed: an update of our own */
};

struct mls_items {
	struct mls_item *at;
	size_t count;
};

struct mls_staged {
	const struct mls_client *client;
	bool is_join;
	bool removes_us;
	bool has_path;
	struct kk_bytes base_hash; /* confirmed hash of the epoch left */
	uint64_t base_epoch;
	struct kk_bytes group_id;
	struct mls_sender committer;
	struct kk_bytes texts; /* what items view */
	struct mls_items items;
	struct mls_epoch *next; /* NULL when the commit removes us */
	struct crypto_checks *checks;
	struct mls_secret message_hash; /* of a commit of ours */
	bool is_own;
};

/* epoch.c.  Context: encodes c and makes views into the copy. */
MUST_CHECK enum kk_err mls_epoch_new(struct mls_epoch **epochp,
    const struct crypto_suite *suite);
void mls_epoch_free(struct mls_epoch *epoch);
MUST_CHECK enum kk_err mls_epoch_set_context(struct mls_epoch *epoch,
    const struct mls_context *c);
/* Derives everything from joiner and PSK secret; context and tree must stand.
 */
MUST_CHECK enum kk_err mls_epoch_derive(struct mls_epoch *epoch,
    const struct mls_client *client, const struct mls_secret *joiner,
    const struct mls_secret *psk);
/* Confirmation tag from the context's confirmed hash; then the interim hash. */
MUST_CHECK enum kk_err mls_epoch_confirm(struct mls_epoch *epoch,
    struct kk_view *expected_tag);
/* Keeps only what late application messages need. */
void mls_epoch_retire(struct mls_epoch *epoch);
struct mls_private_keys mls_epoch_private_keys(const struct mls_epoch *epoch);
struct mls_leaf_rules mls_epoch_leaf_rules(const struct mls_epoch *epoch,
    int64_t now_s);
struct kk_view mls_secret_view(const struct crypto_suite *suite,
    const struct mls_secret *secret);

/* store.c.  leaf_key, or NULL, gets a reference of the store's own. */
MUST_CHECK enum kk_err mls_store_add(struct mls_group *group,
    uint16_t wire_format, const struct mls_content *content,
    const struct mls_auth *auth, struct mls_private *leaf_key);
const struct mls_stored *mls_store_find(const struct mls_store *store,
    const struct crypto_suite *suite, struct kk_view ref);
/* May number index stand in a commit of ours beside those before it and what
 * spec adds?  Conflicting ones are left for their proposers to repeat. */
bool mls_store_may_commit(const struct mls_group *group,
    const struct mls_commit_spec *spec, size_t index);
void mls_store_drop_last(struct mls_store *store);
void mls_store_clear(struct mls_store *store);

/* items.c: the proposals of a commit with references resolved. */
MUST_CHECK enum kk_err mls_items_resolve(struct mls_items *items,
    const struct mls_group *group, const struct mls_commit *commit,
    struct mls_sender committer);
void mls_items_clear(struct mls_items *items);
/* Makes items view their own texts, so that they outlive message and store. */
MUST_CHECK enum kk_err mls_items_own(struct mls_items *items,
    struct kk_bytes *texts);

/* rules.c: RFC 9420, 12.2. */
MUST_CHECK enum kk_err mls_items_check(const struct mls_items *items,
    const struct mls_epoch *epoch, struct mls_sender committer, bool has_path);
bool mls_items_need_path(const struct mls_items *items);
bool mls_proposal_sender_may(uint8_t sender_type, uint16_t proposal_type);

/* apply.c: the items on a cloned tree. */
struct mls_applied {
	struct kk_view extensions; /* of the new context */
	uint32_t *added; /* leaves, heap */
	size_t added_count;
	bool removes_us;
};

MUST_CHECK enum kk_err mls_items_apply(struct mls_items *items,
    const struct mls_client *client, const struct mls_epoch *base,
    struct mls_tree *tree, int64_t now_s, struct crypto_checks *checks,
    struct mls_applied *applied);
/* A leaf that is new to the group: rules, signature, credential hook. */
MUST_CHECK enum kk_err mls_member_check(const struct mls_client *client,
    const struct mls_leaf_fields *leaf, const struct mls_leaf_fields *old,
    const struct mls_leaf_rules *rules, uint32_t index,
    struct crypto_checks *checks);
MUST_CHECK enum kk_err mls_key_package_check(const struct mls_client *client,
    const struct mls_key_package_fields *kp, const struct mls_leaf_rules *rules,
    struct crypto_checks *checks);

/* psk.c */
MUST_CHECK enum kk_err mls_items_psk_secret(const struct mls_items *items,
    const struct mls_group *group, const struct mls_client *client,
    const struct crypto_suite *suite, struct mls_secret *out);
MUST_CHECK enum kk_err mls_psk_list_secret(struct kk_view psks, size_t count,
    const struct mls_group *group, const struct mls_client *client,
    const struct crypto_suite *suite, struct mls_secret *out);
bool mls_psk_is_known(const struct mls_group *group,
    const struct mls_psk_id *id);
void mls_psk_want_write(struct kk_writer *w, const struct mls_psk_want *want,
    const struct crypto_suite *suite);

/* staged.c */
MUST_CHECK enum kk_err mls_staged_new(struct mls_staged **stagedp,
    const struct mls_client *client, const struct mls_epoch *base);

/*
 * stage.c: the common way of sent and received commits, in steps.
 */
struct mls_stage {
	struct mls_staged *staged;
	const struct mls_group *group; /* NULL: joining by external commit */
	const struct mls_epoch *base;
	struct mls_epoch *next; /* the staged one, while it is made */
	struct mls_applied applied;
	struct mls_secret init; /* of base, or by external init */
	struct mls_secret commit; /* zero without a path */
	struct mls_secret psk;
	struct mls_secret joiner;
	int64_t now_s;
};

void mls_stage_clear(struct mls_stage *stage); /* also staged */
/* Resolves, checks and applies the proposals of commit. */
MUST_CHECK enum kk_err mls_stage_begin(struct mls_stage *stage,
    const struct mls_client *client, const struct mls_group *group,
    const struct mls_epoch *base, const struct mls_commit *commit,
    struct mls_sender committer, bool has_path, int64_t now_s);
/* Sets the provisional context: tree hash of the tree as it stands now. */
MUST_CHECK enum kk_err mls_stage_context(struct mls_stage *stage);
/* Confirmed hash, secrets, confirmation tag.  expected_tag NULL: ours. */
MUST_CHECK enum kk_err mls_stage_finish(struct mls_stage *stage,
    uint16_t wire_format, const struct mls_content *content,
    struct kk_view signature, struct kk_view *expected_tag);

/* Moves the staged epoch out, its texts its own; then clear the stage. */
MUST_CHECK enum kk_err mls_stage_take(struct mls_stage *stage,
    struct mls_staged **stagedp);

/* commit_take.c: a received commit, authenticated by its transport. */
MUST_CHECK enum kk_err mls_commit_take(const struct mls_group *group,
    uint16_t wire_format, const struct mls_content *content,
    struct mls_auth *auth, int64_t now_s, struct mls_staged **stagedp);
/* The init secret of a commit by external init (8.3), receiver's side. */
MUST_CHECK enum kk_err mls_external_init_receive(const struct mls_epoch *base,
    struct kk_view kem_output, struct mls_secret *init);

/* commit_make.c: signs content, finishes the stage, writes the message. */
/* A fresh path for our leaf and its encryption to the others; sets the context.
 * nodes receives what commit views. */
MUST_CHECK enum kk_err mls_stage_path(struct mls_stage *stage,
    struct mls_path *path, struct mls_path_secrets *secrets,
    struct mls_commit *commit, struct kk_bytes *nodes);
MUST_CHECK enum kk_err mls_commit_send(struct mls_stage *stage,
    uint16_t wire_format, const struct mls_content *content,
    struct kk_bytes *message);

/* welcome.c */
MUST_CHECK enum kk_err mls_welcome_make(const struct mls_stage *stage,
    const struct mls_path *path, const struct mls_path_secrets *secrets,
    bool tree_apart, struct kk_bytes *welcome);
/* info.c: a signed GroupInfo as bytes, without message header. */
MUST_CHECK enum kk_err mls_group_info_make(const struct mls_client *client,
    const struct mls_epoch *epoch, bool with_external_pub, bool with_tree,
    struct kk_bytes *out);
/* Fills epoch's context and tree from a GroupInfo, all checks collected. */
MUST_CHECK enum kk_err mls_group_info_check(const struct mls_client *client,
    const struct mls_group_info *info, struct mls_epoch *epoch,
    struct kk_view tree, struct crypto_checks *checks);

/* group.c */
MUST_CHECK enum kk_err mls_group_from_epoch(struct mls_group **groupp,
    const struct mls_client *client, struct mls_epoch *epoch);

/* client.c: a leaf of this client; key goes into the tree by the caller. */
void mls_client_leaf(const struct mls_client *client,
    struct mls_leaf_fields *f);
