/* options.c - command lines, by a table. */
#define _GNU_SOURCE /* getopt_long() */
#include "options.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

enum { FIRST = 256, WRONG_BYTES = 64 };

enum kk_err program_options_complain(const char *program, const char *of,
    const char *what)
{
	(void)fprintf(stderr, "%s: %s: %s\n", program, of, what);
	return KK_EINVAL;
}

bool program_number_take(const char **textp, uint64_t min, uint64_t max,
    uint64_t *n)
{
	const char *at = *textp;
	uint64_t sum = 0;

	if (*at < '0' || *at > '9')
		return false;
	for (; *at >= '0' && *at <= '9'; at++) {
		uint64_t digit = (uint64_t)(*at - '0');

		if (digit > max || sum > (max - digit) / 10)
			return false;
		sum = sum * 10 + digit;
	}
	if (sum < min)
		return false;
	*n = sum;
	*textp = at;
	return true;
}

static bool whole_take(const char *text, uint64_t min, uint64_t max,
    uint64_t *n)
{
	return program_number_take(&text, min, max, n) && !*text;
}

const char *program_address_take(const char *text, unsigned port_min,
    char *address, size_t address_room, uint16_t *port)
{
	const char *colon = strrchr(text, ':');
	const char *from = text;
	size_t bytes = colon ? (size_t)(colon - text) : 0;
	uint64_t n = 0;

	if (bytes >= 2 && from[0] == '[' && colon[-1] == ']') {
		from++;
		bytes -= 2;
	} else if (memchr(from, ':', bytes)) {
		return "put a v6 address into [ ]";
	}
	if (bytes >= address_room || (colon && bytes == 0))
		return "not an address";
	if (!whole_take(colon ? colon + 1 : text, port_min, UINT16_MAX, &n))
		return port_min ? "not a port from 1 to 65535" :
				  "not a port from 0 to 65535";
	memcpy(address, from, bytes);
	address[bytes] = '\0';
	*port = (uint16_t)n;
	return NULL;
}

static enum kk_err number_take(const struct program_options *o,
    const struct program_option *option, const char *value)
{
	const unsigned max = option->port ? UINT16_MAX : option->max;
	char wrong[WRONG_BYTES];
	uint64_t n = 0;

	if (!whole_take(value, option->min, max, &n)) {
		(void)snprintf(wrong, sizeof(wrong),
		    "not a number from %u to %u", option->min, max);
		return program_options_complain(o->program, value, wrong);
	}
	if (option->port)
		*option->port = (uint16_t)n;
	else
		*option->number = (unsigned)n;
	return KK_OK;
}

static enum kk_err option_take(const struct program_options *o,
    const struct program_option *option, const char *value)
{
	const char *wrong = NULL;

	if (option->flag)
		*option->flag = true;
	else if (option->text)
		*option->text = value;
	else if (option->take)
		wrong = option->take(o->arg, value);
	else
		return number_take(o, option, value);
	return wrong ? program_options_complain(o->program, value, wrong) :
		       KK_OK;
}

static enum kk_err words_take(const struct program_options *o, int argc,
    char **argv)
{
	if (o->word && optind < argc)
		*o->word = argv[optind++];
	if (optind < argc)
		return program_options_complain(o->program, argv[optind],
		    "what is this for?");
	return KK_OK;
}

static void say(const struct program_options *o, bool is_help)
{
	if (is_help)
		(void)fputs(o->help, stdout);
	else
		(void)fprintf(stdout, "%s %s\n", o->program, o->version);
}

enum kk_err program_options_parse(const struct program_options *o, int argc,
    char **argv, bool *is_done)
{
	struct option table[PROGRAM_OPTIONS_MAX + 3] = { { "help", no_argument,
	    NULL, 'h' } };
	enum kk_err err = KK_OK;
	int c;

	*is_done = false;
	if (o->count > PROGRAM_OPTIONS_MAX)
		return KK_EINVAL;
	for (size_t i = 0; i < o->count; i++)
		table[i + 1] = (struct option){ o->table[i].name,
			o->table[i].flag ? no_argument : required_argument,
			NULL, FIRST + (int)i };
	if (o->version)
		table[o->count + 1] = (struct option){ "version", no_argument,
			NULL, 'V' };
	optind = 0; /* from the start, also in a test's second one */
	while (!err && (c = getopt_long(argc, argv, "h", table, NULL)) != -1) {
		if (c == 'h' || c == 'V') {
			say(o, c == 'h');
			*is_done = true;
			return KK_OK;
		}
		if (c < FIRST)
			return KK_EINVAL; /* getopt_long() has said why */
		err = option_take(o, &o->table[c - FIRST], optarg);
	}
	return err ? err : words_take(o, argc, argv);
}

int program_options_count(int argc, char **argv)
{
	int n = 1;

	while (n < argc && argv[n][0] == '-')
		n++;
	return n;
}
