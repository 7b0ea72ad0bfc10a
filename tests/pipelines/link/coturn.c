/* coturn.c - a TURN server that is not ours. */
#define _GNU_SOURCE /* mkdtemp() */
#include "coturn.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/tap.h"

enum { ARG_BYTES = 96, TRY_US = 20000, TRIES = 1500 };

static struct sockaddr_in at(uint16_t port)
{
	return (struct sockaddr_in){ .sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
}

static uint16_t port_free(void)
{
	struct sockaddr_in own = at(0);
	socklen_t bytes = sizeof(own);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	CHECK(fd >= 0);
	CHECK_EQ(bind(fd, (struct sockaddr *)&own, sizeof(own)), 0);
	CHECK_EQ(getsockname(fd, (struct sockaddr *)&own, &bytes), 0);
	CHECK_EQ(close(fd), 0);
	return ntohs(own.sin_port);
}

static bool is_serving(uint16_t port)
{
	const struct sockaddr_in server = at(port);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool is_there = connect(fd, (const struct sockaddr *)&server,
			    sizeof(server)) == 0;

	(void)close(fd);
	return is_there;
}

static _Noreturn void server_exec(const struct coturn *c, bool has_secret)
{
	char port[ARG_BYTES], db[ARG_BYTES], pid[ARG_BYTES], log[ARG_BYTES];
	char min[ARG_BYTES], max[ARG_BYTES];
	int null = open("/dev/null", O_WRONLY);

	(void)snprintf(port, sizeof(port), "--listening-port=%u", c->port);
	(void)snprintf(min, sizeof(min), "--min-port=%d", COTURN_PORT_MIN);
	(void)snprintf(max, sizeof(max), "--max-port=%d", COTURN_PORT_MAX);
	(void)snprintf(db, sizeof(db), "--userdb=%s/db", c->folder);
	(void)snprintf(pid, sizeof(pid), "--pidfile=%s/pid", c->folder);
	(void)snprintf(log, sizeof(log), "--log-file=%s/log", c->folder);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) || null < 0 ||
	    dup2(null, STDOUT_FILENO) < 0 || dup2(null, STDERR_FILENO) < 0)
		_exit(126);
	execlp("turnserver", "turnserver", "-n", "--listening-ip=127.0.0.1",
	    "--relay-ip=127.0.0.1", port, min, max, db, pid, log,
	    "--simple-log", "--no-tls", "--no-dtls", "--no-cli",
	    "--realm=konklave.test", "--allow-loopback-peers", "--lt-cred-mech",
	    has_secret ? "--use-auth-secret" :
			 "--user=" COTURN_USER ":" COTURN_PASSWORD,
	    has_secret ? "--static-auth-secret=" COTURN_SECRET : NULL, NULL);
	_exit(127);
}

static bool is_installed(void)
{
	return access("/usr/bin/turnserver", X_OK) == 0;
}

void coturn_start(struct coturn *c, bool has_secret)
{
	unsigned tries = 0;

	if (!is_installed())
		SKIP("there is no coturn here");
	*c = (struct coturn){ .folder = "/tmp/kk-coturn-XXXXXX",
		.port = port_free() };
	CHECK(mkdtemp(c->folder) != NULL);
	c->pid = fork();
	CHECK(c->pid >= 0);
	if (c->pid == 0)
		server_exec(c, has_secret);
	while (!is_serving(c->port)) {
		CHECK(++tries < TRIES);
		CHECK_EQ(waitpid(c->pid, NULL, WNOHANG), 0);
		(void)usleep(TRY_US);
	}
}

void coturn_stop(struct coturn *c)
{
	static const char *const files[] = { "db", "db-journal", "pid", "log" };
	char path[ARG_BYTES];

	CHECK_EQ(kill(c->pid, SIGKILL), 0);
	CHECK_EQ(waitpid(c->pid, NULL, 0), c->pid);
	for (size_t i = 0; i < KK_ARRAY_LEN(files); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", c->folder,
		    files[i]);
		(void)unlink(path);
	}
	CHECK_EQ(rmdir(c->folder), 0);
}
