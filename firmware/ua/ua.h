/*
 * ua.h - SIP without sound: calls that come and calls that are placed, at
 * trunks, at telephones that register here, and from anybody the rule lets in.
 * Zone: telephone.  One thread.
 *
 * Over sofia-sip's transactions (nta), in the GMainContext that is the thread's
 * default when ua_new() is called, and whose poll function it sets.  What comes
 * costs no memory before its source's rate, the rule and the caps have let it
 * in.  Texts of SDP are borne unread (offer.h reads them).  Numbers, names and
 * addresses of calls are in no log line.
 *
 * sofia-sip keeps copies of messages that it does not wipe: keys of SRTP in a
 * text of SDP can stand in this process's memory until it is used again.
 *
 * Source: RFC 3261, 3262 (PRACK), 3264, 3311 (UPDATE), 3581, 4028 (session
 * timers), 7616 and 8760 (digest).
 */
#pragma once
#include "base/base.h"

struct ua;
struct ua_call;

enum {
	UA_LISTENS_MAX = 8,
	UA_TRUNKS_MAX = 8,
	UA_SERVERS_MAX = 2, /* of a trunk */
	UA_USERS_MAX = 16, /* dial-in users */
	UA_ACCOUNTS_MAX = 1024,
	UA_SDP_MAX_BYTES = 16 * 1024,
	UA_HA1_BYTES = 16, /* by MD5 */
	UA_HA1_SHA256_BYTES = 32,
	UA_BYE_BYTES = 8192, /* of one that is kept */
	UA_BYES_MAX = 256, /* of before that are on their way */
	UA_TEXT_BYTES = 128, /* a user, a name or a host, with the final zero */
	UA_URI_BYTES = 256
};

enum ua_transport { UA_UDP, UA_TCP, UA_TLS, UA_TRANSPORT_COUNT };

/* --- what it is told at its start ---------------------------------------- */

struct ua_listen {
	enum ua_transport transport;
	const char *address; /* literal; IPv6 without brackets */
	uint16_t port; /* 0: any that is free, see ua_port() */
	/* TLS: a folder with agent.pem (our chain and key) and cafile.pem. */
	const char *certificates;
	/* TLS: who connects to us needs a certificate of a CA in cafile.pem
	 * too; servers that we turn to always do, and for their name. */
	bool is_mutual;
};

/* A telephone of our own: HA1 is MD5(user ":" domain ":" password), the other
 * the same by SHA-256; it has one of them, or both. */
struct ua_account {
	char user[UA_TEXT_BYTES];
	bool has_md5, has_sha256;
	uint8_t ha1[UA_HA1_BYTES], ha1_sha256[UA_HA1_SHA256_BYTES];
};

/* A telephone exchange that knows us. */
struct ua_trunk {
	const char *name; /* for states and log lines */
	const char *domain; /* of its addresses, and of ours there */
	/* sip:HOST[:PORT][;transport=udp|tcp|tls]; the second, or NULL, is
	 * turned to when the first does not answer: a registration, a call, or
	 * the OPTIONS that it is sent now and then. */
	const char *servers[UA_SERVERS_MAX];
	const char *user; /* ours there */
	const char *auth_user; /* NULL: user */
	const char *password; /* NULL: it asks for none */
	/* No REGISTER: it knows our address.  What comes from a server's
	 * address counts as the trunk's, so over UDP it is whoever can forge
	 * that. */
	bool is_static;
	bool is_unchecked; /* it answers no OPTIONS: none is sent */
	unsigned expires_s; /* 0: 600 */
};

enum ua_rule {
	UA_RULE_TRUNKS, /* calls come from trunks alone */
	UA_RULE_KNOWN, /* and from telephones that prove who they are */
	UA_RULE_ANYBODY
};

struct ua_limits { /* 0: the value behind it */
	unsigned calls; /* 64 at a time, both ways */
	/* 10, that come; as many of trunks and own telephones, and as many of
	 * others. */
	unsigned calls_per_s;
	unsigned source_requests_per_s; /* 20, out of dialogs, of one address */
	/* 200, out of dialogs, in all: of trunks, of where own telephones have
	 * registered from, and of all others, so many each. */
	unsigned requests_per_s;
	unsigned source_calls; /* 8 at a time of one address, but trunks' */
	unsigned contacts; /* 4 of one account */
	unsigned expires_min_s, expires_max_s; /* 60, 3600: of registrations */
	unsigned message_bytes; /* 32 KiB */
	/* 256, TCP and TLS; when more are found, those of strangers are closed
	 * down to half of it, the newest first. */
	unsigned connections;
	unsigned source_connections; /* 16 of one address of strangers */
	/* TLS, that others begin; of trunks, of where own telephones have
	 * registered from, and of all others, so many each.  One that is not
	 * done in 10 s is closed. */
	unsigned handshakes_per_s; /* 20 */
	unsigned source_handshakes_per_s; /* 4, of one address but trunks' */
	unsigned handshakes; /* 64 that are not done; 64 at most */
	unsigned source_handshakes; /* 8, of one address but trunks' */
	unsigned ring_s; /* 120: unanswered calls end, both ways */
	unsigned silent_s; /* 5: a server without a word by then is not there */
	unsigned session_s; /* 1800: RFC 4028; at least 90 */
};

/* What is dropped, refused and closed is counted, and told in the log in one
 * line each ten seconds, where there is any. */
struct ua_config { /* all is copied */
	const char *domain; /* of our own telephones; the digest's realm */
	const struct ua_listen *listens;
	size_t listen_count;
	const struct ua_trunk *trunks;
	size_t trunk_count;
	const struct ua_account *accounts;
	size_t account_count;
	/* Who may be called here; none: whoever is asked for.  Calls that a
	 * trunk brings to where we registered are always for us. */
	const char *users[UA_USERS_MAX];
	size_t user_count;
	enum ua_rule rule;
	struct ua_limits limits;
	const struct kk_log *log; /* borrowed; may be NULL */
};

/* --- what it tells ------------------------------------------------------- */

enum ua_origin { UA_FROM_TRUNK, UA_FROM_ACCOUNT, UA_FROM_ANYBODY };

/* Valid during the call of incoming() only. */
struct ua_incoming {
	enum ua_origin origin;
	size_t trunk; /* UA_FROM_TRUNK: index in config */
	enum ua_transport transport; /* of the last hop to us */
	const char *from_user; /* as it claims, an account's if proven; or "" */
	const char *from_name; /* as it claims, or "" */
	const char *to_user; /* who is called, or "" */
	const char *address; /* where it came from, literal */
	uint16_t port;
	struct kk_view offer; /* empty: the offer is ours to make */
};

enum ua_reason {
	UA_END_OURS, /* by ua_call_end() or ua_call_reject() */
	UA_END_THEIRS, /* BYE, or CANCEL before it was answered */
	UA_END_BUSY,
	UA_END_DECLINED,
	UA_END_NO_ANSWER,
	UA_END_NOT_FOUND, /* nobody has this number */
	UA_END_MEDIA, /* no sound that both could */
	UA_END_UNREACHABLE, /* no server answered */
	UA_END_LOST, /* no ACK, no PRACK, or the session timer ran out */
	UA_END_FAILED
};

enum ua_trunk_state {
	UA_TRUNK_OFF, /* not yet asked, or no longer wanted */
	UA_TRUNK_TRYING,
	UA_TRUNK_READY, /* registered, or static, and it answers */
	UA_TRUNK_REFUSED, /* the password, or the account; tried again late */
	UA_TRUNK_UNREACHABLE /* tried again, each time later */
};

/* All are called from the loop, never from inside a function of this header;
 * all but the last must be there.  Calls may be answered, rejected and ended in
 * them. */
struct ua_handler {
	/* A call comes: ring, answer or reject it, now or later. */
	void (*incoming)(void *arg, struct ua_call *call,
	    const struct ua_incoming *in);
	/* A call that we placed goes on: 18x.  sdp, if any, is the answer,
	 * for sound before anybody has answered; later ones may differ. */
	void (*progress)(void *arg, struct ua_call *call, unsigned status,
	    struct kk_view sdp);
	/* It was answered (placed), or our offer was (incoming without an offer
	 * of its own, and ua_call_offer()).  sdp is empty where the answer came
	 * with progress() already, or where ua_call_offer() was refused: then
	 * all stays as it was. */
	void (*answered)(void *arg, struct ua_call *call, struct kk_view sdp);
	/* The other changes the call (hold, another address): a new offer, to
	 * be answered or rejected, now or later.  Empty: our offer is asked
	 * for, by ua_call_answer(). */
	void (*offered)(void *arg, struct ua_call *call, struct kk_view sdp);
	/* It is over, and released when this returns.  No ua_free() here. */
	void (*ended)(void *arg, struct ua_call *call, enum ua_reason reason,
	    unsigned status);
	void (*trunk)(void *arg, size_t trunk, enum ua_trunk_state state);
	/* May be NULL.  What would end this call for the other, should we be
	 * gone without a word: to be kept where that outlives us, in place of
	 * what was told before, until ended(), and to be given to ua_bye_send()
	 * then.  It has addresses of both, no SDP, no password.  Empty: nothing
	 * can be kept.  No call may be changed here. */
	void (*kept)(void *arg, struct ua_call *call, struct kk_view bye);
};

/*
 * Opens the sockets and begins to register.  *uap is the caller's.  arg goes to
 * each call of *handler, which is copied.
 * Errors: KK_EINVAL the config is wrong; KK_ELIMIT too many of something;
 * KK_EIO a socket or certificate; KK_ENOMEM.
 */
MUST_CHECK enum kk_err ua_new(struct ua **uap, const struct ua_config *config,
    const struct ua_handler *handler, void *arg);

/* Ends what is left without a word to handler, though not to the others: BYE,
 * CANCEL and unregistering are sent once.  NULL is fine. */
void ua_free(struct ua *ua);

/* --- calls --------------------------------------------------------------- */

void ua_call_set_arg(struct ua_call *call, void *arg); /* the user's own */
void *ua_call_get_arg(const struct ua_call *call);
enum ua_transport ua_call_transport(const struct ua_call *call);

/* 180, or 183 with an answer for sound at once; where the caller can, it is
 * acknowledged (RFC 3262).  Errors: KK_ESTATE; KK_EINVAL; KK_ELIMIT; KK_ENOMEM.
 */
MUST_CHECK enum kk_err ua_call_ring(struct ua_call *call, struct kk_view sdp);

/* Answers what incoming() or offered() told of: with an answer, or, where no
 * offer was in it, with an offer.  Errors: as above. */
MUST_CHECK enum kk_err ua_call_answer(struct ua_call *call, struct kk_view sdp);

/* Refuses the same; an incoming call ends with it, a changed one goes on as it
 * was.  status: 400 to 699.  Errors: KK_ESTATE; KK_EINVAL. */
MUST_CHECK enum kk_err ua_call_reject(struct ua_call *call, unsigned status);

/* Changes a call that was answered (hold).  answered() tells the outcome.
 * Errors: KK_ESTATE not answered yet, or another change is under way. */
MUST_CHECK enum kk_err ua_call_offer(struct ua_call *call, struct kk_view sdp);

/* BYE, CANCEL, or a refusal.  ended() follows.  May be called twice. */
void ua_call_end(struct ua_call *call);

struct ua_place {
	/* An index in config; or UA_NO_TRUNK: an own telephone, by its user.
	 * Where several have registered by this name all of them ring, and the
	 * first that answers has the call. */
	size_t trunk;
	const char *to_user; /* digits, or a name: RFC 3261's user, unescaped */
	const char *from_name; /* shown to whom is called, or NULL */
	struct kk_view offer;
	void *arg; /* as ua_call_set_arg() */
};

#define UA_NO_TRUNK SIZE_MAX

/* Places a call.  *callp is the library's.  Errors: KK_EINVAL; KK_ELIMIT too
 * many calls, or a text too long; KK_ENOENT no such telephone registered;
 * KK_ESTATE the trunk is not ready; KK_ENOMEM. */
MUST_CHECK enum kk_err ua_call_place(struct ua *ua,
    const struct ua_place *place, struct ua_call **callp);

/*
 * Ends a call of a process before us, whose kept() this was: sends the BYE,
 * and proves who we are where the call's trunk is one of ours and asks for it.
 * Nobody is told what comes of it.  Errors: KK_EFORMAT it is none; KK_ELIMIT it
 * is too long, or UA_BYES_MAX have no answer yet; KK_EIO it cannot be sent;
 * KK_ENOMEM.
 */
MUST_CHECK enum kk_err ua_bye_send(struct ua *ua, struct kk_view bye);

/* --- looking at it ------------------------------------------------------- */

struct ua_counts {
	uint64_t requests; /* out of dialogs */
	uint64_t dropped; /* of them without an answer: above a rate */
	uint64_t refused; /* by the rule, a cap or a wrong password */
	uint64_t unreadable; /* messages that are none, or not whole */
	uint64_t closed; /* connections above a limit, or left open */
	/* Of TLS that others began; and those that were closed before. */
	uint64_t handshakes, handshakes_refused;
	uint64_t calls_in, calls_out;
	unsigned calls; /* at this time */
	unsigned contacts; /* registered here */
};

void ua_counts_get(struct ua *ua, struct ua_counts *counts);
uint16_t ua_port(const struct ua *ua,
    enum ua_transport transport); /* 0: none */
enum ua_trunk_state ua_trunk_state(const struct ua *ua, size_t trunk);

/*
 * Reads accounts, a line each: USER HA1 [HA1], in hex: 32 digits by MD5, 64 by
 * SHA-256, which are told apart by their length; "#" begins a remark.
 * *accountsp is the caller's, who gives it to ua_accounts_free(). Errors:
 * KK_EFORMAT; KK_EEXIST a user twice; KK_ELIMIT; KK_ENOMEM.
 */
MUST_CHECK enum kk_err ua_accounts_read(struct ua_account **accountsp,
    size_t *count, struct kk_view text);
void ua_accounts_free(struct ua_account *accounts, size_t count); /* wipes */
