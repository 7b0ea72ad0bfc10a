/*
 * mixd.h - the lines' mixer as a process: what its files share.
 *
 * One thread runs the event loop and all that is here; the link has one of its
 * own, which calls far_packet() and wakes the loop.
 */
#pragma once
#include "base/base.h"
#include "call/call.h"
#include "far.h"
#include "lanes.h"
#include "pace.h"
#include "pipelines/member/member.h"
#include "program/options.h"
#include "program/program.h"
#include "uplink.h"

enum mixd_role { MIXD_LINES, MIXD_ROLES };

/* options.c */
struct mixd_options {
	const char *keyd, *roomd; /* sockets */
	struct program_role roles[MIXD_ROLES];
	unsigned lines;
	bool is_done; /* --help was asked for */
};
/* Complains on standard error.  Errors: KK_EINVAL. */
MUST_CHECK enum kk_err mixd_options_parse(struct mixd_options *options,
    int argc, char **argv);

struct mixd {
	struct mixd_options options;
	struct kk_log log;
	struct member *member;
	struct vault *vault;
	struct far *far;
	struct lanes *lanes;
	struct uplink *uplink;
	struct call_server *server;
	sd_event_source *ticks;
	struct pace pace;
	struct studio_publish publish; /* of the plan */
	bool was_speaking;
	uint64_t told_skipped; /* in the log */
};

/* serve.c - io.konklave.Mix.  Errors: those of call_server_listen(). */
MUST_CHECK enum kk_err mixd_serve_start(struct mixd *m);
void mixd_serve_stop(struct mixd *m);
