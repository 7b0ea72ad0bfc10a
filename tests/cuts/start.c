/* start.c */
#define _GNU_SOURCE /* pwrite(), O_CLOEXEC */
#include "tests/cuts/start.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/process.h"
#include "harness/tap.h"
#include "program/program.h"
#include "tests/cuts/kept.h"
#include "tests/cuts/run.h"

enum {
	KEY = 64, /* bytes that open the data */
	KNOWN = 1 << 20, /* places for contents */
	STARTED = 100, /* statuses of tests/cuts/starts */
	TAKEN = 1,
	KEYD = 2,
	LINES = 4,
	IDENTITY = 8
};

static void script(const char *text)
{
	const char *const argv[] = { "/bin/sh", "-ec", text, NULL };

	CHECK_EQ(cuts_run(argv), 0);
}

/* --- parts of the disk, as files -------------------------------------------
 */

static uint64_t part_key(const struct cuts_disk *d, const struct gpt_part *p)
{
	return cuts_key(d->sector + p->first, p->sectors);
}

static void part_write(const struct start *s, const struct cuts_disk *d,
    const struct gpt_part *p, const char *name)
{
	uint8_t *content = cuts_must(malloc(p->sectors * CUTS_SECTOR));
	char path[2 * START_PATH];

	(void)snprintf(path, sizeof(path), "%s/dev/%s", s->world, name);
	cuts_disk_read(d, p->first, p->sectors, content);
	file_write(path, content, p->sectors * CUTS_SECTOR);
	free(content);
}

/* A disk with its table and nothing else. */
static void table_write(const struct start *s, const struct cuts_disk *d)
{
	uint8_t table[GPT_SECTORS * CUTS_SECTOR];
	const uint64_t ends[] = { 0, d->sectors - GPT_SECTORS };
	char path[2 * START_PATH];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/disk", s->world);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	CHECK(fd >= 0 && !ftruncate(fd, (off_t)(d->sectors * CUTS_SECTOR)));
	for (size_t i = 0; i < KK_ARRAY_LEN(ends); i++) {
		cuts_disk_read(d, ends[i], GPT_SECTORS, table);
		CHECK_EQ(pwrite(fd, table, sizeof(table),
			     (off_t)(ends[i] * CUTS_SECTOR)),
		    sizeof(table));
	}
	CHECK_EQ(close(fd), 0);
}

/* --- the script for the data -----------------------------------------------
 */

void start_opens(struct start *s, const struct cuts_disk *d,
    const struct gpt *g)
{
	const char *argv[GPT_PARTS + 4] = { "tests/cuts/opens", s->world,
		s->runtime };
	const bool has_data = gpt_find(g, "data") != NULL;
	char path[2 * START_PATH], *did, *key;

	if (known_is(&s->known, cuts_mix(gpt_key(d), part_key(d, &s->key))))
		return;
	for (size_t i = 0; i < g->count; i++)
		argv[i + 3] = g->part[i].name;
	table_write(s, d);
	part_write(s, d, &s->profile, "vda4");
	part_write(s, d, &s->key, "vda5");
	CHECK_EQ(cuts_run(argv), 0);
	(void)snprintf(path, sizeof(path), "%s/did", s->world);
	did = file_text(path);
	CHECK_STR(did, has_data ? "opens vda6\n" : "makes\nopens data\n");
	free(did);
	(void)snprintf(path, sizeof(path), "%s/key", s->world);
	key = file_text(path);
	if (has_data) /* where they are made anew so is it */
		CHECK_MEM(key, s->last[s->key.first], KEY);
	free(key);
	s->seen.opens++;
	s->seen.makes += !has_data;
}

/* --- from the data on ------------------------------------------------------
 */

static int status_of(struct start *s, const char *how)
{
	char bin[START_PATH];
	const char *const argv[] = { "tests/cuts/starts", s->world, s->runtime,
		bin, how, NULL };
	int status;

	(void)snprintf(bin, sizeof(bin), "%s", process_path("keyd"));
	*strrchr(bin, '/') = '\0';
	status = cuts_run(argv);
	if (status < STARTED)
		tap_diag("tests/cuts/starts has ended with %d: %s/log", status,
		    s->world);
	CHECK(status >= STARTED);
	return status - STARTED;
}

/* From the same it goes on as it did before. */
static int goes(struct start *s, uint64_t content)
{
	size_t n = 0;

	while (n < s->count && s->went[n].content != content)
		n++;
	if (n == s->count) {
		CHECK(n < KK_ARRAY_LEN(s->went));
		s->went[n].status = status_of(s, NULL);
		s->went[n].content = content;
		s->count++;
	}
	return s->went[n].status;
}

bool start_goes(struct start *s, const struct cuts_disk *d)
{
	const uint64_t profile = part_key(d, &s->profile);
	struct kept kept;
	int status;

	if (known_is(&s->known, cuts_mix(profile, part_key(d, &s->data))))
		return false;
	plain_take(&s->plain, d);
	part_write(s, d, &s->profile, "disk/konklave/profile");
	kept = kept_take(s->plain.fd, s->world, s->runtime);
	status = goes(s, cuts_mix(profile, kept.content));
	plain_back(&s->plain);
	s->seen.starts++;
	s->seen.taken += (status & TAKEN) != 0;
	s->seen.untaken += !(status & TAKEN);
	s->seen.without_keys += !(status & (KEYD | LINES));
	s->seen.with_keys += (status & KEYD) && (status & LINES);
	s->seen.with_identity += (status & IDENTITY) != 0;
	s->seen.mended += kept.is_mended;
	return kept.is_mended;
}

/* --- what comes of it when nothing is cut ----------------------------------
 */

static void format_read(const struct start *s, struct plain_format *format)
{
	char path[START_PATH], *text;
	struct kk_bytes key;
	char *end;

	(void)snprintf(path, sizeof(path), "%s/luks", s->folder);
	text = file_text(path);
	format->offset = strtoul(text, &end, 10);
	format->unit_bytes = (uint32_t)strtoul(end, NULL, 10);
	free(text);
	(void)snprintf(path, sizeof(path), "%s/volume-key", s->folder);
	CHECK_OK(program_file_read(path, PLAIN_KEY, &key));
	CHECK_EQ(key.bytes, PLAIN_KEY);
	memcpy(format->secret, key.data, PLAIN_KEY);
	kk_bytes_clear(&key);
}

void start_open(struct start *s, const struct cuts_disk *d, struct kk_view base,
    const char *name)
{
	struct plain_format format;
	struct gpt g;
	char command[5 * START_PATH];

	CHECK_OK(gpt_read(d, &g));
	s->data = gpt_part(&g, "data");
	s->key = gpt_part(&g, "key");
	s->profile = gpt_part(&g, "profile");
	(void)snprintf(s->world, sizeof(s->world), "%s/%s", s->folder, name);
	(void)snprintf(command, sizeof(command),
	    "rm -rf '%s'; mkdir -p '%s/dev/disk/konklave'; "
	    "cp '%s/profile' '%s/wrap-key' '%s'",
	    s->world, s->world, s->folder, s->folder, s->world);
	script(command);
	known_open(&s->known, KNOWN);
	format_read(s, &format);
	plain_open(&s->plain, &s->data, &format, base);
	plain_take(&s->plain, d);
	part_write(s, d, &s->profile, "disk/konklave/profile");
	(void)kept_take(s->plain.fd, s->world, s->runtime);
	CHECK_EQ(status_of(s, "last"), TAKEN + KEYD + LINES + IDENTITY);
	plain_back(&s->plain);
}

void start_close(struct start *s)
{
	plain_close(&s->plain);
	known_close(&s->known);
	folder_remove(s->world);
}
