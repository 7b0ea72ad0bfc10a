/* handler.h - the inside of konklave-boot.  Zone: boot. */
#pragma once
#include "efivars/efivars.h"
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
 * Variables that everybody can only read become ours to write, in a view of the
 * file systems that this process alone has (mount.c).  Where it may not have
 * one nothing changes, and what writes them will fail.
 */
void vars_writable_make(const char *folder, const struct kk_log *log);

/*
 * The partition that the firmware starts from (disk.c), by its link under
 * /dev/disk.  Errors: KK_ENOENT, KK_EIO, KK_EFORMAT.
 */
MUST_CHECK enum kk_err disk_find(const struct handler_options *o,
    struct boot_disk *disk);
