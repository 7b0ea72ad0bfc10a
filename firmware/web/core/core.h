/*
 * core.h - MLS for a caller who has no pointers: JavaScript.  Zone: keys.
 *
 * Every call is one operation of ops.def with one run of bytes in and one out,
 * in the TLS presentation language.  Things that live on are named by handles,
 * numbers that are never given twice, so that a freed or forged one is an error
 * (KK_ENOENT) and no memory access.  A handle keeps alive what it stands on: a
 * client, freed by its owner, stays until its last group is freed.
 *
 * One thread.  api.c is the way in from WebAssembly; tests use core_call().
 */
#pragma once
#include "mls/mls.h"

struct core;

enum core_op {
#define OP(name) CORE_##name,
#include "web/core/ops.def"
#undef OP
	CORE_OP_COUNT
};

enum {
	CORE_HANDLES_MAX = 1024,
	CORE_INPUT_MAX_BYTES = 16 * 1024 * 1024,
	CORE_PSKS_MAX = 64, /* external PSKs that a client knows */
	CORE_CHECKS_AT_ONCE = 128
};

/* Errors: KK_ENOMEM, KK_ECRYPTO. */
MUST_CHECK enum kk_err core_new(struct core **corep);
void core_free(struct core *core); /* and all that has handles; NULL is fine */

/*
 * Runs an operation.  *out is empty on error.  Errors: KK_EINVAL no such
 * operation, KK_ELIMIT too long or too many handles, KK_ETRUNC, KK_ETRAIL or
 * KK_EFORMAT in is not what the operation reads, KK_ENOENT no such handle, and
 * those of mls.h.
 */
MUST_CHECK enum kk_err core_call(struct core *core, uint32_t op,
    struct kk_view in, struct kk_bytes *out);
