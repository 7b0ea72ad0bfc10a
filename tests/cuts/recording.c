/* recording.c */
#include "tests/cuts/recording.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "harness/process.h"
#include "harness/tap.h"
#include "program/program.h"

enum { FILE_BYTES_MAX = 1 << 30, PATH = 256 };

static struct kk_bytes file_open(const char *folder, const char *name)
{
	struct kk_bytes packed, out;
	char path[PATH];
	unsigned long long bytes;

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	if (!program_file_read(path, FILE_BYTES_MAX, &out))
		return out;
	(void)snprintf(path, sizeof(path), "%s/%s.zst", folder, name);
	CHECK_OK(program_file_read(path, FILE_BYTES_MAX, &packed));
	bytes = ZSTD_getFrameContentSize(packed.data, packed.bytes);
	CHECK(bytes > 0 && bytes <= FILE_BYTES_MAX);
	out = (struct kk_bytes){ kk_calloc(1, (size_t)bytes), (size_t)bytes };
	CHECK(out.data != NULL);
	CHECK_EQ(ZSTD_decompress(out.data, out.bytes, packed.data,
		     packed.bytes),
	    out.bytes);
	kk_bytes_clear(&packed);
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
	kk_bytes_clear(&r->base);
	kk_bytes_clear(&r->bytes);
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
