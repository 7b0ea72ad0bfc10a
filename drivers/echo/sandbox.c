/* sandbox.c - an echo canceller for sound without a room: it does nothing. */
#include "drivers/echo/echo_internal.h"

static enum kk_err sandbox_reverse(void *ctx, const int16_t *samples)
{
	(void)ctx;
	(void)samples;
	return KK_OK;
}

static enum kk_err sandbox_capture(void *ctx, int16_t *samples,
    unsigned delay_ms)
{
	(void)ctx;
	(void)samples;
	(void)delay_ms;
	return KK_OK;
}

static void sandbox_free(void *ctx)
{
	(void)ctx;
}

static const struct echo_ops sandbox_ops = { sandbox_reverse, sandbox_capture,
	sandbox_free };

enum kk_err echo_sandbox_new(struct echo **echop)
{
	return echo_new(echop, &sandbox_ops, NULL);
}
