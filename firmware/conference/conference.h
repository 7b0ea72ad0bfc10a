/*
 * conference.h - what all members of a conference agree on beside its keys: who
 * is a host, whether it is locked, its label, and each telephone line.  Zones:
 * keys, policy, mix, and the web client's key core.
 *
 * It stands in the group's context (extension 0xff4b, docs/protocol.md), so MLS
 * signs it: a forwarder cannot add, hide or alter a line.  Who may change what
 * in a commit is conference_change_check(), which every member asks before it
 * takes one.
 *
 * Pure; structures are the caller's.  In TLS presentation language (RFC 8446,
 * 3; vectors as in RFC 9420, 2.1.2), in one form only:
 *
 *     struct { uint32 leaf; } Host;
 *     struct {
 *         uint32 leaf;           // the member behind which the line is
 *         opaque id[8];          // random; strictly rising with leaf and id
 *         opaque label<V>;       // UTF-8, 64 bytes at most
 *         uint64 since_ms;       // of 1970
 *         uint8 transport;       // 1 plain, 2 TLS to the exchange, 3 SRTP
 *         uint8 flags;           // 1 muted, 2 muted by a host, 4 hand is up,
 *                                // 8 waits for a host to let it in; label:
 *                                // 16 of the exchange, 32 of an account
 *     } Line;
 *     struct {
 *         uint8 version = 1;
 *         uint8 flags;           // 1 locked, 2 no lines
 *         opaque label<V>;       // classification, UTF-8, 64 bytes at most
 *         Host hosts<V>;         // strictly rising, 64 at most
 *         Line lines<V>;         // 256 at most
 *     } Conference;
 */
#pragma once
#include "base/base.h"

enum {
	CONFERENCE_HOSTS_MAX = 64,
	CONFERENCE_LINES_MAX = 256,
	CONFERENCE_LABEL_BYTES = 64, /* without the final zero */
	CONFERENCE_LINE_ID_BYTES = 8
};

enum conference_transport { /* numbers stand on the wire */
	CONFERENCE_PLAIN = 1,
	CONFERENCE_TLS = 2, /* signalling alone is sealed */
	CONFERENCE_SRTP = 3
};

enum conference_origin { /* of a line's label */
	CONFERENCE_CLAIMED, /* the caller says so, and nobody has checked it */
	CONFERENCE_EXCHANGE, /* a number that the site's exchange tells, or that
			      * was called */
	CONFERENCE_ACCOUNT /* the name of an account that has proved it */
};

struct conference_line {
	uint32_t leaf;
	uint8_t id[CONFERENCE_LINE_ID_BYTES];
	char label[CONFERENCE_LABEL_BYTES + 1];
	enum conference_origin origin;
	uint64_t since_ms;
	enum conference_transport transport;
	/* Who waits is not heard, and hears nothing of the meeting. */
	bool waits;
	bool is_muted, is_muted_by_host, has_hand_up;
};

struct conference {
	bool is_locked, forbids_lines;
	char label[CONFERENCE_LABEL_BYTES + 1];
	uint32_t hosts[CONFERENCE_HOSTS_MAX];
	size_t host_count;
	struct conference_line lines[CONFERENCE_LINES_MAX];
	size_t line_count;
};

/*
 * Reads the extension's content.  A group without the extension has the state
 * of an empty structure.  On error *c is empty.
 * Errors: KK_EUNSUP another version; KK_ELIMIT too many or too long;
 * KK_EFORMAT unknown flags or transport, two origins, text that is not UTF-8 or
 * has control characters, an order that does not rise; KK_ETRUNC, KK_ETRAIL,
 * KK_EMINIMAL.
 */
MUST_CHECK enum kk_err conference_parse(struct conference *c,
    struct kk_view in);

/* On success *out is the caller's.  Errors: those of conference_parse() for
 * what it would not read; KK_ENOMEM. */
MUST_CHECK enum kk_err conference_write(const struct conference *c,
    struct kk_bytes *out);

/* Borrowed; NULL: there is none. */
const struct conference_line *conference_line_find(const struct conference *c,
    uint32_t leaf, const uint8_t *id);
bool conference_is_host(const struct conference *c, uint32_t leaf);

/*
 * Makes a member a host, or one that is none any more.  Errors, and nothing has
 * changed: KK_EEXIST; KK_ENOENT; KK_ELIMIT too many hosts; KK_ESTATE it is the
 * last one.
 */
MUST_CHECK enum kk_err conference_host_set(struct conference *c, uint32_t leaf,
    bool is_host);

/* Locked: who calls waits; a line that waits when it is opened is let in. */
void conference_lock(struct conference *c, bool is_locked);
/* Where lines are forbidden, none stays. */
void conference_lines_allow(struct conference *c, bool is_allowed);

/*
 * Puts a line in its place, or takes one out.  Errors, and nothing has changed:
 * KK_EEXIST, KK_ELIMIT; KK_ENOENT.
 */
MUST_CHECK enum kk_err conference_line_add(struct conference *c,
    const struct conference_line *line);
MUST_CHECK enum kk_err conference_line_remove(struct conference *c,
    uint32_t leaf, const uint8_t *id);

/* Takes out everything of a member that is in the group no more.  True: there
 * was something. */
bool conference_leaf_remove(struct conference *c, uint32_t leaf);

/*
 * Whether a commit by the member at committer may lead from before to after.
 * is_gone tells of a leaf that it has lost its member of before by the commit,
 * whoever may have come to it since.  Of such nothing may stay, and anybody
 * takes it out.  Beside that
 *
 * - a member adds lines of its own where lines are allowed, takes them out, and
 *   tells of each whether it is muted by itself and has its hand up;
 * - in a locked meeting a line that is added waits, unless a host adds it; a
 *   host lets it in, nobody makes one wait again, and in a meeting that is not
 *   locked none waits;
 * - a host changes label, lock, hosts and whether lines are allowed, takes out
 *   any line, and mutes it or not; where lines are forbidden, none stays;
 * - in a meeting that has no host a member makes itself one: alone, and from
 * its next commit on it has a host's rights.
 *
 * What a line is (its label and of whom that is, since when, how it is sealed)
 * nobody changes.  The last host that is still there stays one.
 * Errors: KK_EDENIED.
 */
typedef bool conference_gone_fn(void *arg, uint32_t leaf);
MUST_CHECK enum kk_err conference_change_check(const struct conference *before,
    const struct conference *after, uint32_t committer,
    conference_gone_fn *is_gone, void *arg);
