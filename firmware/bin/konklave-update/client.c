/* client.c - one command, and what comes of it, for people or programs. */
#define _GNU_SOURCE /* realpath(), mkdir() */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "driver.h"
#include "program/words.h"

enum { TEXT_BYTES = 32 };

enum word {
	WORD_RUNS,
	WORD_FLOOR,
	WORD_NEXT,
	WORD_PERCENT,
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

static const char *text_of(sd_json_variant *v, const char *name)
{
	v = sd_json_variant_by_key(v, name);
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

static void standing_show(sd_json_variant *v)
{
	char version[TEXT_BYTES], floor[TEXT_BYTES], percent[TEXT_BYTES];
	const char *running = text_of(v, "running"), *next = text_of(v, "next");

	line(stdout, state_word(text_of(v, "state")));
	line(stdout, reason_word(text_of(v, "says")));
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

/* Status is always answered well; what else was asked may be refused. */
static int answer_show(const struct driver_options *o, sd_json_variant *out)
{
	sd_json_variant *v = sd_json_variant_by_key(out, "standing");
	const bool is_status = !strcmp(o->word[0], "status");
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
		line(stdout, state_word(text_of(v, "state")));
	else
		line(stderr, reason_word(text_of(v, "says")));
	return is_taken && !fflush(stdout) ? EXIT_SUCCESS : EXIT_FAILURE;
}

static const char *method_of(const char *command)
{
	static const char *const table[][2] = {
		{ "status", "io.konklave.Update.Status" },
		{ "install", "io.konklave.Update.Install" },
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

static int ask(const struct driver_options *o, sd_json_variant *in)
{
	sd_varlink *link = NULL;
	sd_json_variant *out = NULL; /* the link's */
	const char *error = NULL;
	int status = EXIT_FAILURE;

	/* What is written takes minutes. */
	if (sd_varlink_connect_address(&link, o->roles[DRIVER_CONTROL].path) <
		0 ||
	    sd_varlink_set_relative_timeout(link, UINT64_MAX) < 0 ||
	    sd_varlink_call(link, method_of(o->word[0]), in, &out, &error) < 0)
		say(stderr, WORD_NOBODY, NULL, NULL);
	else if (error)
		line(stderr, error);
	else
		status = answer_show(o, out);
	(void)sd_varlink_flush_close_unref(link);
	return status;
}

int client_run(const struct driver_options *o)
{
	sd_json_variant *in = NULL;
	char path[PATH_MAX];
	int status = EXIT_FAILURE;

	if (o->words > 1 && !realpath(o->word[1], path))
		say(stderr, WORD_NO_PATH, o->word[1], NULL);
	else if (o->words == 1 || !call_put_text(&in, "path", path))
		status = ask(o, in);
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
		why = bundle_check(&own, o->word[1], board, &f, &version);
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
