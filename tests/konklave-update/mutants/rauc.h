/* rauc.h - a rauc that is started once (server.c), for many bundles. */
#pragma once
#include <sys/types.h>

#include "base/base.h"

struct rauc {
	int to, out; /* descriptors */
	pid_t pid;
};

/* Errors: KK_EIO. */
MUST_CHECK enum kk_err rauc_start(struct rauc *r, const char *program,
    const char *server);
void rauc_stop(struct rauc *r);
/* As program_run() would; out may be NULL.  Errors: KK_EIO, KK_ELIMIT. */
MUST_CHECK enum kk_err rauc_run(const struct rauc *r, const char *const argv[],
    char *out, size_t room_bytes);
