/* program.c - konklave-loopback with a forwarder that works, and with some that
 * do not. */
#define _GNU_SOURCE /* mkdtemp() */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base.h"
#include "harness/process.h"
#include "harness/tap.h"

enum { OUT = 65536, ARG = 4096 + 128 };

/* For a call that is held: it does not wait so long. */
#define LONG "--limit=300"

struct place {
	char path[32];
	char out[OUT];
};

static void place_init(struct place *p)
{
	(void)snprintf(p->path, sizeof(p->path), "/tmp/trial.XXXXXX");
	CHECK(mkdtemp(p->path) != NULL);
	CHECK_EQ(setenv("TMPDIR", p->path, 1), 0);
}

static int run(struct place *p, const char *sfud, const char *limit,
    const char *more)
{
	char option[ARG + 16];
	const char *const args[] = { option, limit, more, NULL };

	(void)snprintf(option, sizeof(option), "--sfud=%s", sfud);
	return process_run("konklave-loopback", args, p->out, OUT);
}

static void says(const struct place *p, const char *text)
{
	if (!strstr(p->out, text))
		(void)fprintf(stderr, "# %s\n", p->out);
	CHECK(strstr(p->out, text) != NULL);
}

/* A program in place of sfud. */
static void script_write(const struct place *p, const char *name,
    const char *text, char path[ARG])
{
	(void)snprintf(path, ARG, "%s/%s", p->path, name);
	file_write(path, text, strlen(text));
	CHECK_EQ(chmod(path, 0700), 0);
}

/* Nothing is left of the call. */
static void place_end(const struct place *p)
{
	const struct dirent *entry;
	DIR *folder = opendir(p->path);

	CHECK(folder != NULL);
	while ((entry = readdir(folder)) != NULL)
		CHECK(strncmp(entry->d_name, "konklave-", 9) != 0);
	CHECK_EQ(closedir(folder), 0);
	folder_remove(p->path);
}

TEST(call_is_held_through_the_real_forwarder)
{
	struct place p;

	place_init(&p);
	CHECK_EQ(run(&p, process_path("sfud"), LONG, NULL), 0);
	says(&p, "forwarder after ");
	says(&p, "connected after ");
	says(&p, "sound after ");
	says(&p, "picture after ");
	says(&p, "a call was held after ");
	CHECK(strstr(p.out, "no call") == NULL);
	place_end(&p);
}

TEST(result_is_told_as_json)
{
	struct place p;

	place_init(&p);
	CHECK_EQ(run(&p, process_path("sfud"), LONG, "--json"), 0);
	says(&p, "{\"isHeld\":true,\"tookMs\":");
	says(&p, "{\"mark\":\"forwarder\",\"atMs\":");
	says(&p, "\"refused\":0,\"readable\":0,\"soundPercent\":");
	place_end(&p);
}

TEST(devices_of_the_call_are_told)
{
	struct place p;

	place_init(&p);
	CHECK_EQ(run(&p, "/nowhere/sfud", "--camera=/dev/video-none", "--json"),
	    1);
	says(&p, ",\"devices\":{\"camera\":\"/dev/video-none\"},");
	CHECK_EQ(run(&p, "/nowhere/sfud", LONG, "--json"), 1);
	CHECK(strstr(p.out, "devices") == NULL);
	place_end(&p);
}

TEST(forwarder_that_is_not_there_is_named)
{
	struct place p;

	place_init(&p);
	CHECK_EQ(run(&p, "/nowhere/sfud", LONG, NULL), 1);
	says(&p, "no call is held: forwarder: it does not start\n");
	CHECK_EQ(run(&p, "/nowhere/sfud", LONG, "--json"), 1);
	says(&p,
	    "{\"isHeld\":false,\"failed\":\"forwarder\","
	    "\"why\":\"it does not start\"");
	place_end(&p);
}

TEST(forwarder_that_says_nothing_is_named)
{
	char path[ARG];
	struct place p;

	place_init(&p);
	script_write(&p, "sfud", "#!/bin/sh\nexec sleep 1000\n", path);
	CHECK_EQ(run(&p, path, "--limit=1", NULL), 1);
	says(&p,
	    "no call is held: forwarder: it does not say that it serves\n");
	place_end(&p);
}

TEST(camera_that_gives_nothing_is_named)
{
	struct place p;

	place_init(&p);
	CHECK_EQ(run(&p, process_path("sfud"), "--limit=5",
		     "--camera=/dev/null"),
	    1);
	says(&p, "no call is held: picture: the camera gives none\n");
	place_end(&p);
}

/* It has another site's token. */
TEST(forwarder_that_lets_nobody_in_is_named)
{
	char text[2 * ARG], path[ARG];
	struct place p;

	place_init(&p);
	(void)snprintf(text, sizeof(text),
	    "#!/bin/sh\n"
	    "head -c 32 /dev/zero >%s/other || exit\n"
	    "exec %s \"$@\" --site-token-hash=%s/other\n",
	    p.path, process_path("sfud"), p.path);
	script_write(&p, "sfud", text, path);
	CHECK_EQ(run(&p, path, LONG, NULL), 1);
	says(&p, "no call is held: meeting: denied\n");
	place_end(&p);
}

TEST(wrong_options_are_told)
{
	struct place p;
	const char *const no_microphone[] = { "--loudspeaker=alsa:default",
		NULL };
	const char *const limit[] = { "--limit=0", NULL };

	place_init(&p);
	CHECK_EQ(process_run("konklave-loopback", no_microphone, p.out, OUT),
	    2);
	says(&p, "needs --microphone");
	CHECK_EQ(process_run("konklave-loopback", limit, p.out, OUT), 2);
	place_end(&p);
}
