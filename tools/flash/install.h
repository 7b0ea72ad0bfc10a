/*
 * install.h - the stick that writes a box's own disk without a laptop: what is
 * on it, and onto which disk it writes.  konklave-flash does this when it is a
 * machine's first process.
 *
 * The stick has three partitions, known by their names: "esp" with the signed
 * kernel image that this program is in, "profile" (flash_record_make(), or
 * zeros) and "konklave-package" with a package from its first byte on.
 */
#pragma once
#include "tools/flash/flash.h"

struct install_stick {
	char disk[32], package[32], profile[32]; /* sdb, sdb3, sdb2 */
};

/*
 * Looks for the stick in what the kernel has under root ("" is the machine's
 * own).  Errors: KK_ENOENT there is none, KK_ESTATE several, KK_EIO.
 */
MUST_CHECK enum kk_err install_stick_find(const char *root,
    struct install_stick *stick);

enum install_choice {
	INSTALL_NONE, /* no disk of the box itself */
	INSTALL_SMALL, /* there is one, for less than the image */
	INSTALL_ONE,
	INSTALL_SEVERAL
};

/*
 * The box's own disks that the image fits on go to the list's front, in their
 * order; *count becomes their number.  Never the stick, nor what can be pulled
 * out, is read-only or in use.
 */
enum install_choice install_disks_keep(struct flash_disk *disks, size_t *count,
    const char *stick, uint64_t image_bytes);

/*
 * The disk that somebody chose by its number in the list, from 1, as typed.
 * Errors: KK_EINVAL anything else.
 */
MUST_CHECK enum kk_err install_answer_take(const char *line, size_t count,
    size_t *chosen);

/* Whether the program is the first process of a file system in memory, started
 * by the kernel as this name: a container's first process is not. */
bool install_is_wanted(const char *name);

/* Runs as the first process, and switches the machine off in the end. */
void install_run(void);
