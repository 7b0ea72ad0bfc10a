/*
 * efivars.h - UEFI variables as the kernel's files, and what the running system
 * says of itself: what boot.h asks its caller for.  Zone: boot.  One thread.
 */
#pragma once
#include "boot/boot.h"

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
/* Reads both files into b.  Errors: KK_EIO, KK_EFORMAT the id is not 32
 * hexadecimal digits, with or without -. */
MUST_CHECK enum kk_err facts_read(const char *cmdline, const char *boot_id,
    struct boot *b);
MUST_CHECK enum kk_err facts_guid_parse(const char *text, uint8_t guid[16]);
