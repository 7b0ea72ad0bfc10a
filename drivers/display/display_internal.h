/* display_internal.h - what kinds of displays share.  Not for others. */
#pragma once
#include "drivers/display/display.h"

struct display_ops {
	const char *launch; /* or show() and interval_ms */
	/* As display_renew() and display_is_other(); or NULL. */
	enum kk_err (*renew)(void *ctx, unsigned width, unsigned height);
	bool (*is_other)(const void *ctx);
	enum kk_err (*show)(void *ctx, const struct display_picture *picture);
	void (*close)(void *ctx);
	unsigned interval_ms;
	unsigned width, height; /* as display_size_get(); 0: any */
};

/* Owns ctx from now on, also on error.  Errors: KK_ENOMEM. */
MUST_CHECK enum kk_err display_new(struct display **displayp,
    const struct display_ops *ops, void *ctx);

MUST_CHECK enum kk_err display_window_open(struct display **displayp);
MUST_CHECK enum kk_err display_kms_open(struct display **displayp);
MUST_CHECK enum kk_err display_still_open(struct display **displayp);

/* file_json.c.  *text is the caller's, for free(3).  Errors: KK_ENOMEM. */
MUST_CHECK enum kk_err display_json_make(const struct display_picture *picture,
    char **text);
