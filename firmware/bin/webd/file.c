/* file.c - the served files. */
#define _GNU_SOURCE /* syscall(), O_CLOEXEC */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "webd.h"

enum kk_err webd_file_open(int root, const char *path, struct webd_file *file)
{
	struct open_how how = {
		.flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS |
		    RESOLVE_NO_MAGICLINKS,
	};
	long fd = syscall(SYS_openat2, root, path, &how, sizeof(how));
	struct stat st;

	if (fd < 0)
		return errno == EMFILE || errno == ENFILE || errno == ENOMEM ?
		    KK_EIO :
		    KK_ENOENT;
	if (fstat((int)fd, &st) || !S_ISREG(st.st_mode) || st.st_size < 0) {
		(void)close((int)fd);
		return KK_ENOENT;
	}
	*file = (struct webd_file){ (int)fd, (uint64_t)st.st_size };
	return KK_OK;
}

enum kk_err webd_file_etag(const struct webd_file *file,
    char etag[HTTP_ETAG_BYTES])
{
	uint8_t piece[WEBD_CHUNK_BYTES];
	struct http_etag sum;

	http_etag_init(&sum);
	while (sum.bytes < file->bytes) {
		ssize_t n = pread(file->fd, piece, sizeof(piece),
		    (off_t)sum.bytes);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return KK_EIO;
		http_etag_add(&sum, piece, (size_t)n);
	}
	http_etag_write(&sum, etag);
	return KK_OK;
}
