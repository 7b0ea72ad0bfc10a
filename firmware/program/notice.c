/* notice.c - small files that the room's picture is told by. */
#define _GNU_SOURCE /* O_DIRECTORY, CLOCK_MONOTONIC */
#include "program/notice.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "program/program.h"

uint64_t program_notice_now_s(void)
{
	struct timespec now = { 0, 0 };

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec;
}

enum kk_err program_notice_put(const char *folder, const char *as,
    const struct notice *notice)
{
	const int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct notice n = *notice;
	char text[NOTICE_BYTES];
	enum kk_err err;

	if (fd < 0)
		return errno == ENOENT ? KK_ENOENT : KK_EIO;
	n.at_s = program_notice_now_s();
	if (!notice_is_name(n.name))
		n.name[0] = '\0';
	err = program_file_publish(fd, as,
	    kk_view_of(text, notice_format(&n, text)));
	(void)close(fd);
	return err;
}

enum kk_err program_notice_tell(const char *folder, const char *as,
    enum notice_kind kind, const char *file)
{
	struct notice n = { .kind = kind };
	const char *slash = file ? strrchr(file, '/') : NULL;
	const char *name = slash ? slash + 1 : file;

	if (name && strlen(name) < sizeof(n.name))
		memcpy(n.name, name, strlen(name) + 1);
	return program_notice_put(folder, as, &n);
}

/* One that is being written has a point in its name, and those above this
 * folder have. */
static bool notice_read(int folder, const char *name, struct notice *out)
{
	struct kk_bytes text = { 0 };
	const bool is_one = !strchr(name, '.') &&
	    !program_file_read_in(folder, name, NOTICE_BYTES, &text) &&
	    !notice_parse(out, kk_bytes_view(&text));

	kk_bytes_clear(&text);
	return is_one;
}

size_t program_notices_read(const char *folder, struct notice *out, size_t room)
{
	DIR *dir = opendir(folder);
	const struct dirent *entry;
	size_t count = 0;

	while (dir && count < room && (entry = readdir(dir)))
		count += notice_read(dirfd(dir), entry->d_name, &out[count]);
	if (dir)
		(void)closedir(dir);
	return count;
}
