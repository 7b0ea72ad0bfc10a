/* efivars.c - UEFI variables as the kernel's files. */
#define _GNU_SOURCE /* O_DIRECTORY, openat() */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "efivars/efivars.h"

enum {
	ATTRIBUTE_BYTES = 4,
	/* Non-volatile, of the boot services and of the running system. */
	ATTRIBUTES = 7,
	NAME_BYTES = 96,
	FILE_BYTES = ATTRIBUTE_BYTES + BOOT_VAR_BYTES,
	ENTRY_CHARS = 8 /* Boot0000 */
};

/* Our vendor's is random, made once. */
#define GLOBAL "8be4df61-93ca-11d2-aa0d-00e098032b8c"
#define OURS "7c3b1f5e-2a94-4d0e-9b56-51d8c07a6e42"

static enum kk_err name_make(char out[NAME_BYTES], const char *name,
    bool is_ours)
{
	const int n = snprintf(out, NAME_BYTES, "%s-%s", name,
	    is_ours ? OURS : GLOBAL);

	return n < 0 || n >= NAME_BYTES ? KK_EINVAL : KK_OK;
}

static enum kk_err get(void *arg, const char *name, bool is_ours, uint8_t *data,
    size_t *bytes)
{
	const struct efivars *e = arg;
	uint8_t file[FILE_BYTES + 1];
	char path[NAME_BYTES];
	enum kk_err err = name_make(path, name, is_ours);
	ssize_t n;
	int fd;

	if (err)
		return err;
	fd = openat(e->folder, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return errno == ENOENT ? KK_ENOENT : KK_EIO;
	/* The kernel asks the firmware anew at each read(). */
	do
		n = read(fd, file, sizeof(file));
	while (n < 0 && errno == EINTR);
	(void)close(fd);
	if (n < ATTRIBUTE_BYTES)
		return n < 0 ? KK_EIO : KK_EFORMAT;
	if ((size_t)n - ATTRIBUTE_BYTES > *bytes)
		return KK_ELIMIT;
	*bytes = (size_t)n - ATTRIBUTE_BYTES;
	memcpy(data, file + ATTRIBUTE_BYTES, *bytes);
	return KK_OK;
}

/* Files of variables that the kernel does not know cannot be changed at first,
 * against accidents.  Plain file systems know no such flag for all. */
static void flag_clear(int folder, const char *path)
{
	const int fd = openat(folder, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	int flags = 0;

	if (fd < 0)
		return;
	if (ioctl(fd, FS_IOC_GETFLAGS, &flags) == 0 &&
	    (flags & FS_IMMUTABLE_FL)) {
		flags &= ~FS_IMMUTABLE_FL;
		/* Where this fails, so does what it is for. */
		(void)ioctl(fd, FS_IOC_SETFLAGS, &flags);
	}
	(void)close(fd);
}

static enum kk_err file_write(int fd, const uint8_t *file, size_t bytes)
{
	struct stat st;
	ssize_t n;

	do
		n = write(fd, file, bytes);
	while (n < 0 && errno == EINTR);
	if (n < 0 || (size_t)n != bytes)
		return KK_EIO;
	/* The kernel's has the new size; a plain file keeps its old end. */
	if (fstat(fd, &st) == 0 && (size_t)st.st_size > bytes &&
	    ftruncate(fd, (off_t)bytes))
		return KK_EIO;
	return KK_OK;
}

static enum kk_err set(void *arg, const char *name, bool is_ours,
    const uint8_t *data, size_t bytes)
{
	const struct efivars *e = arg;
	uint8_t file[FILE_BYTES] = { ATTRIBUTES };
	char path[NAME_BYTES];
	enum kk_err err = name_make(path, name, is_ours);
	int fd;

	if (err)
		return err;
	if (bytes == 0 || bytes > BOOT_VAR_BYTES)
		return KK_ELIMIT; /* none would erase it */
	memcpy(file + ATTRIBUTE_BYTES, data, bytes);
	flag_clear(e->folder, path);
	fd = openat(e->folder, path,
	    O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd < 0)
		return KK_EIO;
	err = file_write(fd, file, ATTRIBUTE_BYTES + bytes);
	if (close(fd) && !err)
		err = KK_EIO;
	return err;
}

static enum kk_err erase(void *arg, const char *name)
{
	const struct efivars *e = arg;
	char path[NAME_BYTES];
	const enum kk_err err = name_make(path, name, false);

	if (err)
		return err;
	flag_clear(e->folder, path);
	return unlinkat(e->folder, path, 0) && errno != ENOENT ? KK_EIO : KK_OK;
}

/* Boot####-GUID, four large hexadecimal digits; false: something else. */
static bool entry_name_read(const char *name, uint16_t *number)
{
	static const char digits[] = "0123456789ABCDEF";
	unsigned n = 0;

	if (strncmp(name, "Boot", 4) != 0)
		return false;
	for (size_t i = 4; i < ENTRY_CHARS; i++) {
		const char *digit = name[i] ? strchr(digits, name[i]) : NULL;

		if (!digit)
			return false;
		n = n << 4 | (unsigned)(digit - digits);
	}
	*number = (uint16_t)n;
	return !strcmp(name + ENTRY_CHARS, "-" GLOBAL);
}

static int number_compare(const void *a, const void *b)
{
	return *(const uint16_t *)a - *(const uint16_t *)b;
}

static enum kk_err folder_list(DIR *folder, uint16_t *numbers, size_t room,
    size_t *count)
{
	const struct dirent *entry;
	uint16_t number;

	*count = 0;
	/* One thread: its own place in the folder. */
	while ((entry = readdir(folder)) != NULL) { /* NOLINT(*-mt-unsafe) */
		if (!entry_name_read(entry->d_name, &number))
			continue;
		if (*count == room)
			return KK_ELIMIT;
		numbers[(*count)++] = number;
	}
	qsort(numbers, *count, sizeof(*numbers), number_compare);
	return KK_OK;
}

static enum kk_err entries(void *arg, uint16_t *numbers, size_t *count)
{
	const struct efivars *e = arg;
	const int fd = openat(e->folder, ".",
	    O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *folder = fd < 0 ? NULL : fdopendir(fd);
	const size_t room = *count;
	enum kk_err err;

	if (!folder) {
		if (fd >= 0)
			(void)close(fd);
		return KK_EIO;
	}
	err = folder_list(folder, numbers, room, count);
	(void)closedir(folder);
	return err;
}

enum kk_err efivars_open(struct efivars *e, const char *path)
{
	e->folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return e->folder < 0 ? KK_EIO : KK_OK;
}

void efivars_close(struct efivars *e)
{
	(void)close(e->folder);
	e->folder = -1;
}

struct boot_vars efivars_vars(struct efivars *e)
{
	return (struct boot_vars){ .get = get,
		.set = set,
		.erase = erase,
		.entries = entries,
		.arg = e };
}
