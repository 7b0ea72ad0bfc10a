/* command.c - what an operator asks of the program besides serving. */
#define _GNU_SOURCE /* mkdtemp() */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "world.h"

enum { PATH_ROOM = 96, SAID_ROOM = 4096, TOKEN_BYTES = 32 };

struct desk { /* a folder with files */
	char folder[40];
	char said[SAID_ROOM];
};

static void desk_make(struct desk *d)
{
	(void)snprintf(d->folder, sizeof(d->folder), "/tmp/kk-sfud-XXXXXX");
	CHECK(mkdtemp(d->folder) != NULL);
}

static void path_of(const struct desk *d, const char *name, char to[PATH_ROOM])
{
	(void)snprintf(to, PATH_ROOM, "%s/%s", d->folder, name);
}

static void put(const struct desk *d, const char *name, const char *text)
{
	char path[PATH_ROOM];

	path_of(d, name, path);
	file_write(path, text, strlen(text));
}

/* Runs sfud with an option that names a file, and up to two more. */
static int run(struct desk *d, const char *option, const char *name,
    const char *more, const char *last)
{
	char first[PATH_ROOM + 32];
	const char *args[] = { first, more, last, NULL };

	(void)snprintf(first, sizeof(first), "%s=%s/%s", option, d->folder,
	    name);
	memset(d->said, 0, sizeof(d->said));
	return process_run("sfud", args, d->said, sizeof(d->said));
}

static bool says(const struct desk *d, const char *text)
{
	if (strstr(d->said, text))
		return true;
	tap_diag("no \"%s\" in: %s", text, d->said);
	return false;
}

/* A file of options that nothing is wrong with, and more. */
static void config_put(struct desk *d, const char *more)
{
	char text[SAID_ROOM];

	(void)snprintf(text, sizeof(text),
	    "# all in one folder\n"
	    "state=%s\n"
	    "site-token-hash=%s/token-hash\n"
	    "listen-loopback=0\n%s",
	    d->folder, d->folder, more);
	put(d, "conf", text);
}

TEST(a_token_is_made_once_and_its_hash_beside_it)
{
	char path[PATH_ROOM];
	struct stat st;
	struct desk d;

	desk_make(&d);
	CHECK_EQ(run(&d, "--make-token", "token", NULL, NULL), 0);
	path_of(&d, "token", path);
	CHECK_EQ(stat(path, &st), 0);
	CHECK_EQ(st.st_size, TOKEN_BYTES);
	CHECK_EQ(st.st_mode & 0777, 0600);
	path_of(&d, "token-hash", path);
	CHECK_EQ(stat(path, &st), 0);
	CHECK_EQ(st.st_size, TOKEN_BYTES);
	CHECK_EQ(st.st_mode & 0777, 0644);
	CHECK_EQ(run(&d, "--make-token", "token", NULL, NULL), 1);
	CHECK(says(&d, "File exists"));
	CHECK_EQ(run(&d, "--make-token", "none/token", NULL, NULL), 1);
	folder_remove(d.folder);
}

TEST(a_token_whose_hash_cannot_be_written_is_not_left_behind)
{
	char path[PATH_ROOM];
	struct desk d;

	desk_make(&d);
	put(&d, "token-hash", "of another");
	CHECK_EQ(run(&d, "--make-token", "token", NULL, NULL), 1);
	path_of(&d, "token", path);
	CHECK(access(path, F_OK) != 0);
	folder_remove(d.folder);
}

TEST(a_check_tells_what_is_wrong_and_serves_nobody)
{
	static const char *const wrong[][2] = {
		{ "workers=65\n", "65: not a number from 1 to 64" },
		{ "workers = 2\n", "line 5: not an option as NAME=VALUE" },
		{ "listen=1\n", "--listen: needs --cert and --key" },
		{ "listen=1\ncert=none\nkey=none\n", "none: not a PEM chain" },
		{ "health\n", "one of them alone" },
	};
	struct desk d;

	desk_make(&d);
	CHECK_EQ(run(&d, "--make-token", "token", NULL, NULL), 0);
	config_put(&d, "");
	CHECK_EQ(run(&d, "--config", "conf", "--check", NULL), 0);
	CHECK(says(&d, "sfud: nothing is wrong"));
	for (size_t i = 0; i < KK_ARRAY_LEN(wrong); i++) {
		config_put(&d, wrong[i][0]);
		CHECK(run(&d, "--config", "conf", "--check", NULL) > 0);
		CHECK(says(&d, wrong[i][1]));
	}
	put(&d, "token-hash", "short");
	config_put(&d, "");
	CHECK_EQ(run(&d, "--config", "conf", "--check", NULL), 1);
	CHECK(says(&d, "token-hash: not a file of 32 bytes"));
	CHECK_EQ(run(&d, "--config", "none", "--check", NULL), 2);
	CHECK(says(&d, "none: not there"));
	folder_remove(d.folder);
}

TEST(the_command_line_counts_more_than_the_file)
{
	struct desk d;

	desk_make(&d);
	CHECK_EQ(run(&d, "--make-token", "token", NULL, NULL), 0);
	config_put(&d, "site-token-hash=none\n");
	CHECK_EQ(run(&d, "--config", "conf", "--check", NULL), 1);
	config_put(&d, "workers=2\n");
	CHECK_EQ(run(&d, "--config", "conf", "--check",
		     "--site-token-hash=none"),
	    1);
	CHECK(says(&d, "none: not a file of 32 bytes"));
	CHECK_EQ(run(&d, "--config", "conf", "--check", "--workers=0"), 2);
	folder_remove(d.folder);
}

static int health_of(struct world *w, char said[SAID_ROOM])
{
	char port[40];
	const char *const args[] = { "--health", port, NULL };

	(void)snprintf(port, sizeof(port), "--metrics-loopback=%u",
	    w->metrics_port);
	memset(said, 0, SAID_ROOM);
	return process_run("sfud", args, said, SAID_ROOM);
}

TEST(health_tells_whether_it_serves_drains_or_is_gone)
{
	struct world w = { .args = { "--drain=1h", "--metrics-loopback=0" } };
	char said[SAID_ROOM];

	world_start(&w);
	meeting_make(&w, 3);
	(void)client_enter(&w, 0, "null");
	CHECK_EQ(health_of(&w, said), 0);
	CHECK_STR(said, "sfud: serves\n");
	CHECK_EQ(kill(w.pid, SIGTERM), 0);
	do {
		world_turn(&w);
		CHECK_EQ(health_of(&w, said), 0);
	} while (!strcmp(said, "sfud: serves\n"));
	CHECK_STR(said, "sfud: drains: meetings go on, and none begins\n");
	sfud_stop(&w);
	CHECK_EQ(health_of(&w, said), 1);
	CHECK(strstr(said, "does not answer") != NULL);
	world_end(&w);
}

TEST(sighup_ends_nothing)
{
	struct world w = { 0 };

	world_start(&w);
	meeting_make(&w, 3);
	(void)client_enter(&w, 0, "null");
	CHECK_EQ(kill(w.pid, SIGHUP), 0);
	(void)client_enter(&w, 1, "null");
	CHECK_STR(text_of(event_take(&w.clients[0], "joined"), "participant"),
	    w.clients[1].participant);
	world_end(&w);
}
