/* bundle.c - a bundle, from somebody's stick to three files of which each byte
 * was verified. */
#define _GNU_SOURCE /* memmem(), openat(), O_NOFOLLOW, O_DIRECTORY */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "driver.h"

#define BUNDLE "bundle.raucb"
#define PARTS "new"

static enum kk_err path_make(char out[DRIVER_PATH_BYTES], const char *folder,
    const char *name, const char *end)
{
	const int n = snprintf(out, DRIVER_PATH_BYTES, "%s/%s%s", folder, name,
	    end);

	return n < 0 || n >= DRIVER_PATH_BYTES ? KK_ELIMIT : KK_OK;
}

/* --- a copy of our own: a stick may be pulled, or not be what it seems ---- */

/* A pipe must not hold us up. */
static int source_open(const char *path, const char *board)
{
	char inner[DRIVER_PATH_BYTES];
	struct stat st;

	if (!stat(path, &st) && S_ISDIR(st.st_mode)) {
		if (path_make(inner, path, board, ".raucb"))
			return -1;
		path = inner;
	}
	return open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
}

static int source_take(const struct bundle_source *from, const char *board,
    uint64_t *bytes)
{
	const int fd = from->fd < 0 ? source_open(from->path, board) :
				      fcntl(from->fd, F_DUPFD_CLOEXEC, 0);
	struct stat st;

	if (fd < 0)
		return -1;
	if (fstat(fd, &st) || !S_ISREG(st.st_mode) || st.st_size <= 0 ||
	    st.st_size > BUNDLE_BYTES_MAX) {
		(void)close(fd);
		return -1;
	}
	*bytes = (uint64_t)st.st_size;
	return fd;
}

static enum update_reason bundle_copy(const char *copy,
    const struct bundle_source *from, const char *board)
{
	struct copy c = { .to = -1 };
	enum kk_err err = KK_EIO;

	c.from = source_take(from, board, &c.bytes);
	if (c.from < 0)
		return UPDATE_SAYS_FORMAT;
	c.to = open(copy, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
	    0600);
	if (c.to >= 0)
		err = copy_bytes(&c);
	(void)close(c.from);
	if (c.to >= 0)
		(void)close(c.to);
	if (err == KK_ETRUNC)
		return UPDATE_SAYS_UNREADABLE;
	return err ? UPDATE_SAYS_WRITE_FAILED : UPDATE_SAYS_NOTHING;
}

/* --- its signature ---------------------------------------------------------
 */

static bool bytes_read(int fd, uint8_t *out, size_t bytes, off_t at)
{
	return at >= 0 && pread(fd, out, bytes, at) == (ssize_t)bytes;
}

/* The signature stands behind all else, and its size behind that. */
static bool is_sealed(int fd)
{
	uint8_t size[BUNDLE_SIZE_BYTES], seal[BUNDLE_SEAL_BYTES_MAX];
	const off_t end = lseek(fd, 0, SEEK_END);
	uint64_t bytes = 0;

	if (!bytes_read(fd, size, sizeof(size), end - BUNDLE_SIZE_BYTES))
		return false;
	for (size_t i = 0; i < BUNDLE_SIZE_BYTES; i++)
		bytes = bytes << 8 | size[i];
	return bytes > 0 && bytes <= sizeof(seal) &&
	    bytes_read(fd, seal, (size_t)bytes,
		end - BUNDLE_SIZE_BYTES - (off_t)bytes) &&
	    !bundle_seal_check(kk_view_of(seal, (size_t)bytes));
}

static bool seal_look(const char *path)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	bool is_right;

	if (fd < 0)
		return false;
	is_right = is_sealed(fd);
	(void)close(fd);
	return is_right;
}

static enum update_reason judge(const struct driver_options *o,
    const char *copy, const struct update_box *box, uint64_t *version)
{
	const char *const argv[] = { o->rauc, "-c", o->rauc_conf, "info",
		"--output-format=json", copy, NULL };
	char text[BUNDLE_INFO_BYTES];
	struct bundle_info info = { 0 };
	struct update_bundle bundle = { 0 };

	bundle.is_signed = seal_look(copy) &&
	    !program_run(argv, text, sizeof(text));
	if (bundle.is_signed)
		bundle.is_whole = !bundle_info_parse(&info, text);
	bundle.board = info.board;
	bundle.version = info.version;
	*version = info.version;
	return update_judge(&bundle, box);
}

/* --- its parts -------------------------------------------------------------
 */

static bool has_word(struct kk_view in, const char *name, const char *value)
{
	char word[64];
	const int n = snprintf(word, sizeof(word), "%s%s", name, value);
	const uint8_t *at;

	if (n < 0 || (size_t)n >= sizeof(word))
		return false;
	at = memmem(in.data, in.bytes, word, (size_t)n);
	/* A longer number would begin alike. */
	return at && at + n < in.data + in.bytes &&
	    (at[n] == ' ' || at[n] == '\0' || at[n] == '\n');
}

/* Its command line stands in it as it is: a kernel image of the other slot, or
 * of another version, would be started as what it is not. */
static bool uki_is(int fd, enum boot_slot slot, uint64_t version)
{
	struct stat st;
	struct kk_view in;
	char number[24];
	void *map;
	bool is_right;

	if (fstat(fd, &st) || !S_ISREG(st.st_mode) || st.st_size <= 0 ||
	    st.st_size > UKI_BYTES_MAX)
		return false;
	map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (map == MAP_FAILED)
		return false;
	in = kk_view_of(map, (size_t)st.st_size);
	(void)snprintf(number, sizeof(number), "%ju", (uintmax_t)version);
	is_right = has_word(in, "konklave.slot=", boot_slot_name(slot)) &&
	    has_word(in, "konklave.version=", number);
	(void)munmap(map, (size_t)st.st_size);
	return is_right;
}

static enum update_reason parts_take(const struct driver_options *o,
    const char *copy, const struct facts *f, uint64_t version)
{
	const enum boot_slot slot = boot_slot_other(f->running);
	char parts[DRIVER_PATH_BYTES], uki[DRIVER_PATH_BYTES];
	const char *const argv[] = { o->rauc, "-c", o->rauc_conf, "extract",
		copy, parts, NULL };
	bool is_right;
	int fd;

	if (path_make(parts, o->state, PARTS, "") ||
	    path_make(uki, parts, boot_slot_name(slot), ".efi"))
		return UPDATE_SAYS_WRITE_FAILED;
	if (program_run(argv, NULL, 0))
		return UPDATE_SAYS_FORMAT;
	fd = open(uki, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return UPDATE_SAYS_FORMAT;
	is_right = uki_is(fd, slot, version);
	(void)close(fd);
	return is_right ? UPDATE_SAYS_NOTHING : UPDATE_SAYS_FORMAT;
}

enum update_reason bundle_check(const struct driver_options *o,
    const struct bundle_source *from, const char *board, const struct facts *f,
    uint64_t *version)
{
	const struct update_box box = { board, f->version, f->floor };
	char copy[DRIVER_PATH_BYTES];
	enum update_reason why;

	*version = 0;
	bundle_drop(o);
	if (path_make(copy, o->state, BUNDLE, ""))
		return UPDATE_SAYS_WRITE_FAILED;
	why = bundle_copy(copy, from, board);
	if (why == UPDATE_SAYS_NOTHING)
		why = judge(o, copy, &box, version);
	if (why == UPDATE_SAYS_NOTHING)
		why = parts_take(o, copy, f, *version);
	(void)unlink(copy);
	return why;
}

static void folder_empty(int folder)
{
	DIR *dir = fdopendir(folder);
	const struct dirent *entry;

	if (!dir) {
		(void)close(folder);
		return;
	}
	while ((entry = readdir(dir)))
		(void)!unlinkat(folder, entry->d_name, 0);
	(void)closedir(dir);
}

void bundle_drop(const struct driver_options *o)
{
	const int state = open(o->state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int parts;

	if (state < 0)
		return;
	(void)!unlinkat(state, BUNDLE, 0);
	parts = openat(state, PARTS,
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (parts >= 0)
		folder_empty(parts);
	(void)!unlinkat(state, PARTS, AT_REMOVEDIR);
	(void)close(state);
}
