/* tls.c - calls over TLS, and certificates that are not trusted. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ua/end.h"

enum { PATH_BYTES = 128, TURN_MS = 5, TURNS = 9000 };

struct pair {
	struct end here, there;
};

struct folder { /* with agent.pem and cafile.pem */
	char path[PATH_BYTES];
};

static void run(const char *command)
{
	GError *error = NULL;
	int status = -1;

	CHECK(g_spawn_command_line_sync(command, NULL, NULL, &status, &error));
	CHECK_EQ(status, 0);
}

/* Its own CA, for name. */
static void folder_make(struct folder *f, const char *name)
{
	char command[1024];

	(void)snprintf(f->path, sizeof(f->path), "/tmp/ua-tls-XXXXXX");
	CHECK(g_mkdtemp(f->path));
	(void)snprintf(command, sizeof(command),
	    "sh -c 'cd %s && openssl req -x509 -newkey ec -pkeyopt "
	    "ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=%s -keyout key "
	    "-out cafile.pem 2>/dev/null && cat cafile.pem key > agent.pem'",
	    f->path, name);
	run(command);
}

static void folder_clear(const struct folder *f)
{
	static const char *const names[] = { "agent.pem", "cafile.pem", "key" };
	char path[PATH_BYTES + 16];

	for (size_t i = 0; i < KK_ARRAY_LEN(names); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", f->path, names[i]);
		CHECK_EQ(unlink(path), 0);
	}
	CHECK_EQ(rmdir(f->path), 0);
}

static void end_open_with(struct end *e, const struct folder *f, bool is_mutual,
    const struct ua_trunk *trunk, struct ua_limits limits)
{
	const struct ua_listen listen = { .transport = UA_TLS,
		.address = "127.0.0.1",
		.certificates = f->path,
		.is_mutual = is_mutual };

	end_open(e,
	    (struct ua_config){ .listens = &listen,
		.listen_count = 1,
		.rule = UA_RULE_ANYBODY,
		.trunks = trunk,
		.trunk_count = trunk ? 1 : 0,
		.limits = limits });
}

static void end_open_tls(struct end *e, const struct folder *f, bool is_mutual,
    const struct ua_trunk *trunk)
{
	end_open_with(e, f, is_mutual, trunk, (struct ua_limits){ .calls = 0 });
}

static void pair_open(struct pair *p, const struct folder *ours,
    const struct folder *theirs, bool is_mutual)
{
	char uri[END_TEXT_BYTES];
	struct ua_trunk trunk = { .name = "pbx",
		.domain = "site.example",
		.servers = { uri },
		.user = "4711",
		.is_static = true };

	end_open_tls(&p->there, theirs, is_mutual, NULL);
	(void)snprintf(uri, sizeof(uri), "sip:127.0.0.1:%u;transport=tls",
	    (unsigned)ua_port(p->there.ua, UA_TLS));
	end_open_tls(&p->here, ours, false, &trunk);
	end_place(&p->here, "99", "offer");
}

static void pair_talks(struct pair *p)
{
	end_wait(p->there.incoming, 1);
	CHECK_EQ(ua_call_transport(p->there.call), UA_TLS);
	CHECK_OK(ua_call_answer(p->there.call, end_text("answer")));
	end_wait(p->here.answered, 1);
	ua_call_end(p->here.call);
	end_wait(p->there.ended, 1);
	end_close(&p->here);
	end_close(&p->there);
}

static void pair_talks_not(struct pair *p)
{
	end_wait(p->here.ended, 1);
	CHECK_EQ(p->here.reason, UA_END_UNREACHABLE);
	CHECK_EQ(p->there.incoming, 0);
	end_close(&p->here);
	end_close(&p->there);
}

TEST(certificates_are_asked_for_and_checked)
{
	struct folder good, stranger, other;
	static struct pair pairs[4];

	folder_make(&good, "127.0.0.1");
	folder_make(&stranger, "127.0.0.1");
	folder_make(&other, "pbx.example");
	pair_open(&pairs[0], &good, &good, false);
	pair_open(&pairs[1], &good, &good, true);
	pair_open(&pairs[2], &good, &stranger, false); /* of another CA */
	pair_open(&pairs[3], &other, &other, false); /* of another name */
	pair_talks(&pairs[0]);
	pair_talks(&pairs[1]);
	/* They have the time of a call that nobody takes. */
	pair_talks_not(&pairs[2]);
	pair_talks_not(&pairs[3]);
	folder_clear(&good);
	folder_clear(&stranger);
	folder_clear(&other);
}

static int connection_open(const struct end *e, const char *address)
{
	struct sockaddr_in own = { .sin_family = AF_INET };
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_port = htons(ua_port(e->ua, UA_TLS)),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	const int fd = socket(AF_INET, SOCK_STREAM, 0);

	CHECK(fd >= 0);
	CHECK_EQ(inet_pton(AF_INET, address, &own.sin_addr), 1);
	CHECK_EQ(bind(fd, (struct sockaddr *)&own, sizeof(own)), 0);
	CHECK_EQ(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	CHECK_EQ(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
	return fd;
}

static bool is_closed(int fd)
{
	char byte;

	/* Reset, where it had not read all. */
	return recv(fd, &byte, 1, MSG_DONTWAIT) == 0 || errno == ECONNRESET;
}

/* Whether a handshake is done. */
static bool shakes(const struct end *e, const char *address)
{
	SSL_CTX *const context = SSL_CTX_new(TLS_client_method());
	SSL *const ssl = SSL_new(context);
	const int fd = connection_open(e, address);
	int result;

	CHECK(ssl && SSL_set_fd(ssl, fd) == 1);
	while ((result = SSL_connect(ssl)) != 1 &&
	    SSL_get_error(ssl, result) == SSL_ERROR_WANT_READ)
		end_run_ms(TURN_MS);
	SSL_free(ssl);
	SSL_CTX_free(context);
	CHECK_EQ(close(fd), 0);
	return result == 1;
}

static struct ua_counts counts_of(const struct end *e)
{
	struct ua_counts counts;

	ua_counts_get(e->ua, &counts);
	return counts;
}

TEST(handshakes_that_are_not_done_are_few_of_one_address)
{
	enum { MOST = 2, MANY = 6, LATER = 4 * MOST };
	static struct end e;
	struct folder folder;
	unsigned closed = 0;
	int fds[MANY];

	folder_make(&folder, "127.0.0.1");
	end_open_with(&e, &folder, false, NULL,
	    (struct ua_limits){ .source_handshakes = MOST,
		.source_handshakes_per_s = 1000,
		.handshakes_per_s = 1000 });
	for (size_t i = 0; i < MANY; i++)
		fds[i] = connection_open(&e, "127.0.0.1");
	for (size_t i = 0; i < MANY; i++) /* begins a hello (RFC 8446, 5.1) */
		CHECK_EQ(send(fds[i], "\x16", 1, 0), 1);
	for (unsigned i = 0;
	    i < TURNS && counts_of(&e).handshakes_refused < MANY - MOST; i++)
		end_run_ms(TURN_MS);
	CHECK(!shakes(&e, "127.0.0.1"));
	CHECK_EQ(counts_of(&e).handshakes, MOST);
	CHECK_EQ(counts_of(&e).handshakes_refused, MANY - MOST + 1);
	for (size_t i = 0; i < MANY; i++)
		closed += is_closed(fds[i]);
	CHECK_EQ(closed, MANY - MOST);
	/* Those that are done do not count, nor do those of others. */
	for (unsigned i = 0; i < LATER; i++)
		CHECK(shakes(&e, "127.0.0.2"));
	CHECK_EQ(counts_of(&e).handshakes, MOST + LATER);
	for (size_t i = 0; i < MANY; i++)
		CHECK_EQ(close(fds[i]), 0);
	end_close(&e);
	folder_clear(&folder);
}
