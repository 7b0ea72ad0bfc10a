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

static const char replaced_suffix[] = ".new";
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

static enum kk_err all_write(int fd, struct kk_view data)
{
	size_t at = 0;

	while (at < data.bytes) {
		ssize_t n = write(fd, data.data + at, data.bytes - at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return KK_EIO;
		at += (size_t)n;
	}
	return fdatasync(fd) ? KK_EIO : KK_OK;
}

static enum kk_err file_write(int folder, const char *name, int flags,
    struct kk_view data)
{
	int fd = openat(folder, name, O_WRONLY | O_CLOEXEC | O_NOFOLLOW | flags,
	    0600);
	enum kk_err err;

	if (fd < 0)
		return KK_EIO;
	err = all_write(fd, data);
	if (close(fd) && !err)
		err = KK_EIO;
	return err;
}

static enum kk_err file_replace(int folder, const char *name,
    struct kk_view data)
{
	char temporary[LONG_NAME_BYTES];
	enum kk_err err;

	name_join(temporary, name, replaced_suffix);
	err = file_write(folder, temporary, O_CREAT | O_TRUNC, data);
	if (!err &&
	    (renameat(folder, temporary, folder, name) || fsync(folder)))
		err = KK_EIO;
	if (err)
		(void)unlinkat(folder, temporary, 0);
	return err;
}

enum kk_err sfud_store_keep(void *arg, struct kk_view meeting_id,
    struct kk_view record, bool replaces)
{
	const struct sfud *s = arg;
	char name[NAME_BYTES];
	enum kk_err err;

	name_make(meeting_id, name);
	err = replaces ? file_replace(s->folder, name, record) :
			 file_write(s->folder, name, O_APPEND, record);
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

static enum kk_err all_read(int fd, uint8_t *out, size_t bytes)
{
	size_t at = 0;

	while (at < bytes) {
		ssize_t n = read(fd, out + at, bytes - at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return KK_EIO;
		at += (size_t)n;
	}
	return KK_OK;
}

static enum kk_err size_get(int fd, size_t max_bytes, size_t *bytes)
{
	struct stat st;

	if (fstat(fd, &st) || !S_ISREG(st.st_mode) || st.st_size < 0)
		return KK_EIO;
	if ((uint64_t)st.st_size > max_bytes)
		return KK_ELIMIT;
	*bytes = (size_t)st.st_size;
	return KK_OK;
}

enum kk_err sfud_file_read_exact(const char *path, uint8_t *out, size_t bytes)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	size_t is_bytes = 0;
	enum kk_err err;

	if (fd < 0)
		return errno == ENOENT ? KK_ENOENT : KK_EIO;
	err = size_get(fd, SIZE_MAX, &is_bytes);
	if (!err && is_bytes != bytes)
		err = KK_EFORMAT;
	if (!err)
		err = all_read(fd, out, bytes);
	(void)close(fd);
	return err;
}

static enum kk_err file_load(struct sfud *s, const char *name)
{
	int fd = openat(s->folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	struct kk_bytes kept = { 0 };
	enum kk_err err;

	if (fd < 0)
		return KK_EIO;
	err = size_get(fd, FILE_MAX_BYTES, &kept.bytes);
	if (!err) {
		kept.data = kk_calloc(1, kept.bytes);
		err = kept.data ? all_read(fd, kept.data, kept.bytes) :
				  KK_ENOMEM;
	}
	if (!err)
		err = order_load(s->order, kk_bytes_view(&kept));
	(void)close(fd);
	kk_free(kept.data);
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

	if (ends_in(name, replaced_suffix)) { /* never came to be */
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
