/* echo_internal.h - what kinds of echo cancellers share.  Not for others.  C++
 * reads it, too. */
#pragma once
#include "drivers/echo/echo.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What a kind implements.  Arguments are checked before. */
struct echo_ops {
	enum kk_err (*reverse)(void *ctx, const int16_t *samples);
	enum kk_err (*capture)(void *ctx, int16_t *samples, unsigned delay_ms);
	void (*free)(void *ctx);
};

/* Owns ctx from now on, also on error.  Errors: KK_ENOMEM. */
MUST_CHECK enum kk_err echo_new(struct echo **echop, const struct echo_ops *ops,
    void *ctx);

#ifdef __cplusplus
}
#endif
