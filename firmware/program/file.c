/* file.c - whole files, read and replaced. */
#define _GNU_SOURCE /* O_CLOEXEC, openat() */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "program.h"

enum { MODE_OURS = 0600, MODE_ALL = 0644 };

struct how {
	mode_t mode;
	bool is_hasty; /* it waits for no disk */
};

static const struct how ours = { MODE_OURS, false };

static enum kk_err all_read(int fd, struct kk_bytes *out)
{
	size_t at = 0;

	while (at < out->bytes) {
		ssize_t n = read(fd, out->data + at, out->bytes - at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return KK_EIO;
		at += (size_t)n;
	}
	return KK_OK;
}

static enum kk_err fd_read(int fd, size_t max_bytes, struct kk_bytes *out)
{
	struct stat st;
	enum kk_err err;

	if (fstat(fd, &st) || !S_ISREG(st.st_mode))
		return KK_EIO;
	if (st.st_size < 0 || (uint64_t)st.st_size > max_bytes)
		return KK_ELIMIT;
	if (st.st_size == 0)
		return KK_OK;
	out->data = kk_calloc(1, (size_t)st.st_size);
	if (!out->data)
		return KK_ENOMEM;
	out->bytes = (size_t)st.st_size;
	err = all_read(fd, out);
	if (err)
		kk_bytes_clear(out);
	return err;
}

static enum kk_err file_read(int fd, size_t max_bytes, struct kk_bytes *out)
{
	enum kk_err err;

	*out = (struct kk_bytes){ 0 };
	if (fd < 0)
		return KK_EIO;
	err = fd_read(fd, max_bytes, out);
	(void)close(fd);
	return err;
}

enum kk_err program_file_read(const char *path, size_t max_bytes,
    struct kk_bytes *out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	bool is_absent = fd < 0 && errno == ENOENT;
	enum kk_err err = file_read(fd, max_bytes, out);

	return is_absent ? KK_ENOENT : err;
}

static bool is_private(int fd)
{
	struct stat st;

	if (fstat(fd, &st))
		return false;
	if (st.st_uid == geteuid())
		return (st.st_mode & 077) == 0;
	return st.st_uid == 0 && (st.st_mode & 007) == 0;
}

enum kk_err program_secret_read(const char *path, size_t max_bytes,
    struct kk_bytes *out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	bool is_absent = fd < 0 && errno == ENOENT;
	enum kk_err err;

	*out = (struct kk_bytes){ 0 };
	if (fd >= 0 && !is_private(fd)) {
		(void)close(fd);
		return KK_EDENIED;
	}
	err = file_read(fd, max_bytes, out);
	return is_absent ? KK_ENOENT : err;
}

enum kk_err program_file_read_in(int folder, const char *name, size_t max_bytes,
    struct kk_bytes *out)
{
	return file_read(openat(folder, name,
			     O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW),
	    max_bytes, out);
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
	return KK_OK;
}

static enum kk_err flush(int fd, const struct how *how)
{
	return !how->is_hasty && fsync(fd) ? KK_EIO : KK_OK;
}

static enum kk_err file_write(int folder, const char *name, int flags,
    const struct how *how, struct kk_view data)
{
	int fd = openat(folder, name, O_WRONLY | O_CLOEXEC | O_NOFOLLOW | flags,
	    MODE_OURS);
	enum kk_err err;

	if (fd < 0)
		return KK_EIO;
	err = how->mode != MODE_OURS && fchmod(fd, how->mode) ?
	    KK_EIO :
	    all_write(fd, data);
	if (!err)
		err = flush(fd, how);
	if (close(fd) && !err)
		err = KK_EIO;
	return err;
}

enum kk_err program_file_append(int folder, const char *name,
    struct kk_view data)
{
	return file_write(folder, name, O_APPEND, &ours, data);
}

static enum kk_err file_replace(int folder, const char *name,
    const struct how *how, struct kk_view data)
{
	char temporary[256];
	enum kk_err err;
	int n;

	n = snprintf(temporary, sizeof(temporary), "%s" PROGRAM_FILE_NEW, name);
	if (n < 0 || (size_t)n >= sizeof(temporary))
		return KK_EINVAL;
	err = file_write(folder, temporary, O_CREAT | O_TRUNC, how, data);
	if (!err && renameat(folder, temporary, folder, name))
		err = KK_EIO;
	if (!err)
		err = flush(folder, how);
	if (err)
		(void)unlinkat(folder, temporary, 0);
	return err;
}

enum kk_err program_file_write(int folder, const char *name,
    struct kk_view data)
{
	return file_replace(folder, name, &ours, data);
}

enum kk_err program_file_replace(int folder, const char *name,
    struct kk_view data)
{
	const struct how how = { MODE_OURS, true };

	return file_replace(folder, name, &how, data);
}

enum kk_err program_file_publish(int folder, const char *name,
    struct kk_view data)
{
	const struct how how = { MODE_ALL, false };

	return file_replace(folder, name, &how, data);
}
