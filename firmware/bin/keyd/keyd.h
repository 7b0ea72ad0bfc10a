/*
 * keyd.h - what keyd's files share.  Zone: keys.  One thread, one event loop.
 *
 * The process holds the box's identity and its MLS groups.  Other processes
 * talk to it over the sockets of their roles (call/call.h); rules[] in
 * methods.c says who may ask what.
 */
#pragma once
#include <sys/types.h>

#include "call/call.h"
#include "crypto/x509.h"
#include "drivers/keystore/keystore.h"
#include "meeting/meeting.h"
#include "mls/mls.h"
#include "program/options.h"
#include "program/program.h"

enum keyd_role {
	KEYD_POLICY,
	KEYD_MEDIA,
	KEYD_MIX,
	KEYD_SETUP,
	KEYD_HEALTH,
	KEYD_ROLES
};

enum {
	KEYD_MEETINGS_MAX = 16,
	KEYD_STAGED_MAX = 4, /* of a meeting, at a time */
	KEYD_WATCHES_MAX = 8,
	KEYD_ADDS_MAX = 64, /* key packages in one commit */
	KEYD_DATA_MAX_BYTES = 64 * 1024, /* of an application message */
	KEYD_STATE_MAX_BYTES = 32 * 1024, /* of the meeting's state */
	KEYD_RETIRE_MS = 10000, /* old keys go, docs/protocol.md */
	KEYD_BASE_KEY_BYTES = 32, /* Nk of SFrame's suite 5 */
	KEYD_SFRAME_SUITE = 5,
	KEYD_CHAIN_MAX_BYTES = 64 * 1024, /* PEM, as it is installed */
	KEYD_FINGERPRINT_BYTES = 2 * 32 + 16, /* in blocks */
	KEYD_RENEW_DAYS = 30, /* before its end a certificate is warned of */
	/* The GroupContext extension of the meeting's state; private use
	 * numbers, RFC 9420, 17.3. */
	KEYD_EXT_STATE = 0xff4b,
	/* A token's PIN is wrong or locked; RestartPreventExitStatus= of the
	 * units. */
	KEYD_EXIT_PIN = 4
};

/*
 * Options (options.c).
 */
struct keyd_options {
	const char *state; /* folder */
	const char *name; /* shown to others where there is no chain */
	const char *wrap_key; /* file of 32 bytes */
	const char *chain, *trust; /* PEM files, or NULL */
	const char *crls[8];
	size_t crl_count;
	bool needs_crl;
	const char *keystore, *pin; /* where the identity's keys are */
	bool allows_emulated; /* a TPM that is a program, in tests */
	bool wants_request; /* makes a certificate request, and ends */
	const char *install; /* takes this chain in, and ends */
	unsigned suite; /* of the request's key */
	struct program_role roles[KEYD_ROLES];
	bool is_done; /* --help was answered */
};

/* Errors: KK_EINVAL, having said on standard error what is wrong. */
MUST_CHECK enum kk_err keyd_options_parse(struct keyd_options *o, int argc,
    char **argv);

/* pem.c.  The certificates of a PEM file as an MLS credential has them.
 * Errors: KK_EFORMAT, KK_ELIMIT, KK_ENOMEM. */
MUST_CHECK enum kk_err keyd_pem_certs(struct kk_view pem, struct kk_bytes *out);

/*
 * Identity (identity.c): a key and a client for each suite.
 */
struct keyd;

struct keyd_identity {
	const struct crypto_suite *suite;
	struct crypto_key *key;
	struct mls_client *client;
	struct kk_bytes chain; /* as in a credential; empty: a bare name */
	bool is_verified; /* has a chain of the site's */
	int64_t until_s; /* its end; 0: none */
	int64_t told_s; /* when the log last said that it ends */
};

enum { KEYD_IDENTITIES = 2 };

/*
 * expiry.c.  Is it to be told now that a certificate ends: once a day, in its
 * last KEYD_RENEW_DAYS and afterwards?  *days is what is left, 0 in the last
 * one, below 0 when it is over.  now_s is 0 where no clock is right.
 */
bool keyd_expiry_is_near(int64_t until_s, int64_t now_s, int64_t *days);
bool keyd_expiry_is_due(int64_t until_s, int64_t now_s, int64_t *told_s,
    int64_t *days);

struct keyd_watch {
	sd_varlink *link; /* a ref, or NULL */
	unsigned role;
};

struct keyd {
	struct keyd_options options;
	struct kk_log log;
	sd_event *event;
	struct call_server *server;
	struct keystore *store;
	struct crypto_x509_trust *trust;
	struct keyd_identity who[KEYD_IDENTITIES];
	uint8_t file_key[32], mls_key[MLS_STATE_KEY_BYTES];
	int folder; /* of the meetings' files */
	struct keyd_meeting *meetings;
	size_t meeting_count;
	struct keyd_meeting *joining; /* whose PSK a join asks for */
	bool by_welcome; /* it joins a group that others are in */
	struct keyd_watch watches[KEYD_WATCHES_MAX];
	sd_event_source *timer;
	int status; /* to end with where it cannot start; 0: EXIT_FAILURE */
};

MUST_CHECK enum kk_err keyd_identity_start(struct keyd *k);
void keyd_identity_stop(struct keyd *k);
struct keyd_identity *keyd_identity_get(struct keyd *k, uint64_t suite);
/* Is the chain for this key, and good, now?  *m (may be NULL) tells whose.
 * Errors: those of crypto_x509_chain_check(), KK_EUNTRUSTED another key,
 * KK_EVERIFY. */
struct keyd_member;
MUST_CHECK enum kk_err keyd_identity_check(struct keyd *k,
    const struct keyd_identity *who, struct keyd_member *m);
/* As others see it now: a chain that has run out since proves nothing. */
MUST_CHECK enum kk_err keyd_identity_look(struct keyd *k,
    const struct keyd_identity *who, struct keyd_member *m);
/*
 * From now on others see that chain (DER, as in a credential; taken in any
 * case).  On error the old one stays.  Groups that have the old one are given
 * up.
 * Errors: those of keyd_identity_check(), KK_ENOMEM.
 */
MUST_CHECK enum kk_err keyd_identity_change(struct keyd *k,
    struct keyd_identity *who, struct kk_bytes *chain, struct kk_view pem);
void keyd_identity_warn(struct keyd *k); /* of what ends soon */
/* The file of the chain that was installed, in the state's folder. */
const char *keyd_identity_file(const struct keyd_identity *who);
int64_t keyd_now_s(void);
uint64_t keyd_now_ms(const struct keyd *k);

/*
 * Enrolment (enrol.c): a request for an identity's key (PKCS#10, PEM) with its
 * fingerprint; and the chain that comes back, once it is for one of our keys
 * and to be trusted (rejoins: also where there are meetings, whose groups are
 * given up).  The options' errands and the methods do it by these.
 * Errors: KK_EUNSUP no such suite, KK_EUNTRUSTED for another key or of another
 * CA, KK_ESTATE in a meeting, or --chain tells another; KK_EIO, those of
 * keyd_pem_certs(), crypto_x509_request() and keyd_identity_check().
 */
MUST_CHECK enum kk_err keyd_enrol_ask(struct keyd *k, uint64_t suite,
    struct kk_bytes *pem, char fingerprint[KEYD_FINGERPRINT_BYTES]);
MUST_CHECK enum kk_err keyd_enrol_take(struct keyd *k, struct kk_view pem,
    bool rejoins, const struct keyd_identity **whose);
/* Whether it would be taken but for meetings, and who it says we are. */
MUST_CHECK enum kk_err keyd_enrol_look(struct keyd *k, struct kk_view pem,
    const struct keyd_identity **whose, struct keyd_member *m);
/* --request and --install; what is wrong is logged. */
MUST_CHECK enum kk_err keyd_enrol_request(struct keyd *k);
MUST_CHECK enum kk_err keyd_enrol_install(struct keyd *k);

/* device.c.  Opens what --keystore says: a folder, a token, a TPM. */
MUST_CHECK enum kk_err keyd_device_open(struct keyd *k,
    struct kk_view wrap_key);
/* Why there is no key: into the log, and to the service manager, whom others
 * ask (keyd(8), STATUS).  word is one for programs. */
void keyd_trouble(struct keyd *k, const char *word, const char *text);

/*
 * Members (member.c).
 */
struct keyd_member {
	char name[CRYPTO_X509_NAME_MAX_BYTES + 1];
	bool is_verified;
	char fingerprint[2 * 32 + 1]; /* SHA-256 of the signature key, hex */
	int64_t until_s; /* the chain's end; 0: none */
};

/* Who a leaf is; checks may be NULL for a bare name.  Errors: KK_EFORMAT no
 * such name can be shown, and those of crypto_x509_chain_check(). */
MUST_CHECK enum kk_err keyd_member_look(struct keyd *k,
    const struct mls_leaf_fields *leaf, struct crypto_checks *checks,
    struct keyd_member *m);
enum kk_err keyd_member_hook(void *arg, const struct mls_leaf_fields *leaf,
    const struct mls_leaf_fields *old, struct crypto_checks *checks);
/* The member as a JSON object. */
MUST_CHECK enum kk_err keyd_member_put(struct keyd *k, uint32_t leaf,
    const struct mls_leaf_fields *fields, sd_json_variant **out);

/*
 * Meetings (meeting.c).
 */
enum keyd_phase {
	KEYD_NONE, /* no such meeting */
	KEYD_WAITING, /* its secret is known, its group not joined */
	KEYD_JOINED,
	KEYD_ENDED, /* we were removed */
	KEYD_REJOIN, /* its group was lost: join anew, in place of the old leaf
		      */
	KEYD_BUSY /* of a call that is about no meeting: we have some */
};

struct keyd_staged {
	uint64_t handle; /* 0: free */
	struct mls_staged *staged;
	bool is_own, is_join;
};

struct keyd_meeting {
	struct keyd_meeting *next;
	uint8_t secret[MEETING_SECRET_BYTES];
	struct meeting_keys *keys;
	struct keyd_identity *who;
	enum keyd_phase phase;
	struct mls_key_package *kp;
	struct mls_group *group;
	struct keyd_staged staged[KEYD_STAGED_MAX];
	uint64_t last_handle;
	uint64_t forget_ms; /* when the past epoch goes; 0: nothing to forget */
	bool psk_is_asked; /* by the join that runs */
	bool may_seal; /* nobody was given this epoch's key for sealing yet */
};

/* Errors: KK_ELIMIT KEYD_MEETINGS_MAX, KK_EINVAL, KK_ENOMEM. */
MUST_CHECK enum kk_err keyd_meeting_new(struct keyd *k, struct kk_view id,
    struct kk_view secret, struct keyd_identity *who, struct keyd_meeting **mp);
struct keyd_meeting *keyd_meeting_find(struct keyd *k, struct kk_view id);
/* Of a request's "meeting"; NULL where there is none. */
struct keyd_meeting *keyd_meeting_of(struct keyd *k, sd_json_variant *in);
void keyd_meeting_free(struct keyd *k, struct keyd_meeting *m);
unsigned keyd_state(void *arg, sd_json_variant *in); /* call_service.state */

/* The one place that changes phase.  Errors: KK_ESTATE. */
MUST_CHECK enum kk_err keyd_meeting_move(struct keyd_meeting *m,
    enum keyd_phase to);
/* A new epoch is in force: saves it, tells media, starts the clock of the old
 * keys.  Errors: as keyd_meeting_keep(). */
MUST_CHECK enum kk_err keyd_meeting_enter(struct keyd *k,
    struct keyd_meeting *m);
/* Saves before anything leaves.  Where that fails the group is given up, since
 * a restart would go back in time: KEYD_REJOIN.  Errors: KK_EIO. */
MUST_CHECK enum kk_err keyd_meeting_keep(struct keyd *k,
    struct keyd_meeting *m);
/* All of that identity's groups are to be joined anew: it is another one now.
 */
void keyd_meetings_leave(struct keyd *k, const struct keyd_identity *who);
enum kk_err keyd_psk_hook(void *arg, const struct mls_psk_id *id,
    struct kk_bytes *secret);
struct mls_psk_want keyd_meeting_psk(const struct keyd_meeting *m);

/* Staged epochs (staged.c).  add takes staged over, also on error, and puts its
 * handle into the answer. */
MUST_CHECK enum kk_err keyd_staged_add(struct keyd_meeting *m,
    struct mls_staged *staged, bool is_own, bool is_join,
    sd_json_variant **out);
struct keyd_staged *keyd_staged_find(struct keyd_meeting *m, uint64_t handle);
struct keyd_staged *keyd_staged_own(struct keyd_meeting *m);
void keyd_staged_drop(struct keyd_staged *s);
void keyd_staged_drop_all(struct keyd_meeting *m);
/* KK_EPOLICY where a commit does what no meeting allows. */
MUST_CHECK enum kk_err keyd_staged_check(const struct keyd_meeting *m,
    const struct mls_staged *staged);
MUST_CHECK enum kk_err keyd_staged_put(struct keyd *k, struct keyd_meeting *m,
    const struct mls_staged *staged, sd_json_variant **out);
/* A single proposal, as a commit's "changes". */
MUST_CHECK enum kk_err keyd_proposal_put(struct keyd *k,
    const struct mls_change *c, sd_json_variant **out);

/* Files (store.c). */
MUST_CHECK enum kk_err keyd_store_open(struct keyd *k, struct kk_view wrap_key);
MUST_CHECK enum kk_err keyd_store_save(struct keyd *k,
    const struct keyd_meeting *m);
void keyd_store_load_all(struct keyd *k);
void keyd_store_delete(struct keyd *k, const struct keyd_meeting *m);

/* Base keys to media (epochs.c). */
enum kk_err keyd_epochs_watch(void *arg, struct call_request *rq);
void keyd_epochs_gone(void *arg, sd_varlink *link);
void keyd_epochs_tell(struct keyd *k, struct keyd_meeting *m);
void keyd_epochs_end(struct keyd *k, struct keyd_meeting *m);

/* interface.c, methods.c, methods_group.c, methods_join.c, methods_setup.c. */
extern const sd_varlink_interface keyd_interface;
MUST_CHECK enum kk_err keyd_methods_start(struct keyd *k);
call_handler keyd_create_meeting, keyd_open_meeting, keyd_new_key_package,
    keyd_join_by_welcome, keyd_join_external, keyd_commit, keyd_process,
    keyd_apply, keyd_drop, keyd_protect, keyd_roster, keyd_security_code,
    keyd_group_info, keyd_leave, keyd_forget, keyd_enrolment, keyd_make_request,
    keyd_install_chain, keyd_replace_chain, keyd_check_chain;
/* Of a request's "suite"; our first where it is not there.  Errors: KK_EFORMAT,
 * KK_ELIMIT, KK_EUNSUP. */
MUST_CHECK enum kk_err keyd_get_identity(struct keyd *k, sd_json_variant *in,
    struct keyd_identity **whop);
/* Why a chain that was given proves nothing now, as "trouble". */
MUST_CHECK enum kk_err keyd_put_trouble(struct keyd *k,
    const struct keyd_identity *who, sd_json_variant **out);
MUST_CHECK enum kk_err keyd_unwrap_as(const struct keyd_meeting *m,
    struct kk_view wrapped, enum meeting_kind kind, struct kk_bytes *out);
MUST_CHECK enum kk_err keyd_get_message(struct keyd_meeting *m,
    sd_json_variant *in, const char *name, enum meeting_kind kind,
    struct kk_bytes *out);
MUST_CHECK enum kk_err keyd_put_wrapped(const struct keyd_meeting *m,
    enum meeting_kind kind, struct kk_view message, const char *name,
    sd_json_variant **out);
MUST_CHECK enum kk_err keyd_put_epoch(const struct keyd_meeting *m,
    sd_json_variant **out);
/* The meeting's state as an extension list, from the request's "state". */
MUST_CHECK enum kk_err keyd_get_state(sd_json_variant *in,
    struct kk_bytes *extensions);
