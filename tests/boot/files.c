/* files.c - variables as files, and what the program reads beside them. */
#define _GNU_SOURCE /* mkdtemp(), symlinkat() */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "firmware/bin/konklave-boot/handler.h"
#include "harness/process.h"
#include "harness/tap.h"

#define GLOBAL "8be4df61-93ca-11d2-aa0d-00e098032b8c"

enum { PATH = 256, OUT = 1024 };

struct place {
	char path[PATH];
	struct efivars files;
	struct boot_vars vars;
};

static const char *in(const struct place *p, const char *name)
{
	static char path[2 * PATH];

	(void)snprintf(path, sizeof(path), "%s/%s", p->path, name);
	return path;
}

static void place_open(struct place *p)
{
	(void)snprintf(p->path, sizeof(p->path), "/tmp/kk-boot-XXXXXX");
	CHECK(mkdtemp(p->path) != NULL);
	CHECK_EQ(mkdir(in(p, "vars"), 0700), 0);
	CHECK_OK(efivars_open(&p->files, in(p, "vars")));
	p->vars = efivars_vars(&p->files);
}

static void place_close(struct place *p)
{
	efivars_close(&p->files);
	folder_remove(p->path);
}

static void write_in(const struct place *p, const char *name, const char *text)
{
	file_write(in(p, name), text, strlen(text));
}

TEST(variable_is_attributes_and_value_and_keeps_no_old_end)
{
	static const uint8_t five[] = { 1, 2, 3, 4, 5 }, two[] = { 9, 8 };
	static const uint8_t file[] = { 7, 0, 0, 0, 9, 8 };
	struct place p;
	uint8_t data[8];
	size_t bytes = sizeof(data);
	char *text;

	place_open(&p);
	CHECK_OK(p.vars.set(p.vars.arg, "BootOrder", false, five, 5));
	CHECK_OK(p.vars.set(p.vars.arg, "BootOrder", false, two, 2));
	CHECK_OK(p.vars.get(p.vars.arg, "BootOrder", false, data, &bytes));
	CHECK_EQ(bytes, 2);
	CHECK_MEM(data, two, 2);
	text = file_text(in(&p, "vars/BootOrder-" GLOBAL));
	CHECK_MEM(text, file, sizeof(file));
	free(text);
	place_close(&p);
}

TEST(variable_that_is_not_there_or_too_large_or_cut_is_told)
{
	struct place p;
	uint8_t data[4] = { 1 };
	size_t bytes = sizeof(data);

	place_open(&p);
	CHECK_ERR(p.vars.get(p.vars.arg, "BootNext", false, data, &bytes),
	    KK_ENOENT);
	CHECK_OK(p.vars.erase(p.vars.arg, "BootNext"));
	CHECK_OK(p.vars.set(p.vars.arg, "BootNext", false, data, 4));
	/* Of another vendor: another variable. */
	CHECK_ERR(p.vars.get(p.vars.arg, "BootNext", true, data, &bytes),
	    KK_ENOENT);
	bytes = 3;
	CHECK_ERR(p.vars.get(p.vars.arg, "BootNext", false, data, &bytes),
	    KK_ELIMIT);
	file_write(in(&p, "vars/BootNext-" GLOBAL), data, 3);
	CHECK_ERR(p.vars.get(p.vars.arg, "BootNext", false, data, &bytes),
	    KK_EFORMAT);
	CHECK_OK(p.vars.erase(p.vars.arg, "BootNext"));
	CHECK_ERR(p.vars.get(p.vars.arg, "BootNext", false, data, &bytes),
	    KK_ENOENT);
	CHECK_ERR(p.vars.set(p.vars.arg, "BootNext", false, data, 0),
	    KK_ELIMIT);
	CHECK_ERR(efivars_open(&p.files, "/nonexistent/efivars"), KK_EIO);
	place_close(&p);
}

TEST(entries_are_listed_in_order_and_other_names_are_not)
{
	static const char *const names[] = { "Boot0010", "Boot0002", "BootFFFF",
		"Boot000g", "Boot00021", "BootOrder", "Boot000a" };
	static const uint8_t value[] = { 1 };
	struct place p;
	uint16_t numbers[8];
	size_t count = 8;

	place_open(&p);
	for (size_t i = 0; i < KK_ARRAY_LEN(names); i++)
		CHECK_OK(p.vars.set(p.vars.arg, names[i], false, value, 1));
	CHECK_OK(p.vars.set(p.vars.arg, "Boot0001", true, value, 1));
	CHECK_OK(p.vars.entries(p.vars.arg, numbers, &count));
	CHECK_EQ(count, 3);
	CHECK(numbers[0] == 2 && numbers[1] == 0x10 && numbers[2] == 0xffff);
	count = 2;
	CHECK_ERR(p.vars.entries(p.vars.arg, numbers, &count), KK_ELIMIT);
	place_close(&p);
}

TEST(command_line_tells_slot_and_version)
{
	static const struct {
		const char *text;
		enum boot_slot slot;
		uint64_t version;
	} rows[] = {
		{ "", BOOT_NO_SLOT, 0 },
		{ "quiet konklave.slot=a konklave.version=12\n", BOOT_A, 12 },
		{ "konklave.version=18446744073709551615 konklave.slot=b",
		    BOOT_B, UINT64_MAX },
		{ "konklave.slot=c konklave.version=1x", BOOT_NO_SLOT, 0 },
		{ "konklave.slot=ab konklave.version=", BOOT_NO_SLOT, 0 },
		{ "konklave.slot= xkonklave.slot=a", BOOT_NO_SLOT, 0 },
		{ "konklave.version=18446744073709551616", BOOT_NO_SLOT, 0 },
	};

	for (size_t i = 0; i < KK_ARRAY_LEN(rows); i++) {
		enum boot_slot slot = BOOT_A;
		uint64_t version = 77;

		facts_cmdline_parse(rows[i].text, &slot, &version);
		CHECK_EQ(slot, rows[i].slot);
		CHECK_EQ(version, rows[i].version);
	}
}

TEST(guid_is_as_it_stands_on_the_disk)
{
	static const uint8_t want[] = { 0x61, 0xdf, 0xe4, 0x8b, 0xca, 0x93,
		0xd2, 0x11, 0xaa, 0x0d, 0, 0xe0, 0x98, 3, 0x2b, 0x8c };
	uint8_t guid[16];

	CHECK_OK(facts_guid_parse(GLOBAL, guid));
	CHECK_MEM(guid, want, sizeof(want));
	CHECK_ERR(facts_guid_parse("8be4df61", guid), KK_EFORMAT);
	CHECK_ERR(facts_guid_parse(GLOBAL "0", guid), KK_EFORMAT);
	CHECK_ERR(facts_guid_parse("xbe4df61-93ca-11d2-aa0d-00e098032b8c",
		      guid),
	    KK_EFORMAT);
}

/* A disk with blocks of 4096 bytes, as /sys and /dev/disk show it. */
static void disk_make(struct place *p)
{
	static const char *const folders[] = { "sys", "sys/class",
		"sys/class/block", "sys/disk", "sys/disk/sdx1",
		"sys/disk/queue", "dev", "dev/konklave", "dev/by-partuuid" };
	const char *guid = "dev/by-partuuid/" GLOBAL;

	for (size_t i = 0; i < KK_ARRAY_LEN(folders); i++)
		CHECK_EQ(mkdir(in(p, folders[i]), 0700), 0);
	CHECK_EQ(symlink("../../disk/sdx1", in(p, "sys/class/block/sdx1")), 0);
	write_in(p, "sys/disk/sdx1/partition", "1\n");
	write_in(p, "sys/disk/sdx1/start", "16384\n");
	write_in(p, "sys/disk/sdx1/size", "262144\n");
	write_in(p, "sys/disk/queue/logical_block_size", "4096\n");
	write_in(p, "dev/sdx1", "");
	write_in(p, "dev/sdx2", "");
	CHECK_EQ(symlink("../sdx1", in(p, "dev/konklave/esp")), 0);
	CHECK_EQ(symlink("../sdx2", in(p, "dev/by-partuuid/0000-other")), 0);
	CHECK_EQ(symlink("../sdx1", in(p, guid)), 0);
}

TEST(partition_to_start_from_is_found_in_its_disks_own_blocks)
{
	struct place p;
	struct handler_options o = { .esp = "esp" };
	struct boot_disk disk;
	char sys[PATH + 8], dev[PATH + 8];

	place_open(&p);
	disk_make(&p);
	(void)snprintf(sys, sizeof(sys), "%s/sys", p.path);
	(void)snprintf(dev, sizeof(dev), "%s/dev", p.path);
	o.sys = sys;
	o.dev = dev;
	CHECK_OK(disk_find(&o, &disk));
	CHECK_EQ(disk.number, 1);
	CHECK_EQ(disk.start, 2048);
	CHECK_EQ(disk.sectors, 32768);
	CHECK_EQ(disk.guid[0], 0x61);
	write_in(&p, "sys/disk/sdx1/start", "x\n");
	CHECK_ERR(disk_find(&o, &disk), KK_EFORMAT);
	o.esp = "other";
	CHECK_ERR(disk_find(&o, &disk), KK_ENOENT);
	place_close(&p);
}

/* The program, as RAUC calls it. */
static int run(const struct place *p, const char *words[3], char out[OUT])
{
	static const char *const names[] = { "efivars", "cmdline", "boot-id",
		"sys", "dev" };
	static const char *const at[] = { "vars", "cmdline", "boot_id", "sys",
		"dev" };
	static char text[5][2 * PATH];
	const char *args[9] = { NULL };
	size_t n = 0;

	for (; n < KK_ARRAY_LEN(names); n++) {
		(void)snprintf(text[n], sizeof(text[n]), "--%s=%s/%s", names[n],
		    p->path, at[n]);
		args[n] = text[n];
	}
	for (size_t i = 0; i < 3 && words[i]; i++)
		args[n++] = words[i];
	return process_run("konklave-boot", args, out, OUT);
}

static void boot_as(const struct place *p, const char *slot, const char *id)
{
	char line[64], out[OUT];

	(void)snprintf(line, sizeof(line),
	    "quiet konklave.slot=%s konklave.version=3\n", slot);
	write_in(p, "cmdline", line);
	write_in(p, "boot_id", id);
	CHECK_EQ(run(p, (const char *[3]){ "started" }, out), 0);
}

static void says(const struct place *p, const char *one, const char *two,
    const char *want)
{
	char out[OUT] = "";

	CHECK_EQ(run(p, (const char *[3]){ one, two }, out), 0);
	CHECK_STR(out, want);
}

TEST(program_does_an_update_over_files)
{
	struct place p;
	char out[OUT];

	place_open(&p);
	disk_make(&p);
	boot_as(&p, "a", "11111111-1111-1111-1111-111111111111\n");
	CHECK_EQ(run(&p, (const char *[3]){ "setup" }, out), 0);
	says(&p, "get-current", NULL, "a\n");
	says(&p, "get-primary", NULL, "a\n");
	/* Not confirmed yet: nothing may be written. */
	CHECK_EQ(run(&p, (const char *[3]){ "set-state", "b", "bad" }, out), 1);
	CHECK(strstr(out, "KK_ESTATE") != NULL);
	CHECK_EQ(run(&p, (const char *[3]){ "set-state", "a", "good" }, out),
	    0);
	CHECK_EQ(run(&p, (const char *[3]){ "set-state", "b", "bad" }, out), 0);
	CHECK_EQ(run(&p, (const char *[3]){ "set-primary", "b" }, out), 0);
	says(&p, "get-primary", NULL, "b\n");
	says(&p, "get-state", "b", "bad\n");
	boot_as(&p, "b", "22222222-2222-2222-2222-222222222222\n");
	CHECK_EQ(run(&p, (const char *[3]){ "set-state", "b", "good" }, out),
	    0);
	says(&p, "get-state", "b", "good\n");
	says(&p, "status", NULL,
	    "running b\npreferred b\nfloor 3\n"
	    "a good, 0 boots since it was confirmed\n"
	    "b good, 0 boots since it was confirmed\n");
	place_close(&p);
}

/* As rootinit leaves the firmware's variables: read-only for everybody. */
TEST(program_alone_can_write_variables_that_are_mounted_to_be_read)
{
	static const char script[] =
	    "own='unshare --mount'\n"
	    "$own true 2>/dev/null || own='unshare --map-root-user --mount'\n"
	    "$own sh -ec '\n"
	    "mount -t tmpfs none vars\n"
	    "mount -o remount,bind,ro,nosuid,nodev,noexec vars\n"
	    "if touch vars/x 2>/dev/null; then exit 3; fi\n"
	    "boot() { $bin/konklave-boot --efivars=vars --cmdline=cmdline "
	    "--boot-id=boot_id \"$@\"; }\n"
	    "boot started\n"
	    "boot status\n"
	    "test -s vars/KonklaveBoot-*\n"
	    "if touch vars/x 2>/dev/null; then exit 4; fi\n"
	    "'\n";
	struct place p;
	char out[OUT];
	int status;

	place_open(&p);
	write_in(&p, "cmdline", "konklave.slot=a konklave.version=3\n");
	write_in(&p, "boot_id", "11111111-1111-1111-1111-111111111111\n");
	status = process_script(p.path, script, out, OUT);
	if (status != 0)
		(void)fprintf(stderr, "# %s\n", out);
	CHECK_EQ(status, 0);
	CHECK(strstr(out, "a good, 1 boots since") != NULL);
	place_close(&p);
}

TEST(program_refuses_what_is_no_command)
{
	static const char *const wrong[][3] = {
		{ "start" },
		{ "set-primary" },
		{ "set-primary", "c" },
		{ "get-state", "a", "good" },
		{ "set-state", "a" },
	};
	struct place p;
	char out[OUT];

	place_open(&p);
	for (size_t i = 0; i < KK_ARRAY_LEN(wrong); i++) {
		const char *words[3] = { wrong[i][0], wrong[i][1],
			wrong[i][2] };

		CHECK_EQ(run(&p, words, out), 2);
	}
	boot_as(&p, "a", "11111111-1111-1111-1111-111111111111\n");
	CHECK_EQ(run(&p, (const char *[3]){ "set-state", "a", "fine" }, out),
	    1);
	write_in(&p, "boot_id", "not a boot\n");
	CHECK_EQ(run(&p, (const char *[3]){ "get-current" }, out), 1);
	place_close(&p);
}
