/*
 * goodbye.c - how each call is ended, should we be killed in it: a file for
 * each line, which who comes after us reads once, and sends (--state).
 *
 * Files of other names are not ours, and left alone.
 */
#define _GNU_SOURCE /* O_CLOEXEC, openat() */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lined.h"

#define NAME "line-"

enum {
	NAME_BYTES = 16,
	/* Each line's, and the same half written. */
	FILES_MAX = 2 * LINED_LINES_MAX
};

static void name_of(char name[NAME_BYTES], const struct lined_call *c)
{
	(void)snprintf(name, NAME_BYTES, NAME "%zu", c->lane);
}

void lined_goodbye_drop(struct lined_call *c)
{
	char name[NAME_BYTES];

	if (!c->has_goodbye)
		return;
	name_of(name, c);
	(void)unlinkat(c->lined->state, name, 0);
	c->has_goodbye = false;
}

void lined_goodbye_keep(struct lined_call *c, struct kk_view bye)
{
	char name[NAME_BYTES];

	if (c->lined->state < 0)
		return;
	name_of(name, c);
	if (bye.bytes > 0 &&
	    !program_file_replace(c->lined->state, name, bye)) {
		c->has_goodbye = true;
		return;
	}
	lined_goodbye_drop(c);
	kk_log(&c->lined->log, KK_LOG_WARNING,
	    "line=%zu would not be ended after a crash", c->lane);
}

/*
 * What is left of before.
 */
static enum kk_err file_send(struct lined *d, const char *name)
{
	struct kk_bytes bye;
	enum kk_err err = program_file_read_in(d->state, name, UA_BYE_BYTES,
	    &bye);

	/* First, so that one that we cannot bear is met once. */
	if (unlinkat(d->state, name, 0) && !err)
		err = KK_EIO;
	if (!err)
		err = ua_bye_send(d->ua, kk_bytes_view(&bye));
	kk_bytes_clear(&bye);
	if (err)
		kk_log(&d->log, KK_LOG_WARNING,
		    "a call of before is not ended: %s is removed err=%s (%s)",
		    name, kk_err_name(err), kk_err_text(err));
	return err;
}

/* One that a lined of before has begun to write counts for nothing. */
static bool is_half(const char *name)
{
	const char *end = strstr(name, PROGRAM_FILE_NEW);

	return end && !end[sizeof(PROGRAM_FILE_NEW) - 1];
}

static unsigned files_send(struct lined *d, DIR *folder)
{
	const struct dirent *entry;
	unsigned files = 0, count = 0;

	while (files < FILES_MAX && (entry = readdir(folder))) {
		if (strncmp(entry->d_name, NAME, sizeof(NAME) - 1) != 0)
			continue;
		files++;
		if (is_half(entry->d_name))
			(void)unlinkat(d->state, entry->d_name, 0);
		else
			count += !file_send(d, entry->d_name);
	}
	return count;
}

enum kk_err lined_goodbyes_start(struct lined *d)
{
	const char *path = d->options.state;
	unsigned count;
	DIR *folder;
	int fd;

	d->state = -1;
	if (!path)
		return KK_OK;
	d->state = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	fd = d->state < 0 ? -1 : openat(d->state, ".", O_RDONLY | O_CLOEXEC);
	folder = fd < 0 ? NULL : fdopendir(fd);
	if (!folder) {
		if (fd >= 0)
			(void)close(fd);
		kk_log(&d->log, KK_LOG_ERROR, "--state=%s is no folder of ours",
		    path);
		return KK_EIO;
	}
	count = files_send(d, folder);
	(void)closedir(folder);
	if (count > 0)
		kk_log(&d->log, KK_LOG_INFO,
		    "calls of before were ended count=%u", count);
	return KK_OK;
}

void lined_goodbyes_stop(struct lined *d)
{
	if (d->state >= 0)
		(void)close(d->state);
	d->state = -1;
}
