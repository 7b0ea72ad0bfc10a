/* exchange.c - lined at telephone exchanges: Kamailio, with a telephone at it
 * that is not ours, and a spare one that is the test's. */
#define _GNU_SOURCE /* mkdtemp(), prctl(), execlp() */
#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/process.h"
#include "telephone.h"

#define PASSWORD "a-word-for-tests"
#define REALM "exchange.test"

enum {
	TEXT = 4096,
	PATH = 128,
	HEADERS = 8,
	TRIES = 20, /* of a call, on a machine that is very busy */
	HEARD_TICKS = 20 /* of the conference, at least */
};

/*
 * Kamailio: telephones and lined register, and call each other by name.
 */
struct exchange {
	char folder[PATH / 2];
	const char *digest; /* as its module auth calls it; "": by MD5 */
	uint16_t port;
	pid_t pid;
};

static const char config[] =
    "#!KAMAILIO\n"
    "debug=2\nlog_stderror=yes\nchildren=1\ndisable_tcp=yes\nauto_aliases=no\n"
    "listen=udp:127.0.0.1:%u\n"
    "loadmodule \"tm.so\"\nloadmodule \"sl.so\"\nloadmodule \"rr.so\"\n"
    "loadmodule \"pv.so\"\nloadmodule \"textops.so\"\n"
    "loadmodule \"siputils.so\"\nloadmodule \"usrloc.so\"\n"
    "loadmodule \"registrar.so\"\nloadmodule \"auth.so\"\n"
    "loadmodule \"xlog.so\"\nmodparam(\"usrloc\", \"db_mode\", 0)\n"
    "modparam(\"auth\", \"algorithm\", \"%s\")\n"
    "request_route {\n"
    "	if (has_totag()) {\n"
    "		if (loose_route() || is_method(\"ACK\")) t_relay();\n"
    "		else sl_send_reply(\"404\", \"Not Here\");\n"
    "		exit;\n"
    "	}\n"
    "	if (is_method(\"CANCEL\")) { if (t_check_trans()) t_relay(); exit; }\n"
    "	if (is_method(\"OPTIONS\")) { sl_send_reply(\"200\", \"OK\"); exit; }\n"
    "	if (is_method(\"REGISTER\")) {\n"
    "		if (!pv_www_authenticate(\"" REALM "\", \"" PASSWORD
    "\", \"0\")) { www_challenge(\"" REALM "\", \"1\"); exit; }\n"
    "		save(\"location\");\n"
    "		if ($hdr(Authorization) =~ \"SHA-256\")\n"
    "			xlog(\"L_NOTICE\", \"by SHA-256\\n\");\n"
    "		xlog(\"L_NOTICE\", \"registered $tU\\n\");\n"
    "		exit;\n"
    "	}\n"
    "	if (!pv_proxy_authenticate(\"" REALM "\", \"" PASSWORD
    "\", \"0\")) { proxy_challenge(\"" REALM "\", \"1\"); exit; }\n"
    "	consume_credentials();\n"
    "	record_route();\n"
    "	if (!lookup(\"location\")) { sl_send_reply(\"404\", \"No\"); exit; }\n"
    "	t_relay();\n"
    "}\n";

static void path_of(char path[PATH], const struct exchange *e, const char *name)
{
	const int n = snprintf(path, PATH, "%s/%s", e->folder, name);

	CHECK(n > 0 && n < PATH);
}

static void run(const char *folder, const char *file, const char *log)
{
	const int fd = open(log, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	(void)setpgid(0, 0);
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)dup2(fd, STDOUT_FILENO);
	(void)dup2(fd, STDERR_FILENO);
	(void)execlp("kamailio", "kamailio", "-DD", "-E", "-m", "16", "-M", "4",
	    "-f", file, "-w", folder, "-Y", folder, (char *)NULL);
	_exit(127);
}

static void exchange_start(struct exchange *e)
{
	char file[PATH], log[PATH], text[TEXT];
	const int n = snprintf(text, sizeof(text), config, e->port, e->digest);

	path_of(file, e, "kamailio.cfg");
	path_of(log, e, "kamailio.log");
	file_write(file, text, (size_t)n);
	e->pid = fork();
	CHECK(e->pid >= 0);
	if (e->pid == 0)
		run(e->folder, file, log);
	(void)setpgid(e->pid, e->pid);
}

/* All of its processes. */
static void exchange_signal(const struct exchange *e, int signal)
{
	CHECK_EQ(kill(-e->pid, signal), 0);
}

static void exchange_kill(struct exchange *e)
{
	exchange_signal(e, SIGKILL);
	CHECK_EQ(waitpid(e->pid, NULL, 0), e->pid);
}

static unsigned exchange_count(const struct exchange *e, const char *words)
{
	char log[PATH];

	path_of(log, e, "kamailio.log");
	return file_count(log, words);
}

/*
 * The spare one: takes who registers, and is busy for whom it is asked.
 */
struct spare {
	int fd;
	uint16_t port;
	unsigned invites;
};

/* A header with its line's end; "": there is none. */
static void header_copy(char out[TEXT / HEADERS], const char *text,
    const char *name)
{
	const char *at = strstr(text, name);

	out[0] = '\0';
	if (at)
		(void)snprintf(out, TEXT / HEADERS, "%.*s\r\n",
		    (int)strcspn(at + 1, "\r\n"), at + 1);
}

static void spare_answer(struct spare *s, const char *text,
    const struct sockaddr_in *to)
{
	static const char *const names[] = { "\nVia:", "\nFrom:", "\nTo:",
		"\nCall-ID:", "\nCSeq:", "\nContact:" };
	const bool is_invite = !strncmp(text, "INVITE ", 7);
	char headers[KK_ARRAY_LEN(names)][TEXT / HEADERS], out[TEXT];
	int n;

	for (size_t i = 0; i < KK_ARRAY_LEN(names); i++)
		header_copy(headers[i], text, names[i]);
	n = snprintf(out, sizeof(out), "SIP/2.0 %s\r\n%s%s%s%s%s%s%s\r\n",
	    is_invite ? "486 Busy Here" : "200 OK", headers[0], headers[1],
	    headers[2], headers[3], headers[4], headers[5],
	    "Expires: 300\r\nContent-Length: 0\r\n");
	CHECK(n > 0 && (size_t)n < sizeof(out));
	s->invites += is_invite;
	(void)!sendto(s->fd, out, (size_t)n, 0, (const struct sockaddr *)to,
	    sizeof(*to));
}

static void spare_step(struct spare *s)
{
	struct sockaddr_in from;
	socklen_t bytes = sizeof(from);
	char text[TEXT];
	const ssize_t n = recvfrom(s->fd, text, sizeof(text) - 1, MSG_DONTWAIT,
	    (struct sockaddr *)&from, &bytes);

	if (n <= 0)
		return;
	text[n] = '\0';
	if (strncmp(text, "ACK ", 4) != 0)
		spare_answer(s, text, &from);
}

/*
 * All of it.
 */
struct site {
	struct world world;
	struct exchange exchange;
	struct spare spare;
	struct telephone phone;
	char at[32], account[PATH]; /* the telephone's */
	char log[PATH];
};

#define SITE_UNTIL(s, condition)                 \
	do {                                     \
		while (!(condition)) {           \
			world_step(&(s)->world); \
			spare_step(&(s)->spare); \
		}                                \
	} while (0)

static void trunk_write(const struct site *s, const char *name, uint16_t port)
{
	char path[PATH], text[TEXT];

	path_of(path, &s->exchange, name);
	(void)snprintf(text, sizeof(text),
	    "name=%s\ndomain=" REALM "\nserver=sip:127.0.0.1:%u\nuser=9000\n"
	    "password=" PASSWORD "\nexpires=300\n",
	    name, port);
	file_write(path, text, strlen(text));
	CHECK_EQ(chmod(path, 0600), 0);
}

static void program_start(struct site *s)
{
	char options[3][PATH + 16], listen[PATH];
	const char *const list[] = { options[0], options[1], options[2],
		"--calls-from=trunks", NULL };

	trunk_write(s, "first", s->exchange.port);
	trunk_write(s, "spare", s->spare.port);
	(void)snprintf(options[0], sizeof(options[0]), "--trunk=%s/first",
	    s->exchange.folder);
	(void)snprintf(options[1], sizeof(options[1]), "--trunk=%s/spare",
	    s->exchange.folder);
	(void)snprintf(options[2], sizeof(options[2]), "--may-call=12");
	(void)snprintf(listen, sizeof(listen), "udp:127.0.0.1:%u",
	    port_take(NULL));
	program_open_at(&s->world, listen, list);
	(void)snprintf(s->log, sizeof(s->log), "%s/log", s->world.folder);
}

static void site_open(struct site *s, const char *digest)
{
	struct exchange *e = &s->exchange;

	memset(s, 0, sizeof(*s));
	e->digest = digest;
	memcpy(e->folder, "/tmp/kk-exchange-XXXXXX", 24);
	CHECK(mkdtemp(e->folder) != NULL);
	e->port = port_take(NULL);
	s->spare.port = port_take(&s->spare.fd);
	exchange_start(e);
	program_start(s);
	SITE_UNTIL(s, file_count(s->log, "trunk first state=ready") > 0);
	SITE_UNTIL(s, file_count(s->log, "trunk spare state=ready") > 0);
}

/* It rings with a 183 and silence until it is told to answer. */
static void phone_start(struct site *s)
{
	(void)snprintf(s->at, sizeof(s->at), "127.0.0.1:%u", s->exchange.port);
	(void)snprintf(s->account, sizeof(s->account),
	    ">;regint=60;auth_user=1234;auth_pass=" PASSWORD
	    ";answermode=early");
	s->phone = (struct telephone){ .codec = "PCMA/8000/1",
		.module = "g711",
		.hz = 8000,
		.channels = 1,
		.account = s->account,
		.host = "127.0.0.1",
		.at = s->at };
	telephone_start(&s->world, &s->phone);
	SITE_UNTIL(s, exchange_count(&s->exchange, "registered 1234\n") > 0);
}

static void site_close(struct site *s)
{
	program_close(&s->world);
	exchange_kill(&s->exchange);
	(void)close(s->spare.fd);
	folder_remove(s->exchange.folder);
}

/* By the number that the exchange knows us by, which is not our address. */
static void comes_in(struct site *s)
{
	struct world *w = &s->world;
	char to[PATH];

	(void)snprintf(to, sizeof(to), "sip:9000@%s", s->at);
	telephone_order(&s->phone, "dial", to);
	SITE_UNTIL(s, telephone_has_said(&s->phone, "Call established"));
	while (w->asks == 0)
		telephone_press(w, &s->phone, "1#2#");
	w->states[w->lane] = "in";
	world_tell(w);
	SITE_UNTIL(s, is_tone(w->heard[w->lane], VOICE_HZ));
	telephone_hang_up(&s->phone);
	SITE_UNTIL(s, w->ends == 1);
}

static bool is_over(const struct world *w)
{
	return !strcmp(w->placed_state, "busy") ||
	    !strcmp(w->placed_state, "unreachable");
}

static void dial(struct site *s)
{
	s->world.serial++;
	s->world.dial = "1234";
	world_tell(&s->world);
}

/* Until it goes this way: on a machine that is very busy an exchange can seem
 * to be silent. */
static void goes_out(struct site *s)
{
	struct world *w = &s->world;
	unsigned before, tries = 0;

	memset(w->heard, 0, sizeof(w->heard));
	for (w->asks = 0; w->asks == 0;) {
		CHECK(tries++ < TRIES);
		w->placed_state[0] = '\0';
		dial(s);
		SITE_UNTIL(s, w->asks == 1 || is_over(w));
	}
	CHECK_STR(w->placed_state, "early");
	CHECK_STR(w->number, "");
	w->states[w->lane] = "in";
	world_tell(w);
	telephone_order(&s->phone, "accept", "");
	SITE_UNTIL(s, !strcmp(w->placed_state, "talking"));
	w->dial = NULL;
	world_tell(w);
	SITE_UNTIL(s, is_tone(w->heard[w->lane], VOICE_HZ));
	before = w->heard_ticks[w->lane];
	SITE_UNTIL(s, w->heard_ticks[w->lane] > before + 3 * HEARD_TICKS);
	telephone_hang_up(&s->phone);
	SITE_UNTIL(s, w->ends == 2);
}

static unsigned ready_count(const struct site *s)
{
	return file_count(s->log, "trunk first state=ready");
}

static unsigned unreachable_count(const struct site *s)
{
	return file_count(s->log, "trunk first state=unreachable");
}

/* The exchange says nothing, or is gone: the other one has the call, and it is
 * found out anew that this one is not there. */
static void goes_elsewhere(struct site *s, unsigned unreachable)
{
	struct world *w = &s->world;
	const unsigned invites = s->spare.invites;
	unsigned tries = 0;

	do {
		CHECK(tries++ < TRIES);
		w->placed_state[0] = '\0';
		dial(s);
		SITE_UNTIL(s, is_over(w));
	} while (strcmp(w->placed_state, "busy") != 0);
	CHECK(s->spare.invites > invites);
	CHECK(unreachable_count(s) > unreachable);
}

/* What it was found to be last. */
static bool is_ready(const struct site *s)
{
	char *text = file_text(s->log);
	const char *last = text;
	bool is_ready;

	for (const char *at = text; (at = strstr(at, "trunk first state="));)
		last = ++at;
	is_ready = strncmp(last, "runk first state=ready", 22) == 0;
	free(text);
	return is_ready;
}

TEST(exchange_brings_calls_and_takes_them_and_a_second_one_where_it_is_gone)
{
	static struct site s;
	unsigned ready, unreachable;

	site_open(&s, "");
	phone_start(&s);
	comes_in(&s);
	goes_out(&s);
	SITE_UNTIL(&s, is_ready(&s));
	unreachable = unreachable_count(&s);
	exchange_signal(&s.exchange, SIGSTOP);
	goes_elsewhere(&s, unreachable);
	ready = ready_count(&s);
	exchange_signal(&s.exchange, SIGCONT);
	SITE_UNTIL(&s, ready_count(&s) > ready && is_ready(&s));
	unreachable = unreachable_count(&s);
	exchange_kill(&s.exchange);
	goes_elsewhere(&s, unreachable);
	ready = ready_count(&s);
	exchange_start(&s.exchange);
	SITE_UNTIL(&s, ready_count(&s) > ready);
	SITE_UNTIL(&s, exchange_count(&s.exchange, "registered 9000\n") > 0);
	tap_diag("ticks of the conference that it heard: %u",
	    telephone_heard(&s.phone, CONFERENCE_HZ));
	CHECK(telephone_heard(&s.phone, CONFERENCE_HZ) >= HEARD_TICKS);
	telephone_stop(&s.phone);
	site_close(&s);
}

/* RFC 8760.  That nobody is there it tells those alone whom it believes. */
TEST(exchange_that_asks_by_sha_256_takes_registrations_and_calls)
{
	static struct site s;
	unsigned tries = 0;

	site_open(&s, "SHA-256");
	CHECK(exchange_count(&s.exchange, "by SHA-256\n") > 0);
	do {
		CHECK(tries++ < TRIES);
		s.world.placed = 0;
		dial(&s);
		SITE_UNTIL(&s, s.world.placed > 0);
	} while (is_over(&s.world)); /* it seemed to be silent */
	CHECK_STR(s.world.placed_state, "unknown");
	site_close(&s);
}
