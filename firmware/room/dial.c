/* dial.c - numbers that are entered, and that are called. */
#include "room/dial.h"

#include <string.h>

/* Digits into out, which is zeroed behind them. */
static enum kk_err digits_take(struct kk_view *text, char *out)
{
	size_t n = 0;

	memset(out, 0, ROOM_DIGITS_MAX + 1);
	while (n < text->bytes && text->data[n] >= '0' && text->data[n] <= '9')
		n++;
	if (n == 0)
		return KK_EFORMAT;
	if (n > ROOM_DIGITS_MAX)
		return KK_ELIMIT;
	memcpy(out, text->data, n);
	*text = kk_view_of(text->data + n, text->bytes - n);
	return KK_OK;
}

static bool byte_take(struct kk_view *text, uint8_t byte)
{
	if (text->bytes == 0 || text->data[0] != byte)
		return false;
	*text = kk_view_of(text->data + 1, text->bytes - 1);
	return true;
}

enum kk_err room_dial_in_parse(struct room_dial_in *d, struct kk_view file)
{
	enum kk_err err = digits_take(&file, d->number);

	if (!err && !byte_take(&file, ' '))
		err = KK_EFORMAT;
	if (!err)
		err = digits_take(&file, d->pin);
	if (!err && strlen(d->pin) < ROOM_PIN_MIN)
		err = KK_ELIMIT;
	(void)byte_take(&file, '\n');
	if (!err && file.bytes > 0)
		err = KK_EFORMAT;
	if (err)
		kk_wipe(d, sizeof(*d));
	return err;
}

/* As digits_take() leaves it; what is too long is like nothing that is. */
static void pad(char *out, const char *text)
{
	const size_t bytes = strlen(text);

	memset(out, 0, ROOM_DIGITS_MAX + 1);
	memcpy(out, text, bytes < ROOM_DIGITS_MAX ? bytes : ROOM_DIGITS_MAX);
	out[ROOM_DIGITS_MAX] = bytes > ROOM_DIGITS_MAX ? '+' : '\0';
}

bool room_dial_in_is(const struct room_dial_in *d, const char *number,
    const char *pin)
{
	struct room_dial_in given;
	unsigned is_equal;

	pad(given.number, number);
	pad(given.pin, pin);
	is_equal = kk_secret_equal(given.number, d->number,
	    sizeof(given.number));
	/* Both are compared, always. */
	is_equal &= (unsigned)kk_secret_equal(given.pin, d->pin,
	    sizeof(given.pin));
	kk_wipe(&given, sizeof(given));
	return is_equal;
}

bool room_dial_is_number(const char *text)
{
	const char *at = text + (*text == '+');
	const size_t digits = strspn(at, "0123456789");

	return digits > 0 && !at[digits] && strlen(text) < ROOM_DIAL_BYTES;
}

bool room_guess_may(struct room_guesses *g, uint64_t now_ms)
{
	const uint64_t over = g->count ? (now_ms - g->at_ms) / ROOM_GUESS_MS :
					 0;

	if (g->count == 0 || over >= g->count)
		*g = (struct room_guesses){ 0, now_ms };
	else
		*g = (struct room_guesses){ g->count - (uint32_t)over,
			g->at_ms + over * ROOM_GUESS_MS };
	return g->count < ROOM_GUESSES;
}

void room_guess_wrong(struct room_guesses *g)
{
	g->count++;
}
