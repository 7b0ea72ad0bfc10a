/* camera_internal.h - what kinds of cameras share.  Not for others. */
#pragma once
#include "drivers/camera/camera.h"

/* What a kind of camera implements: launch(), or draw(). */
struct camera_ops {
	const char *(*launch)(const void *ctx);
	const char *(*name)(const void *ctx); /* or NULL */
	void (*draw)(void *ctx, uint8_t *pixels, size_t stride_bytes,
	    uint64_t now_ms);
	void (*close)(void *ctx);
	bool is_looping;
};

/* Owns ctx from now on, also on error.  Errors: KK_ENOMEM. */
MUST_CHECK enum kk_err camera_new(struct camera **camerap,
    const struct camera_ops *ops, void *ctx);

/* CAMERA_AUTO, with words behind it or not. */
bool camera_is_auto(const char *kind);

/*
 * The kinds.  Errors: those of camera_open().
 */
MUST_CHECK enum kk_err camera_v4l2_open(struct camera **camerap,
    const struct camera_config *config);
MUST_CHECK enum kk_err camera_file_open(struct camera **camerap,
    const struct camera_config *config);
MUST_CHECK enum kk_err camera_sandbox_open(struct camera **camerap,
    const struct camera_config *config);

/*
 * A launch text: before, the path in quotes, after.  The caller's, to be
 * released with kk_free().  NULL: no memory.
 */
char *camera_launch_make(const char *before, const char *path,
    const char *after);
