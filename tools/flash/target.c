/* target.c - a file or a disk that is written. */
#define _GNU_SOURCE /* fallocate() */
#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/flash/flash.h"

static ssize_t device_read(void *arg, void *to, size_t bytes, uint64_t at)
{
	const struct flash_device *d = arg;

	return pread(d->fd, to, bytes, (off_t)at);
}

static ssize_t device_write(void *arg, const void *from, size_t bytes,
    uint64_t at)
{
	const struct flash_device *d = arg;

	return pwrite(d->fd, from, bytes, (off_t)at);
}

/* A disk that can, zeroes it by itself; the others refuse. */
static int device_zero(void *arg, uint64_t bytes, uint64_t at)
{
	const struct flash_device *d = arg;
	const int mode = d->is_file ? FALLOC_FL_PUNCH_HOLE :
				      FALLOC_FL_ZERO_RANGE;

	return fallocate(d->fd, mode | FALLOC_FL_KEEP_SIZE, (off_t)at,
	    (off_t)bytes);
}

static int device_sync(void *arg)
{
	const struct flash_device *d = arg;

	if (fsync(d->fd))
		return -1;
	/* What is read after this comes from the disk. */
	if (!d->is_file)
		(void)ioctl(d->fd, BLKFLSBUF, 0);
	return posix_fadvise(d->fd, 0, 0, POSIX_FADV_DONTNEED) ? -1 : 0;
}

static enum kk_err size_read(struct flash_device *d)
{
	struct stat st;
	uint64_t bytes = 0;
	int refuses = 0;

	if (fstat(d->fd, &st))
		return KK_EIO;
	d->is_file = S_ISREG(st.st_mode);
	if (d->is_file) {
		d->target.bytes = (uint64_t)st.st_size;
		return KK_OK;
	}
	if (!S_ISBLK(st.st_mode))
		return KK_EINVAL;
	if (ioctl(d->fd, BLKGETSIZE64, &bytes) ||
	    ioctl(d->fd, BLKROGET, &refuses))
		return KK_EIO;
	/* Linux opens such a disk for writing, and then refuses each write. */
	d->is_read_only = refuses;
	if (refuses)
		return KK_EDENIED;
	d->target.bytes = bytes;
	return KK_OK;
}

enum kk_err flash_device_open(struct flash_device *d, const char *path,
    bool is_shared)
{
	static const struct flash_io io = { device_read, device_write,
		device_zero, device_sync };
	struct stat st;
	int flags = O_RDWR | O_CLOEXEC;

	*d = (struct flash_device){ .fd = -1, .target = { .io = &io } };
	d->target.arg = d;
	/* A disk that is in use refuses O_EXCL: open(2). */
	if (!stat(path, &st) && S_ISBLK(st.st_mode) && !is_shared)
		flags |= O_EXCL;
	d->fd = open(path, flags);
	if (d->fd >= 0)
		return size_read(d);
	switch (errno) {
	case ENOENT:
	case ENXIO:
	case ENOMEDIUM:
		return KK_ENOENT;
	case EBUSY:
		return KK_ESTATE;
	case EROFS:
		d->is_read_only = true;
		return KK_EDENIED;
	case EACCES:
	case EPERM:
		return KK_EDENIED;
	case EISDIR:
		return KK_EINVAL;
	default:
		return KK_EIO;
	}
}

void flash_device_close(struct flash_device *d)
{
	if (d->fd >= 0)
		(void)close(d->fd);
	d->fd = -1;
}
