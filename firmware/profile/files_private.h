/* files_private.h - what those who make the files share. */
#pragma once
#include "profile/files.h"
#include "profile/profile_private.h"

enum { PROFILE_FILE_BYTES = 4096 }; /* a name of quotes, quoted twice */

/* What does not fit is left out; profile_check() has seen to it that it does.
 */
struct profile_text {
	char data[PROFILE_FILE_BYTES];
	size_t at;
};

__attribute__((format(printf, 2, 3))) void profile_text_add(
    struct profile_text *t, const char *format, ...);

/* In quotation marks, as systemd.exec(5) reads files of an environment. */
void profile_text_add_quoted(struct profile_text *t, const char *value);

/* format, with each item of a value in turn. */
void profile_text_add_list(struct profile_text *t, const char *list,
    const char *before, const char *after);

bool profile_has(const struct profile *p, enum profile_key key);
bool profile_has_token(const struct profile *p); /* the box's key is in one */

/* --server=HOST:PORT of the forwarder, and how it is trusted and reached by the
 * unit. */
void profile_server_add(struct profile_text *t, const struct profile *p,
    const char *unit);

#define PROFILE_ANCHORS_PATH "/run/konklave/config/anchors.pem"

/* What mediad(8) is told of the room's devices; nothing, where nothing was
 * said. */
void profile_devices_add(struct profile_text *t, const struct profile *p);

/* lines.c, 8021x.c */
void profile_8021x_make(struct profile_text *t, const struct profile *p);
void profile_lines_keyd_make(struct profile_text *t, const struct profile *p);
void profile_lines_roomd_make(struct profile_text *t, const struct profile *p);
void profile_mixd_make(struct profile_text *t, const struct profile *p);
void profile_lined_make(struct profile_text *t, const struct profile *p);
void profile_dial_in_make(struct profile_text *t, const struct profile *p);
void profile_trunk_make(struct profile_text *t, const struct profile *p);
bool profile_uses_tls(const struct profile *p); /* towards an exchange */

/* Errors: KK_ENOMEM. */
MUST_CHECK enum kk_err profile_accounts_make(const struct profile *p,
    struct kk_bytes *out);
