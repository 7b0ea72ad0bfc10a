/* main.c - konklave-config: one command, and ends. */
#define _GNU_SOURCE /* PATH_MAX, access() */
#include <dirent.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "config.h"

struct work {
	const struct config_options *options;
	struct config_tell tell;
	struct kk_bytes text;
	struct profile profile;
};

/* The profile's own, where it has got so far. */
static void language_take(struct work *w)
{
	const char *language = w->profile.values[PROFILE_LANGUAGE];

	if (language[0] && !w->tell.is_json)
		w->tell.is_german = !strcmp(language, "de");
}

static bool problem_tell(struct work *w, const struct profile_problem *problem)
{
	language_take(w);
	tell_problem(&w->tell, problem);
	return false;
}

static bool fail(const struct work *w, enum config_word word, enum kk_err err)
{
	tell_word(&w->tell, word, err);
	return false;
}

/* On the room's picture, where there is one. */
static void picture_tell(const struct work *w, const char *as,
    enum notice_kind kind)
{
	char folder[PATH_MAX];

	if (snprintf(folder, sizeof(folder), "%s" PROGRAM_NOTICES,
		w->options->root) < (int)sizeof(folder))
		(void)program_notice_tell(folder, as, kind, NULL);
}

/* --- people's files ------------------------------------------------------- */

static bool file_take(struct work *w)
{
	struct profile_problem problem = { 0 };
	enum kk_err err = program_file_read(w->options->file, PROFILE_BYTES_MAX,
	    &w->text);

	w->tell.file = w->options->file;
	if (err)
		return fail(w, CONFIG_FILE, err);
	if (profile_parse(&w->profile, kk_bytes_view(&w->text), &problem) ||
	    profile_check(&w->profile, &problem))
		return problem_tell(w, &problem);
	return true;
}

static bool check(struct work *w)
{
	if (!file_take(w))
		return false;
	tell_right(&w->tell, CONFIG_RIGHT, &w->profile);
	return true;
}

static bool apply(struct work *w)
{
	enum kk_err err;

	if (!file_take(w))
		return false;
	err = store_write(w->options->root, kk_bytes_view(&w->text));
	if (err)
		return fail(w, CONFIG_FILE, err);
	tell_right(&w->tell, CONFIG_STORED, &w->profile);
	return true;
}

/* --- the box's own -------------------------------------------------------- */

static bool stored_parse(struct work *w)
{
	struct profile_problem problem = { 0 };

	w->tell.file = "profile";
	if (profile_parse_stored(&w->profile, kk_bytes_view(&w->text),
		&problem) ||
	    profile_check(&w->profile, &problem))
		return problem_tell(w, &problem);
	return true;
}

/* A stick is trusted by a box that nobody has made theirs, and by no other. */
static bool take(struct work *w)
{
	struct kk_bytes there;
	const enum kk_err err = store_read(w->options->root, &there);

	kk_bytes_clear(&there);
	if (err == KK_ENOENT)
		return apply(w);
	picture_tell(w, "stick", NOTICE_PROFILE_THERE);
	return fail(w, CONFIG_THERE, KK_EEXIST);
}

static bool show(struct work *w)
{
	const enum kk_err err = store_read(w->options->root, &w->text);

	if (err)
		return fail(w, err == KK_ENOENT ? CONFIG_NONE : CONFIG_FILE,
		    err);
	if (!stored_parse(w))
		return false;
	tell_profile(&w->tell, &w->profile);
	return true;
}

/*
 * What konklave-flash has left is kept first and then erased, so a power cut
 * leaves one of them or both; and it is erased once there is a profile, for it
 * may have the site's token.
 */
static bool record_take(struct work *w)
{
	struct profile_problem problem = { 0 };
	enum kk_err err = record_read(w->options->root, &w->text);

	w->tell.file = "disk";
	if (err == KK_ENOENT) {
		tell_word(&w->tell, CONFIG_NONE, KK_OK);
		return false;
	}
	if (err)
		return fail(w, err == KK_EVERIFY ? CONFIG_BROKEN : CONFIG_FILE,
		    err);
	if (profile_parse(&w->profile, kk_bytes_view(&w->text), &problem) ||
	    profile_check(&w->profile, &problem))
		return problem_tell(w, &problem);
	err = store_write(w->options->root, kk_bytes_view(&w->text));
	return err ? fail(w, CONFIG_FILE, err) : true;
}

static bool record_forget(const struct work *w)
{
	enum kk_err err;

	if (record_is_erased(w->options->root))
		return true;
	err = record_erase(w->options->root);
	return err ? fail(w, CONFIG_FILE, err) : true;
}

static bool files_make(struct work *w)
{
	struct profile_files files;
	enum kk_err err = profile_files_make(&w->profile, &files);

	if (!err) {
		err = files_write(w->options->root, &files);
		profile_files_clear(&files);
	}
	return err ? fail(w, CONFIG_FILE, err) : true;
}

/* A box without a profile starts as well. */
static bool start(struct work *w)
{
	enum kk_err err = store_read(w->options->root, &w->text);

	if (err == KK_ENOENT) {
		if (!record_take(w))
			return true;
	} else if (err) {
		return fail(w, CONFIG_FILE, err);
	} else if (!stored_parse(w)) {
		return false;
	}
	if (!record_forget(w) || !files_make(w))
		return false;
	w->tell.lacks = config_lacks(w->options->root, &w->profile);
	if (w->tell.lacks != CONFIG_WORDS)
		language_take(w);
	tell_right(&w->tell, CONFIG_TAKEN, &w->profile);
	return true;
}

/* --- a factory reset ------------------------------------------------------ */

static bool mark(struct work *w, bool is_wanted)
{
	const enum kk_err err = reset_mark(w->options->root, is_wanted);

	if (err)
		return fail(w, CONFIG_FILE, err);
	picture_tell(w, "reset", is_wanted ? NOTICE_RESET_SET : NOTICE_NONE);
	tell_word(&w->tell,
	    is_wanted ? CONFIG_RESET_MARKED : CONFIG_RESET_CANCELLED, KK_OK);
	return true;
}

/* Asked for twice: whoever confirms has been told what is lost. */
static bool reset(struct work *w)
{
	const char *said = w->options->file;
	char code[RESET_CODE_BYTES];

	if (said && !strcmp(said, "cancel"))
		return mark(w, false);
	if (!reset_code(w->options->root, code))
		return fail(w, CONFIG_FILE, KK_EIO);
	w->tell.file = code;
	if (said && strcmp(said, code) != 0)
		return fail(w, CONFIG_RESET_CODE, KK_EINVAL);
	if (said)
		return mark(w, true);
	tell_word(&w->tell, CONFIG_RESET_ASK, KK_OK);
	return true;
}

/* --- a stick -------------------------------------------------------------- */

static bool in_folder(const struct work *w, const char *name,
    char path[PATH_MAX])
{
	return snprintf(path, PATH_MAX, "%s/%s", w->options->file, name) <
	    PATH_MAX;
}

static bool stick_profile(struct work *w, const char *path)
{
	const struct config_options *const ours = w->options;
	struct config_options o = *ours;
	bool is_taken;

	o.file = path;
	w->options = &o;
	is_taken = take(w);
	w->options = ours;
	return is_taken;
}

/* An update is konklave-update's, a certificate, or that one is asked for,
 * konklave-welcome's: they tell what comes of it. */
static bool is_others(const char *name)
{
	static const char request[] = "konklave-request";
	const char *end = strrchr(name, '.');

	return !strncasecmp(name, request, sizeof(request) - 1) ||
	    (end &&
		(!strcmp(end, ".raucb") ||
		    (!strcmp(end, ".pem") && !strncmp(name, "konklave-", 9))));
}

static bool has_others(const char *folder)
{
	DIR *dir = opendir(folder);
	const struct dirent *entry;
	bool is_found = false;

	if (!dir)
		return false;
	while (!is_found && (entry = readdir(dir)))
		is_found = is_others(entry->d_name);
	(void)closedir(dir);
	return is_found;
}

/* A reset counts for a box that has a profile, too: so does the whole disk's
 * being carried away. */
static bool stick(struct work *w)
{
	const char *root = w->options->root;
	char asks[PATH_MAX], profile[PATH_MAX];
	struct kk_bytes text;
	enum kk_err err;
	bool is_asked;

	if (!in_folder(w, "konklave-reset.txt", asks) ||
	    !in_folder(w, "konklave.conf", profile))
		return fail(w, CONFIG_FILE, KK_ELIMIT);
	err = program_file_read(asks, RESET_TEXT_MAX, &text);
	if (!err) {
		w->tell.file = asks;
		is_asked = reset_is_asked(root, kk_bytes_view(&text));
		kk_bytes_clear(&text);
		if (is_asked)
			return mark(w, true);
		picture_tell(w, "stick", NOTICE_RESET_OTHER);
		return fail(w, CONFIG_RESET_OTHER, KK_EDENIED);
	}
	if (access(profile, F_OK) == 0)
		return stick_profile(w, profile);
	if (has_others(w->options->file)) {
		picture_tell(w, "stick", NOTICE_STICK_READING);
		return true;
	}
	picture_tell(w, "stick", NOTICE_STICK_NOTHING);
	w->tell.file = w->options->file;
	return fail(w, CONFIG_STICK_NOTHING, KK_ENOENT);
}

static const struct {
	const char *name;
	bool (*run)(struct work *w);
} commands[] = {
	{ "check", check },
	{ "apply", apply },
	{ "take", take },
	{ "show", show },
	{ "start", start },
	{ "stick", stick },
	{ "reset", reset },
};

int main(int argc, char **argv)
{
	const struct kk_log log = { .fn = program_log_write,
		.module = "config",
		.level = KK_LOG_INFO };
	struct config_options o;
	struct work w = { .options = &o };
	bool is_right = false;

	if (config_options_parse(&o, argc, argv))
		return 2;
	if (o.is_done)
		return EXIT_SUCCESS;
	if (program_sandbox_enter(PROGRAM_HOLDS_SECRETS, &log))
		return EXIT_FAILURE;
	w.tell = (struct config_tell){ .is_json = o.is_json,
		.is_german = program_wants_german(),
		.file = "/",
		.lacks = CONFIG_WORDS };
	for (size_t i = 0; i < KK_ARRAY_LEN(commands); i++) {
		if (!strcmp(o.verb, commands[i].name))
			is_right = commands[i].run(&w);
	}
	kk_bytes_clear(&w.text);
	kk_wipe(&w.profile, sizeof(w.profile));
	return is_right && !fflush(stdout) ? EXIT_SUCCESS : EXIT_FAILURE;
}
