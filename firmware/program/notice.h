/*
 * notice.h - what a program tells on the room's picture, in a file of its own
 * (notice/notice.h).  Any zone.
 */
#pragma once
#include "notice/notice.h"

#define PROGRAM_NOTICES "/run/konklave/notice" /* the box's folder of them */

/* Of this moment, by CLOCK_MONOTONIC. */
uint64_t program_notice_now_s(void);

/*
 * Replaces what was told under that name; NOTICE_NONE: nothing is told any
 * more.  at_s is set.  What cannot be a file's name is left out.  Where there
 * is no such folder nobody shows notices.
 * Errors: KK_ENOENT (that), KK_EIO.
 */
enum kk_err program_notice_put(const char *folder, const char *as,
    const struct notice *notice);
/* The same of a kind alone, or with a file's name (of a path its last part). */
enum kk_err program_notice_tell(const char *folder, const char *as,
    enum notice_kind kind, const char *file);

/*
 * All that is told in a folder, as far as there is room; returns how many.
 * What is not a notice is left out.
 */
size_t program_notices_read(const char *folder, struct notice *out,
    size_t room);
