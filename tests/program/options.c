/* options.c - command lines. */
#define _GNU_SOURCE /* memfd_create() */
#include "program/options.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "harness/tap.h"

enum { SAID_BYTES = 512, ROLES = 2 };

struct values {
	bool is_loud, is_done;
	const char *text, *word;
	uint16_t port;
	unsigned count;
	unsigned taken; /* how often the function was called */
};

static const char *even_take(void *arg, const char *value)
{
	struct values *v = arg;

	v->taken++;
	return strlen(value) % 2 ? "not even" : NULL;
}

static enum kk_err parse(struct values *v, int argc, const char **argv)
{
	const struct program_option table[] = {
		{ "loud", .flag = &v->is_loud },
		{ "text", .text = &v->text },
		{ "port", .port = &v->port, .min = 1 },
		{ "count", .number = &v->count, .min = 2, .max = 40 },
		{ "even", .take = even_take },
	};
	const struct program_options o = { .program = "box",
		.help = "helps\n",
		.table = table,
		.count = KK_ARRAY_LEN(table),
		.arg = v,
		.word = v->word ? &v->word : NULL };

	return program_options_parse(&o, argc, (char **)(uintptr_t)argv,
	    &v->is_done);
}

/* The same, and what was said meanwhile on an output, 1 or 2. */
static enum kk_err parse_heard(struct values *v, const char *arg, int output,
    char said[SAID_BYTES])
{
	const char *argv[] = { "box", arg, NULL };
	int file = memfd_create("said", MFD_CLOEXEC);
	int was = dup(output);
	enum kk_err err;

	CHECK(file >= 0 && was >= 0);
	CHECK_EQ(dup2(file, output), output);
	err = parse(v, 2, argv);
	(void)fflush(stdout);
	CHECK_EQ(dup2(was, output), output);
	CHECK_EQ(close(was), 0);
	memset(said, 0, SAID_BYTES);
	CHECK(pread(file, said, SAID_BYTES - 1, 0) >= 0);
	CHECK_EQ(close(file), 0);
	return err;
}

TEST(options_of_each_type_reach_their_places)
{
	const char *argv[] = { "box", "--loud", "--text=one", "--port", "65535",
		"--count=40", "--even=4444", "--text=two", NULL };
	struct values v = { 0 };

	CHECK_OK(parse(&v, 8, argv));
	CHECK(v.is_loud && !v.is_done);
	CHECK_STR(v.text, "two");
	CHECK_EQ(v.port, 65535);
	CHECK_EQ(v.count, 40);
	CHECK_EQ(v.taken, 1);
}

TEST(options_that_lack_leave_what_was_there)
{
	const char *argv[] = { "box", NULL };
	struct values v = { .text = "old", .port = 7, .count = 8 };

	CHECK_OK(parse(&v, 1, argv));
	CHECK(!v.is_loud);
	CHECK_STR(v.text, "old");
	CHECK_EQ(v.port, 7);
	CHECK_EQ(v.count, 8);
}

TEST(options_that_are_wrong_are_named_with_the_program_and_change_nothing)
{
	static const char *const wrong[][2] = {
		{ "--port=0", "box: 0: not a number from 1 to 65535\n" },
		{ "--port=65536",
		    "box: 65536: not a number from 1 to 65535\n" },
		{ "--port=1x", "box: 1x: not a number" },
		{ "--port=", "box: : not a number" },
		{ "--port=-1", "box: -1: not a number" },
		{ "--port= 1", "box:  1: not a number" },
		{ "--count=1", "box: 1: not a number from 2 to 40\n" },
		{ "--count=41", "box: 41: not a number from 2 to 40\n" },
		{ "--count=18446744073709551618", "not a number from 2" },
		{ "--even=odd", "box: odd: not even\n" },
		{ "--text", "requires an argument" },
		{ "--loud=1", "doesn't allow an argument" },
		{ "--strange", "unrecognized option" },
		{ "more", "box: more: what is this for?\n" },
	};
	char said[SAID_BYTES];

	for (size_t i = 0; i < KK_ARRAY_LEN(wrong); i++) {
		struct values v = { .port = 7, .count = 8 };

		CHECK_ERR(parse_heard(&v, wrong[i][0], 2, said), KK_EINVAL);
		CHECK(strstr(said, wrong[i][1]) != NULL);
		CHECK_EQ(v.port, 7);
		CHECK_EQ(v.count, 8);
		CHECK(!v.is_done);
	}
}

TEST(options_give_help_and_look_no_further)
{
	const char *argv[] = { "box", "--help", "--port=0", NULL };
	struct values v = { 0 };
	char said[SAID_BYTES];

	CHECK_OK(parse_heard(&v, "-h", 1, said));
	CHECK_STR(said, "helps\n");
	CHECK(v.is_done);
	CHECK_OK(parse(&v, 3, argv));
	CHECK(v.is_done);
}

TEST(options_leave_one_word_to_who_wants_it)
{
	const char *argv[] = { "box", "run", "--loud", "--", "-more", NULL };
	struct values v = { .word = "none" };

	CHECK_OK(parse(&v, 3, argv));
	CHECK(v.is_loud);
	CHECK_STR(v.word, "run");
	CHECK_ERR(parse(&v, 5, argv), KK_EINVAL);
}

TEST(options_more_than_there_is_room_for_are_refused)
{
	static const struct program_option table[PROGRAM_OPTIONS_MAX + 1];
	const struct program_options o = { .program = "box",
		.table = table,
		.count = KK_ARRAY_LEN(table) };
	char name[] = "box", *argv[] = { name, NULL };
	bool is_done;

	CHECK_ERR(program_options_parse(&o, 1, argv, &is_done), KK_EINVAL);
}

TEST(numbers_are_taken_up_to_the_largest_and_leave_what_follows)
{
	const char *text = "18446744073709551615x";
	uint64_t n = 0;

	CHECK(program_number_take(&text, 0, UINT64_MAX, &n));
	CHECK(n == UINT64_MAX);
	CHECK_STR(text, "x");
	text = "18446744073709551616";
	CHECK(!program_number_take(&text, 0, UINT64_MAX, &n));
	CHECK_STR(text, "18446744073709551616");
	text = "5";
	CHECK(!program_number_take(&text, 0, 4, &n));
	CHECK(!program_number_take(&text, 6, 9, &n));
	CHECK(n == UINT64_MAX);
	CHECK(program_number_take(&text, 5, 5, &n));
	CHECK_EQ(n, 5);
}

struct address_case {
	const char *text, *address;
	uint16_t port;
	const char *wrong; /* or NULL */
};

TEST(addresses_have_a_port_and_v6_ones_brackets)
{
	static const struct address_case cases[] = {
		{ "80", "", 80, NULL },
		{ "1.2.3.4:80", "1.2.3.4", 80, NULL },
		{ "[::1]:443", "::1", 443, NULL },
		{ "::1:443", NULL, 0, "put a v6 address into [ ]" },
		{ "::1", NULL, 0, "put a v6 address into [ ]" },
		{ ":80", NULL, 0, "not an address" },
		{ "0123456789abcdef:80", NULL, 0, "not an address" },
		{ "1.2.3.4", NULL, 0, "not a port from 1 to 65535" },
		{ "1.2.3.4:", NULL, 0, "not a port from 1 to 65535" },
		{ "1.2.3.4:0", NULL, 0, "not a port from 1 to 65535" },
		{ "", NULL, 0, "not a port from 1 to 65535" },
	};
	char address[16];

	for (size_t i = 0; i < KK_ARRAY_LEN(cases); i++) {
		const struct address_case *c = &cases[i];
		uint16_t port = 9;
		const char *wrong;

		memcpy(address, "old", sizeof("old"));
		wrong = program_address_take(c->text, 1, address,
		    sizeof(address), &port);
		CHECK_EQ(wrong != NULL, c->wrong != NULL);
		if (wrong)
			CHECK_STR(wrong, c->wrong);
		CHECK_STR(address, c->wrong ? "old" : c->address);
		CHECK_EQ(port, c->wrong ? 9 : c->port);
	}
	CHECK_STR(program_address_take("x", 0, address, sizeof(address),
		      &(uint16_t){ 0 }),
	    "not a port from 0 to 65535");
}

static void roles_init(struct program_role roles[ROLES])
{
	roles[0] = (struct program_role){ .name = "media", .fd = -1 };
	roles[1] = (struct program_role){ .name = "mediator", .fd = -1 };
}

TEST(roles_take_the_socket_and_the_users_that_are_theirs)
{
	struct program_role roles[ROLES];

	roles_init(roles);
	CHECK(!program_role_socket(roles, ROLES, "mediator:/run/x:y"));
	CHECK_STR(roles[1].path, "/run/x:y");
	CHECK(!roles[0].path);
	CHECK(!program_role_allow(roles, ROLES, "media:0"));
	CHECK(!program_role_allow(roles, ROLES, "media:4294967294"));
	program_roles_finish(roles, ROLES);
	CHECK_EQ(roles[0].uid_count, 2);
	CHECK_EQ(roles[0].uids[0], 0);
	CHECK_EQ(roles[0].uids[1], 4294967294U);
	CHECK_EQ(roles[1].uid_count, 1);
	CHECK_EQ(roles[1].uids[0], geteuid());
}

TEST(roles_refuse_strangers_relative_paths_and_users_that_are_none)
{
	static const char *const sockets[][2] = {
		{ "medi:/x", "no such role; see --help" },
		{ "media", "no such role; see --help" },
		{ "media:x", "not an absolute path" },
		{ "media:", "not an absolute path" },
	};
	static const char *const users[][2] = {
		{ "nobody:1", "no such role; see --help" },
		{ "media:root", "not a number of a user" },
		{ "media:", "not a number of a user" },
		{ "media:1 ", "not a number of a user" },
		{ "media:-1", "not a number of a user" },
		{ "media:4294967295", "not a number of a user" },
	};
	struct program_role roles[ROLES];

	roles_init(roles);
	for (size_t i = 0; i < KK_ARRAY_LEN(sockets); i++)
		CHECK_STR(program_role_socket(roles, ROLES, sockets[i][0]),
		    sockets[i][1]);
	for (size_t i = 0; i < KK_ARRAY_LEN(users); i++)
		CHECK_STR(program_role_allow(roles, ROLES, users[i][0]),
		    users[i][1]);
	CHECK(!roles[0].path);
	CHECK_EQ(roles[0].uid_count, 0);
	for (size_t i = 0; i < PROGRAM_UIDS_MAX; i++)
		CHECK(!program_role_allow(roles, ROLES, "media:7"));
	CHECK_STR(program_role_allow(roles, ROLES, "media:7"),
	    "too many users");
}

TEST(options_end_at_the_first_word)
{
	const char *argv[] = { "box", "--loud", "-x", "word", "--text=one",
		NULL };
	char **v = (char **)(uintptr_t)argv;

	CHECK_EQ(program_options_count(5, v), 3);
	CHECK_EQ(program_options_count(3, v), 3);
	CHECK_EQ(program_options_count(1, v), 1);
}
