/*
 * driver.c - runs a fuzz target over its seeds as an ordinary test, in TAP.
 *
 * PROGRAM [FILE...]: the files given, or all of tests/fuzz/corpus/PROGRAM/.
 * A target passes when it comes back; sanitizers and crashes fail it.
 */
#define _GNU_SOURCE /* scandir, asprintf, program_invocation_short_name */
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

/* No byte to spare behind the data, so that the sanitizer sees each overrun. */
static uint8_t *read_open(FILE *file, size_t *bytes)
{
	uint8_t *data;
	long end;

	if (fseek(file, 0, SEEK_END) != 0)
		return NULL;
	end = ftell(file);
	if (end < 0 || fseek(file, 0, SEEK_SET) != 0)
		return NULL;
	*bytes = (size_t)end;
	data = malloc(*bytes > 0 ? *bytes : 1);
	if (data && fread(data, 1, *bytes, file) != *bytes) {
		free(data);
		return NULL;
	}
	return data;
}

static uint8_t *read_file(const char *path, size_t *bytes)
{
	FILE *file = fopen(path, "rb");
	uint8_t *data;

	if (!file)
		return NULL;
	data = read_open(file, bytes);
	(void)fclose(file); /* only read */
	return data;
}

static int run_file(int number, const char *path)
{
	size_t bytes = 0;
	uint8_t *data = read_file(path, &bytes);

	if (!data) {
		printf("not ok %d - %s can be read\n", number, path);
		return 1;
	}
	printf("# running %s\n", path); /* the last such line tells a crash */
	fflush(stdout);
	LLVMFuzzerTestOneInput(data, bytes);
	free(data);
	printf("ok %d - %s\n", number, path);
	return 0;
}

static int is_seed(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static int run_folder(const char *folder)
{
	struct dirent **entries = NULL;
	int count = scandir(folder, &entries, is_seed, alphasort);
	int failed = count <= 0;

	printf("TAP version 13\n1..%d\n", count > 0 ? count : 1);
	if (count <= 0)
		printf("not ok 1 - %s has seeds\n", folder);
	for (int i = 0; i < count; i++) {
		char *path = NULL;

		if (asprintf(&path, "%s/%s", folder, entries[i]->d_name) < 0)
			abort();
		failed += run_file(i + 1, path);
		free(path);
		free(entries[i]);
	}
	free((void *)entries);
	return failed == 0 ? 0 : 1;
}

static int run_files(int count, char **paths)
{
	int failed = 0;

	printf("TAP version 13\n1..%d\n", count);
	for (int i = 0; i < count; i++)
		failed += run_file(i + 1, paths[i]);
	return failed == 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
	char *folder = NULL;
	int status;

	if (argc > 1)
		return run_files(argc - 1, argv + 1);
	if (asprintf(&folder, "tests/fuzz/corpus/%s",
		program_invocation_short_name) < 0)
		abort();
	status = run_folder(folder);
	free(folder);
	return status;
}
