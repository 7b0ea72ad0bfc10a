/* label.c - what the meeting is shown of who calls, and whose word that is. */
#include <string.h>

#include "lined.h"

enum {
	SHOWN_FRONT = 3, /* digits of a number that the meeting sees */
	SHOWN_BACK = 2
};

/* Without the quotes of RFC 3261, 25.1.  False: it cannot be shown. */
static bool name_take(char out[LINED_LABEL_BYTES + 1], const char *name)
{
	const bool is_quoted = *name == '"';
	size_t bytes = 0;

	name += is_quoted;
	for (; *name && !(is_quoted && *name == '"'); name++) {
		if (is_quoted && *name == '\\' && name[1])
			name++;
		if (bytes == LINED_LABEL_BYTES)
			return false;
		out[bytes++] = *name;
	}
	out[bytes] = '\0';
	return kk_text_is_shown(kk_view_text(out));
}

static bool text_take(char out[LINED_LABEL_BYTES + 1], const char *text)
{
	const size_t bytes = strlen(text);

	if (bytes == 0 || bytes > LINED_LABEL_BYTES ||
	    !kk_text_is_shown(kk_view_text(text)))
		return false;
	memcpy(out, text, bytes + 1);
	return true;
}

static bool is_number(const char *text)
{
	const char *digits = text + (*text == '+');

	return *digits && strspn(digits, "0123456789") == strlen(digits);
}

/* Those who know the number recognize it. */
static void digits_hide(char *number, enum lined_shown shown)
{
	const size_t bytes = strlen(number);

	if (shown == LINED_SHOWN_NONE)
		*number = '\0';
	for (size_t i = SHOWN_FRONT;
	    shown == LINED_SHOWN_PART && i + SHOWN_BACK < bytes; i++) {
		if (number[i] >= '0' && number[i] <= '9')
			number[i] = '*';
	}
}

/*
 * Whose word it is decides what is shown: an account has proved its user,
 * though no name that it shows; the exchange vouches for numbers alone; of
 * anybody else nothing is known, so that the name that he likes will do.
 */
void lined_label_set(struct lined_call *c, enum ua_origin origin,
    const char *name, const char *user)
{
	const enum lined_shown shown = c->lined->options.numbers_shown;

	c->label[0] = '\0';
	c->origin = "caller";
	if (origin == UA_FROM_ACCOUNT && text_take(c->label, user)) {
		c->origin = "account";
		return;
	}
	if (origin == UA_FROM_TRUNK && is_number(user) &&
	    text_take(c->label, user)) {
		c->origin = "exchange";
		digits_hide(c->label, shown);
		return;
	}
	if (name_take(c->label, name))
		return;
	c->label[0] = '\0';
	if (text_take(c->label, user))
		digits_hide(c->label, shown);
}
