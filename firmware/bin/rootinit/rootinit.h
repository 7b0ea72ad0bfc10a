/*
 * rootinit.h - the first process of a booted image: from the initial file
 * system, which the firmware has verified with the kernel, to the root.
 */
#pragma once
#include "verity/verity.h"

/* Tells the kernel's log.  The arguments are the caller's. */
__attribute__((format(printf, 1, 2))) void rootinit_say(const char *format,
    ...);

/* Loads the kernel modules of a folder, in the order of their names.
 * Errors: KK_EIO the folder cannot be read. */
MUST_CHECK enum kk_err modules_load(const char *path);

/*
 * Tells boot/boot.h that this boot has started, and leaves the firmware's
 * variables mounted, to be read.  What goes wrong is only said: a root that is
 * good shall start.
 */
void boot_count(void);

/*
 * The board's watchdog, where its driver is among the modules: it is fed while
 * the root is waited for, and then left running until systemd takes it over.
 * Its time is konklave.watchdog=SECONDS of the command line, the last one; 0,
 * or none: it is left alone.  *file is -1 where there is none.
 */
enum { WATCHDOG_MAX_S = 3600 };

unsigned watchdog_seconds(struct kk_view line);
void watchdog_start(int *file, struct kk_view line);
void watchdog_feed(int file);

/*
 * Removes what rootinit was started from, itself included, before the root
 * takes its place: nobody could reach it any more, and it would stay in memory.
 * initial_clear() removes the files of one folder, but not its folders, and
 * tells how many; initial_is_memory() says whether they are in memory alone.
 */
void initial_free(void);
unsigned initial_clear(int folder);
bool initial_is_memory(int folder);

/*
 * Maps the partition "MAJOR:MINOR" under verity and leaves the path of the
 * block device in path, for mounting.  Errors: KK_EIO, KK_EINVAL.
 */
MUST_CHECK enum kk_err mapping_make(const struct verity_root *root,
    const char *device, char *path, size_t path_bytes);

/* From now on a wrong block stops the machine.  Errors: KK_EIO, KK_EINVAL. */
MUST_CHECK enum kk_err mapping_harden(const struct verity_root *root,
    const char *device);

/* Takes the mapping away again. */
void mapping_remove(void);
