/*
 * connections.c - what others have opened to us by TCP and TLS: how many, and
 * whose.
 *
 * sofia-sip takes all that come and tells nobody of them; one that sent what is
 * no SIP it reads no more, and keeps when its other end has gone; and it spins
 * when there are no more files to be had.  So they are found among this
 * process's files: TCP, at a port of ours.  Which files there are, poll(2) says
 * of all numbers at once.  shutdown(2) looks to sofia-sip as if the other end
 * had closed.
 */
#define _GNU_SOURCE /* struct tcp_info, SO_PROTOCOL */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "ua/ua_private.h"

enum {
	FILE_FIRST = 3,
	FILES_MAX = 4096, /* above any limit that is usual */
	UNREAD_BYTES = 8192, /* which Linux doubles, for what it needs itself */
	ACCEPT_EACH_MS = 16
};

struct files { /* that are open, in order of their numbers */
	int fd[FILES_MAX];
	size_t count;
};

struct found {
	bool is_known; /* a trunk's, or of where a telephone registered from */
	bool is_left; /* the other end has closed it */
	char address[UA_ADDRESS_BYTES];
};

static void files_list(struct files *files)
{
	struct pollfd all[FILES_MAX];
	struct rlimit limit = { .rlim_cur = FILES_MAX };
	size_t most;

	/* It takes no more than there may be. */
	(void)getrlimit(RLIMIT_NOFILE, &limit);
	most = limit.rlim_cur < FILES_MAX ? (size_t)limit.rlim_cur : FILES_MAX;
	for (size_t i = 0; i < most; i++)
		all[i] = (struct pollfd){ .fd = (int)i };
	files->count = 0;
	if (poll(all, most, 0) < 0)
		return;
	for (size_t i = FILE_FIRST; i < most; i++) {
		if (!(all[i].revents & POLLNVAL))
			files->fd[files->count++] = (int)i;
	}
}

static bool is_port_of_ours(const struct ua *ua, uint16_t port)
{
	for (const sip_via_t *v = nta_agent_via(ua->agent); v; v = v->v_next) {
		if (g_ascii_strtoull(sip_via_port(v, NULL), NULL, 10) == port)
			return true;
	}
	return false;
}

static bool is_tcp(int fd, struct found *f)
{
	struct tcp_info info;
	socklen_t bytes = sizeof(info);
	int protocol = 0;
	socklen_t protocol_bytes = sizeof(protocol);

	if (getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol,
		&protocol_bytes) ||
	    protocol != IPPROTO_TCP ||
	    getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &bytes))
		return false;
	f->is_left = info.tcpi_state == TCP_CLOSE_WAIT;
	return f->is_left || info.tcpi_state == TCP_ESTABLISHED;
}

static bool find(const struct ua *ua, int fd, struct found *f)
{
	su_sockaddr_t own = { .su_len = 0 }, peer = { .su_len = 0 };
	socklen_t own_bytes = sizeof(own), peer_bytes = sizeof(peer);
	size_t trunk;

	if (!is_tcp(fd, f) || getsockname(fd, &own.su_sa, &own_bytes) ||
	    getpeername(fd, &peer.su_sa, &peer_bytes) ||
	    !is_port_of_ours(ua, g_ntohs(own.su_port)) ||
	    !su_inet_ntop(peer.su_family, SU_ADDR(&peer), f->address,
		sizeof(f->address)))
		return false;
	f->is_known = ua_is_trunk_address(ua, f->address, &trunk) ||
	    ua_is_known_address(ua, f->address);
	return true;
}

static void close_it(struct ua *ua, int fd)
{
	(void)shutdown(fd, SHUT_RDWR);
	ua->counts.closed++;
}

/* Closes the newest, which have the highest numbers, until few enough are left.
 */
static unsigned close_newest(struct ua *ua, const struct files *files,
    unsigned count, unsigned most, bool is_known)
{
	for (size_t i = files->count; i-- > 0 && count > most;) {
		struct found f;

		if (!find(ua, files->fd[i], &f) || f.is_known != is_known)
			continue;
		close_it(ua, files->fd[i]);
		count--;
	}
	return count;
}

void ua_connections_bound(struct ua *ua)
{
	const unsigned limit = ua->limits.connections;
	uint16_t of_source[UA_SOURCES] = { 0 };
	struct files files;
	unsigned count = 0;

	files_list(&files);
	for (size_t i = 0; i < files.count; i++) {
		struct found f;

		if (!find(ua, files.fd[i], &f))
			continue;
		if (f.is_left ||
		    (!f.is_known &&
			++of_source[ua_source_slot(ua, f.address)] >
			    ua->limits.source_connections))
			close_it(ua, files.fd[i]);
		else
			count++;
	}
	if (count <= limit)
		return;
	count = close_newest(ua, &files, count, limit / 2, false);
	(void)close_newest(ua, &files, count, limit, true);
}

static bool is_listening(int fd)
{
	int listens = 0;
	socklen_t bytes = sizeof(listens);

	return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &bytes) ==
	    0 &&
	    listens;
}

/*
 * A connection's unread bytes are read, and all messages in them run, in one
 * turn of the loop, in which nothing else goes on; and each message is copied
 * with all that are behind it.  So there are to be few: what is accepted has
 * the buffer of the socket that listens.
 */
void ua_connections_small(const struct ua *ua)
{
	const int bytes = UNREAD_BYTES;
	struct files files;

	files_list(&files);
	for (size_t i = 0; i < files.count; i++) {
		const int fd = files.fd[i];
		su_sockaddr_t own = { .su_len = 0 };
		socklen_t own_bytes = sizeof(own);

		if (is_listening(fd) &&
		    !getsockname(fd, &own.su_sa, &own_bytes) &&
		    own.su_family != AF_UNIX &&
		    is_port_of_ours(ua, g_ntohs(own.su_port)))
			(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes,
			    sizeof(bytes));
	}
}

/*
 * After it has accepted one, sofia-sip looks at nothing else in that turn: who
 * opens connections all the time would have all others wait, and those that
 * were closed would stay.  So where more than that is to be done, new ones wait
 * for the first of some milliseconds.
 */
gint ua_connections_poll(GPollFD *files, guint count, gint timeout_ms)
{
	gint ready = g_poll(files, count, timeout_ms), listening = 0;

	if (ready < 2 || ua_now_ms() % ACCEPT_EACH_MS == 0)
		return ready;
	for (guint i = 0; i < count; i++)
		listening += files[i].revents && is_listening(files[i].fd);
	if (listening == 0 || listening == ready)
		return ready; /* nothing else is to be done */
	for (guint i = 0; i < count; i++) {
		if (files[i].revents && is_listening(files[i].fd)) {
			files[i].revents = 0;
			ready--;
		}
	}
	return ready;
}
