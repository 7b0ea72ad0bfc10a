/* proc.c - /proc/PID/stat, smaps_rollup and task/TID/schedstat (proc(5)). */
#define _GNU_SOURCE /* O_CLOEXEC */
#include "tools/load/proc.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	FILE_BYTES = 4096,
	PATH_BYTES = 300, /* with a name of 255 */
	STAT_USER = 14, /* the field's number; the next is the system's */
	KIB = 1024,
	MS_PER_S = 1000
};

enum kk_err load_schedstat_parse(const char *text, uint64_t *run_ns)
{
	char *end = NULL;
	unsigned long long n = strtoull(text, &end, 10);

	if (*text < '0' || *text > '9' || *end != ' ')
		return KK_EFORMAT;
	*run_ns = n;
	return KK_OK;
}

enum kk_err load_stat_parse(const char *text, uint64_t *user_ticks,
    uint64_t *system_ticks)
{
	/* The name stands in parentheses, and may have any of these in it. */
	const char *at = strrchr(text, ')');
	char *end = NULL;

	for (int field = 2; at && field < STAT_USER; field++)
		at = strchr(at + 1, ' ');
	if (!at || at[1] < '0' || at[1] > '9')
		return KK_EFORMAT;
	*user_ticks = strtoull(at, &end, 10);
	if (*end != ' ' || end[1] < '0' || end[1] > '9')
		return KK_EFORMAT;
	*system_ticks = strtoull(end, &end, 10);
	return KK_OK;
}

enum kk_err load_rollup_parse(const char *text, uint64_t *pss_bytes)
{
	const char *at = strstr(text, "\nPss:");
	char *end = NULL;

	if (!at)
		return KK_EFORMAT;
	at += strlen("\nPss:");
	*pss_bytes = strtoull(at, &end, 10) * KIB;
	return end != at && !strncmp(end, " kB", 3) ? KK_OK : KK_EFORMAT;
}

/* text has room for FILE_BYTES. */
static enum kk_err file_read(const char *path, char *text)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t bytes = 0;
	ssize_t n = 1;

	if (fd < 0)
		return errno == ENOENT || errno == ESRCH ? KK_ENOENT : KK_EIO;
	while (n > 0 && bytes < FILE_BYTES - 1) {
		n = read(fd, text + bytes, FILE_BYTES - 1 - bytes);
		bytes += n > 0 ? (size_t)n : 0;
	}
	(void)close(fd);
	text[bytes] = '\0';
	return n < 0 ? KK_EIO : KK_OK;
}

static enum kk_err thread_add(struct load_usage *usage, unsigned long pid,
    const char *tid)
{
	char path[PATH_BYTES], text[FILE_BYTES];
	uint64_t ns = 0;
	enum kk_err err;

	(void)snprintf(path, sizeof(path), "/proc/%lu/task/%s/schedstat", pid,
	    tid);
	err = file_read(path, text);
	if (err == KK_ENOENT)
		return KK_OK; /* it has just ended */
	if (!err)
		err = load_schedstat_parse(text, &ns);
	usage->run_ns += ns;
	usage->threads++;
	return err;
}

static enum kk_err threads_add(struct load_usage *usage, unsigned long pid)
{
	char path[PATH_BYTES];
	const struct dirent *entry;
	enum kk_err err = KK_OK;
	DIR *folder;

	(void)snprintf(path, sizeof(path), "/proc/%lu/task", pid);
	folder = opendir(path);
	if (!folder)
		return KK_ENOENT;
	while (!err && (entry = readdir(folder)) != NULL) {
		if (entry->d_name[0] != '.')
			err = thread_add(usage, pid, entry->d_name);
	}
	(void)closedir(folder);
	return err;
}

enum kk_err load_usage_read(struct load_usage *usage, unsigned long pid)
{
	uint64_t ticks = (uint64_t)sysconf(_SC_CLK_TCK);
	char path[PATH_BYTES], text[FILE_BYTES];
	uint64_t user = 0, system = 0;
	enum kk_err err;

	*usage = (struct load_usage){ 0 };
	(void)snprintf(path, sizeof(path), "/proc/%lu/stat", pid);
	err = file_read(path, text);
	if (!err)
		err = load_stat_parse(text, &user, &system);
	if (!err)
		err = threads_add(usage, pid);
	usage->user_ms = user * MS_PER_S / ticks;
	usage->system_ms = system * MS_PER_S / ticks;
	return err;
}

enum kk_err load_memory_read(uint64_t *bytes, unsigned long pid)
{
	char path[PATH_BYTES], text[FILE_BYTES];
	enum kk_err err;

	*bytes = 0;
	(void)snprintf(path, sizeof(path), "/proc/%lu/smaps_rollup", pid);
	err = file_read(path, text);
	return err ? err : load_rollup_parse(text, bytes);
}
