/* profile_private.h - what the library's files share. */
#pragma once
#include "profile/profile.h"

/* Without spaces and tabs at both ends. */
struct kk_view profile_trim(struct kk_view v);

bool profile_has_secret(struct kk_view text); /* a private key in PEM */

/* Says what is wrong, and gives err. */
enum kk_err profile_fail(struct profile_problem *problem, enum kk_err err,
    enum profile_wrong what, size_t line, enum profile_key key);

bool profile_key_find(struct kk_view name, enum profile_key *key);

/* Checks a value and puts it into its place.  Errors: as profile_parse(). */
MUST_CHECK enum kk_err profile_value_put(struct profile *p,
    enum profile_key key, struct kk_view value, size_t line,
    struct profile_problem *problem);
