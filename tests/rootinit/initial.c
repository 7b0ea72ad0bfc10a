/* initial.c - what is removed before the root takes its place. */
#define _GNU_SOURCE /* mkdtemp(), O_DIRECTORY */
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "firmware/bin/rootinit/rootinit.h"
#include "harness/process.h"
#include "harness/tap.h"

enum { PATH = 256, SAID = 4096 };

static char said[SAID];

/* In place of main.c's, which writes into the kernel's log. */
void rootinit_say(const char *format, ...)
{
	const size_t at = strlen(said);
	va_list args;

	va_start(args, format);
	(void)vsnprintf(said + at, sizeof(said) - at, format, args);
	va_end(args);
}

static const char *in(const char *folder, const char *name)
{
	static char path[2 * PATH];

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static void folder_make(char path[PATH])
{
	(void)snprintf(path, PATH, "/tmp/kk-rootinit-XXXXXX");
	CHECK(mkdtemp(path) != NULL);
	said[0] = '\0';
}

static bool is_there(const char *folder, const char *name)
{
	struct stat st;

	return lstat(in(folder, name), &st) == 0;
}

TEST(files_and_links_of_the_folder_go_and_what_they_lead_to_stays)
{
	char path[PATH];
	int folder;

	folder_make(path);
	CHECK_EQ(mkdir(in(path, "root"), 0700), 0);
	file_write(in(path, "root/inner"), "x", 1);
	file_write(in(path, "init"), "x", 1);
	file_write(in(path, "100-a.ko"), "x", 1);
	folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	CHECK(folder >= 0);
	CHECK_EQ(symlinkat("root/inner", folder, "link"), 0);
	CHECK_EQ(symlinkat("root", folder, "folder"), 0);
	CHECK_EQ(initial_clear(folder), 4);
	CHECK(!is_there(path, "init") && !is_there(path, "100-a.ko"));
	CHECK(!is_there(path, "link") && !is_there(path, "folder"));
	CHECK(is_there(path, "root/inner"));
	CHECK_EQ(initial_clear(folder), 0);
	(void)close(folder);
	folder_remove(path);
}

/* Of a root that is a disk nothing goes, whatever was mixed up before. */
TEST(only_file_systems_in_memory_are_cleared)
{
	const int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const int memory = open("/dev/shm", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	CHECK(proc >= 0);
	CHECK(!initial_is_memory(proc));
	if (memory >= 0)
		CHECK(initial_is_memory(memory));
	(void)close(proc);
	if (memory >= 0)
		(void)close(memory);
}

TEST(modules_are_tried_in_the_order_of_their_names_and_the_rest_goes_on)
{
	char path[PATH];
	const char *first, *second;

	folder_make(path);
	/* No file is a module, and nobody may load one here. */
	file_write(in(path, "101-b.ko"), "x", 1);
	file_write(in(path, "100-a.ko"), "x", 1);
	file_write(in(path, ".hidden"), "x", 1);
	CHECK_OK(modules_load(path));
	first = strstr(said, "100-a.ko");
	second = strstr(said, "101-b.ko");
	CHECK(first != NULL && second != NULL);
	CHECK(first < second);
	CHECK(strstr(said, ".hidden") == NULL);
	folder_remove(path);
	CHECK_ERR(modules_load(path), KK_EIO);
}
