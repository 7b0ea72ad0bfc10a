/*
 * stun.h - STUN binding requests and answers, as ICE uses them.  No state.
 *
 * The lite side: wire_stun_username() tells whose password to take,
 * wire_stun_request_check() proves the request with it, and one of the writers
 * makes the answer.  Nothing in a request is to be believed before the check.
 * The full side: wire_stun_request_write() and wire_stun_response_check().
 *
 * libnice's STUN library does the work; it may use the heap while it hashes.
 * It keeps nothing between the calls.
 *
 * Source: RFC 8489, 5, 7, 9.1, 14; RFC 8445, 7 and 16.1.
 */
#pragma once
#include "wire/out.h"

enum {
	WIRE_STUN_TRANSACTION_BYTES = 12,
	WIRE_STUN_MAX_BYTES = 1280, /* longer ones are refused unread */
	/* RFC 8489, 14.3: fewer than 509 bytes. */
	WIRE_STUN_USERNAME_MAX_BYTES = 508,
	/* header 20, XOR-MAPPED-ADDRESS 24, MESSAGE-INTEGRITY 24,
	 * FINGERPRINT 8 */
	WIRE_STUN_SUCCESS_MAX_BYTES = 76,
	WIRE_STUN_ERROR_MAX_BYTES = 128,
	WIRE_STUN_UNKNOWN_MAX = 8 /* that an error names */
};

enum wire_stun_error { /* RFC 8489, 14.8; RFC 8445, 16.2 */
	WIRE_STUN_BAD_REQUEST = 400,
	WIRE_STUN_UNAUTHENTICATED = 401,
	WIRE_STUN_UNKNOWN_ATTRIBUTE = 420,
	WIRE_STUN_ROLE_CONFLICT = 487
};

enum wire_stun_role { /* what the sender says of itself */
	WIRE_STUN_ROLE_NONE,
	WIRE_STUN_CONTROLLING,
	WIRE_STUN_CONTROLLED
};

struct wire_stun_addr {
	bool is_v6;
	uint8_t ip[16]; /* network order; the first 4 of IPv4 */
	uint16_t port;
};

struct wire_stun_request {
	uint8_t transaction[WIRE_STUN_TRANSACTION_BYTES];
	struct kk_view username; /* a view into the message */
	bool is_nominating; /* USE-CANDIDATE */
	bool has_priority;
	uint32_t priority;
	enum wire_stun_role role;
	uint64_t tie_breaker;
};

/*
 * The USERNAME of a binding request, for finding the password.  Nothing is
 * proved yet.
 * Errors: KK_ETRUNC, KK_EFORMAT no STUN message, or without a user name;
 * KK_EUNSUP not a binding request; KK_ELIMIT over WIRE_STUN_MAX_BYTES.
 */
MUST_CHECK enum kk_err wire_stun_username(struct kk_view in,
    struct kk_view *username);

/*
 * Splits a user name at its first colon: the receiver's fragment, then the
 * sender's (RFC 8445, 7.2.2).  Errors: KK_EFORMAT no colon, or an empty part.
 */
MUST_CHECK enum kk_err wire_stun_username_split(struct kk_view username,
    struct kk_view *local, struct kk_view *remote);

/*
 * Checks FINGERPRINT, USERNAME and MESSAGE-INTEGRITY and reads the request.
 * What stands behind MESSAGE-INTEGRITY is not looked at, FINGERPRINT aside.
 * On error *req is left alone.
 * Errors: as above; KK_EDENIED another user name; KK_EAUTH the password is
 * wrong, or no MESSAGE-INTEGRITY; KK_EFORMAT also a wrong or no FINGERPRINT,
 * both roles at once, or an attribute of a wrong length; KK_EUNSUP also an
 * unknown attribute that must be understood.
 */
MUST_CHECK enum kk_err wire_stun_request_check(struct wire_stun_request *req,
    struct kk_view in, struct kk_view username, struct kk_view password);

/*
 * Append the answer with MESSAGE-INTEGRITY and FINGERPRINT; an error without
 * integrity when the password is empty, as for 400 and 401.  On error *w has
 * its old length and the error sticks.  Errors: KK_ENOSPC, KK_EINVAL.
 */
void wire_stun_success_write(struct wire_out *w, const uint8_t *transaction,
    const struct wire_stun_addr *mapped, struct kk_view password);
void wire_stun_error_write(struct wire_out *w, const uint8_t *transaction,
    enum wire_stun_error code, struct kk_view password);

/*
 * Appends the answer to a request in which wire_stun_request_check() found an
 * attribute that it does not know (KK_EUNSUP): error 420 with the names of
 * these (RFC 8489, 6.3.1 and 14.9).  As above; KK_EINVAL there are none.
 */
void wire_stun_unknown_write(struct wire_out *w, struct kk_view request,
    struct kk_view password);

/* Appends a request with all that req says; as above. */
void wire_stun_request_write(struct wire_out *w,
    const struct wire_stun_request *req, struct kk_view password);

struct wire_stun_response {
	uint16_t error; /* 0: success */
	struct wire_stun_addr mapped; /* of a success */
};

/*
 * Checks an answer to our request.  On error *res is left alone.
 * Errors: KK_ETRUNC, KK_EFORMAT, KK_ELIMIT as above; KK_EUNSUP not an answer to
 * a binding request; KK_ENOENT of another transaction; KK_EAUTH.  An error
 * 400 or 401 comes without integrity, and proves nothing.
 */
MUST_CHECK enum kk_err wire_stun_response_check(struct wire_stun_response *res,
    struct kk_view in, const uint8_t *transaction, struct kk_view password);
