/* recording.c */
#define _GNU_SOURCE /* MAP_ANONYMOUS */
#include "tests/cuts/recording.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include "harness/process.h"
#include "harness/tap.h"
#include "program/program.h"

enum { FILE_BYTES_MAX = 1 << 30, PATH = 256 };

/* fd -1: nothing is in it. */
static struct kk_bytes map(int fd, size_t bytes)
{
	uint8_t *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_NORESERVE | (fd < 0 ? MAP_ANONYMOUS : 0), fd, 0);

	CHECK(at != MAP_FAILED);
	return (struct kk_bytes){ at, bytes };
}

static struct kk_bytes file_unpack(const char *path)
{
	struct kk_bytes packed, out;
	unsigned long long bytes;

	CHECK_OK(program_file_read(path, FILE_BYTES_MAX, &packed));
	bytes = ZSTD_getFrameContentSize(packed.data, packed.bytes);
	CHECK(bytes > 0 && bytes <= FILE_BYTES_MAX);
	out = map(-1, (size_t)bytes);
	CHECK_EQ(ZSTD_decompress(out.data, out.bytes, packed.data,
		     packed.bytes),
	    out.bytes);
	kk_bytes_clear(&packed);
	return out;
}

/* As many as look at it have it in memory once. */
static struct kk_bytes file_open(const char *folder, const char *name)
{
	struct kk_bytes out;
	char path[PATH];
	struct stat st;
	int fd;

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		(void)snprintf(path, sizeof(path), "%s/%s.zst", folder, name);
		return file_unpack(path);
	}
	CHECK(!fstat(fd, &st) && st.st_size > 0 &&
	    st.st_size <= FILE_BYTES_MAX);
	out = map(fd, (size_t)st.st_size);
	CHECK_EQ(close(fd), 0);
	return out;
}

void recording_open(struct recording *r, const char *folder)
{
	*r = (struct recording){ .base = file_open(folder, "base"),
		.bytes = file_open(folder, "log") };
	cuts_disk_open(&r->disk, kk_bytes_view(&r->base));
	CHECK_OK(cuts_log_parse(&r->log, kk_bytes_view(&r->bytes),
	    r->disk.sectors));
	cuts_disk_log(&r->disk, kk_bytes_view(&r->bytes));
}

void recording_close(struct recording *r)
{
	cuts_disk_close(&r->disk);
	cuts_log_clear(&r->log);
	CHECK_EQ(munmap(r->base.data, r->base.bytes), 0);
	CHECK_EQ(munmap(r->bytes.data, r->bytes.bytes), 0);
}

void recording_built(const char *folder, struct box *b)
{
	char path[PATH];
	char *text;

	(void)snprintf(path, sizeof(path), "%s/built", folder);
	text = file_text(path);
	for (const char *at = text; *at; at += strcspn(at, "\n") + 1) {
		uint8_t digest[BOX_DIGEST];

		for (size_t i = 0; i < BOX_DIGEST; i++) {
			const char hex[] = { at[2 * i], at[2 * i + 1], 0 };

			digest[i] = (uint8_t)strtoul(hex, NULL, 16);
		}
		box_built_add(b, digest);
	}
	CHECK(b->built_count > 0);
	free(text);
}
