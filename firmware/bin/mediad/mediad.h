/*
 * mediad.h - the media process: what its files share.
 *
 * One thread runs the event loop and all that is here; the studio and the link
 * have threads of their own, and wake the loop by member_wake().
 */
#pragma once
#include "base/base.h"
#include "pipelines/graphs/studio.h"
#include "pipelines/member/member.h"
#include "program/options.h"
#include "program/program.h"

/* options.c */
struct mediad_options {
	const char *keyd, *roomd; /* sockets */
	struct studio_config studio; /* devices, sizes, name, language */
	bool is_done; /* --help was asked for */
};
/* Complains on standard error.  Errors: KK_EINVAL. */
MUST_CHECK enum kk_err mediad_options_parse(struct mediad_options *options,
    int argc, char **argv);

struct mediad {
	struct mediad_options options;
	struct kk_log log;
	struct member *member;
	struct studio *studio;
	unsigned ticks;
	bool has_view;
	struct view view; /* as the screen was told last */
	struct studio_publish published;
};

/* room.c */
void mediad_plan_came(void *arg, const struct plan *plan);
void mediad_view_refresh(void *arg); /* if the link has changed */
