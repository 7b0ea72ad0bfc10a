/* echo.c - the class: arguments checked, calls handed to a kind. */
#include "drivers/echo/echo_internal.h"

struct echo {
	const struct echo_ops *ops;
	void *ctx;
};

enum kk_err echo_new(struct echo **echop, const struct echo_ops *ops, void *ctx)
{
	struct echo *echo = kk_calloc(1, sizeof(*echo));

	if (!echo) {
		ops->free(ctx);
		return KK_ENOMEM;
	}
	*echo = (struct echo){ ops, ctx };
	*echop = echo;
	return KK_OK;
}

void echo_free(struct echo *echo)
{
	if (!echo)
		return;
	echo->ops->free(echo->ctx);
	kk_free(echo);
}

enum kk_err echo_reverse(struct echo *echo, const int16_t *samples)
{
	return echo->ops->reverse(echo->ctx, samples);
}

enum kk_err echo_capture(struct echo *echo, int16_t *samples, unsigned delay_ms)
{
	if (delay_ms > ECHO_DELAY_MAX_MS)
		return KK_EINVAL;
	return echo->ops->capture(echo->ctx, samples, delay_ms);
}

#ifndef KK_ECHO_WEBRTC
enum kk_err echo_webrtc_new(struct echo **echop,
    const struct echo_config *config)
{
	(void)echop;
	(void)config;
	return KK_EUNSUP;
}
#endif
