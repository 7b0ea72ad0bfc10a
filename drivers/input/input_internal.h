/* input_internal.h - what kinds of inputs share.  Not for others. */
#pragma once
#include "drivers/input/input.h"

struct input_ops {
	bool (*next)(void *ctx, struct input_event *event);
	void (*close)(void *ctx);
};

/* Owns ctx from now on, also on error; fd stays ctx's.  Errors: KK_ENOMEM. */
MUST_CHECK enum kk_err input_new(struct input **inputp,
    const struct input_ops *ops, void *ctx, int fd);

/* The kinds.  Errors: those of input_open().  dev: the folder that has, or will
 * have, a folder "input" with the devices. */
MUST_CHECK enum kk_err input_evdev_open(struct input **inputp, const char *dev,
    const char *keymap);
MUST_CHECK enum kk_err input_pipe_open(struct input **inputp, const char *path);

/*
 * decode.c: what the kernel's events of one device mean.
 */
struct input_keymap;

/* Errors: KK_EINVAL no such keymap, KK_EIO its files, KK_ENOMEM. */
MUST_CHECK enum kk_err input_keymap_new(struct input_keymap **mapp,
    const char *name);
void input_keymap_free(struct input_keymap *map); /* NULL is fine */

struct input_axis {
	int32_t least, most, value;
};

enum { INPUT_NO_SLOT = -1 };

/* The axes are set by whoever knows the device; the rest is decode.c's. */
struct input_decode {
	struct xkb_state *keys;
	struct input_axis x, y;
	bool has_slots; /* touches come as slots alone (MT protocol B) */
	int32_t slot; /* that is spoken of */
	int32_t first; /* that of the touch that counts, or INPUT_NO_SLOT */
	bool is_pressed; /* since the last SYN_REPORT */
};

/* Errors: KK_ENOMEM. */
MUST_CHECK enum kk_err input_decode_init(struct input_decode *d,
    const struct input_keymap *map);
void input_decode_clear(struct input_decode *d); /* zeroed is fine */

/* One of the kernel's events (linux/input-event-codes.h).  False: it is no
 * event of ours, or not yet. */
bool input_decode(struct input_decode *d, unsigned type, unsigned code,
    int32_t value, struct input_event *event);
