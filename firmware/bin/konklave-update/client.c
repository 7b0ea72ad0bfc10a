/* client.c - one command, and what comes of it, for people or programs. */
#define _GNU_SOURCE /* realpath(), mkdir(), dirent.h */
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "driver.h"
#include "program/words.h"

enum { TEXT_BYTES = 32, KB = 1000, MB = 1000000 };

enum word {
	WORD_RUNS,
	WORD_FLOOR,
	WORD_NEXT,
	WORD_PERCENT,
	WORD_SOURCE,
	WORD_LOADED,
	WORD_RATE,
	WORD_ON_STICK,
	WORD_RIGHT,
	WORD_NOBODY,
	WORD_NO_PATH,
	WORDS
};

static const char *const words[WORDS][2] = {
	[WORD_RUNS] = { "Running: slot {1}, version {2}.",
	    "Es läuft: Platz {1}, Version {2}." },
	[WORD_FLOOR] = { "No version below {1} is taken any more.",
	    "Versionen unter {1} werden nicht mehr angenommen." },
	[WORD_NEXT] = { "Next start: slot {1}.", "Nächster Start: Platz {1}." },
	[WORD_PERCENT] = { "Written: {1} %.", "Geschrieben: {1} %." },
	[WORD_SOURCE] = { "From: {1}", "Von: {1}" },
	[WORD_LOADED] = { "Loaded: {1} of {2} MB.",
	    "Geladen: {1} von {2} MB." },
	[WORD_RATE] = { "{1} kB a second.", "{1} kB je Sekunde." },
	[WORD_ON_STICK] = { "An update was found on the stick. It may be "
			    "pulled out in a few minutes.",
	    "Auf dem Stick ist eine Aktualisierung. Er kann in ein paar "
	    "Minuten abgezogen werden." },
	[WORD_RIGHT] = { "This update, version {1}, is right for this box.",
	    "Diese Aktualisierung, Version {1}, passt zu diesem Gerät." },
	[WORD_NOBODY] = { "konklave-update: the service does not answer.",
	    "konklave-update: Der Dienst antwortet nicht." },
	[WORD_NO_PATH] = { "konklave-update: {1}: not there.",
	    "konklave-update: {1}: nicht vorhanden." },
};

static void say(FILE *out, enum word word, const char *one, const char *two)
{
	const char *const values[PROGRAM_VALUES] = { one, two };

	program_say(out, words[word][program_wants_german()], values);
}

static void line(FILE *out, const char *text)
{
	if (*text)
		(void)fprintf(out, "%s\n", text);
}

/* NULL of NULL. */
static const char *text_of(sd_json_variant *v, const char *name)
{
	v = v ? sd_json_variant_by_key(v, name) : NULL;
	return v && sd_json_variant_is_string(v) ? sd_json_variant_string(v) :
						   NULL;
}

/* "" where it is not there. */
static const char *number_of(sd_json_variant *v, const char *name,
    char out[TEXT_BYTES])
{
	uint64_t n = 0;

	out[0] = '\0';
	if (!call_get_u64(v, name, UINT64_MAX, &n))
		(void)snprintf(out, TEXT_BYTES, "%ju", (uintmax_t)n);
	return out;
}

static const char *state_word(const char *name)
{
	for (size_t s = 0; name && s < UPDATE_STATES; s++) {
		if (!strcmp(name, update_state_name((enum update_state)s)))
			return update_state_word((enum update_state)s,
			    program_wants_german());
	}
	return "";
}

static const char *reason_word(const char *name)
{
	for (size_t r = 0; name && r < UPDATE_REASONS; r++) {
		if (!strcmp(name, update_reason_name((enum update_reason)r)))
			return update_reason_word((enum update_reason)r,
			    program_wants_german());
	}
	return "";
}

static const char *fetch_word(const char *name)
{
	for (size_t f = 0; name && f < UPDATE_FETCHES; f++) {
		if (!strcmp(name, update_fetch_name((enum update_fetch)f)))
			return update_fetch_word((enum update_fetch)f,
			    program_wants_german());
	}
	return "";
}

/* In thousands, or in millions. */
static const char *many_of(sd_json_variant *v, const char *name, uint64_t unit,
    char out[TEXT_BYTES])
{
	uint64_t n = 0;

	(void)!call_get_u64(v, name, UINT64_MAX, &n);
	(void)snprintf(out, TEXT_BYTES, "%ju", (uintmax_t)(n / unit));
	return out;
}

static void download_show(sd_json_variant *v)
{
	char bytes[TEXT_BYTES], total[TEXT_BYTES], rate[TEXT_BYTES];
	const char *source = text_of(v, "source");

	if (!v)
		return;
	line(stdout, fetch_word(text_of(v, "state")));
	line(stdout, reason_word(text_of(v, "says")));
	if (source)
		say(stdout, WORD_SOURCE, source, NULL);
	if (strcmp(many_of(v, "total", MB, total), "0") != 0)
		say(stdout, WORD_LOADED, many_of(v, "bytes", MB, bytes), total);
	if (strcmp(many_of(v, "rate", KB, rate), "0") != 0)
		say(stdout, WORD_RATE, rate, NULL);
}

static void standing_show(sd_json_variant *v)
{
	char version[TEXT_BYTES], floor[TEXT_BYTES], percent[TEXT_BYTES];
	const char *running = text_of(v, "running"), *next = text_of(v, "next");

	line(stdout, state_word(text_of(v, "state")));
	line(stdout, reason_word(text_of(v, "says")));
	download_show(sd_json_variant_by_key(v, "download"));
	if (strcmp(number_of(v, "percent", percent), "0") != 0)
		say(stdout, WORD_PERCENT, percent, NULL);
	if (running)
		say(stdout, WORD_RUNS, running,
		    number_of(v, "version", version));
	if (running)
		say(stdout, WORD_FLOOR, number_of(v, "floor", floor), NULL);
	if (next)
		say(stdout, WORD_NEXT, next, NULL);
}

static void json_show(sd_json_variant *v)
{
	char *text = NULL;

	if (sd_json_variant_format(v, 0, &text) >= 0)
		line(stdout, text);
	free(text);
}

static bool is_said(sd_json_variant *v, const char *what)
{
	const char *says = text_of(v, "says");

	return says && !strcmp(says, what);
}

/* A download's own reason comes first: the machine's may be of long ago. */
static void refusal_show(sd_json_variant *standing, sd_json_variant *download)
{
	const char *says = download && !is_said(download, "nothing") ?
	    text_of(download, "says") :
	    text_of(standing, "says");

	line(stderr, reason_word(says));
}

/* Loaded, and it waits. */
static bool is_ready(sd_json_variant *download)
{
	const char *state = text_of(download, "state");

	return state && !strcmp(state, update_fetch_name(UPDATE_FETCH_READY));
}

/* Status is always answered well; what else was asked may be refused.  That
 * there is nothing newer is what a look may find. */
static int answer_show(const struct driver_options *o, sd_json_variant *out)
{
	sd_json_variant *v = sd_json_variant_by_key(out, "standing");
	const bool is_status = !strcmp(o->word[0], "status");
	sd_json_variant *download = sd_json_variant_by_key(v, "download");
	bool is_taken = is_status;

	if (!v)
		return EXIT_FAILURE;
	if (!is_status && call_get_bool(out, "isTaken", &is_taken))
		return EXIT_FAILURE;
	if (o->is_json)
		json_show(v);
	else if (is_status)
		standing_show(v);
	else if (is_taken)
		line(stdout,
		    is_ready(download) ?
			fetch_word(text_of(download, "state")) :
			state_word(text_of(v, "state")));
	else
		refusal_show(v, download);
	if (!strcmp(o->word[0], "look") && is_said(download, "same"))
		is_taken = true;
	return is_taken && !fflush(stdout) ? EXIT_SUCCESS : EXIT_FAILURE;
}

static const char *method_of(const char *command)
{
	static const char *const table[][2] = {
		{ "status", "io.konklave.Update.Status" },
		{ "install", "io.konklave.Update.Install" },
		{ "look", "io.konklave.Update.Look" },
		{ "stick", "io.konklave.Update.Install" },
		{ "cancel", "io.konklave.Update.Cancel" },
		{ "mark-good", "io.konklave.Update.MarkGood" },
		{ "mark-bad", "io.konklave.Update.MarkBad" },
	};

	for (size_t i = 0; i < KK_ARRAY_LEN(table); i++) {
		if (!strcmp(command, table[i][0]))
			return table[i][1];
	}
	return NULL;
}

/* file: goes with it, or -1. */
static int ask(const struct driver_options *o, sd_json_variant *in, int file)
{
	sd_varlink *link = NULL;
	sd_json_variant *out = NULL; /* the link's */
	const char *error = NULL;
	int status = EXIT_FAILURE;
	int r = sd_varlink_connect_address(&link,
	    o->roles[DRIVER_CONTROL].path);

	/* What is written takes minutes. */
	if (r >= 0)
		r = sd_varlink_set_relative_timeout(link, UINT64_MAX);
	if (r >= 0 && file >= 0)
		r = sd_varlink_set_allow_fd_passing_output(link, true);
	if (r >= 0 && file >= 0)
		r = sd_varlink_push_dup_fd(link, file);
	if (r >= 0)
		r = sd_varlink_call(link, method_of(o->word[0]), in, &out,
		    &error);
	if (r < 0)
		say(stderr, WORD_NOBODY, NULL, NULL);
	else if (error)
		line(stderr, error);
	else
		status = answer_show(o, out);
	(void)sd_varlink_flush_close_unref(link);
	return status;
}

/* It has an update, and not one for this board. */
static bool has_others(const char *folder)
{
	DIR *dir = opendir(folder);
	const struct dirent *entry;
	bool is_found = false;

	while (dir && !is_found && (entry = readdir(dir))) {
		const char *end = strrchr(entry->d_name, '.');

		is_found = end && !strcmp(end, ".raucb");
	}
	if (dir)
		(void)closedir(dir);
	return is_found;
}

/* It is no stick of ours, or for something else, or for another box. */
static int other_stick(const struct driver_options *o, const char *path)
{
	if (!has_others(o->word[1]))
		return EXIT_SUCCESS;
	(void)program_notice_tell(o->notices, "stick", NOTICE_UPDATE_BOARD,
	    path);
	line(stderr,
	    update_reason_word(UPDATE_SAYS_BOARD, program_wants_german()));
	return EXIT_FAILURE;
}

/* The stick is mounted for us alone: who installs it gets the file itself. */
static int stick_run(const struct driver_options *o)
{
	sd_json_variant *in = NULL;
	char board[DRIVER_BOARD_BYTES], path[PATH_MAX];
	int n, file, status = EXIT_FAILURE;

	if (facts_board_read(o, board))
		return status;
	n = snprintf(path, sizeof(path), "%s/%s.raucb", o->word[1], board);
	if (n < 0 || (size_t)n >= sizeof(path))
		return status;
	file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (file < 0)
		return other_stick(o, path);
	say(stdout, WORD_ON_STICK, NULL, NULL);
	(void)fflush(stdout);
	(void)snprintf(path, sizeof(path), "/%s.raucb", board);
	if (!call_put_text(&in, "path", path) &&
	    !call_put_u64(&in, "bundle", 0) &&
	    !call_put_bool(&in, "isAutomatic", true))
		status = ask(o, in, file);
	(void)close(file);
	sd_json_variant_unref(in);
	return status;
}

/* A URL stands for itself. */
static const char *place_of(const char *word, char path[PATH_MAX])
{
	return strncmp(word, "https://", 8) ? realpath(word, path) : word;
}

int client_run(const struct driver_options *o)
{
	sd_json_variant *in = NULL;
	char path[PATH_MAX];
	const char *place = NULL;
	int status = EXIT_FAILURE;

	if (!strcmp(o->word[0], "stick"))
		return stick_run(o);
	if (o->words > 1)
		place = place_of(o->word[1], path);
	if (o->words > 1 && !place)
		say(stderr, WORD_NO_PATH, o->word[1], NULL);
	else if (o->words == 1 || !call_put_text(&in, "path", place))
		status = ask(o, in, -1);
	sd_json_variant_unref(in);
	return status;
}

/* Beside what the service has there. */
int check_run(const struct driver_options *o)
{
	struct driver_options own = *o;
	char folder[DRIVER_PATH_BYTES], board[DRIVER_BOARD_BYTES];
	char number[TEXT_BYTES];
	enum update_reason why = UPDATE_SAYS_UNCONFIRMED;
	struct facts f;
	uint64_t version = 0;
	const int n = snprintf(folder, sizeof(folder), "%s/check", o->state);

	if (n < 0 || (size_t)n >= sizeof(folder))
		return EXIT_FAILURE;
	own.state = folder;
	(void)!mkdir(folder, 0700);
	if (!facts_board_read(o, board) && !facts_read(o, &f)) {
		const struct bundle_source from = { o->word[1], -1 };

		why = bundle_check(&own, &from, board, &f, &version);
		bundle_drop(&own);
	}
	(void)!rmdir(folder);
	(void)snprintf(number, sizeof(number), "%ju", (uintmax_t)version);
	if (why == UPDATE_SAYS_NOTHING)
		say(stdout, WORD_RIGHT, number, NULL);
	else
		line(stderr, update_reason_word(why, program_wants_german()));
	return why == UPDATE_SAYS_NOTHING ? EXIT_SUCCESS : EXIT_FAILURE;
}
