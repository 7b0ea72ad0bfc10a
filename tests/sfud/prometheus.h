/* prometheus.h - a strict reader of pages for Prometheus. */
#pragma once

/*
 * Text format 0.0.4 and the conventions of names (prometheus.io/docs:
 * exposition formats; metric and label naming), stricter where those leave a
 * choice: each metric has HELP, TYPE and its lines together, and once.  NULL:
 * well-formed; else what is wrong, and *line is the line that it is in.
 */
const char *prometheus_check(const char *page, unsigned *line);
