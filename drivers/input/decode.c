/* decode.c - what the kernel's events of one device mean: keys by a keymap
 * (libxkbcommon), or as what they say; touches as places. */
#include <linux/input-event-codes.h>
#include <string.h>
#include <xkbcommon/xkbcommon.h>

#include "drivers/input/input_internal.h"

enum {
	XKB_OFFSET = 8, /* of X11's key codes, which XKB's files have */
	FIRST_SHOWN = 0x20,
	DELETE = 0x7f
};

enum { KEY_UP_VALUE, KEY_DOWN_VALUE, KEY_REPEAT_VALUE };

struct input_keymap {
	struct xkb_keymap *map;
};

enum kk_err input_keymap_new(struct input_keymap **mapp, const char *name)
{
	/* Accents by themselves: no two keys make one character. */
	const bool is_german = !strcmp(name, "de");
	const struct xkb_rule_names names = { .rules = "evdev",
		.model = "pc105",
		.layout = name,
		.variant = is_german ? "nodeadkeys" : "",
		.options = "" };
	struct xkb_context *context;
	struct input_keymap *map;

	if (!is_german && strcmp(name, "us") != 0)
		return KK_EINVAL;
	context = xkb_context_new(XKB_CONTEXT_NO_ENVIRONMENT_NAMES);
	map = kk_calloc(1, sizeof(*map));
	if (context && map)
		map->map = xkb_keymap_new_from_names(context, &names,
		    XKB_KEYMAP_COMPILE_NO_FLAGS);
	xkb_context_unref(context);
	if (!map || !map->map) {
		kk_free(map);
		return map && context ? KK_EIO : KK_ENOMEM;
	}
	*mapp = map;
	return KK_OK;
}

void input_keymap_free(struct input_keymap *map)
{
	if (!map)
		return;
	xkb_keymap_unref(map->map);
	kk_free(map);
}

enum kk_err input_decode_init(struct input_decode *d,
    const struct input_keymap *map)
{
	*d = (struct input_decode){ .first = INPUT_NO_SLOT };
	d->keys = xkb_state_new(map->map);
	return d->keys ? KK_OK : KK_ENOMEM;
}

void input_decode_clear(struct input_decode *d)
{
	xkb_state_unref(d->keys);
	*d = (struct input_decode){ .first = INPUT_NO_SLOT };
}

/* Keys that say what they are, whatever the keymap.  A number pad's give
 * digits, with Num Lock and without. */
struct key {
	unsigned code;
	enum input_kind kind;
	char text;
};

static const struct key keys[] = {
	{ KEY_UP, INPUT_UP, '\0' },
	{ KEY_DOWN, INPUT_DOWN, '\0' },
	{ KEY_LEFT, INPUT_LEFT, '\0' },
	{ KEY_RIGHT, INPUT_RIGHT, '\0' },
	{ KEY_ENTER, INPUT_ENTER, '\0' },
	{ KEY_KPENTER, INPUT_ENTER, '\0' },
	{ KEY_OK, INPUT_ENTER, '\0' },
	{ KEY_SELECT, INPUT_ENTER, '\0' },
	{ KEY_ESC, INPUT_BACK, '\0' },
	{ KEY_BACK, INPUT_BACK, '\0' },
	{ KEY_EXIT, INPUT_BACK, '\0' },
	{ KEY_CANCEL, INPUT_BACK, '\0' },
	{ KEY_BACKSPACE, INPUT_ERASE, '\0' },
	{ KEY_DELETE, INPUT_ERASE, '\0' },
	{ KEY_CLEAR, INPUT_ERASE, '\0' },
	{ KEY_TAB, INPUT_NEXT, '\0' },
	{ KEY_PHONE, INPUT_CALL, '\0' },
	{ KEY_PICKUP_PHONE, INPUT_CALL, '\0' },
	{ KEY_HANGUP_PHONE, INPUT_HANG_UP, '\0' },
	{ KEY_KP0, INPUT_TEXT, '0' },
	{ KEY_KP1, INPUT_TEXT, '1' },
	{ KEY_KP2, INPUT_TEXT, '2' },
	{ KEY_KP3, INPUT_TEXT, '3' },
	{ KEY_KP4, INPUT_TEXT, '4' },
	{ KEY_KP5, INPUT_TEXT, '5' },
	{ KEY_KP6, INPUT_TEXT, '6' },
	{ KEY_KP7, INPUT_TEXT, '7' },
	{ KEY_KP8, INPUT_TEXT, '8' },
	{ KEY_KP9, INPUT_TEXT, '9' },
	{ KEY_KPASTERISK, INPUT_TEXT, '*' },
	{ KEY_KPPLUS, INPUT_TEXT, '+' },
	{ KEY_NUMERIC_0, INPUT_TEXT, '0' },
	{ KEY_NUMERIC_1, INPUT_TEXT, '1' },
	{ KEY_NUMERIC_2, INPUT_TEXT, '2' },
	{ KEY_NUMERIC_3, INPUT_TEXT, '3' },
	{ KEY_NUMERIC_4, INPUT_TEXT, '4' },
	{ KEY_NUMERIC_5, INPUT_TEXT, '5' },
	{ KEY_NUMERIC_6, INPUT_TEXT, '6' },
	{ KEY_NUMERIC_7, INPUT_TEXT, '7' },
	{ KEY_NUMERIC_8, INPUT_TEXT, '8' },
	{ KEY_NUMERIC_9, INPUT_TEXT, '9' },
	{ KEY_NUMERIC_STAR, INPUT_TEXT, '*' },
	{ KEY_NUMERIC_POUND, INPUT_TEXT, '#' },
};

static bool has_shift(const struct input_decode *d)
{
	return xkb_state_mod_name_is_active(d->keys, XKB_MOD_NAME_SHIFT,
		   XKB_STATE_MODS_EFFECTIVE) > 0;
}

static bool key_find(const struct input_decode *d, unsigned code,
    struct input_event *event)
{
	for (size_t i = 0; i < KK_ARRAY_LEN(keys); i++) {
		if (keys[i].code != code)
			continue;
		*event = (struct input_event){ .kind = keys[i].kind };
		event->text[0] = keys[i].text;
		if (event->kind == INPUT_NEXT && has_shift(d))
			event->kind = INPUT_PREVIOUS;
		return true;
	}
	return false;
}

/* With Ctrl it is a control character, and none of ours. */
static bool text_find(const struct input_decode *d, unsigned code,
    struct input_event *event)
{
	struct input_event e = { .kind = INPUT_TEXT };
	const int bytes = xkb_state_key_get_utf8(d->keys, code + XKB_OFFSET,
	    e.text, sizeof(e.text));

	if (bytes <= 0 || (size_t)bytes >= sizeof(e.text) ||
	    (uint8_t)e.text[0] < FIRST_SHOWN || e.text[0] == DELETE)
		return false;
	*event = e;
	return true;
}

static bool key_decode(struct input_decode *d, unsigned code, int32_t value,
    struct input_event *event)
{
	bool is_ours = false;

	if (code == BTN_TOUCH || code == BTN_LEFT) {
		d->is_pressed |= !d->has_slots && value == KEY_DOWN_VALUE;
		return false;
	}
	if (value != KEY_UP_VALUE)
		is_ours = key_find(d, code, event) || text_find(d, code, event);
	if (value != KEY_REPEAT_VALUE)
		(void)xkb_state_update_key(d->keys, code + XKB_OFFSET,
		    value == KEY_UP_VALUE ? XKB_KEY_UP : XKB_KEY_DOWN);
	return is_ours;
}

static void slot_decode(struct input_decode *d, unsigned code, int32_t value)
{
	if (code == ABS_MT_SLOT)
		d->slot = value;
	if (code == ABS_MT_TRACKING_ID && value >= 0 &&
	    d->first == INPUT_NO_SLOT) {
		d->first = d->slot;
		d->is_pressed = true;
	}
	if (d->slot != d->first)
		return;
	if (code == ABS_MT_TRACKING_ID && value < 0)
		d->first = INPUT_NO_SLOT;
	if (code == ABS_MT_POSITION_X)
		d->x.value = value;
	if (code == ABS_MT_POSITION_Y)
		d->y.value = value;
}

static void axis_decode(struct input_decode *d, unsigned code, int32_t value)
{
	if (d->has_slots)
		slot_decode(d, code, value);
	else if (code == ABS_X)
		d->x.value = value;
	else if (code == ABS_Y)
		d->y.value = value;
}

static double place(const struct input_axis *a)
{
	const double part = ((double)a->value - a->least) /
	    ((double)a->most - a->least);

	return part < 0 ? 0 : part > 1 ? 1 : part;
}

/* The place is known once all of a moment's events are there. */
static bool press_decode(struct input_decode *d, struct input_event *event)
{
	const bool is_pressed = d->is_pressed && d->x.most > d->x.least &&
	    d->y.most > d->y.least;

	d->is_pressed = false;
	if (is_pressed)
		*event = (struct input_event){ .kind = INPUT_PRESS,
			.x = place(&d->x),
			.y = place(&d->y) };
	return is_pressed;
}

bool input_decode(struct input_decode *d, unsigned type, unsigned code,
    int32_t value, struct input_event *event)
{
	if (type == EV_KEY)
		return key_decode(d, code, value, event);
	if (type == EV_ABS)
		axis_decode(d, code, value);
	return type == EV_SYN && code == SYN_REPORT && press_decode(d, event);
}
