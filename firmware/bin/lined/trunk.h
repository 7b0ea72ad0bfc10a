/*
 * trunk.h - a telephone exchange that we register at, from a file.  Pure.
 *
 * A line is NAME=VALUE or, for static and unchecked, NAME; empty ones and those
 * that begin with # say nothing.  Names: name, domain, server (twice at most),
 * user, auth-user, password, expires (seconds), static, unchecked.
 */
#pragma once
#include "ua/ua.h"

enum { TRUNK_FILE_BYTES = 4096 };

struct trunk {
	struct ua_trunk of; /* texts are in text */
	char *text;
	size_t bytes;
};

/*
 * On success *t is the caller's; on error it is empty and *line is the wrong
 * one, or 0.  Errors: KK_EFORMAT an unknown name, one without a value, one that
 * is given twice, a control character, or no server, domain or user; KK_ELIMIT
 * longer than TRUNK_FILE_BYTES; KK_ENOMEM.
 */
MUST_CHECK enum kk_err trunk_parse(struct trunk *t, struct kk_view file,
    size_t *line);
void trunk_clear(struct trunk *t); /* wipes; zeroed is fine */
