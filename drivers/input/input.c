/* input.c - finding the kind of an input. */
#include <string.h>

#include "drivers/input/input_internal.h"

struct input {
	const struct input_ops *ops;
	void *ctx;
	int fd;
};

static bool none_next(void *ctx, struct input_event *event)
{
	(void)ctx;
	(void)event;
	return false;
}

static void none_close(void *ctx)
{
	(void)ctx;
}

static const struct input_ops none_ops = { none_next, none_close };

enum kk_err input_new(struct input **inputp, const struct input_ops *ops,
    void *ctx, int fd)
{
	struct input *input = kk_calloc(1, sizeof(*input));

	if (!input) {
		ops->close(ctx);
		return KK_ENOMEM;
	}
	*input = (struct input){ ops, ctx, fd };
	*inputp = input;
	return KK_OK;
}

bool input_kind_is(const char *kind)
{
	return !strcmp(kind, "none") || !strcmp(kind, "evdev") ||
	    (!strncmp(kind, "pipe:", 5) && kind[5]);
}

enum kk_err input_open(struct input **inputp, const char *kind,
    const char *keymap)
{
	if (!input_kind_is(kind) ||
	    (strcmp(keymap, "de") != 0 && strcmp(keymap, "us") != 0))
		return KK_EINVAL;
	if (!strcmp(kind, "none"))
		return input_new(inputp, &none_ops, NULL, -1);
	if (!strcmp(kind, "evdev")) {
#ifdef KK_INPUT_EVDEV
		return input_evdev_open(inputp, "/dev", keymap);
#else
		return KK_EUNSUP;
#endif
	}
#ifdef KK_INPUT_PIPE
	return input_pipe_open(inputp, kind + 5);
#else
	return KK_EUNSUP;
#endif
}

void input_close(struct input *input)
{
	if (!input)
		return;
	input->ops->close(input->ctx);
	kk_free(input);
}

int input_fd(const struct input *input)
{
	return input->fd;
}

bool input_next(struct input *input, struct input_event *event)
{
	return input->ops->next(input->ctx, event);
}
