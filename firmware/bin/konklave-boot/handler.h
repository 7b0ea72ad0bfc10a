/* handler.h - the inside of konklave-boot.  Zone: boot. */
#pragma once
#include "boot/boot.h"
#include "program/options.h"
#include "program/program.h"

enum { HANDLER_WORDS_MAX = 3 };

struct handler_options {
	const char *efivars, *cmdline, *boot_id, *sys, *dev, *esp;
	const char *word[HANDLER_WORDS_MAX];
	size_t words;
	bool is_done;
};

/* Errors: KK_EINVAL, and it was said what is wrong. */
MUST_CHECK enum kk_err handler_options_parse(struct handler_options *o,
    int argc, char **argv);

/*
 * Variables as files (efivars.c): FOLDER/NAME-GUID, four bytes of attributes
 * before the value, each written by one write().  A folder of a plain file
 * system will do, for tests.
 * Source: Linux, Documentation/filesystems/efivarfs.rst.
 */
struct efivars {
	int folder;
};

MUST_CHECK enum kk_err efivars_open(struct efivars *e, const char *path);
void efivars_close(struct efivars *e);
struct boot_vars efivars_vars(struct efivars *e); /* e is borrowed */

/*
 * What the running system says of itself (facts.c).  The command line is a part
 * of the signed image: konklave.slot=a|b, konklave.version=N.  What it does not
 * say is BOOT_NO_SLOT and 0.
 */
void facts_cmdline_parse(const char *text, enum boot_slot *running,
    uint64_t *version);
/* Errors: KK_EIO, KK_EFORMAT no 32 hexadecimal digits, with or without -. */
MUST_CHECK enum kk_err facts_read(const struct handler_options *o,
    struct boot *b);
MUST_CHECK enum kk_err facts_guid_parse(const char *text, uint8_t guid[16]);

/*
 * The partition that the firmware starts from (disk.c), by its link under
 * /dev/disk.  Errors: KK_ENOENT, KK_EIO, KK_EFORMAT.
 */
MUST_CHECK enum kk_err disk_find(const struct handler_options *o,
    struct boot_disk *disk);
