/* initial.c - gives back the memory of the initial file system. */
#define _GNU_SOURCE /* O_DIRECTORY, unlinkat() */
#include <dirent.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "rootinit.h"

bool initial_is_memory(int folder)
{
	struct statfs fs;

	return !fstatfs(folder, &fs) &&
	    (fs.f_type == RAMFS_MAGIC || fs.f_type == TMPFS_MAGIC);
}

unsigned initial_clear(int folder)
{
	const int copy = openat(folder, ".",
	    O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = copy < 0 ? NULL : fdopendir(copy);
	const struct dirent *entry;
	unsigned removed = 0;

	if (!dir) {
		if (copy >= 0)
			(void)close(copy);
		return 0;
	}
	/* What is a folder stays: it is a mount's, or has nothing in it. */
	while ((entry = readdir(dir)) != NULL) { /* NOLINT(*-mt-unsafe) */
		if (!unlinkat(folder, entry->d_name, 0))
			removed++;
	}
	(void)closedir(dir);
	return removed;
}

void initial_free(void)
{
	static const char *const folders[] = { "/modules", "/" };

	for (size_t i = 0; i < KK_ARRAY_LEN(folders); i++) {
		const int folder = open(folders[i],
		    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

		if (folder < 0)
			continue;
		if (initial_is_memory(folder))
			(void)initial_clear(folder);
		(void)close(folder);
	}
}
