/* file.c - files of a test. */
#define _GNU_SOURCE /* O_CLOEXEC */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/process.h"
#include "harness/tap.h"

enum { FILE_MAX_BYTES = 1 << 20 };

char *file_text(const char *path)
{
	char *text = calloc(1, FILE_MAX_BYTES);
	size_t bytes = 0;
	ssize_t n = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	CHECK(text != NULL);
	if (fd < 0)
		return text;
	while (bytes + 1 < FILE_MAX_BYTES &&
	    (n = read(fd, text + bytes, FILE_MAX_BYTES - 1 - bytes)) > 0)
		bytes += (size_t)n;
	CHECK(n >= 0);
	CHECK_EQ(close(fd), 0);
	return text;
}

void file_show(const char *path)
{
	char *text = file_text(path);

	tap_diag("%s", text);
	free(text);
}

static void bytes_write(int fd, off_t at, const void *data, size_t bytes)
{
	CHECK(fd >= 0);
	CHECK_EQ(pwrite(fd, data, bytes, at), bytes);
	CHECK_EQ(close(fd), 0);
}

void file_write(const char *path, const void *data, size_t bytes)
{
	bytes_write(open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600),
	    0, data, bytes);
}

void file_patch(const char *path, off_t at, const void *data, size_t bytes)
{
	bytes_write(open(path, O_WRONLY | O_CLOEXEC), at, data, bytes);
}

void folder_remove(const char *path)
{
	pid_t pid = fork();

	if (pid == 0) {
		execlp("rm", "rm", "-rf", path, (char *)NULL);
		_exit(127);
	}
	CHECK_EQ(waitpid(pid, NULL, 0), pid);
}
