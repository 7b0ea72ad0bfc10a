/* dial.c - the meeting's number and PIN for callers. */
#define _GNU_SOURCE /* O_CLOEXEC */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "tools/sandbox/sandbox.h"

enum {
	NUMBER_DIGITS = 6,
	PIN_DIGITS = 6,
	DIGITS = 10,
	/* The greatest multiple of ten: what is above it would favour some. */
	FAIR_BYTES = 250
};

char *sandbox_dial_in_path(const struct sandbox *s)
{
	return sandbox_text("%s/dial-in", s->box[SANDBOX_LINES - 1].folder);
}

/* The first is not 0, so that nobody leaves it out. */
static enum kk_err digits_make(char *out, size_t count)
{
	size_t done = 0;
	uint8_t byte;

	while (done < count) {
		if (getrandom(&byte, 1, 0) != 1)
			return KK_EIO;
		if (byte >= FAIR_BYTES || (done == 0 && byte % DIGITS == 0))
			continue;
		out[done++] = (char)('0' + byte % DIGITS);
	}
	return KK_OK;
}

static enum kk_err fresh_make(char text[SANDBOX_DIAL_IN_BYTES])
{
	enum kk_err err = digits_make(text, NUMBER_DIGITS);

	if (err)
		return err;
	text[NUMBER_DIGITS] = ' ';
	err = digits_make(text + NUMBER_DIGITS + 1, PIN_DIGITS);
	text[NUMBER_DIGITS + 1 + PIN_DIGITS] = '\n';
	return err;
}

static enum kk_err fresh_write(const char *path)
{
	char text[SANDBOX_DIAL_IN_BYTES] = "";
	enum kk_err err = fresh_make(text);
	int fd;

	if (err)
		return err;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return errno == EEXIST ? KK_OK : KK_EIO;
	if (write(fd, text, strlen(text)) != (ssize_t)strlen(text) ||
	    fsync(fd)) {
		err = KK_EIO;
		(void)unlink(path);
	}
	(void)close(fd);
	return err;
}

enum kk_err sandbox_dial_in_make(struct sandbox *s)
{
	char *path = sandbox_dial_in_path(s);
	enum kk_err err = path ? fresh_write(path) : KK_ENOMEM;
	FILE *file = err ? NULL : fopen(path, "re");

	if (!err && (!file || !fgets(s->dial_in, sizeof(s->dial_in), file)))
		err = KK_EIO;
	s->dial_in[strcspn(s->dial_in, "\r\n")] = '\0';
	if (file)
		(void)fclose(file);
	kk_free(path);
	return err;
}
