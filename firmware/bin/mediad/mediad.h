/*
 * mediad.h - the media process: what its files share.
 *
 * One thread runs the event loop and all that is here; the studio and the link
 * have threads of their own, and wake the loop by member_wake().
 */
#pragma once
#include <systemd/sd-varlink.h>

#include "base/base.h"
#include "drivers/input/input.h"
#include "pipelines/graphs/pad.h"
#include "pipelines/graphs/studio.h"
#include "pipelines/member/client.h"
#include "pipelines/member/member.h"
#include "program/notice.h"
#include "program/options.h"
#include "program/program.h"

/* options.c */
struct mediad_options {
	const char *keyd, *roomd; /* sockets */
	const char *lines; /* of the lines' roomd, role panel; NULL: none */
	const char *book; /* the address book, a file */
	const char *notices; /* a folder, of what the box tells */
	const char *input; /* a kind of drivers/input */
	struct studio_config studio; /* devices, sizes, name, language */
	bool is_done; /* --help was asked for */
};
/* Complains on standard error.  Errors: KK_EINVAL. */
MUST_CHECK enum kk_err mediad_options_parse(struct mediad_options *options,
    int argc, char **argv);

enum { MEDIAD_TONES_BYTES = 33 };

struct mediad_pad { /* pad.c */
	struct input *input;
	sd_event_source *source;
	struct pad *pad;
	uint64_t shown; /* the version that is on the screen */
	sd_varlink *dialling, *hanging_up, *pressing; /* NULL: nothing asked */
	/* Tones that go when the ones before have; secrets. */
	char tones[MEDIAD_TONES_BYTES];
	uint64_t tones_line; /* the call's */
};

struct mediad {
	struct mediad_options options;
	struct kk_log log;
	struct member *member;
	struct studio *studio;
	struct mediad_pad pad;
	unsigned ticks;
	bool has_view;
	struct view view; /* as the screen was told last */
	struct studio_publish published;
};

/* pad.c: after the studio is there, and before it goes.  Errors: KK_ENOMEM. */
MUST_CHECK enum kk_err mediad_pad_start(struct mediad *m);
void mediad_pad_stop(struct mediad *m); /* zeroed is fine */
void mediad_pad_room(struct mediad *m); /* the view has changed */
void mediad_pad_tick(struct mediad *m); /* once a second */

/* room.c */
void mediad_plan_came(void *arg, const struct plan *plan);
void mediad_view_refresh(void *arg); /* if the link has changed */
