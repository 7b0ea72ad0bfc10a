/* pipe.c - words at a socket. */
#define _GNU_SOURCE /* mkdtemp() */
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "drivers/input/input.h"
#include "harness/tap.h"

struct place {
	char folder[32], kind[64];
	const char *path; /* of kind */
	int fd; /* what sends */
	struct sockaddr_un to;
};

static struct place place_new(void)
{
	struct place p = { .folder = "/tmp/kk-input-XXXXXX",
		.to = { .sun_family = AF_UNIX } };

	CHECK(mkdtemp(p.folder) != NULL);
	(void)snprintf(p.kind, sizeof(p.kind), "pipe:%s/keys", p.folder);
	(void)snprintf(p.to.sun_path, sizeof(p.to.sun_path), "%s/keys",
	    p.folder);
	p.fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	CHECK(p.fd >= 0);
	return p;
}

static void place_clear(const struct place *p)
{
	CHECK_EQ(close(p->fd), 0);
	CHECK_EQ(rmdir(p->folder), 0); /* so nothing was left */
}

static void say(const struct place *p, const char *line)
{
	CHECK_EQ(sendto(p->fd, line, strlen(line), 0,
		     (const struct sockaddr *)&p->to, sizeof(p->to)),
	    (ssize_t)strlen(line));
}

static bool is_ready(const struct input *input)
{
	struct pollfd ready = { input_fd(input), POLLIN, 0 };

	return poll(&ready, 1, 0) == 1;
}

TEST(words_come_in_their_order_and_all_else_is_left_out)
{
	struct place p = place_new();
	struct input *input = NULL;
	struct input_event e;

	CHECK_OK(input_open(&input, p.kind, "de"));
	CHECK(!is_ready(input) && !input_next(input, &e));
	say(&p, "key 5");
	say(&p, "no key");
	say(&p, "key 6 and more than there is room for in a line");
	say(&p, "press 0.5 0.5\n");
	CHECK(is_ready(input));
	CHECK(input_next(input, &e));
	CHECK_EQ(e.kind, INPUT_TEXT);
	CHECK_STR(e.text, "5");
	CHECK(input_next(input, &e));
	CHECK_EQ(e.kind, INPUT_PRESS);
	CHECK(!input_next(input, &e) && !is_ready(input));
	input_close(input);
	place_clear(&p);
}

TEST(what_a_crash_has_left_is_replaced_and_a_file_is_not)
{
	struct place p = place_new();
	struct input *input = NULL;
	struct stat is;
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	CHECK_EQ(bind(fd, (const struct sockaddr *)&p.to, sizeof(p.to)), 0);
	CHECK_EQ(close(fd), 0);
	CHECK_OK(input_open(&input, p.kind, "us"));
	CHECK_EQ(lstat(p.to.sun_path, &is), 0);
	CHECK_EQ(is.st_mode & 0777, 0600);
	input_close(input);
	input = NULL;
	fd = open(p.to.sun_path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	CHECK_EQ(close(fd), 0);
	CHECK_EQ(input_open(&input, p.kind, "us"), KK_EIO);
	CHECK(!input);
	CHECK_EQ(unlink(p.to.sun_path), 0);
	place_clear(&p);
}

TEST(kinds_and_keymaps_that_are_none_are_refused)
{
	static const char *const kinds[] = { "", "pipe", "pipe:", "mouse",
		"evdev:" };
	struct input *input = NULL;
	char path[256] = "pipe:/";

	for (size_t i = 0; i < KK_ARRAY_LEN(kinds); i++)
		CHECK_EQ(input_open(&input, kinds[i], "de"), KK_EINVAL);
	CHECK_EQ(input_open(&input, "none", "fr"), KK_EINVAL);
	memset(path + 6, 'a', sizeof(path) - 7);
	CHECK_EQ(input_open(&input, path, "de"), KK_EINVAL);
	CHECK_EQ(input_open(&input, "pipe:/nowhere/at/all", "de"), KK_EIO);
	CHECK(!input);
	input_close(NULL);
}

TEST(none_has_no_events)
{
	struct input *input = NULL;
	struct input_event e;

	CHECK_OK(input_open(&input, "none", "de"));
	CHECK_EQ(input_fd(input), -1);
	CHECK(!input_next(input, &e));
	input_close(input);
}
