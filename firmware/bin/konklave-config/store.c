/* store.c - the profile that is kept, the disk's, and files made of one. */
#define _GNU_SOURCE /* O_DIRECTORY, O_PATH */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config.h"
#include "crypto/crypto.h"

enum {
	MAGIC_BYTES = 8,
	HASH_BYTES = 32,
	TEXT_AT = MAGIC_BYTES + 4 + HASH_BYTES,
	RECORD_BYTES = TEXT_AT + PROFILE_BYTES_MAX,
	MODE_FOLDER = 0755,
	MODE_PUBLIC = 0644,
	MODE_SECRET = 0600
};

#define STORE_FOLDER "/var/lib/konklave/site"
#define STORE_NAME "profile"
#define RECORD_PATH "/dev/disk/konklave/profile"

static enum kk_err path_make(char out[PATH_MAX], const char *a, const char *b,
    const char *c)
{
	const int n = snprintf(out, PATH_MAX, "%s%s%s", a, b, c);

	return n < 0 || n >= PATH_MAX ? KK_ELIMIT : KK_OK;
}

/* --- what is kept --------------------------------------------------------- */

enum kk_err store_read(const char *root, struct kk_bytes *text)
{
	char path[PATH_MAX];
	enum kk_err err = path_make(path, root, STORE_FOLDER, "/" STORE_NAME);

	*text = (struct kk_bytes){ 0 };
	return err ? err : program_file_read(path, PROFILE_BYTES_MAX, text);
}

enum kk_err store_write(const char *root, struct kk_view text)
{
	char path[PATH_MAX];
	enum kk_err err = path_make(path, root, STORE_FOLDER, "");
	int folder;

	if (err)
		return err;
	folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder < 0)
		return KK_EIO;
	err = program_file_write(folder, STORE_NAME, text);
	(void)close(folder);
	return err;
}

/* --- the disk's ----------------------------------------------------------- */

static int record_open(const char *root, int flags)
{
	char path[PATH_MAX];

	if (path_make(path, root, RECORD_PATH, "")) {
		errno = ENAMETOOLONG;
		return -1;
	}
	return open(path, flags | O_CLOEXEC | O_NOCTTY);
}

enum kk_err record_parse(struct kk_view in, struct kk_bytes *text)
{
	struct kk_reader r;
	struct kk_view magic, want, content;
	uint8_t hash[HASH_BYTES];
	uint32_t length;
	enum kk_err err;

	*text = (struct kk_bytes){ 0 };
	kk_reader_init(&r, in);
	magic = kk_read_raw(&r, MAGIC_BYTES);
	length = kk_read_u32(&r);
	want = kk_read_raw(&r, HASH_BYTES);
	if (r.err || !kk_view_equal(magic, kk_view_text("KKPROF01")))
		return KK_ENOENT;
	content = kk_read_raw(&r, length);
	if (r.err || content.bytes > PROFILE_BYTES_MAX)
		return KK_EVERIFY;
	err = crypto_init();
	if (!err)
		err = crypto_hash(CRYPTO_SHA256, &content, 1, hash);
	if (!err && memcmp(hash, want.data, HASH_BYTES) != 0)
		err = KK_EVERIFY;
	return err ? err : kk_bytes_copy(text, content);
}

static enum kk_err all_read(int fd, uint8_t *out, size_t room, size_t *bytes)
{
	ssize_t n;

	for (*bytes = 0; *bytes < room; *bytes += (size_t)n) {
		n = read(fd, out + *bytes, room - *bytes);
		if (n < 0)
			return KK_EIO;
		if (n == 0)
			break;
	}
	return KK_OK;
}

enum kk_err record_read(const char *root, struct kk_bytes *text)
{
	int fd = record_open(root, O_RDONLY);
	uint8_t *record;
	enum kk_err err;
	size_t bytes = 0;

	*text = (struct kk_bytes){ 0 };
	if (fd < 0)
		return errno == ENOENT ? KK_ENOENT : KK_EIO;
	record = kk_calloc(1, RECORD_BYTES);
	err = record ? all_read(fd, record, RECORD_BYTES, &bytes) : KK_ENOMEM;
	if (!err)
		err = record_parse(kk_view_of(record, bytes), text);
	kk_free_wiped(record, RECORD_BYTES);
	(void)close(fd);
	return err;
}

bool record_is_erased(const char *root)
{
	int fd = record_open(root, O_RDONLY);
	uint8_t *record;
	size_t bytes = 0, i = 0;
	bool is_read;

	if (fd < 0)
		return errno == ENOENT;
	record = kk_calloc(1, RECORD_BYTES);
	is_read = record && !all_read(fd, record, RECORD_BYTES, &bytes);
	while (i < bytes && record[i] == 0)
		i++;
	kk_free_wiped(record, RECORD_BYTES);
	(void)close(fd);
	return is_read && i == bytes;
}

/* All that a record can have, whatever there was: it is no longer than the
 * partition, and a file in its place is not made longer. */
enum kk_err record_erase(const char *root)
{
	static const uint8_t zeros[RECORD_BYTES];
	int fd = record_open(root, O_WRONLY);
	const off_t end = fd < 0 ? -1 : lseek(fd, 0, SEEK_END);
	size_t bytes;
	enum kk_err err = KK_EIO;

	if (end >= 0) {
		bytes = end < RECORD_BYTES ? (size_t)end : RECORD_BYTES;
		if (pwrite(fd, zeros, bytes, 0) == (ssize_t)bytes && !fsync(fd))
			err = KK_OK;
	}
	if (fd >= 0)
		(void)close(fd);
	return err;
}

/* --- files ---------------------------------------------------------------- */

/* The folders above a file. */
static enum kk_err folders_make(char path[PATH_MAX], size_t from)
{
	for (char *at = strchr(path + from, '/'); at;
	    at = strchr(at + 1, '/')) {
		*at = '\0';
		if (mkdir(path, MODE_FOLDER) ? errno != EEXIST :
					       chmod(path, MODE_FOLDER))
			return KK_EIO; /* chmod: whatever our umask is */
		*at = '/';
	}
	return KK_OK;
}

/* Nothing below /run outlives the power. */
static enum kk_err file_write(const char *path, bool is_secret,
    const struct kk_bytes *content)
{
	const mode_t mode = is_secret ? MODE_SECRET : MODE_PUBLIC;
	char temporary[PATH_MAX];
	enum kk_err err = path_make(temporary, path, ".new", "");
	int fd;

	if (err)
		return err;
	(void)unlink(temporary);
	fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	if (fd < 0)
		return KK_EIO;
	if (write(fd, content->data, content->bytes) !=
		(ssize_t)content->bytes ||
	    fchmod(fd, mode))
		err = KK_EIO;
	if (close(fd) || err || rename(temporary, path)) {
		(void)unlink(temporary);
		return KK_EIO;
	}
	return KK_OK;
}

enum kk_err files_write(const char *root, const struct profile_files *files)
{
	char path[PATH_MAX];
	enum kk_err err = KK_OK;

	for (unsigned i = 0; !err && i < PROFILE_FILES; i++) {
		const enum profile_file_name name = (enum profile_file_name)i;

		err = path_make(path, root, "/run/", profile_file_path(name));
		if (err)
			break;
		if (files->file[i].bytes == 0) {
			if (unlink(path) && errno != ENOENT)
				err = KK_EIO;
			continue;
		}
		err = folders_make(path, strlen(root) + 1);
		if (!err)
			err = file_write(path, profile_file_is_secret(name),
			    &files->file[i]);
	}
	return err;
}
