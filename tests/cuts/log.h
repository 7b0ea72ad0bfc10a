/*
 * log.h - a log of a disk's writes, as the kernel's dm-log-writes and QEMU's
 * blklogwrites make it: what was asked for, in its order, and each flush.
 * Source: Linux, Documentation/admin-guide/device-mapper/log-writes.rst.
 */
#pragma once
#include "base/base.h"

enum { CUTS_SECTOR = 512, CUTS_ENTRIES_MAX = 1 << 20 };

struct cuts_entry {
	uint64_t at, sectors; /* sectors 0: nothing is written */
	const uint8_t *data; /* of the log; NULL: these sectors are dropped */
	bool is_flush; /* what came before it is on the disk, before it is */
	bool is_fua; /* it is on the disk itself, before what comes behind it */
};

struct cuts_log {
	struct cuts_entry *entries;
	size_t count;
};

/*
 * Reads a log of a disk of so many sectors; in is borrowed as long as *log is
 * used, which is to be cleared.  What QEMU had not counted when it ended is
 * left out.  On error *log is empty.
 * Errors: KK_EFORMAT no such log, or it writes where no disk is; KK_EUNSUP
 * another version, or other sectors; KK_ETRUNC, KK_ELIMIT, KK_ENOMEM.
 */
MUST_CHECK enum kk_err cuts_log_parse(struct cuts_log *log, struct kk_view in,
    uint64_t disk_sectors);
void cuts_log_clear(struct cuts_log *log);
