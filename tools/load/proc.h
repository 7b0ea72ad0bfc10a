/* proc.h - what a process has cost, as the kernel tells. */
#pragma once
#include "base/base.h"

struct load_usage {
	uint64_t run_ns; /* on a CPU, all threads that there are now */
	uint64_t user_ms, system_ms; /* in ticks of the kernel */
	unsigned threads;
};

/*
 * Errors: KK_ENOENT no such process; KK_EIO, KK_EFORMAT its files in /proc.
 */
MUST_CHECK enum kk_err load_usage_read(struct load_usage *usage,
    unsigned long pid);

/* Its memory, each page shared by n counted as an nth of it. */
MUST_CHECK enum kk_err load_memory_read(uint64_t *bytes, unsigned long pid);

/* The texts of the kernel's files.  Errors: KK_EFORMAT. */
MUST_CHECK enum kk_err load_schedstat_parse(const char *text, uint64_t *run_ns);
MUST_CHECK enum kk_err load_stat_parse(const char *text, uint64_t *user_ticks,
    uint64_t *system_ticks);
MUST_CHECK enum kk_err load_rollup_parse(const char *text, uint64_t *pss_bytes);
