/* part.c - what was loaded, on the disk. */
#define _GNU_SOURCE /* openat(), pread(), O_NOFOLLOW, O_DIRECTORY */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fetch.h"

#define PART "bundle.part"
#define WHOLE "bundle.raucb"

enum { STAT_BLOCK_BYTES = 512 };

enum kk_err part_open(struct part *p, const char *folder)
{
	const int n = snprintf(p->path, sizeof(p->path), "%s/" PART, folder);

	p->fd = -1;
	p->folder = -1;
	if (n < 0 || (size_t)n >= sizeof(p->path))
		return KK_ELIMIT;
	p->folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (p->folder < 0)
		return KK_EIO;
	if (renameat(p->folder, WHOLE, p->folder, PART) && errno != ENOENT)
		return KK_EIO;
	p->fd = openat(p->folder, PART,
	    O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	return p->fd < 0 ? KK_EIO : KK_OK;
}

void part_close(struct part *p)
{
	if (p->fd >= 0)
		(void)close(p->fd);
	if (p->folder >= 0)
		(void)close(p->folder);
	p->fd = p->folder = -1;
}

bool part_read(const struct part *p, void *out, size_t bytes, uint64_t at)
{
	return pread(p->fd, out, bytes, (off_t)at) == (ssize_t)bytes;
}

bool part_is_of(const struct part *p, struct kk_view tail, uint64_t bytes)
{
	uint8_t own[BUNDLE_TAIL_BYTES];
	struct stat st;

	return !fstat(p->fd, &st) && S_ISREG(st.st_mode) &&
	    (uint64_t)st.st_size == bytes && tail.bytes <= sizeof(own) &&
	    tail.bytes <= bytes &&
	    part_read(p, own, tail.bytes, bytes - tail.bytes) &&
	    !memcmp(own, tail.data, tail.bytes);
}

uint64_t part_stored_bytes(const struct part *p)
{
	struct stat st;

	return fstat(p->fd, &st) ? 0 :
				   (uint64_t)st.st_blocks * STAT_BLOCK_BYTES;
}

enum kk_err part_begin(struct part *p, struct kk_view tail, uint64_t bytes)
{
	if (ftruncate(p->fd, 0) || ftruncate(p->fd, (off_t)bytes))
		return KK_EIO;
	return part_write(p, tail.data, tail.bytes, bytes - tail.bytes);
}

enum kk_err part_write(struct part *p, const void *data, size_t bytes,
    uint64_t at)
{
	size_t done = 0;

	while (done < bytes) {
		const ssize_t n = pwrite(p->fd, (const uint8_t *)data + done,
		    bytes - done, (off_t)(at + done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return KK_EIO;
		done += (size_t)n;
	}
	return KK_OK;
}

enum kk_err part_sync(struct part *p)
{
	return fdatasync(p->fd) ? KK_EIO : KK_OK;
}

enum kk_err part_finish(struct part *p)
{
	return fsync(p->fd) || renameat(p->folder, PART, p->folder, WHOLE) ||
		fsync(p->folder) ?
	    KK_EIO :
	    KK_OK;
}

void part_remove(struct part *p)
{
	(void)!unlinkat(p->folder, PART, 0);
}

void part_drop(const char *folder)
{
	const int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return;
	(void)!unlinkat(fd, PART, 0);
	(void)!unlinkat(fd, WHOLE, 0);
	(void)close(fd);
}
