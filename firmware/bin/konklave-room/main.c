/* main.c - konklave-room: one command, and ends. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "konklave_room.h"

static const char help[] =
    "usage: konklave-room [OPTION...] COMMAND\n"
    "\n"
    "Calls telephones from the room.  See konklave-room(8).\n"
    "\n"
    "  dial NUMBER|NAME  calls, and says how it stands until it is answered\n"
    "                    or over; interrupted, it hangs up\n"
    "  tones DIGITS      presses keys for that call: 0 to 9, * and #\n"
    "  hang-up           ends the last call that was placed\n"
    "  book              lists the address book\n"
    "  press KEY...      presses keys, or at X,Y, where mediad has a pipe for\n"
    "                    them (--input)\n"
    "\n"
    "  --lines=SOCKET    the lines' roomd, role face\n"
    "                    (/run/konklave/lines-roomd/face)\n"
    "  --book=FILE       lines of NUMBER NAME (/etc/konklave/book)\n"
    "  --input=SOCKET    mediad's --input=pipe:SOCKET\n"
    "  --language=en|de  of what is said (by LC_ALL, LC_MESSAGES, LANG)\n"
    "  --help\n";

static const char *language_take(void *arg, const char *value)
{
	struct options *o = arg;

	if (strcmp(value, "en") != 0 && strcmp(value, "de") != 0)
		return "not en or de";
	o->language = words_language(value);
	return NULL;
}

static const char *locale_of(void)
{
	static const char *const names[] = { "LC_ALL", "LC_MESSAGES", "LANG" };

	for (size_t i = 0; i < KK_ARRAY_LEN(names); i++) {
		const char *value = getenv(names[i]);

		if (value && value[0])
			return value;
	}
	return NULL;
}

static enum kk_err options_parse(struct options *o, int argc, char **argv)
{
	const struct program_option table[] = {
		{ "lines", .text = &o->lines },
		{ "book", .text = &o->book },
		{ "input", .text = &o->input },
		{ "language", .take = language_take },
	};
	const struct program_options options = { .program = "konklave-room",
		.help = help,
		.table = table,
		.count = KK_ARRAY_LEN(table),
		.arg = o };
	const int first = program_options_count(argc, argv);

	*o = (struct options){ .lines = "/run/konklave/lines-roomd/face",
		.book = "/etc/konklave/book",
		.language = words_language(locale_of()),
		.words = (const char *const *)argv + first,
		.word_count = (size_t)(argc - first) };
	return program_options_parse(&options, first, argv, &o->is_done);
}

static void complain(const char *what)
{
	(void)fprintf(stderr, "konklave-room: %s\n", what);
}

static int said(const struct options *o, enum kk_err err)
{
	/* How a call has ended was said. */
	if (err && err != KK_EEXPIRED)
		complain(words_error(o->language, err));
	return err ? EXIT_FAILURE : EXIT_SUCCESS;
}

static int tones(const struct options *o)
{
	const enum kk_err err = call_tones(o, o->words[1]);

	if (err)
		complain(words_tones_error(o->language, err));
	return err ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* A book that is not there is empty. */
static int book_read(const struct options *o, struct kk_bytes *book)
{
	static const char *const words[LANGUAGES] = {
		"the address book cannot be read",
		"das Adressbuch kann nicht gelesen werden"
	};
	const enum kk_err err = program_file_read(o->book, ROOM_BOOK_BYTES,
	    book);

	if (!err || err == KK_ENOENT)
		return EXIT_SUCCESS;
	complain(words[o->language]);
	return EXIT_FAILURE;
}

static int dial(const struct options *o, const char *whom)
{
	static const char *const words[LANGUAGES] = {
		"neither a number nor a name of the address book",
		"weder eine Nummer noch ein Name im Adressbuch"
	};
	struct room_book_entry entry;
	struct kk_bytes book = { NULL, 0 };
	const char *number = whom;
	int status = EXIT_SUCCESS;

	if (!room_dial_is_number(whom)) {
		status = book_read(o, &book);
		number = entry.number;
		if (!status &&
		    room_book_find(kk_bytes_view(&book), whom, &entry)) {
			complain(words[o->language]);
			status = EXIT_FAILURE;
		}
	}
	kk_bytes_clear(&book);
	return status ? status : said(o, call_place(o, number));
}

static int book_list(const struct options *o)
{
	static const char *const words[LANGUAGES] = {
		"is no line of NUMBER NAME", "ist keine Zeile NUMMER NAME"
	};
	struct kk_bytes book = { NULL, 0 };
	int status = book_read(o, &book);
	struct kk_view rest = kk_bytes_view(&book);
	struct room_book_entry e;
	enum kk_err err;
	size_t line = 0;

	while ((err = room_book_next(&rest, &e, &line)) != KK_ENOENT) {
		if (!err) {
			(void)printf("%s %.*s\n", e.number, (int)e.name.bytes,
			    (const char *)e.name.data);
			continue;
		}
		(void)fprintf(stderr, "konklave-room: %s:%zu %s\n", o->book,
		    line, words[o->language]);
		status = EXIT_FAILURE;
	}
	kk_bytes_clear(&book);
	return status;
}

static int run(const struct options *o)
{
	const char *command = o->word_count > 0 ? o->words[0] : "";

	if (!strcmp(command, "dial") && o->word_count == 2)
		return dial(o, o->words[1]);
	if (!strcmp(command, "hang-up") && o->word_count == 1)
		return said(o, call_hang_up(o));
	if (!strcmp(command, "tones") && o->word_count == 2)
		return tones(o);
	if (!strcmp(command, "book") && o->word_count == 1)
		return book_list(o);
	if (!strcmp(command, "press") && o->word_count > 1 && o->input)
		return press_keys(o);
	(void)fputs(help, stderr);
	return 2;
}

int main(int argc, char **argv)
{
	struct options o;

	if (options_parse(&o, argc, argv))
		return 2;
	return o.is_done ? EXIT_SUCCESS : run(&o);
}
