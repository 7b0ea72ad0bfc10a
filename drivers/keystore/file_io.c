/*
 * file_io.c - whole files of one folder: read, replaced in one step, listed.
 *
 * All goes through the folder's descriptor, so nobody can put another folder
 * in its place between a check and a use.
 */
#define _GNU_SOURCE /* O_DIRECTORY, O_NOFOLLOW */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "drivers/keystore/keystore_internal.h"

enum {
	PATH_BYTES = KEYSTORE_NAME_MAX_BYTES + 8,
	ENDING_BYTES = 4, /* ".key", ".new" */
	/* Strange files may lie there too, but not without end. */
	VISITS_MAX = 4 * KEYSTORE_KEYS_MAX
};

static void path_of(char path[PATH_BYTES], const char *name, const char *ending)
{
	(void)snprintf(path, PATH_BYTES, "%.*s%s", KEYSTORE_NAME_MAX_BYTES,
	    name, ending);
}

static enum kk_err err_of_errno(int number)
{
	switch (number) {
	case ENOENT:
		return KK_ENOENT;
	case EEXIST:
		return KK_EEXIST;
	case ELOOP: /* a link, by O_NOFOLLOW */
	case ENOTDIR:
	case EACCES:
	case EPERM:
		return KK_EDENIED;
	case ENOMEM:
		return KK_ENOMEM;
	default:
		return KK_EIO;
	}
}

/* Ours, and closed to group and others. */
static bool is_private(const struct stat *st)
{
	return st->st_uid == geteuid() && (st->st_mode & 077) == 0;
}

enum kk_err keystore_io_open_folder(int *dir_fd, const char *path)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	enum kk_err err = KK_OK;

	if (fd < 0)
		return err_of_errno(errno);
	if (fstat(fd, &st) != 0)
		err = KK_EIO;
	else if (!is_private(&st))
		err = KK_EDENIED;
	else if (flock(fd, LOCK_EX | LOCK_NB) != 0) /* until fd is closed */
		err = errno == EWOULDBLOCK ? KK_ESTATE : KK_EIO;
	if (err) {
		(void)close(fd);
		return err;
	}
	*dir_fd = fd;
	return KK_OK;
}

/* Reads up to room bytes; more than that is KK_ELIMIT. */
static enum kk_err fd_read(int fd, uint8_t *out, size_t room, size_t *bytes)
{
	*bytes = 0;
	for (;;) {
		uint8_t one;
		bool is_full = *bytes == room;
		ssize_t n = read(fd, is_full ? &one : out + *bytes,
		    is_full ? 1 : room - *bytes);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return KK_EIO;
		if (n == 0)
			return KK_OK;
		if (is_full)
			return KK_ELIMIT;
		*bytes += (size_t)n;
	}
}

enum kk_err keystore_io_read(int dir_fd, const char *name, uint8_t *out,
    size_t *out_bytes)
{
	const size_t room = *out_bytes;
	char path[PATH_BYTES];
	struct stat st;
	enum kk_err err;
	int fd;

	*out_bytes = 0;
	path_of(path, name, ".key");
	/* Without waiting: somebody may have put a pipe there. */
	fd = openat(dir_fd, path,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return err_of_errno(errno);
	if (fstat(fd, &st) != 0)
		err = KK_EIO;
	else if (!S_ISREG(st.st_mode) || !is_private(&st))
		err = KK_EDENIED;
	else
		err = fd_read(fd, out, room, out_bytes);
	(void)close(fd);
	return err;
}

static enum kk_err fd_write(int fd, struct kk_view text)
{
	while (text.bytes > 0) {
		ssize_t n = write(fd, text.data, text.bytes);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return KK_EIO;
		text.data += n;
		text.bytes -= (size_t)n;
	}
	return fsync(fd) == 0 ? KK_OK : KK_EIO;
}

/* Makes a new file with text, in the place of what a crash may have left. */
static enum kk_err file_make(int dir_fd, const char *path, struct kk_view text)
{
	enum kk_err err;
	int fd;

	if (unlinkat(dir_fd, path, 0) != 0 && errno != ENOENT)
		return err_of_errno(errno);
	fd = openat(dir_fd, path,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_of_errno(errno);
	err = fchmod(fd, 0600) == 0 ? fd_write(fd, text) : KK_EIO;
	if (close(fd) != 0 && !err)
		err = KK_EIO;
	return err;
}

/* link() refuses a name that is taken, in one step; rename() replaces it. */
static enum kk_err file_move(int dir_fd, const char *from, const char *to,
    enum keystore_mode mode)
{
	int ret = mode == KEYSTORE_NEW ? linkat(dir_fd, from, dir_fd, to, 0) :
					 renameat(dir_fd, from, dir_fd, to);

	return ret == 0 ? KK_OK : err_of_errno(errno);
}

enum kk_err keystore_io_write(int dir_fd, const char *name,
    enum keystore_mode mode, struct kk_view text)
{
	char path[PATH_BYTES], fresh[PATH_BYTES];
	enum kk_err err;

	path_of(path, name, ".key");
	path_of(fresh, name, ".new");
	err = file_make(dir_fd, fresh, text);
	if (!err)
		err = file_move(dir_fd, fresh, path, mode);
	if (err || mode == KEYSTORE_NEW)
		(void)unlinkat(dir_fd, fresh, 0);
	if (!err && fsync(dir_fd) != 0)
		err = KK_EIO;
	return err;
}

bool keystore_io_has(int dir_fd, const char *name)
{
	char path[PATH_BYTES];
	struct stat st;

	path_of(path, name, ".key");
	return fstatat(dir_fd, path, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

enum kk_err keystore_io_delete(int dir_fd, const char *name)
{
	char path[PATH_BYTES];

	path_of(path, name, ".key");
	if (unlinkat(dir_fd, path, 0) != 0)
		return err_of_errno(errno);
	return fsync(dir_fd) == 0 ? KK_OK : KK_EIO;
}

/* Takes NAME out of NAME.key; false for any other file. */
static bool name_of(struct keystore_name *name, const char *file)
{
	size_t bytes = strlen(file);

	if (bytes <= ENDING_BYTES ||
	    bytes > KEYSTORE_NAME_MAX_BYTES + ENDING_BYTES ||
	    strcmp(file + bytes - ENDING_BYTES, ".key") != 0)
		return false;
	memset(name, 0, sizeof(*name));
	memcpy(name->text, file, bytes - ENDING_BYTES);
	return keystore_name_is_ok(name->text);
}

static enum kk_err dir_list(DIR *dir, struct keystore_name *names, size_t room,
    size_t *count)
{
	struct keystore_name name;
	struct dirent *entry;

	for (int visits = 0; visits < VISITS_MAX; visits++) {
		errno = 0;
		entry = readdir(dir);
		if (!entry)
			return errno ? KK_EIO : KK_OK;
		if (!name_of(&name, entry->d_name))
			continue;
		if (*count < room)
			names[*count] = name;
		if (++*count > KEYSTORE_KEYS_MAX)
			return KK_ELIMIT;
	}
	return KK_ELIMIT;
}

enum kk_err keystore_io_list(int dir_fd, struct keystore_name *names,
    size_t room, size_t *count)
{
	/* A descriptor of its own: a listing moves the position. */
	int fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	enum kk_err err;
	DIR *dir;

	*count = 0;
	if (fd < 0)
		return err_of_errno(errno);
	dir = fdopendir(fd);
	if (!dir) {
		err = err_of_errno(errno);
		(void)close(fd);
		return err;
	}
	err = dir_list(dir, names, room, count);
	(void)closedir(dir);
	return err;
}
