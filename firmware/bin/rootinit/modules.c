/* modules.c - the drivers without which there is no root. */
#define _GNU_SOURCE /* syscall() */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "rootinit.h"

enum { NAME_BYTES = sizeof(((struct dirent *)0)->d_name) };

/* A driver may refuse because it is there already, or because its device is
 * not: only the log is told. */
static void module_load(const char *folder, const char *name)
{
	char path[PATH_MAX];
	int file;

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = open(path, O_RDONLY | O_CLOEXEC);
	if (file < 0) {
		rootinit_say("%s: %s", name, strerror(errno));
		return;
	}
	if (syscall(SYS_finit_module, file, "", 0) && errno != EEXIST &&
	    errno != ENODEV)
		rootinit_say("%s: %s", name, strerror(errno));
	(void)close(file);
}

/* The first name that comes after last; "": none does. */
static void name_next(DIR *folder, const char *last, char next[NAME_BYTES])
{
	const struct dirent *entry;

	next[0] = '\0';
	rewinddir(folder);
	while ((entry = readdir(folder)) != NULL) {
		if (entry->d_name[0] == '.' || strcmp(entry->d_name, last) <= 0)
			continue;
		if (!next[0] || strcmp(entry->d_name, next) < 0)
			(void)snprintf(next, NAME_BYTES, "%s", entry->d_name);
	}
}

enum kk_err modules_load(const char *path)
{
	char name[NAME_BYTES] = "", next[NAME_BYTES];
	DIR *folder = opendir(path);

	if (!folder)
		return KK_EIO;
	name_next(folder, name, next);
	while (next[0]) {
		memcpy(name, next, sizeof(name));
		module_load(path, name);
		name_next(folder, name, next);
	}
	return closedir(folder) ? KK_EIO : KK_OK;
}
