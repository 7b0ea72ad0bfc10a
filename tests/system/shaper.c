/*
 * shaper.c - runs a command behind a bad network, for tests.
 *
 *	shaper [--delay-ms=N] [--loss=PERCENT] [--kbps=N] [--seed=N]
 *	    COMMAND [ARGUMENT...]
 *
 * The command gets a network namespace of its own, which has its own loopback
 * and one link to the namespace that the shaper was started in:
 *
 *	here  10.77.N.1, fd77:N::1   <-- shaper -->   10.77.N.2, fd77:N::2 there
 *
 * N is --net, 0 at first.  Packets of both directions wait for the delay, and
 * some are lost, by a generator of its own: the same seed loses the same ones.
 * With --kbps each direction carries no more, and holds 300 ms of it back.
 * SIGUSR1 cuts the link, SIGUSR2 mends it.  Ends with the command's status.
 *
 * The kernel's own netem would do, but is a module that few machines have.
 * Start it in a namespace made for the test: it puts a link and an address
 *there.
 */
#define _GNU_SOURCE /* unshare(), ppoll() */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
	PACKET_MAX_BYTES = 2048, /* the link's MTU is 1500 */
	WAITING_MAX = 4096, /* of one direction: 50 Mbit/s for a second */
	QUEUE_MS = 300,
	BITS = 8,
	NS_PER_MS = 1000000,
	PERCENT = 100
};

struct packet {
	uint64_t due_ns;
	size_t bytes;
	uint8_t data[PACKET_MAX_BYTES];
};

struct way { /* one direction, first in first out */
	int from, to;
	struct packet *ring;
	size_t first, count;
	uint64_t free_ns; /* when its last packet has gone */
};

struct shaper {
	uint64_t delay_ns;
	unsigned loss_percent, net;
	unsigned kbps; /* 0: any */
	uint64_t random;
	bool is_cut;
	struct way ways[2];
	int signals;
	pid_t child;
};

/* As in <linux/ipv6.h>, which does not go together with <net/if.h>. */
struct address6 {
	struct in6_addr address;
	uint32_t prefix_bits;
	int index;
};

static void die(const char *what)
{
	perror(what);
	exit(125);
}

static uint64_t now_ns(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 * NS_PER_MS + (uint64_t)t.tv_nsec;
}

/* xorshift64: no more is asked of it. */
static unsigned random_below(struct shaper *s, unsigned limit)
{
	s->random ^= s->random << 13;
	s->random ^= s->random >> 7;
	s->random ^= s->random << 17;
	return (unsigned)(s->random % limit);
}

static void link_up(const char *name)
{
	struct ifreq rq = { .ifr_flags = IFF_UP | IFF_RUNNING };
	int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	(void)snprintf(rq.ifr_name, sizeof(rq.ifr_name), "%s", name);
	if (s < 0 || ioctl(s, SIOCSIFFLAGS, &rq))
		die(name);
	(void)close(s);
}

static void address4_set(const struct ifreq *link, unsigned net, unsigned host)
{
	struct ifreq rq = *link;
	struct sockaddr_in in = { .sin_family = AF_INET };
	int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	in.sin_addr.s_addr = htonl(10U << 24 | 77U << 16 | net << 8 | host);
	memcpy(&rq.ifr_addr, &in, sizeof(in));
	if (s < 0 || ioctl(s, SIOCSIFADDR, &rq))
		die("address");
	in.sin_addr.s_addr = htonl(0xffffff00);
	memcpy(&rq.ifr_netmask, &in, sizeof(in));
	if (ioctl(s, SIOCSIFNETMASK, &rq))
		die("netmask");
	(void)close(s);
}

/* A machine without IPv6 does without. */
static void address6_set(const struct ifreq *link, unsigned net, unsigned host)
{
	struct address6 rq = { .prefix_bits = 64 };
	char text[32];
	int s = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (s < 0)
		return;
	(void)snprintf(text, sizeof(text), "fd77:%x::%x", net, host);
	rq.index = (int)if_nametoindex(link->ifr_name);
	if (inet_pton(AF_INET6, text, &rq.address) == 1)
		(void)ioctl(s, SIOCSIFADDR, &rq);
	(void)close(s);
}

static int link_make(unsigned net, unsigned host)
{
	struct ifreq rq = { .ifr_flags = IFF_TUN | IFF_NO_PI };
	int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);

	(void)snprintf(rq.ifr_name, sizeof(rq.ifr_name), "kk%u", net);
	if (fd < 0 || ioctl(fd, TUNSETIFF, &rq))
		die("/dev/net/tun");
	address4_set(&rq, net, host);
	link_up(rq.ifr_name);
	address6_set(&rq, net, host);
	return fd;
}

static void fd_give(int socket, int fd)
{
	char byte = 0;
	struct iovec io = { &byte, 1 };
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = { .bytes = { 0 } };
	struct msghdr m = { .msg_iov = &io,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	if (sendmsg(socket, &m, 0) != 1)
		die("sendmsg");
}

static int fd_take(int socket)
{
	char byte;
	struct iovec io = { &byte, 1 };
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control;
	struct msghdr m = { .msg_iov = &io,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes) };
	int fd;

	if (recvmsg(socket, &m, MSG_CMSG_CLOEXEC) != 1 || !CMSG_FIRSTHDR(&m))
		exit(125); /* the child has said why */
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof(fd));
	return fd;
}

static void child_run(const struct shaper *s, int socket, char **command)
{
	sigset_t none;

	(void)sigemptyset(&none);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) || unshare(CLONE_NEWNET))
		die("unshare");
	link_up("lo");
	fd_give(socket, link_make(s->net, 2));
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)execvp(command[0], command);
	die(command[0]);
}

/* When a packet has passed the narrow place; 0: its queue is full. */
static uint64_t passed_ns(const struct shaper *s, struct way *w, size_t bytes)
{
	uint64_t now = now_ns();

	if (s->kbps == 0)
		return now;
	if (w->free_ns < now)
		w->free_ns = now;
	if (w->free_ns - now > (uint64_t)QUEUE_MS * NS_PER_MS)
		return 0;
	w->free_ns += (uint64_t)bytes * BITS * NS_PER_MS / s->kbps;
	return w->free_ns;
}

static void way_take(struct shaper *s, struct way *w)
{
	while (w->count < WAITING_MAX) {
		struct packet *p =
		    &w->ring[(w->first + w->count) % WAITING_MAX];
		ssize_t got = read(w->from, p->data, sizeof(p->data));
		uint64_t passed;

		if (got <= 0)
			return;
		if (s->is_cut || random_below(s, PERCENT) < s->loss_percent)
			continue;
		passed = passed_ns(s, w, (size_t)got);
		if (passed == 0)
			continue;
		p->bytes = (size_t)got;
		p->due_ns = passed + s->delay_ns;
		w->count++;
	}
}

/* What is full is lost, as in any network. */
static void way_give(const struct shaper *s, struct way *w)
{
	uint64_t now = now_ns();

	while (w->count > 0 && w->ring[w->first].due_ns <= now) {
		const struct packet *p = &w->ring[w->first];

		if (!s->is_cut && write(w->to, p->data, p->bytes) < 0 &&
		    errno != EAGAIN && errno != EIO)
			perror("shaper");
		w->first = (w->first + 1) % WAITING_MAX;
		w->count--;
	}
}

static uint64_t wait_ns(const struct shaper *s)
{
	uint64_t first = UINT64_MAX, now = now_ns();

	for (int i = 0; i < 2; i++) {
		const struct way *w = &s->ways[i];

		if (w->count > 0 && w->ring[w->first].due_ns < first)
			first = w->ring[w->first].due_ns;
	}
	if (first == UINT64_MAX)
		return 1000ULL * NS_PER_MS;
	return first > now ? first - now : 0;
}

/* The command's status once it has ended, else -1. */
static int signal_take(struct shaper *s)
{
	struct signalfd_siginfo si;
	int status;

	if (read(s->signals, &si, sizeof(si)) != sizeof(si))
		return -1;
	if (si.ssi_signo == SIGUSR1 || si.ssi_signo == SIGUSR2) {
		s->is_cut = si.ssi_signo == SIGUSR1;
	} else if (si.ssi_signo == SIGCHLD) {
		if (waitpid(s->child, &status, WNOHANG) == s->child)
			return WIFEXITED(status) ? WEXITSTATUS(status) :
						   128 + WTERMSIG(status);
	} else {
		(void)kill(s->child, (int)si.ssi_signo);
	}
	return -1;
}

static int relay(struct shaper *s)
{
	for (;;) {
		uint64_t ns = wait_ns(s);
		struct timespec t = { (time_t)(ns / (1000ULL * NS_PER_MS)),
			(long)(ns % (1000ULL * NS_PER_MS)) };
		struct pollfd fds[3] = { { s->ways[0].from, POLLIN, 0 },
			{ s->ways[1].from, POLLIN, 0 },
			{ s->signals, POLLIN, 0 } };
		int status;

		if (ppoll(fds, 3, &t, NULL) < 0 && errno != EINTR)
			die("ppoll");
		if (fds[2].revents) {
			status = signal_take(s);
			if (status >= 0)
				return status;
		}
		for (int i = 0; i < 2; i++) {
			way_take(s, &s->ways[i]);
			way_give(s, &s->ways[i]);
		}
	}
}

static unsigned number(const char *text, unsigned max)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (!*text || *end || n > max) {
		(void)fprintf(stderr, "shaper: no number up to %u: %s\n", max,
		    text);
		exit(2);
	}
	return (unsigned)n;
}

static void options_take(struct shaper *s, int argc, char **argv)
{
	static const struct option table[] = {
		{ "delay-ms", required_argument, NULL, 'd' },
		{ "loss", required_argument, NULL, 'l' },
		{ "kbps", required_argument, NULL, 'k' },
		{ "seed", required_argument, NULL, 's' },
		{ "net", required_argument, NULL, 'n' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "+", table, NULL)) != -1) {
		if (c == 'd')
			s->delay_ns = (uint64_t)number(optarg, 10000) *
			    NS_PER_MS;
		else if (c == 'l')
			s->loss_percent = number(optarg, PERCENT);
		else if (c == 'k')
			s->kbps = number(optarg, 1000000);
		else if (c == 's')
			s->random = 1 + (uint64_t)number(optarg, 1000000);
		else if (c == 'n')
			s->net = number(optarg, 255);
		else
			exit(2);
	}
	if (optind == argc) {
		(void)fprintf(stderr,
		    "usage: shaper [--delay-ms=N] "
		    "[--loss=PERCENT] [--kbps=N] [--seed=N] [--net=N] "
		    "COMMAND [ARGUMENT...]\n");
		exit(2);
	}
}

static int signals_take(void)
{
	static const int taken[] = { SIGCHLD, SIGTERM, SIGINT, SIGUSR1,
		SIGUSR2 };
	sigset_t set;

	(void)sigemptyset(&set);
	for (size_t i = 0; i < sizeof(taken) / sizeof(*taken); i++)
		(void)sigaddset(&set, taken[i]);
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

int main(int argc, char **argv)
{
	static struct packet rings[2][WAITING_MAX];
	struct shaper s = { .random = 1 };
	int pair[2], here, there;

	options_take(&s, argc, argv);
	s.signals = signals_take();
	if (s.signals < 0 ||
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		die("shaper");
	here = link_make(s.net, 1);
	s.child = fork();
	if (s.child == 0)
		child_run(&s, pair[1], argv + optind);
	(void)close(pair[1]);
	there = fd_take(pair[0]);
	s.ways[0] = (struct way){ .from = here, .to = there };
	s.ways[1] = (struct way){ .from = there, .to = here };
	s.ways[0].ring = rings[0];
	s.ways[1].ring = rings[1];
	return relay(&s);
}
