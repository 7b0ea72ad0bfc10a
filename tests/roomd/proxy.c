/* proxy.c - the way to the forwarder by the site's HTTP proxy: a real one. */
#define _GNU_SOURCE /* SOCK_CLOEXEC */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "world.h"

#define PASSWORD "pass%2Dw0rd" /* pass-w0rd */

struct proxy {
	pid_t pid;
	uint16_t port;
	char log[96];
};

static struct sockaddr_in loopback(uint16_t port)
{
	return (struct sockaddr_in){ .sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr = { htonl(INADDR_LOOPBACK) } };
}

static uint16_t port_free(void)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_in at = loopback(0);
	socklen_t bytes = sizeof(at);

	CHECK_EQ(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	CHECK_EQ(getsockname(fd, (struct sockaddr *)&at, &bytes), 0);
	(void)close(fd);
	return ntohs(at.sin_port);
}

static bool proxy_answers(struct world *w, const void *arg)
{
	const struct proxy *p = arg;
	struct sockaddr_in at = loopback(p->port);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	const bool is_up = !connect(fd, (struct sockaddr *)&at, sizeof(at));

	(void)w;
	(void)close(fd);
	CHECK_EQ(waitpid(p->pid, NULL, WNOHANG), 0);
	return is_up;
}

/* It lets who knows the password through to this port. */
static void proxy_start(struct world *w, struct proxy *p, uint16_t to)
{
	char path[96], text[512];

	p->port = port_free();
	(void)snprintf(p->log, sizeof(p->log), "%s/proxy.log", w->folder);
	(void)snprintf(path, sizeof(path), "%s/proxy.conf", w->folder);
	(void)snprintf(text, sizeof(text),
	    "Port %u\nListen 127.0.0.1\nTimeout 600\nLogFile \"%s\"\n"
	    "LogLevel Connect\nMaxClients 16\nConnectPort %u\n"
	    "BasicAuth room pass-w0rd\n",
	    p->port, p->log, to);
	file_write(path, text, strlen(text));
	p->pid = fork();
	CHECK(p->pid >= 0);
	if (p->pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		execlp("tinyproxy", "tinyproxy", "-d", "-c", path,
		    (char *)NULL);
		_exit(127);
	}
	await(w, proxy_answers, p);
}

static void proxy_stop(struct proxy *p)
{
	CHECK_EQ(kill(p->pid, SIGKILL), 0);
	CHECK_EQ(waitpid(p->pid, NULL, 0), p->pid);
}

/* A server with TLS and a file with the way to it, for a box. */
static void way_make(struct world *w, struct box *b, const struct proxy *p,
    const char *login)
{
	static char options[WORLD_BOXES][128];
	char path[96], text[256];
	const size_t i = (size_t)(b - w->box);

	(void)snprintf(path, sizeof(path), "%s/proxy%zu", w->folder, i);
	(void)snprintf(text, sizeof(text), "http://%s@127.0.0.1:%u\n", login,
	    p->port);
	file_write(path, text, strlen(text));
	(void)snprintf(options[i], sizeof(options[i]), "--proxy=%s", path);
	b->roomd_options[0] = options[i];
}

static void world_start_tls(struct world *w, char trust[96])
{
	int status = 0;
	pid_t pid;

	world_start(w);
	server_kill(w);
	pid = fork();
	CHECK(pid >= 0);
	if (pid == 0) {
		execl("tests/ws/ca", "ca", w->folder, (char *)NULL);
		_exit(127);
	}
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	w->server.has_tls = true;
	w->server.port = 0;
	server_start(w);
	(void)snprintf(trust, 96, "%s/site.pem", w->folder);
	w->trust = trust;
}

static size_t count_of(const char *path, const char *text)
{
	char *log = file_text(path);
	size_t count = 0;

	for (const char *at = log; (at = strstr(at, text)); at++)
		count++;
	free(log);
	return count;
}

TEST(boxes_meet_by_the_proxy_and_without_it_do_not)
{
	char trust[96], target[64], *link;
	struct proxy p;
	struct world w;

	world_start_tls(&w, trust);
	proxy_start(&w, &p, w.server.port);
	way_make(&w, &w.box[0], &p, "room:" PASSWORD);
	box_start(&w.box[0]);
	await(&w, all_meet, NULL);
	link = box_file(&w.box[0], "room/link");
	link[strcspn(link, "\n")] = '\0';
	w.box[1].link = link;
	way_make(&w, &w.box[1], &p, "room:" PASSWORD);
	box_start(&w.box[1]);
	await(&w, all_meet, NULL);
	(void)snprintf(target, sizeof(target), "CONNECT 127.0.0.1:%u ",
	    w.server.port);
	CHECK_EQ(count_of(p.log, target), 2);
	proxy_stop(&p);
	trouble_await(&w.box[0], "unreachable"); /* the server is there */
	free(link);
	world_end(&w);
}

static void refused(const char *login, uint16_t off)
{
	char trust[96], *log;
	struct proxy p;
	struct world w;

	world_start_tls(&w, trust);
	proxy_start(&w, &p, (uint16_t)(w.server.port - off));
	way_make(&w, &w.box[0], &p, login);
	box_start(&w.box[0]);
	trouble_await(&w.box[0], "unreachable");
	log = box_log(&w.box[0]);
	CHECK(strstr(log,
		  "the proxy does not answer, asks for another "
		  "password, or does not let us") != NULL);
	CHECK(strstr(log, "pass") == strstr(log, "password, or does"));
	free(log);
	proxy_stop(&p);
	world_end(&w);
}

TEST(a_wrong_password_of_the_proxy_is_told_and_not_repeated)
{
	refused("room:passw0rd", 0);
}

TEST(a_proxy_that_does_not_lead_to_the_server_is_told)
{
	refused("room:" PASSWORD, 1);
}

TEST(a_proxys_file_that_others_could_read_is_refused)
{
	struct proxy p = { .port = 1 };
	struct world w;
	char path[96], out[2048];
	const char *args[] = { "--keyd=/nonexistent", "--server=127.0.0.1:1",
		NULL, NULL, NULL };
	char state[96], proxy[128];

	world_start(&w);
	way_make(&w, &w.box[0], &p, "a:b");
	(void)snprintf(path, sizeof(path), "%s/proxy0", w.folder);
	CHECK_EQ(chmod(path, 0644), 0);
	(void)snprintf(state, sizeof(state), "--state=%s/room",
	    w.box[0].folder);
	(void)snprintf(proxy, sizeof(proxy), "--proxy=%s", path);
	args[2] = state;
	args[3] = proxy;
	CHECK_EQ(process_run("roomd", args, out, sizeof(out)), 1);
	CHECK(strstr(out, "others could read the file") != NULL);
	world_end(&w);
}
