/*
 * metrics.h - pieces of the page that Prometheus reads: names begin with
 * konklave_sfu_, units are seconds, bytes, ratios and bits a second.
 */
#pragma once
#include "pool.h"

/* One line or several, of 255 characters at most. */
__attribute__((format(printf, 2, 3))) void sfud_metrics_line(
    struct kk_writer *w, const char *format, ...);
/* What comes before the lines of a metric. */
void sfud_metrics_head(struct kk_writer *w, const char *name, const char *type,
    const char *help);

/* metrics_paths.c: histograms of loss and of estimates. */
void sfud_metrics_paths(struct kk_writer *w, const struct pool_load *loads,
    size_t count);
/* metrics_engines.c */
void sfud_metrics_engines(struct kk_writer *w, const struct pool_load *loads,
    size_t count);
