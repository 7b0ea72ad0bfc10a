/* press.c - presses keys at the box's pipe input (drivers/input), for a PC
 * without a number pad. */
#define _GNU_SOURCE /* SOCK_CLOEXEC */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "drivers/input/words.h"
#include "konklave_room.h"

/* "X,Y" is a place, all else a key's name. */
static enum kk_err line_make(char line[INPUT_WORDS_BYTES + 1], const char *word,
    size_t *bytes)
{
	const char *comma = word[0] ? strchr(word + 1, ',') : NULL;
	struct input_event event;
	const int n = comma ?
	    snprintf(line, INPUT_WORDS_BYTES + 1, "press %.*s %s",
		(int)(comma - word), word, comma + 1) :
	    snprintf(line, INPUT_WORDS_BYTES + 1, "key %s", word);

	if (n < 0 || n > INPUT_WORDS_BYTES)
		return KK_EFORMAT;
	*bytes = (size_t)n;
	return input_words_parse(&event, kk_view_of(line, *bytes));
}

static int complain(const struct options *o, const char *english,
    const char *german, const char *of)
{
	(void)fprintf(stderr, "konklave-room: %s: %s\n", of,
	    o->language == GERMAN ? german : english);
	return 1;
}

static int words_send(const struct options *o, int fd,
    const struct sockaddr_un *to)
{
	char line[INPUT_WORDS_BYTES + 1];
	size_t bytes = 0;

	for (size_t i = 1; i < o->word_count; i++) {
		if (line_make(line, o->words[i], &bytes))
			return complain(o, "no key", "keine Taste",
			    o->words[i]);
	}
	for (size_t i = 1; i < o->word_count; i++) {
		if (line_make(line, o->words[i], &bytes) ||
		    sendto(fd, line, bytes, 0, (const struct sockaddr *)to,
			sizeof(*to)) < 0)
			return complain(o, "nobody reads keys there",
			    "dort liest niemand Tasten", o->input);
	}
	return 0;
}

int press_keys(const struct options *o)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int fd, status;

	if (strlen(o->input) >= sizeof(to.sun_path))
		return complain(o, "the path is too long",
		    "der Pfad ist zu lang", o->input);
	memcpy(to.sun_path, o->input, strlen(o->input));
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return complain(o, "no socket", "kein Socket", o->input);
	status = words_send(o, fd, &to);
	(void)close(fd);
	return status;
}
