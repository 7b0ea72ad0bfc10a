/* notify.c - children tell that they are ready (sd_notify(3)). */
#define _GNU_SOURCE /* struct ucred */
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tools/sandbox/sandbox.h"

enum { MESSAGE_BYTES = 4096 };

/* Has the message such a line? */
static bool line_has(const char *text, const char *line)
{
	size_t length = strlen(line);

	while (text && *text) {
		if (!strncmp(text, line, length) &&
		    (text[length] == '\n' || text[length] == '\0'))
			return true;
		text = strchr(text, '\n');
		text = text ? text + 1 : NULL;
	}
	return false;
}

static pid_t sender_of(struct msghdr *m)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		struct ucred cred;

		if (c->cmsg_level != SOL_SOCKET ||
		    c->cmsg_type != SCM_CREDENTIALS)
			continue;
		memcpy(&cred, CMSG_DATA(c), sizeof(cred));
		return cred.pid;
	}
	return 0;
}

static int told(sd_event_source *source, int fd, uint32_t events, void *arg)
{
	char text[MESSAGE_BYTES], control[CMSG_SPACE(sizeof(struct ucred))];
	struct iovec part = { text, sizeof(text) - 1 };
	struct msghdr m = { .msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control) };
	struct sandbox *s = arg;
	struct sandbox_child *c;
	ssize_t n = recvmsg(fd, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

	(void)source;
	(void)events;
	if (n <= 0)
		return 0;
	text[n] = '\0';
	c = sandbox_child_of(s, sender_of(&m));
	if (!c || !c->pid || !line_has(text, "READY=1") || c->is_ready)
		return 0;
	c->is_ready = c->was_ready = true;
	c->failures = 0;
	sandbox_go_on(s);
	return 0;
}

enum kk_err sandbox_notify_open(struct sandbox *s)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int on = 1;

	s->notify = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	(void)snprintf(at.sun_path, sizeof(at.sun_path), "%s/notify", s->run);
	if (s->notify < 0 ||
	    setsockopt(s->notify, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) ||
	    bind(s->notify, (struct sockaddr *)&at, sizeof(at)) ||
	    sd_event_add_io(s->event, NULL, s->notify, EPOLLIN, told, s) < 0)
		return KK_EIO;
	return KK_OK;
}
