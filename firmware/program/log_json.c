/* log_json.c - the program's log as JSON objects, one a line. */
#define _GNU_SOURCE /* clock_gettime(), gmtime_r() */
#include <stdio.h>
#include <string.h>
#include <systemd/sd-json.h>
#include <time.h>

#include "program.h"

enum { TIME_BYTES = 40, NS_PER_MS = 1000000 };

/* RFC 3339, in UTC. */
static void time_write(char out[TIME_BYTES], const struct timespec *now)
{
	struct tm tm = { 0 };
	size_t n;

	(void)gmtime_r(&now->tv_sec, &tm);
	n = strftime(out, TIME_BYTES, "%Y-%m-%dT%H:%M:%S", &tm);
	(void)snprintf(out + n, TIME_BYTES - n, ".%03ldZ",
	    now->tv_nsec / NS_PER_MS);
}

/* Where "=" stands in a token that is a field; NULL: it is none. */
static const char *field_split(const char *token)
{
	size_t bytes = strspn(token, "abcdefghijklmnopqrstuvwxyz_");

	return bytes > 0 && token[bytes] == '=' ? token + bytes : NULL;
}

/* Takes the fields at the text's end away from it, into the object. */
static int fields_take(sd_json_variant **object, char *text)
{
	for (;;) {
		char *token = strrchr(text, ' ');
		const char *equals = token ? field_split(token + 1) : NULL;
		char name[KK_LOG_LINE_BYTES];
		int r;

		if (!equals)
			return 0;
		(void)snprintf(name, sizeof(name), "%.*s",
		    (int)(equals - token - 1), token + 1);
		r = sd_json_variant_set_field_string(object, name, equals + 1);
		if (r < 0)
			return r;
		*token = '\0';
	}
}

static int object_make(sd_json_variant **object, enum kk_log_level level,
    const char *line, const struct timespec *now)
{
	char time[TIME_BYTES], text[KK_LOG_LINE_BYTES];
	const char *colon = strstr(line, ": ");
	size_t module_bytes = colon ? (size_t)(colon - line) : 0;
	int r;

	time_write(time, now);
	(void)snprintf(text, sizeof(text), "%s", colon ? colon + 2 : line);
	r = fields_take(object, text);
	if (r >= 0)
		r = sd_json_variant_set_field_string(object, "message", text);
	(void)snprintf(text, sizeof(text), "%.*s", (int)module_bytes, line);
	if (r >= 0)
		r = sd_json_variant_set_field_string(object, "module", text);
	if (r >= 0)
		r = sd_json_variant_set_field_string(object, "level",
		    kk_log_level_name(level));
	return r < 0 ? r :
		       sd_json_variant_set_field_string(object, "time", time);
}

char *program_log_json(enum kk_log_level level, const char *line,
    const struct timespec *now)
{
	sd_json_variant *object = NULL;
	char *text = NULL;
	int r = object_make(&object, level, line, now);

	if (r >= 0)
		r = sd_json_variant_format(object, 0, &text);
	sd_json_variant_unref(object);
	return r < 0 ? NULL : text;
}

void program_log_write_json(void *arg, enum kk_log_level level,
    const char *line)
{
	struct timespec now = { 0 };
	char *text;

	(void)clock_gettime(CLOCK_REALTIME, &now); /* cannot fail */
	text = program_log_json(level, line, &now);
	if (text)
		program_log_line("", text);
	else
		program_log_write(arg, level, line);
	kk_free(text);
}
