/* options.h - what konklave-flash is to do. */
#pragma once
#include "base/base.h"

struct flash_options {
	const char *command; /* list, show, write, pack */
	const char *image; /* the package */
	const char *to; /* sdb, /dev/sdb, or a file */
	const char *trust; /* PEM */
	const char *board;
	const char *profile, *units; /* files */
	unsigned unit; /* a row of units, from 1; 0: none */
	const char *over; /* a disk that is in use, named again */
	const char *record;
	const char *from, *release, *key, *chain; /* of pack */
	bool resumes, is_sure, takes_system, is_json;
	bool is_done; /* --help, --version */
};

/* What is wrong is said on standard error.  Errors: KK_EINVAL. */
MUST_CHECK enum kk_err flash_options_parse(struct flash_options *o, int argc,
    char **argv);

const char *flash_version(void); /* version.c */
