/*
 * index.h - what a CA has done: one text file, a line for each act, in order.
 *
 *	TIME begun 1 NAME
 *	TIME issued SERIAL KIND UNTIL KEY RENEWED NAME
 *	TIME revoked SERIAL REASON
 *	TIME crl NUMBER NEXT
 *
 * Times are 2026-11-22T15:20:13Z.  SERIAL is 32 hexadecimal digits, KEY the
 * SHA-256 of the public key in 64, RENEWED the serial that this one follows or
 * "-".  NAME goes to the end of its line.  Lines are only ever added.
 */
#pragma once
#include "base/base.h"

enum {
	PKI_SERIAL_BYTES = 16, /* of random bits, RFC 5280, 4.1.2.2 */
	PKI_SERIAL_TEXT = 2 * PKI_SERIAL_BYTES + 1,
	PKI_KEY_TEXT = 2 * 32 + 1,
	PKI_NAME_BYTES = 64, /* ub-common-name, RFC 5280, A.1 */
	PKI_TIME_TEXT = sizeof("2026-11-22T15:20:13Z"),
	PKI_LINE_BYTES = 512,
	PKI_EVENTS_MAX = 16384,
	PKI_INDEX_MAX_BYTES = 8 * 1024 * 1024
};

enum pki_kind {
	PKI_BOX,
	PKI_PERSON,
	PKI_RECORDER,
	PKI_SERVER,
	PKI_UPDATE,
	PKI_NETWORK,
	PKI_KINDS
};

enum pki_act { PKI_BEGUN, PKI_ISSUED, PKI_REVOKED, PKI_CRL, PKI_ACTS };

/* RFC 5280, 5.3.1; those that a site has a use for. */
enum pki_reason {
	PKI_UNSPECIFIED = 0,
	PKI_KEY_COMPROMISE = 1,
	PKI_AFFILIATION_CHANGED = 3,
	PKI_SUPERSEDED = 4,
	PKI_CESSATION = 5
};

struct pki_event {
	enum pki_act act;
	int64_t at_s;
	char serial[PKI_SERIAL_TEXT]; /* issued, revoked */
	enum pki_kind kind;
	int64_t until_s; /* issued: its end; crl: when the next is due */
	char key[PKI_KEY_TEXT];
	char renewed[PKI_SERIAL_TEXT]; /* empty: none */
	enum pki_reason reason;
	uint64_t number; /* of a list; begun: the format's version */
	char name[PKI_NAME_BYTES + 1]; /* begun: the site's */
};

struct pki_index {
	struct pki_event *events;
	size_t count, room;
};

/*
 * Reads a whole index; on error *index is empty and *line says where.
 * Errors: KK_EFORMAT, KK_ETRUNC the last line has no end, KK_EUNSUP another
 * version, KK_ELIMIT, KK_ENOMEM.
 */
MUST_CHECK enum kk_err pki_index_parse(struct pki_index *index,
    struct kk_view text, size_t *line);
void pki_index_clear(struct pki_index *index); /* zeroed is fine */

/*
 * Adds an act if it goes with those before it.
 * Errors: KK_ESTATE it does not, KK_EEXIST the serial is taken, KK_ENOENT no
 * such certificate, KK_EREVOKED it is revoked already, KK_ELIMIT, KK_ENOMEM.
 */
MUST_CHECK enum kk_err pki_index_add(struct pki_index *index,
    const struct pki_event *event);
/* The line of an act, with its line feed. */
void pki_index_line(const struct pki_event *event, char line[PKI_LINE_BYTES]);

/* NULL: there is none.  Borrowed, until the next act is added. */
const struct pki_event *pki_index_issued(const struct pki_index *index,
    const char *serial);
const struct pki_event *pki_index_revoked(const struct pki_index *index,
    const char *serial);
const struct pki_event *pki_index_crl(const struct pki_index *index);
int64_t pki_index_last_s(const struct pki_index *index); /* the latest act */

/* Names of kinds and reasons; the latter are as in RFC 5280.  False: none. */
const char *pki_kind_name(enum pki_kind kind);
bool pki_kind_of(const char *name, enum pki_kind *kind);
const char *pki_reason_name(enum pki_reason reason);
bool pki_reason_of(const char *name, enum pki_reason *reason);

/* Times from 1970 to 9999.  False: none of that form. */
void pki_time_text(int64_t at_s, char text[PKI_TIME_TEXT]);
bool pki_time_of(struct kk_view text, int64_t *at_s);
