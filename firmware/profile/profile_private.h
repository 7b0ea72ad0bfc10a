/* profile_private.h - what the library's files share. */
#pragma once
#include "profile/profile.h"

#define PROFILE_LIST ", " /* what is between items of a value */

/* Without spaces and tabs at both ends. */
struct kk_view profile_trim(struct kk_view v);

/* Takes a line off a text, trimmed; false: there is none. */
bool profile_line_take(struct kk_view *text, struct kk_view *line);

bool profile_has_secret(struct kk_view text); /* a private key in PEM */

/* Says what is wrong, and gives err. */
enum kk_err profile_fail(struct profile_problem *problem, enum kk_err err,
    enum profile_wrong what, size_t line, enum profile_key key);

bool profile_key_find(struct kk_view name, enum profile_key *key);

/* Checks a value and puts it into its place.  Errors: as profile_parse(). */
MUST_CHECK enum kk_err profile_value_put(struct profile *p,
    enum profile_key key, struct kk_view value, size_t line,
    struct profile_problem *problem);

/* What stands in a part; number is that of its first line.
 * Errors: KK_EFORMAT. */
MUST_CHECK enum kk_err profile_part_check(enum profile_part part,
    struct kk_view body, size_t number, struct profile_problem *problem);
bool profile_part_find(struct kk_view header, enum profile_part *part);
const char *profile_part_header(enum profile_part part); /* "[anchors]" */

bool profile_is_device(const char *text); /* auto, none, or a name's words */
bool profile_is_screen_size(const char *text);

enum { PROFILE_USER_BYTES = 64 };

bool profile_is_user(struct kk_view v); /* of SIP */

/* A line of [telephones]; its words stand in the part. */
struct profile_account {
	size_t line; /* its number, from that of the part's first line on */
	struct kk_view user, ha1[2], rest; /* not checked */
};

/* The next one; false: there is none. */
bool profile_account_take(struct kk_view *text, struct profile_account *a);
