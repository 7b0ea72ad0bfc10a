/* end.h - one end of calls on loopback: a ua that writes down what it is told.
 * Ends live in one loop.  For tests. */
#pragma once
#include "harness/tap.h"
#include "ua/ua.h"

enum { END_TEXT_BYTES = 64, END_WAIT_S = 45 };

struct end {
	struct ua *ua;
	struct ua_call *call; /* the last one */
	unsigned incoming, rings, answered, offered, ended, kept;
	enum ua_origin origin;
	enum ua_reason reason;
	unsigned status, ring_status;
	size_t trunk;
	enum ua_trunk_state trunk_state;
	char from[END_TEXT_BYTES], to[END_TEXT_BYTES], name[END_TEXT_BYTES];
	char sdp[END_TEXT_BYTES]; /* the last text, cut */
	char bye[UA_BYE_BYTES + 1]; /* that is kept of the last call */
};

/* Made with a UDP and a TCP address of its own, and what config says. */
void end_open(struct end *e, struct ua_config config);
void end_close(struct end *e);

/* Runs the loop until *what is want; the test fails after END_WAIT_S. */
void end_wait_at(struct tap_place at, const char *text, const unsigned *what,
    unsigned want);
#define end_wait(what, want) end_wait_at(TAP_HERE, #what, &(what), (want))
void end_run_ms(unsigned ms); /* runs it on for a while */

/* A trunk that stands at e, by UDP or TCP. */
struct ua_trunk end_trunk(const struct end *e, enum ua_transport transport,
    char uri[END_TEXT_BYTES]);

struct kk_view end_text(const char *text);
void end_place(struct end *from, const char *to, const char *offer);
