/* copy.c - bytes from file to file, on the disk, and what came of them. */
#define _GNU_SOURCE /* pread(), pwrite(), posix_fadvise() */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "driver.h"

enum { CHUNK_BYTES = 1 << 20, WHOLE = 100 };

static enum kk_err chunk_read(int fd, uint8_t *data, size_t bytes, uint64_t at)
{
	size_t done = 0;

	while (done < bytes) {
		const ssize_t n = pread(fd, data + done, bytes - done,
		    (off_t)(at + done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return KK_ETRUNC;
		done += (size_t)n;
	}
	return KK_OK;
}

static enum kk_err chunk_write(int fd, const uint8_t *data, size_t bytes,
    uint64_t at)
{
	size_t done = 0;

	while (done < bytes) {
		const ssize_t n = pwrite(fd, data + done, bytes - done,
		    (off_t)(at + done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return KK_EIO;
		done += (size_t)n;
	}
	return KK_OK;
}

/* Each is on the disk before the next is read, so that percent is true and
 * memory does not fill with what is to be written. */
enum kk_err copy_bytes(const struct copy *c)
{
	uint8_t *chunk = kk_calloc(1, CHUNK_BYTES);
	enum kk_err err = KK_OK;

	if (!chunk)
		return KK_ENOMEM;
	for (uint64_t at = 0; !err && at < c->bytes; at += CHUNK_BYTES) {
		const size_t n = c->bytes - at < CHUNK_BYTES ?
		    (size_t)(c->bytes - at) :
		    CHUNK_BYTES;

		err = chunk_read(c->from, chunk, n, at);
		if (!err)
			err = chunk_write(c->to, chunk, n, at);
		if (!err && fdatasync(c->to))
			err = KK_EIO;
		if (!err && c->shared)
			c->shared->percent = (unsigned)((at + n) * WHOLE /
			    c->bytes);
	}
	kk_free(chunk);
	return !err && fsync(c->to) ? KK_EIO : err;
}

/* From the disk, not from memory, as far as the kernel follows advice. */
enum kk_err copy_compare(const struct copy *c)
{
	uint8_t *chunk = kk_calloc(2, CHUNK_BYTES);
	enum kk_err err = KK_OK;

	if (!chunk)
		return KK_ENOMEM;
	(void)posix_fadvise(c->to, 0, 0, POSIX_FADV_DONTNEED);
	for (uint64_t at = 0; !err && at < c->bytes; at += CHUNK_BYTES) {
		const size_t n = c->bytes - at < CHUNK_BYTES ?
		    (size_t)(c->bytes - at) :
		    CHUNK_BYTES;

		err = chunk_read(c->from, chunk, n, at);
		if (!err)
			err = chunk_read(c->to, chunk + CHUNK_BYTES, n, at);
		if (!err && memcmp(chunk, chunk + CHUNK_BYTES, n) != 0)
			err = KK_EVERIFY;
	}
	kk_free(chunk);
	return err;
}
