/* config.h - the inside of konklave-config.  Zone: config. */
#pragma once
#include <stdio.h>

#include "profile/files.h"
#include "profile/profile.h"
#include "program/notice.h"
#include "program/options.h"
#include "program/program.h"
#include "program/words.h"

struct config_options {
	const char *root; /* "": the box's own */
	const char *verb, *file; /* file: NULL where the verb takes none */
	bool is_json, is_done;
};

/* Errors: KK_EINVAL, and it was said what is wrong. */
MUST_CHECK enum kk_err config_options_parse(struct config_options *o, int argc,
    char **argv);

/* --- what is kept, and what is made of it (store.c) ----------------------- */

/*
 * The profile that a box has.  It is written whole or not at all.
 * Errors: KK_ENOENT (the first alone), KK_ELIMIT, KK_EIO, KK_ENOMEM.
 */
MUST_CHECK enum kk_err store_read(const char *root, struct kk_bytes *text);
MUST_CHECK enum kk_err store_write(const char *root, struct kk_view text);

/*
 * The one that konklave-flash has left on the disk (konklave-profile(5)).
 * Errors: KK_ENOENT none, KK_EVERIFY it is broken, KK_EIO, KK_ENOMEM.
 */
MUST_CHECK enum kk_err record_read(const char *root, struct kk_bytes *text);
/* What a partition begins with; *text is to be cleared, on error empty. Errors:
 * KK_ENOENT, KK_EVERIFY, KK_ENOMEM. */
MUST_CHECK enum kk_err record_parse(struct kk_view in, struct kk_bytes *text);
MUST_CHECK enum kk_err record_erase(const char *root); /* with zeros */
/* Nothing of one is there: a cut may have left its end without its beginning.
 */
bool record_is_erased(const char *root);

/* Puts files below /run, each whole or not at all, and removes those that the
 * profile has not.  Errors: KK_EIO. */
MUST_CHECK enum kk_err files_write(const char *root,
    const struct profile_files *files);

/* --- a factory reset (reset.c) -------------------------------------------- */

enum { RESET_CODE_BYTES = 9, RESET_TEXT_MAX = 128 };

/* At the next start everything is to be erased, or no longer.
 * Errors: KK_ENOENT the disk has no place for it, KK_EIO. */
MUST_CHECK enum kk_err reset_mark(const char *root, bool is_wanted);
/* What confirms it, until the next start.  False: there is none. */
bool reset_code(const char *root, char code[RESET_CODE_BYTES]);
/* Whether a stick's text asks this very box. */
bool reset_is_asked(const char *root, struct kk_view text);

/* --- what people and scripts are told (tell.c) ---------------------------- */

enum config_word {
	CONFIG_RIGHT,
	CONFIG_STORED,
	CONFIG_TAKEN,
	CONFIG_NONE,
	CONFIG_THERE,
	CONFIG_BROKEN,
	CONFIG_FILE, /* {1} file, {2} why */
	CONFIG_RESET_ASK, /* {1} the code */
	CONFIG_RESET_CODE,
	CONFIG_RESET_MARKED,
	CONFIG_RESET_CANCELLED,
	CONFIG_RESET_OTHER,
	CONFIG_STICK_NOTHING,
	CONFIG_NO_TPM, /* that the box's key is to be in */
	CONFIG_NO_MODULE, /* of the token */
	CONFIG_WORDS
};

struct config_tell {
	bool is_json, is_german;
	const char *file;
	enum config_word lacks; /* a warning of tell_right(); CONFIG_WORDS: none
				 */
};

/* What this box has not that the profile's keys need; CONFIG_WORDS: nothing
 * that can be seen from here (keystore.c). */
enum config_word config_lacks(const char *root, const struct profile *p);

/* One JSON object on standard output, or sentences there and on standard
 * error. */
void tell_word(const struct config_tell *t, enum config_word word,
    enum kk_err err);
void tell_problem(const struct config_tell *t,
    const struct profile_problem *problem);
/* others are named as warnings. */
void tell_right(const struct config_tell *t, enum config_word word,
    const struct profile *p);
void tell_profile(const struct config_tell *t, const struct profile *p);
