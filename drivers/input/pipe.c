/* pipe.c - words at a datagram socket, for a PC without a number pad, and for
 * tests. */
#define _GNU_SOURCE /* SOCK_CLOEXEC */
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "drivers/input/input_internal.h"
#include "drivers/input/words.h"

enum { READS_MAX = 64 /* that are no words; then the loop has its turn */ };

struct pipe_input {
	int fd;
	struct sockaddr_un address;
};

/* A longer one is cut, and so is none. */
static bool pipe_next(void *ctx, struct input_event *event)
{
	const struct pipe_input *p = ctx;
	uint8_t line[INPUT_WORDS_BYTES + 1];
	bool is_there = false;

	for (unsigned i = 0; !is_there && i < READS_MAX; i++) {
		const ssize_t n = recv(p->fd, line, sizeof(line), 0);

		if (n < 0)
			break;
		is_there = !input_words_parse(event,
		    kk_view_of(line, (size_t)n));
	}
	kk_wipe(line, sizeof(line));
	return is_there;
}

static void pipe_close(void *ctx)
{
	struct pipe_input *p = ctx;

	if (p->fd >= 0) {
		(void)close(p->fd);
		(void)unlink(p->address.sun_path);
	}
	kk_free(p);
}

static const struct input_ops pipe_ops = { pipe_next, pipe_close };

/* A socket that was left there is replaced, and nothing else. */
static int socket_make(const struct sockaddr_un *address)
{
	const int fd = socket(AF_UNIX,
	    SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct stat is;

	if (fd < 0)
		return -1;
	if (!lstat(address->sun_path, &is) && S_ISSOCK(is.st_mode))
		(void)unlink(address->sun_path);
	if (!bind(fd, (const struct sockaddr *)address, sizeof(*address))) {
		if (!chmod(address->sun_path, 0600))
			return fd;
		(void)unlink(address->sun_path);
	}
	(void)close(fd);
	return -1;
}

enum kk_err input_pipe_open(struct input **inputp, const char *path)
{
	struct pipe_input *p;

	if (strlen(path) >= sizeof(p->address.sun_path))
		return KK_EINVAL;
	p = kk_calloc(1, sizeof(*p));
	if (!p)
		return KK_ENOMEM;
	p->address.sun_family = AF_UNIX;
	memcpy(p->address.sun_path, path, strlen(path));
	p->fd = socket_make(&p->address);
	if (p->fd < 0) {
		pipe_close(p);
		return KK_EIO;
	}
	return input_new(inputp, &pipe_ops, p, p->fd);
}
