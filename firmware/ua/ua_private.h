/* ua_private.h - what the files of this folder share.
 *
 * All of sofia-sip's objects belong to ua->agent, and none outlives it.
 */
#pragma once
/* What callbacks are given is ours to define. */
#define NTA_AGENT_MAGIC_T struct ua
#define NTA_LEG_MAGIC_T struct ua_call
#define NTA_INCOMING_MAGIC_T struct ua_call
#define NTA_RELIABLE_MAGIC_T struct ua_call
#define NTA_OUTGOING_MAGIC_T void
#define SU_ROOT_MAGIC_T struct ua
#define SU_TIMER_ARG_T struct ua

/* It asks for macros that are not defined, and casts as it likes. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wundef"
#pragma GCC diagnostic ignored "-Wcast-align"
#include <sofia-sip/auth_digest.h>
#include <sofia-sip/hostdomain.h>
#include <sofia-sip/msg_addr.h>
#include <sofia-sip/nta.h>
#include <sofia-sip/nta_stateless.h>
#include <sofia-sip/nta_tport.h>
#include <sofia-sip/sip_header.h>
#include <sofia-sip/sip_status.h>
#include <sofia-sip/sip_util.h>
#include <sofia-sip/su_glib.h>
#include <sofia-sip/su_log.h>
#include <sofia-sip/su_wait.h>
#include <sofia-sip/tport.h>
#include <sofia-sip/tport_tag.h>
#pragma GCC diagnostic pop

#include "ua/ua.h"

#define UA_ALLOW "INVITE, ACK, BYE, CANCEL, OPTIONS, PRACK, UPDATE"
#define UA_SUPPORTED "100rel, timer"

enum {
	UA_SOURCES = 4096,
	UA_SECRET_BYTES = 32,
	UA_TOKEN_BYTES = 33, /* hex of 16 bytes, with the final zero */
	UA_SEEN = 1024, /* digests that were accepted last */
	UA_HANDSHAKES_EACH = 64, /* of each kind, that are not done */
	UA_HANDSHAKES = 3 * UA_HANDSHAKES_EACH,
	UA_ADDRESS_BYTES = 46,
	UA_SESSION_MIN_S = 90, /* RFC 4028, 5 */
	UA_AUTH_TRIES_MAX = 2
};

/* hash.c */
enum ua_hash { UA_MD5, UA_SHA256 };

enum { UA_DIGEST_BYTES = 2 * UA_HA1_SHA256_BYTES + 1 }; /* hex, and its zero */

struct ua_digest { /* RFC 7616, 3.4.1; qop NULL: as RFC 2069 has it */
	enum ua_hash hash;
	const char *nonce, *nc, *cnonce, *qop, *method, *uri;
};

const char *ua_hash_name(enum ua_hash hash);
size_t ua_hash_bytes(enum ua_hash hash);
/* By the name of an algorithm, or NULL; false: not one of ours. */
bool ua_hash_find(enum ua_hash *hash, const char *name);
void ua_hash_hex(char *out, const uint8_t *in, size_t bytes); /* and a zero */
/* False: a text is too long.  ha1 is in hex, and a secret. */
bool ua_digest_ha1(enum ua_hash hash, const char *user, const char *realm,
    const char *password, char out[UA_DIGEST_BYTES]);
bool ua_digest_response(const struct ua_digest *d, const char *ha1,
    char out[UA_DIGEST_BYTES]);

/* login.c: how we prove who we are. */
struct ua_login {
	bool is_asked, has_qop, has_opaque;
	enum ua_hash hash;
	unsigned count; /* of what was sent with this nonce */
	char realm[UA_TEXT_BYTES], nonce[UA_URI_BYTES], opaque[UA_URI_BYTES];
};

struct ua_logins { /* at whom we ask, and on the way there */
	struct ua_login server, proxy;
};

struct ua_name {
	const char *user, *password;
};

/* Keeps what a 401 or a 407 asks for; false: nothing that we can do. */
bool ua_login_take(struct ua_logins *l, const sip_t *sip);
/* To a request that is whole otherwise. */
bool ua_login_add(struct ua_logins *l, msg_t *msg, const struct ua_name *who,
    const char *method);

/* limit.c: a bucket of tokens; RATE for one second are saved up at most. */
struct ua_bucket {
	uint32_t level_milli; /* what is taken, leaking away */
	int64_t at_ms;
};
bool ua_bucket_take(struct ua_bucket *b, unsigned per_s, int64_t now_ms);

/* handshakes.c */
enum ua_handshake_kind {
	UA_HANDSHAKE_STRANGER,
	UA_HANDSHAKE_KNOWN,
	UA_HANDSHAKE_TRUNK,
	UA_HANDSHAKE_KINDS
};

struct ua_handshake { /* that is not done */
	int fd;
	uint64_t cookie; /* of its socket: the number is used again */
	enum ua_handshake_kind kind;
	int64_t since_ms;
	char address[UA_ADDRESS_BYTES];
};

struct ua_handshakes {
	struct ua_handshake list[UA_HANDSHAKES];
	size_t count;
	struct ua_bucket sources[UA_SOURCES], rates[UA_HANDSHAKE_KINDS];
	GSource *mark;
	GSourceFuncs mark_funcs;
};

struct ua_contact { /* a telephone that registered */
	struct ua_contact *next; /* of the account, the newest first */
	struct ua_contact *slot_next; /* of those at addresses of one slot */
	char uri[UA_URI_BYTES];
	char route[UA_URI_BYTES]; /* where it came from */
	char address[UA_ADDRESS_BYTES]; /* of it */
	char call_id[UA_TEXT_BYTES];
	uint32_t cseq;
	int64_t expires_at_s;
};

struct ua_own { /* an account of ours */
	struct ua_account account;
	struct ua_contact *contacts;
	unsigned contact_count;
};

struct ua_exchange { /* a trunk */
	struct ua *ua;
	char name[UA_TEXT_BYTES], domain[UA_TEXT_BYTES], user[UA_TEXT_BYTES];
	char auth_user[UA_TEXT_BYTES], password[UA_TEXT_BYTES];
	char servers[UA_SERVERS_MAX][UA_URI_BYTES];
	size_t server_count, server;
	enum ua_transport transport; /* of the server in use */
	char token[UA_TOKEN_BYTES]; /* our user part in its Contact */
	char address[UA_ADDRESS_BYTES]; /* of the server; "": not known */
	bool is_static;
	unsigned expires_s, failures, auth_tries;
	enum ua_trunk_state state;
	int64_t next_s; /* when to register again; 0: an answer is awaited */
	nta_leg_t *leg;
	nta_outgoing_t *request;
	int64_t silent_at_s; /* without an answer by then it is not there */
	bool is_unchecked;
	nta_outgoing_t *check; /* probe.c */
	int64_t check_at_s; /* the next one; or when this one has failed */
	struct ua_logins logins;
};

enum ua_call_state {
	UA_CALL_IN, /* comes, not answered */
	UA_CALL_ACK, /* answered, without its ACK yet */
	UA_CALL_OUT, /* placed, not answered */
	UA_CALL_UP,
	UA_CALL_OVER /* ended() is due, or CANCEL's outcome awaited */
};

struct ua_call {
	struct ua *ua;
	struct ua_call *next;
	void *arg;
	su_home_t home[1];
	enum ua_call_state state;
	enum ua_reason reason;
	unsigned status;
	bool is_told; /* ended() was called */
	bool is_placed;
	/* fork.c: of several telephones. */
	struct ua_call *lead; /* NULL: the user knows this one */
	bool is_forked, is_branch;
	unsigned lost_status; /* of one that was busy; 0: none */
	enum ua_transport transport;
	size_t trunk;
	char address[UA_ADDRESS_BYTES]; /* who called us; "" */
	nta_leg_t *leg;
	/* Of theirs: INVITE or UPDATE that is not answered, or not confirmed.
	 */
	nta_incoming_t *theirs;
	bool theirs_is_empty; /* it had no offer */
	bool is_answered_by_us; /* theirs has its final answer */
	bool takes_rel, takes_update, takes_timer;
	/* Of ours: INVITE or UPDATE, and what PRACK answers. */
	nta_outgoing_t *ours;
	bool ours_is_refresh;
	bool is_tagged; /* ours is bound to one that rings */
	bool had_answer; /* in a response before the last */
	struct kk_bytes sdp; /* our last, to be repeated; wiped */
	struct ua_logins logins;
	unsigned auth_tries;
	const char *to, *from, *target, *route; /* home's */
	const char *password_user, *password; /* borrowed */
	int64_t ring_until_s, silent_at_s;
	size_t server, servers_tried; /* of its trunk */
	unsigned session_s; /* 0: no session timer */
	bool is_refresher;
	int64_t refresh_at_s;
	/* bye.c */
	bool is_unkept; /* what was kept of it may be another now */
	uint32_t bye_number; /* CSeq of it; 0: none yet */
	struct kk_bytes kept;
};

struct ua_bye { /* of a call of before, without an answer yet */
	struct ua_bye *next;
	struct ua *ua;
	msg_t *kept;
	const struct ua_exchange *trunk; /* NULL: none of ours */
	struct ua_logins logins;
	unsigned auth_tries;
	nta_outgoing_t *request;
};

struct ua {
	struct ua_handler handler;
	void *arg;
	struct ua_limits limits;
	const struct kk_log *log;
	enum ua_rule rule;
	char domain[UA_TEXT_BYTES];
	char users[UA_USERS_MAX][UA_TEXT_BYTES];
	size_t user_count;
	struct ua_own *owns;
	size_t own_count;
	struct ua_exchange trunks[UA_TRUNKS_MAX];
	size_t trunk_count;
	su_root_t *root;
	GSource *source;
	nta_agent_t *agent;
	su_timer_t *tick, *later;
	struct ua_call *calls;
	struct ua_bye *byes;
	size_t bye_count;
	struct ua_counts counts, told; /* told: in the log */
	int64_t tell_s;
	uint8_t secret[UA_SECRET_BYTES];
	uint64_t seen[UA_SEEN]; /* accepted digests, hashed */
	size_t seen_at;
	struct ua_bucket sources[UA_SOURCES], all, trunks_rate, known_rate;
	struct ua_bucket calls_rate, strangers_calls_rate;
	/* Where telephones have registered from, by ua_source_slot(). */
	struct ua_contact *slots[UA_SOURCES];
	struct ua_handshakes handshakes;
};

/* agent.c */
bool ua_random(void *out, size_t bytes);
int64_t ua_now_ms(void);
int64_t ua_now_s(void);
/* When what is asked now has had its time. */
int64_t ua_silent_at_s(const struct ua *ua);
enum ua_transport ua_transport_of(struct ua *ua, msg_t *msg);
/* The literal address a message came from; "" when it is unknown. */
void ua_source(msg_t *msg, char address[UA_ADDRESS_BYTES], uint16_t *port);
/* Where we can be reached by a transport, with a user; NULL: not by this. */
sip_contact_t *ua_contact_of(struct ua *ua, su_home_t *home, const char *user,
    enum ua_transport transport);
static inline const url_string_t *ua_url(const char *text)
{
	return (const void *)text;
}

/* Answers a request that gets no state. */
void ua_refuse(struct ua *ua, msg_t *msg, int status, const char *phrase);

/* limit.c: whether a request out of dialogs may cost anything. */
bool ua_limit_pass(struct ua *ua, const char *address);
bool ua_is_trunk_address(const struct ua *ua, const char *address,
    size_t *trunk);

/* registrar.c: whether a telephone of ours registered from there. */
bool ua_is_known_address(const struct ua *ua, const char *address);
size_t ua_source_slot(const struct ua *ua, const char *address);
void ua_counts_tell(struct ua *ua);

/* connections.c: those that others opened. */
void ua_connections_bound(struct ua *ua); /* closes what is too much */
void ua_connections_small(const struct ua *ua); /* once they can be opened */
gint ua_connections_poll(GPollFD *files, guint count,
    gint timeout_ms); /* a GPollFunc */

/* handshakes.c: after ua->source is there, and before it goes. */
void ua_handshakes_open(struct ua *ua);
void ua_handshakes_close(struct ua *ua);
void ua_handshakes_tick(struct ua *ua, int64_t now_ms);
/* Whether one of this address may begin. */
bool ua_handshake_pass(struct ua *ua, int fd, const char *address,
    int64_t now_ms);
bool ua_handshake_begins(int fd); /* in a turn of sofia-sip's */
void ua_handshake_done(int fd);

/* tls.c: false: TLS connections would cost memory for ever, and handshakes as
 * much as anybody likes. */
bool ua_tls_is_mended(void);

/* inbox.c */
int ua_inbox(struct ua *ua, nta_agent_t *agent, msg_t *msg, sip_t *sip);

/* digest.c.  A request's credentials: the account's index, or an error:
 * KK_ENOENT none; KK_EEXPIRED the nonce is old; KK_EAUTH. */
MUST_CHECK enum kk_err ua_digest_check(struct ua *ua, const sip_t *sip,
    size_t *own);
void ua_digest_ask(struct ua *ua, msg_t *msg, bool is_stale);
struct ua_own *ua_own_find(struct ua *ua, const char *user);

/* registrar.c */
void ua_registrar_take(struct ua *ua, msg_t *msg, sip_t *sip);
void ua_registrar_tick(struct ua *ua);
void ua_own_clear(struct ua *ua, struct ua_own *own);

/* trunk.c */
void ua_trunks_tick(struct ua *ua);
void ua_trunk_close(struct ua_exchange *t);
void ua_trunk_set(struct ua_exchange *t, enum ua_trunk_state state);
bool ua_trunk_leg(struct ua_exchange *t);
/* No answer: the other server is turned to. */
void ua_trunk_silent(struct ua_exchange *t);

/* probe.c: whether it is there, before a call has to find out. */
void ua_probe_tick(struct ua_exchange *t);
void ua_probe_drop(struct ua_exchange *t);
void ua_probe_later(struct ua_exchange *t);
enum ua_transport ua_uri_transport(const char *uri);

/* sdp.c: what is in a message; empty: none.  False: it is no SDP, or long. */
bool ua_sdp_get(const sip_t *sip, struct kk_view *sdp);

/* call.c */
struct ua_call *ua_call_new(struct ua *ua, enum ua_call_state state);
void ua_call_over(struct ua_call *call, enum ua_reason reason, unsigned status);
void ua_call_bye(struct ua_call *call);
void ua_call_free(struct ua_call *call);
void ua_calls_sweep(struct ua *ua); /* tells of what is over, and frees it */
void ua_calls_sweep_soon(struct ua *ua);
bool ua_call_keep(struct ua_call *call, struct kk_view sdp);
size_t ua_calls_of(const struct ua *ua, const char *address);
const char *ua_call_user(const struct ua_call *call); /* in its Contact */

/* bye.c */
/* Tells what is to be kept of a call that was answered, where that is new. */
void ua_bye_keep(struct ua_call *call);
void ua_bye_keep_soon(struct ua_call *call);
/* *msgp is the caller's.  Errors: KK_EFORMAT; KK_ELIMIT. */
MUST_CHECK enum kk_err ua_bye_read(msg_t **msgp, struct kk_view text);
/* The BYE that is sent for it, the caller's; NULL: no memory. */
msg_t *ua_bye_make(struct ua *ua, const sip_t *kept, uint32_t number);
void ua_byes_free(struct ua *ua);

/* in.c */
void ua_in_take(struct ua *ua, msg_t *msg, sip_t *sip,
    const struct ua_incoming *in);
int ua_in_confirmed(struct ua_call *call, nta_incoming_t *irq,
    const sip_t *sip);

/* out.c */
/* Sends a request of method in the dialog, or the first one. */
bool ua_out_send(struct ua_call *call, sip_method_t method, const char *name,
    bool with_sdp);
int ua_out_answer(void *magic, nta_outgoing_t *request, const sip_t *sip);
enum ua_reason ua_reason_of(unsigned status);
void ua_out_silent(struct ua_call *call); /* nothing came at all */

/* fork.c */
void ua_fork_add(struct ua_call *lead, struct ua_call *branch);
void ua_fork_end(struct ua_call *lead); /* all of its branches */
/* A telephone answers: gives the call that it is for. */
struct ua_call *ua_fork_won(struct ua_call *call);
/* One has refused: gives the call that is over, and its status; NULL: others
 * ring. */
struct ua_call *ua_fork_lost(struct ua_call *call, unsigned *status);

/* change.c: requests in the dialog. */
int ua_change_request(struct ua_call *call, nta_leg_t *leg, nta_incoming_t *irq,
    const sip_t *sip);

/* timer.c: RFC 4028. */
bool ua_timer_ask(struct ua_call *call, const sip_t *sip); /* false: 422 */
void ua_timer_agreed(struct ua_call *call, const sip_t *sip);
/* What goes into our answer to theirs; NULL: nothing. */
const char *ua_timer_text(struct ua_call *call);
void ua_timer_tick(struct ua_call *call);
