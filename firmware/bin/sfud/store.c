/* store.c - a file for each meeting: records, appended or all replaced. */
#define _GNU_SOURCE /* O_DIRECTORY, openat() */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sfud.h"

enum {
	PATH_BYTES = 4096,
	NAME_BYTES = 2 * ORDER_MEETING_ID_MAX_BYTES + 1,
	LONG_NAME_BYTES = NAME_BYTES + 16,
	FILE_MAX_BYTES = 32 * 1024 * 1024
};

static const char damaged_suffix[] = ".damaged";

enum kk_err sfud_store_open(struct sfud *s)
{
	char path[PATH_BYTES];
	int n = snprintf(path, sizeof(path), "%s/meetings", s->options.state);

	if (n < 0 || n >= PATH_BYTES)
		return KK_EINVAL;
	if (mkdir(path, 0700) && errno != EEXIST)
		return KK_EIO;
	s->folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return s->folder < 0 ? KK_EIO : KK_OK;
}

static void name_make(struct kk_view id, char name[NAME_BYTES])
{
	for (size_t i = 0; i < id.bytes; i++)
		(void)snprintf(name + 2 * i, 3, "%02x", id.data[i]);
}

static void name_join(char out[LONG_NAME_BYTES], const char *name,
    const char *suffix)
{
	(void)snprintf(out, LONG_NAME_BYTES, "%s%s", name, suffix);
}

enum kk_err sfud_store_keep(void *arg, struct kk_view meeting_id,
    struct kk_view record, bool replaces)
{
	const struct sfud *s = arg;
	char name[NAME_BYTES];
	enum kk_err err;

	name_make(meeting_id, name);
	err = replaces ? program_file_write(s->folder, name, record) :
			 program_file_append(s->folder, name, record);
	if (err)
		kk_log(&s->log, KK_LOG_ERROR,
		    "cannot keep a meeting: the disk is full or fails "
		    "err=%s",
		    kk_err_name(err));
	return err;
}

void sfud_store_forget(void *arg, struct kk_view meeting_id)
{
	const struct sfud *s = arg;
	char name[NAME_BYTES];

	name_make(meeting_id, name);
	if (unlinkat(s->folder, name, 0) || fsync(s->folder))
		kk_log(&s->log, KK_LOG_WARNING,
		    "an ended meeting's file is still there");
}

static enum kk_err file_load(struct sfud *s, const char *name)
{
	struct kk_bytes kept;
	enum kk_err err = program_file_read_in(s->folder, name, FILE_MAX_BYTES,
	    &kept);

	if (!err)
		err = order_load(s->order, kk_bytes_view(&kept));
	kk_bytes_clear(&kept);
	return err;
}

/* A damaged one would give a wrong epoch: its meeting is registered anew. */
static void set_aside(struct sfud *s, const char *name)
{
	char aside[LONG_NAME_BYTES];

	name_join(aside, name, damaged_suffix);
	if (renameat(s->folder, name, s->folder, aside))
		kk_log(&s->log, KK_LOG_ERROR,
		    "the file of a meeting is damaged, and cannot be renamed "
		    "file=meetings/%s",
		    name);
	else
		kk_log(&s->log, KK_LOG_ERROR,
		    "the file of a meeting is damaged and was set aside; its "
		    "box will register it anew file=meetings/%s",
		    aside);
}

static bool is_hex(const char *name)
{
	return name[0] && strspn(name, "0123456789abcdef") == strlen(name);
}

static bool ends_in(const char *name, const char *suffix)
{
	size_t bytes = strlen(name), tail = strlen(suffix);

	return bytes > tail && !strcmp(name + bytes - tail, suffix);
}

static void entry_load(struct sfud *s, const char *name)
{
	enum kk_err err;

	if (ends_in(name, PROGRAM_FILE_NEW)) { /* never came to be */
		(void)unlinkat(s->folder, name, 0);
		return;
	}
	if (!is_hex(name) || strlen(name) >= NAME_BYTES)
		return;
	err = file_load(s, name);
	if (err == KK_EFORMAT || err == KK_EEXIST || err == KK_ELIMIT)
		set_aside(s, name);
	else if (err)
		kk_log(&s->log, KK_LOG_ERROR,
		    "cannot read the file of a meeting file=meetings/%s "
		    "err=%s",
		    name, kk_err_name(err));
}

void sfud_store_load_all(struct sfud *s)
{
	int fd = openat(s->folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *folder = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	if (!folder) {
		if (fd >= 0)
			(void)close(fd);
		return;
	}
	while ((entry = readdir(folder)) != NULL)
		entry_load(s, entry->d_name);
	(void)closedir(folder);
}
