/* pad.c - the number pad: what follows from what is pressed. */
#include "pipelines/graphs/pad.h"

#include <string.h>

struct entry {
	char number[ROOM_DIAL_BYTES], name[PAD_NAME_BYTES];
};

struct pad {
	unsigned width, height;
	bool is_open;
	bool is_asking; /* PAD_DIAL is on its way */
	uint64_t version, input_ms;
	char number[ROOM_DIAL_BYTES], name[PAD_NAME_BYTES];
	enum pad_notice notice; /* one that input has made, or none */
	enum kk_err err;
	enum pad_key focus;
	size_t first; /* of the entries that are shown */
	size_t entry_count;
	struct pad_room room;
	struct entry entries[PAD_ENTRIES_MAX];
};

enum kk_err pad_new(struct pad **padp, unsigned width, unsigned height)
{
	struct pad *pad = kk_calloc(1, sizeof(*pad));

	if (!pad)
		return KK_ENOMEM;
	pad->width = width;
	pad->height = height;
	*padp = pad;
	return KK_OK;
}

void pad_free(struct pad *pad)
{
	if (pad)
		kk_free_wiped(pad, sizeof(*pad));
}

static bool is_on_its_way(enum view_call call)
{
	return call == VIEW_CALL_PLACING || call == VIEW_CALL_RINGING ||
	    call == VIEW_CALL_EARLY;
}

static bool is_calling(const struct pad *pad)
{
	return is_on_its_way(pad->room.call) ||
	    pad->room.call == VIEW_CALL_TALKING;
}

static bool sends_tones(const struct pad *pad)
{
	return pad->room.has_tones &&
	    (pad->room.call == VIEW_CALL_EARLY ||
		pad->room.call == VIEW_CALL_TALKING);
}

static size_t rows_shown(const struct pad *pad)
{
	const size_t rest = pad->entry_count - pad->first;

	return rest < PAD_ROWS ? rest : PAD_ROWS;
}

static void number_clear(struct pad *pad)
{
	kk_wipe(pad->number, sizeof(pad->number));
	kk_wipe(pad->name, sizeof(pad->name));
}

static void open_up(struct pad *pad)
{
	pad->is_open = true;
	pad->focus = PAD_1;
	pad->first = 0;
}

static void close_down(struct pad *pad)
{
	number_clear(pad);
	pad->is_open = false;
	pad->notice = PAD_NOTICE_NONE;
	pad->version++;
}

static void tell(struct pad *pad, enum pad_notice notice, enum kk_err err)
{
	pad->notice = notice;
	pad->err = err;
}

/* --- the address book ----------------------------------------------------- */

void pad_book_set(struct pad *pad, struct kk_view text)
{
	struct room_book_entry e;
	enum kk_err err;
	size_t line = 0;

	pad->entry_count = pad->first = 0;
	while (pad->entry_count < PAD_ENTRIES_MAX &&
	    (err = room_book_next(&text, &e, &line)) != KK_ENOENT) {
		struct entry *to = &pad->entries[pad->entry_count];

		if (err)
			continue;
		*to = (struct entry){ .number = "" };
		memcpy(to->number, e.number, sizeof(to->number));
		memcpy(to->name, e.name.data, e.name.bytes);
		pad->entry_count++;
	}
	if (pad->focus >= PAD_ABOVE)
		pad->focus = PAD_CALL;
	pad->version++;
}

static void rows_turn(struct pad *pad, enum pad_key to)
{
	if (to == PAD_BELOW && pad->first + PAD_ROWS < pad->entry_count)
		pad->first += PAD_ROWS;
	if (to == PAD_ABOVE)
		pad->first -= pad->first < PAD_ROWS ? pad->first : PAD_ROWS;
}

/* The number is shown first: who is called is seen before it is done. */
static void row_choose(struct pad *pad, size_t row)
{
	const struct entry *e = &pad->entries[pad->first + row];

	if (row >= rows_shown(pad))
		return;
	memcpy(pad->number, e->number, sizeof(pad->number));
	memcpy(pad->name, e->name, sizeof(pad->name));
	pad->focus = PAD_CALL;
}

/* --- keys ----------------------------------------------------------------- */

static bool is_number_text(const char *text)
{
	return text[0] && strchr("0123456789*#+", text[0]) && !text[1];
}

/* Of the tones the last ones are shown. */
static enum pad_action tone_press(struct pad *pad, char c)
{
	size_t n = strlen(pad->number);

	if (c == '+')
		return PAD_NOTHING;
	if (n + 1 == sizeof(pad->number))
		memmove(pad->number, pad->number + 1, n--);
	pad->number[n] = c;
	return PAD_TONE;
}

/* A + stands in front alone.  After a name a new number begins. */
static enum pad_action digit_use(struct pad *pad, char c)
{
	size_t n;

	if (pad->name[0])
		number_clear(pad);
	if (sends_tones(pad))
		return tone_press(pad, c);
	n = strlen(pad->number);
	if (n + 1 < sizeof(pad->number) && (c != '+' || n == 0))
		pad->number[n] = c;
	return PAD_NOTHING;
}

/* What was sent cannot be taken back: it is not shown any more. */
static void number_erase(struct pad *pad)
{
	const size_t n = strlen(pad->number);

	if (pad->name[0] || sends_tones(pad))
		number_clear(pad);
	else if (n > 0)
		pad->number[n - 1] = '\0';
}

/* What roomd would refuse for sure is not asked of it; it checks again. */
static enum pad_action call(struct pad *pad)
{
	if (pad->is_asking)
		return PAD_NOTHING;
	if (pad->room.forbids_lines)
		tell(pad, PAD_NOTICE_FORBIDDEN, KK_OK);
	else if (sends_tones(pad) && !pad->name[0])
		tell(pad, PAD_NOTICE_REFUSED, KK_EEXIST);
	else if (!pad->number[0])
		tell(pad, PAD_NOTICE_NUMBER, KK_OK);
	else if (!room_dial_is_number(pad->number))
		tell(pad, PAD_NOTICE_REFUSED, KK_EINVAL);
	else
		pad->is_asking = true;
	return pad->is_asking ? PAD_DIAL : PAD_NOTHING;
}

static enum pad_action hang_up(struct pad *pad)
{
	const bool is_there = is_calling(pad);

	if (pad->is_open)
		close_down(pad);
	return is_there ? PAD_HANG_UP : PAD_NOTHING;
}

static enum pad_action key_use(struct pad *pad, enum pad_key key)
{
	static const char texts[] = "123456789*0#+"; /* as enum pad_key */

	if (key <= PAD_PLUS)
		return digit_use(pad, texts[key]);
	switch (key) {
	case PAD_ERASE:
		number_erase(pad);
		return PAD_NOTHING;
	case PAD_CLOSE:
		close_down(pad);
		return PAD_NOTHING;
	case PAD_CALL:
		return call(pad);
	case PAD_HANG_UP_KEY:
		return hang_up(pad);
	case PAD_ABOVE:
	case PAD_BELOW:
		rows_turn(pad, key);
		return PAD_NOTHING;
	default:
		row_choose(pad, (size_t)key - PAD_ROW);
		return PAD_NOTHING;
	}
}

/* At the list's ends it moves on below the focus. */
static void focus_move(struct pad *pad, enum pad_way way)
{
	const size_t rows = rows_shown(pad);

	if (way == PAD_WAY_DOWN && pad->focus == PAD_ROW + PAD_ROWS - 1 &&
	    pad->first + PAD_ROWS < pad->entry_count)
		pad->first++;
	else if (way == PAD_WAY_UP && pad->focus == PAD_ROW && pad->first > 0)
		pad->first--;
	else
		pad->focus = pad_layout_beside(pad->focus, way, rows,
		    pad->entry_count > 0);
}

static void focus_step(struct pad *pad, bool is_forward)
{
	const unsigned keys = pad->entry_count > 0 ?
	    (unsigned)(PAD_ROW + rows_shown(pad)) :
	    PAD_ABOVE;
	const unsigned at = (unsigned)pad->focus % keys;

	pad->focus = (enum pad_key)((at + (is_forward ? 1 : keys - 1)) % keys);
}

static enum pad_action press(struct pad *pad, double x, double y)
{
	struct pad_layout layout;
	enum pad_key key;
	bool is_inside;

	pad_layout_make(&layout, pad->width, pad->height, pad->entry_count > 0);
	key = pad_layout_key(&layout, pad->width, pad->height, x, y,
	    &is_inside);
	if (!is_inside)
		close_down(pad);
	if (key == PAD_NO_KEY)
		return PAD_NOTHING;
	pad->focus = key;
	return key_use(pad, key);
}

/* --- what comes in -------------------------------------------------------- */

static enum pad_action text_input(struct pad *pad, const char *text)
{
	if (!is_number_text(text))
		return PAD_NOTHING;
	if (!sends_tones(pad))
		pad->focus = PAD_CALL; /* which Enter is for then */
	return digit_use(pad, text[0]);
}

static enum pad_action closed_input(struct pad *pad,
    const struct input_event *event)
{
	switch (event->kind) {
	case INPUT_TEXT:
		if (!is_number_text(event->text))
			return PAD_NOTHING;
		open_up(pad);
		return text_input(pad, event->text);
	case INPUT_ENTER:
	case INPUT_CALL:
	case INPUT_PRESS:
		open_up(pad);
		return PAD_NOTHING;
	case INPUT_HANG_UP:
		return hang_up(pad);
	default:
		return PAD_NOTHING;
	}
}

static enum pad_action open_input(struct pad *pad,
    const struct input_event *event)
{
	switch (event->kind) {
	case INPUT_TEXT:
		return text_input(pad, event->text);
	case INPUT_UP:
	case INPUT_DOWN:
	case INPUT_LEFT:
	case INPUT_RIGHT:
		focus_move(pad,
		    (enum pad_way)(PAD_WAY_UP + (int)event->kind - INPUT_UP));
		break;
	case INPUT_NEXT:
	case INPUT_PREVIOUS:
		focus_step(pad, event->kind == INPUT_NEXT);
		break;
	case INPUT_ENTER:
		return key_use(pad, pad->focus);
	case INPUT_BACK:
		close_down(pad);
		break;
	case INPUT_ERASE:
		number_erase(pad);
		break;
	case INPUT_CALL:
		return call(pad);
	case INPUT_HANG_UP:
		return hang_up(pad);
	case INPUT_PRESS:
		return press(pad, event->x, event->y);
	}
	return PAD_NOTHING;
}

_Static_assert(INPUT_DOWN - INPUT_UP == PAD_WAY_DOWN - PAD_WAY_UP &&
	INPUT_LEFT - INPUT_UP == PAD_WAY_LEFT - PAD_WAY_UP &&
	INPUT_RIGHT - INPUT_UP == PAD_WAY_RIGHT - PAD_WAY_UP,
    "both have one order");

enum pad_action pad_input(struct pad *pad, const struct input_event *event,
    uint64_t now_ms)
{
	pad->input_ms = now_ms;
	if (!pad->is_open) {
		const enum pad_action action = closed_input(pad, event);

		pad->version += pad->is_open;
		return action;
	}
	tell(pad, PAD_NOTICE_NONE, KK_OK);
	pad->version++;
	return open_input(pad, event);
}

void pad_dialled(struct pad *pad, enum kk_err err, uint64_t now_ms)
{
	pad->is_asking = false;
	if (!pad->is_open)
		return;
	pad->input_ms = now_ms; /* what is said has its time */
	pad->version++;
	if (err)
		tell(pad, PAD_NOTICE_REFUSED, err);
	else
		close_down(pad);
}

char pad_tone(const struct pad *pad)
{
	const size_t n = strlen(pad->number);

	if (n == 0)
		return '\0';
	return pad->number[n - 1];
}

void pad_tones_refused(struct pad *pad, enum kk_err err, uint64_t now_ms)
{
	if (!pad->is_open)
		return;
	number_clear(pad); /* nobody has heard it */
	pad->input_ms = now_ms;
	pad->version++;
	tell(pad, PAD_NOTICE_NO_TONES, err);
}

void pad_room_set(struct pad *pad, const struct pad_room *room)
{
	const struct pad_room before = pad->room;
	const bool had_tones = sends_tones(pad);
	const bool begins = room->call == VIEW_CALL_PLACING &&
	    (before.call != VIEW_CALL_PLACING || before.line != room->line);

	pad->room = *room;
	if (pad->is_open)
		pad->version++;
	/* Half a number is no tones, and tones are no number. */
	if (had_tones != sends_tones(pad) && !pad->name[0])
		number_clear(pad);
	if (pad->is_open && begins)
		close_down(pad);
}

void pad_tick(struct pad *pad, uint64_t now_ms)
{
	if (pad->is_open && now_ms - pad->input_ms >= PAD_IDLE_MS)
		close_down(pad);
}

/* --- what comes out ------------------------------------------------------- */

bool pad_is_open(const struct pad *pad)
{
	return pad->is_open;
}

uint64_t pad_version(const struct pad *pad)
{
	return pad->version;
}

static enum pad_notice notice_of(const struct pad *pad)
{
	if (pad->notice != PAD_NOTICE_NONE)
		return pad->notice;
	if (pad->room.forbids_lines)
		return PAD_NOTICE_FORBIDDEN;
	if (sends_tones(pad))
		return PAD_NOTICE_TONES;
	if (pad->room.call != VIEW_CALL_NONE)
		return PAD_NOTICE_CALL;
	return pad->room.is_locked ? PAD_NOTICE_LOCKED : PAD_NOTICE_NONE;
}

void pad_look(const struct pad *pad, struct pad_look *look)
{
	*look = (struct pad_look){ .is_open = pad->is_open };
	if (!pad->is_open)
		return;
	look->has_book = pad->entry_count > 0;
	look->is_calling = is_calling(pad);
	memcpy(look->number, pad->number, sizeof(look->number));
	memcpy(look->name, pad->name, sizeof(look->name));
	look->notice = notice_of(pad);
	look->err = pad->err;
	look->focus = pad->focus;
	look->row_count = rows_shown(pad);
	for (size_t i = 0; i < look->row_count; i++)
		memcpy(look->rows[i].name, pad->entries[pad->first + i].name,
		    sizeof(look->rows[i].name));
	look->has_above = pad->first > 0;
	look->has_below = pad->first + PAD_ROWS < pad->entry_count;
}
