/* edit.c - a value that is typed, by keys or by the keyboard on the screen. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "welcome/welcome_private.h"

enum { ASCII_CASE = 'a' - 'A' };

void edit_begin(struct welcome *w, enum profile_key key)
{
	w->is_editing = true;
	w->has_shift = false;
	w->edited = key;
	memcpy(w->typed, w->said.values[key], sizeof(w->typed));
	view_make(w, WELCOME_BUTTON, BUTTON_ENOUGH);
}

/* What is typed as a profile would have it, into *p. */
static bool typed_parse(const struct welcome *w, struct profile *p,
    struct profile_problem *problem)
{
	char line[PROFILE_VALUE_MAX + 64];
	enum kk_err err;

	(void)snprintf(line, sizeof(line), "%s = %s\n",
	    profile_key_name(w->edited), w->typed);
	err = profile_parse(p, kk_view_text(line), problem);
	kk_wipe(line, sizeof(line));
	return !err;
}

static bool is_blank(const char *text)
{
	return !text[strspn(text, " ")];
}

bool edit_check(struct welcome *w)
{
	struct profile_problem problem = { 0 };
	struct profile p;
	bool is_right;

	if (is_blank(w->typed))
		return true;
	is_right = typed_parse(w, &p, &problem);
	kk_wipe(&p, sizeof(p));
	if (!is_right)
		welcome_say(w, true, "%s (%s)",
		    profile_wrong_text(problem.what, welcome_is_german(w)),
		    profile_key_text(w->edited, welcome_is_german(w)));
	return is_right;
}

void edit_add(struct welcome *w, const char *text)
{
	const size_t at = strlen(w->typed), bytes = strlen(text);

	if (bytes == 0 || !kk_text_is_shown(kk_view_text(text)))
		return;
	if (at + bytes > PROFILE_VALUE_MAX) {
		welcome_say(w, true, "%s",
		    profile_wrong_text(PROFILE_TOO_LONG, welcome_is_german(w)));
		return;
	}
	memcpy(w->typed + at, text, bytes + 1);
	(void)edit_check(w);
}

/* The last letter, with all its bytes (RFC 3629, 3). */
void edit_erase(struct welcome *w)
{
	size_t at = strlen(w->typed);

	while (at > 0 && ((uint8_t)w->typed[at - 1] & 0xc0) == 0x80)
		w->typed[--at] = '\0';
	if (at > 0)
		w->typed[at - 1] = '\0';
	(void)edit_check(w);
}

void edit_end(struct welcome *w, bool is_wanted)
{
	struct profile_problem problem;
	struct profile p;

	if (is_wanted && !edit_check(w))
		return;
	if (is_wanted && is_blank(w->typed))
		kk_wipe(w->said.values[w->edited],
		    sizeof(w->said.values[w->edited]));
	else if (is_wanted && typed_parse(w, &p, &problem))
		memcpy(w->said.values[w->edited], p.values[w->edited],
		    sizeof(p.values[w->edited]));
	kk_wipe(&p, sizeof(p));
	kk_wipe(w->typed, sizeof(w->typed));
	w->is_editing = false;
	view_make(w, WELCOME_FIELD, (int)w->edited);
}

/* --- the keyboard on the screen ------------------------------------------- */

const char *const *edit_rows(const struct welcome *w)
{
	static const char *const english[KEY_ROWS_MAX + 1] = { "1234567890",
		"qwertyuiop", "asdfghjkl'", "zxcvbnm.-/", ":,_@[]()&+" };
	static const char *const german[KEY_ROWS_MAX + 1] = { "1234567890ß",
		"qwertzuiopü", "asdfghjklöä", "yxcvbnm.-/'", ":,_@[]()&+#" };
	static const char *const address[KEY_ROWS_MAX + 1] = { "1234567890",
		"abcdef.:/," };
	static const char *const number[KEY_ROWS_MAX + 1] = { "1234567890" };
	static const char *const hex[KEY_ROWS_MAX + 1] = { "1234567890",
		"abcdef" };
	const struct field *f = field_get(w->edited);

	switch (f ? f->keys : KEYS_TEXT) {
	case KEYS_ADDRESS:
		return address;
	case KEYS_NUMBER:
		return number;
	case KEYS_HEX:
		return hex;
	default:
		return welcome_is_german(w) ? german : english;
	}
}

/* Letters of one byte, and a, o, u with two dots; ß stays. */
static void letter_raise(char *letter, size_t bytes)
{
	if (bytes == 1 && letter[0] >= 'a' && letter[0] <= 'z')
		letter[0] -= ASCII_CASE;
	else if (bytes == 2 && (uint8_t)letter[0] == 0xc3 &&
	    (uint8_t)letter[1] != 0x9f)
		letter[1] = (char)((uint8_t)letter[1] - 0x20);
}

size_t edit_letter(const struct welcome *w, const char *at, char out[8])
{
	size_t bytes = at[0] ? 1 : 0;

	while (bytes > 0 && ((uint8_t)at[bytes] & 0xc0) == 0x80)
		bytes++;
	memcpy(out, at, bytes);
	out[bytes] = '\0';
	if (w->has_shift)
		letter_raise(out, bytes);
	return bytes;
}
