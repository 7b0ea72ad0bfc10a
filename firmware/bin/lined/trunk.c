/* trunk.c - lines of a trunk's file. */
#include <string.h>

#include "trunk.h"

enum { EXPIRES_MIN_S = 60, EXPIRES_MAX_S = 86400 };

void trunk_clear(struct trunk *t)
{
	kk_free_wiped(t->text, t->bytes);
	*t = (struct trunk){ .text = NULL };
}

static bool expires_take(unsigned *seconds, const char *value)
{
	unsigned n = 0;

	if (*seconds != 0 || !*value)
		return false;
	for (; *value; value++) {
		if (*value < '0' || *value > '9' || n > EXPIRES_MAX_S)
			return false;
		n = 10 * n + (unsigned)(*value - '0');
	}
	*seconds = n;
	return n >= EXPIRES_MIN_S && n <= EXPIRES_MAX_S;
}

static const char **field_of(struct ua_trunk *t, const char *name)
{
	if (!strcmp(name, "name"))
		return &t->name;
	if (!strcmp(name, "domain"))
		return &t->domain;
	if (!strcmp(name, "server"))
		return t->servers[0] ? &t->servers[1] : &t->servers[0];
	if (!strcmp(name, "user"))
		return &t->user;
	if (!strcmp(name, "auth-user"))
		return &t->auth_user;
	return !strcmp(name, "password") ? &t->password : NULL;
}

static bool option_take(struct ua_trunk *t, char *text)
{
	char *value = strchr(text, '=');
	const char **field;

	if (!value) {
		if (!strcmp(text, "static") && !t->is_static)
			return t->is_static = true;
		if (!strcmp(text, "unchecked") && !t->is_unchecked)
			return t->is_unchecked = true;
		return false;
	}
	*value++ = '\0';
	if (!strcmp(text, "expires"))
		return expires_take(&t->expires_s, value);
	field = field_of(t, text);
	if (!field || *field || !*value)
		return false;
	*field = value;
	return true;
}

/* Ends a line; gives where the next one begins. */
static char *line_end(char *text)
{
	char *end = strchr(text, '\n');

	if (!end)
		return text + strlen(text);
	*end = '\0';
	if (end > text && end[-1] == '\r')
		end[-1] = '\0';
	return end + 1;
}

static bool is_text(const char *line)
{
	for (; *line; line++) {
		if ((unsigned char)*line < ' ' || *line == 0x7f)
			return false;
	}
	return true;
}

static enum kk_err lines_take(struct trunk *t, size_t *line)
{
	char *at = t->text;

	while (*at) {
		char *text = at;

		at = line_end(text);
		++*line;
		if (!is_text(text))
			return KK_EFORMAT;
		if (*text && *text != '#' && !option_take(&t->of, text))
			return KK_EFORMAT;
	}
	*line = 0;
	if (!t->of.servers[0] || !t->of.domain || !t->of.user)
		return KK_EFORMAT;
	if (!t->of.name)
		t->of.name = t->of.domain;
	return KK_OK;
}

enum kk_err trunk_parse(struct trunk *t, struct kk_view file, size_t *line)
{
	enum kk_err err;

	*t = (struct trunk){ .text = NULL };
	*line = 0;
	if (file.bytes > TRUNK_FILE_BYTES)
		return KK_ELIMIT;
	if (file.bytes > 0 && memchr(file.data, '\0', file.bytes))
		return KK_EFORMAT;
	t->bytes = file.bytes + 1;
	t->text = kk_calloc(t->bytes, 1);
	if (!t->text)
		return KK_ENOMEM;
	if (file.bytes > 0)
		memcpy(t->text, file.data, file.bytes);
	err = lines_take(t, line);
	if (err)
		trunk_clear(t);
	return err;
}
