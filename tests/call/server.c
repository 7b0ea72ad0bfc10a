/* server.c - a real server in a process of its own, and real clients. */
#define _GNU_SOURCE /* libsystemd's macros ask for it */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "call/call.h"
#include "call/contract.h"
#include "harness/tap.h"

enum { ROOM, MEDIA, NOBODY, ROLES };
enum { RULES = 4, ECHO_PER_SECOND = 5 };

struct world {
	pid_t pid;
	char folder[32];
	char path[ROLES][64];
};

struct service { /* the server's side */
	struct call_server *server;
	sd_varlink *watcher;
};

static const struct call_rule rules[RULES] = {
	{ "io.konklave.Test.Echo", CALL_ROLE(ROOM), CALL_STATE(1),
	    ECHO_PER_SECOND, 0, 100 },
	{ "io.konklave.Test.Fail", CALL_ROLE(ROOM), CALL_ANY_STATE, 100, 0,
	    100 },
	{ "io.konklave.Test.Watch", CALL_ROLE(MEDIA), CALL_ANY_STATE, 100, 0,
	    100 },
	{ "io.konklave.Test.Counts", CALL_ROLE(ROOM) | CALL_ROLE(MEDIA),
	    CALL_ANY_STATE, 1000000, 0, 100 },
};

static SD_VARLINK_DEFINE_METHOD(Echo,
    SD_VARLINK_DEFINE_INPUT(text, SD_VARLINK_STRING, 0),
    SD_VARLINK_DEFINE_OUTPUT(text, SD_VARLINK_STRING, 0));
static SD_VARLINK_DEFINE_METHOD(Fail);
static SD_VARLINK_DEFINE_METHOD_FULL(Watch, SD_VARLINK_REQUIRES_MORE,
    SD_VARLINK_DEFINE_OUTPUT(n, SD_VARLINK_INT, 0));
static SD_VARLINK_DEFINE_METHOD(Counts,
    SD_VARLINK_DEFINE_OUTPUT(refused, SD_VARLINK_INT, 0),
    SD_VARLINK_DEFINE_OUTPUT(strangers, SD_VARLINK_INT, 0),
    SD_VARLINK_DEFINE_OUTPUT(watched, SD_VARLINK_BOOL, 0));
static SD_VARLINK_DEFINE_INTERFACE(Test, "io.konklave.Test", &vl_method_Echo,
    &vl_method_Fail, &vl_method_Watch, &vl_method_Counts);

static enum kk_err echo(void *arg, struct call_request *rq)
{
	sd_json_variant *text = sd_json_variant_by_key(rq->in, "text");

	(void)arg;
	return call_put_value(&rq->out, "text", text);
}

static enum kk_err fail(void *arg, struct call_request *rq)
{
	(void)arg;
	(void)rq;
	return KK_EEPOCH;
}

static enum kk_err watch(void *arg, struct call_request *rq)
{
	struct service *s = arg;
	sd_json_variant *out = NULL;

	if (s->watcher)
		return KK_EEXIST;
	for (uint64_t n = 1; n <= 2; n++) {
		CHECK_OK(call_put_u64(&out, "n", n));
		CHECK_OK(call_notify(rq->link, out));
	}
	sd_json_variant_unref(out);
	s->watcher = sd_varlink_ref(rq->link);
	rq->is_kept = true;
	return KK_OK;
}

static enum kk_err counts(void *arg, struct call_request *rq)
{
	struct service *s = arg;
	uint64_t refused = 0;
	enum kk_err err;

	for (int v = CALL_NOT_ALLOWED; v < CALL_VERDICT_COUNT; v++)
		refused += call_server_count(s->server, (enum call_verdict)v);
	err = call_put_u64(&rq->out, "refused", refused);
	if (!err)
		err = call_put_u64(&rq->out, "strangers",
		    call_server_strangers(s->server));
	if (!err)
		err = call_put_bool(&rq->out, "watched", s->watcher != NULL);
	return err;
}

static void gone(void *arg, sd_varlink *link)
{
	struct service *s = arg;

	if (s->watcher == link)
		s->watcher = sd_varlink_unref(link);
}

/* "later" is the text of another state. */
static unsigned state(void *arg, sd_json_variant *in)
{
	sd_json_variant *v = sd_json_variant_by_key(in, "text");

	(void)arg;
	return !v || strcmp(sd_json_variant_string(v), "later") != 0;
}

static call_handler *const handlers[RULES] = { echo, fail, watch, counts };

static _Noreturn void serve(const struct world *w, int ready)
{
	const uid_t me[] = { geteuid() }, other[] = { geteuid() + 1 };
	struct service s = { 0 };
	struct call_service service = { .interface = &vl_interface_Test,
		.rules = rules,
		.handlers = handlers,
		.rule_count = RULES,
		.arg = &s,
		.state = state,
		.gone = gone };
	sd_event *event = NULL;
	bool is_good = sd_event_new(&event) >= 0 &&
	    !call_server_new(&s.server, event, &service);

	for (unsigned role = 0; is_good && role < ROLES; role++)
		is_good = !call_server_listen(s.server,
		    &(struct call_listen){ .role = role,
			.path = w->path[role],
			.uids = role == NOBODY ? other : me,
			.uid_count = 1 });
	if (!is_good || write(ready, "r", 1) != 1)
		_exit(1);
	_exit(sd_event_loop(event) < 0);
}

static void world_start(struct world *w)
{
	char byte;
	int ready[2];

	*w = (struct world){ .folder = "/tmp/kk-call-XXXXXX" };
	CHECK(mkdtemp(w->folder) != NULL);
	for (int i = 0; i < ROLES; i++)
		(void)snprintf(w->path[i], sizeof(w->path[i]), "%s/%d",
		    w->folder, i);
	CHECK_EQ(pipe(ready), 0);
	w->pid = fork();
	CHECK(w->pid >= 0);
	if (w->pid == 0)
		serve(w, ready[1]);
	close(ready[1]);
	CHECK_EQ(read(ready[0], &byte, 1), 1);
	close(ready[0]);
}

/* The server must still be there: nothing a client did may end it. */
static void world_end(struct world *w)
{
	int status = 0;

	CHECK_EQ(kill(w->pid, SIGKILL), 0);
	CHECK_EQ(waitpid(w->pid, &status, 0), w->pid);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	for (int i = 0; i < ROLES; i++)
		(void)unlink(w->path[i]);
	(void)rmdir(w->folder);
}

static sd_varlink *client(const struct world *w, unsigned role)
{
	sd_varlink *v = NULL;

	CHECK(sd_varlink_connect_address(&v, w->path[role]) >= 0);
	return v;
}

/* The error of a call, or NULL. */
static const char *echo_call(sd_varlink *v, const char *text)
{
	const char *error = NULL;
	sd_json_variant *out = NULL;

	CHECK(sd_varlink_callbo(v, "io.konklave.Test.Echo", &out, &error,
		  SD_JSON_BUILD_PAIR_STRING("text", text)) >= 0);
	if (!error)
		CHECK_STR(
		    sd_json_variant_string(sd_json_variant_by_key(out, "text")),
		    text);
	return error;
}

static uint64_t count_of(sd_varlink *v, const char *name)
{
	const char *error = NULL;
	sd_json_variant *out = NULL;

	CHECK(sd_varlink_call(v, "io.konklave.Test.Counts", NULL, &out,
		  &error) >= 0);
	CHECK(error == NULL);
	out = sd_json_variant_by_key(out, name);
	return sd_json_variant_is_boolean(out) ?
	    (uint64_t)sd_json_variant_boolean(out) :
	    sd_json_variant_unsigned(out);
}

TEST(allowed_call_is_answered_and_other_roles_and_states_are_refused)
{
	struct world w;
	sd_varlink *room, *media;

	world_start(&w);
	room = client(&w, ROOM);
	media = client(&w, MEDIA);
	CHECK(echo_call(room, "hello") == NULL);
	CHECK_STR(echo_call(media, "hello"), "io.konklave.Call.NotAllowed");
	CHECK_STR(echo_call(room, "later"), "io.konklave.Call.NotNow");
	CHECK_EQ(count_of(room, "refused"), 2);
	sd_varlink_close_unref(room);
	sd_varlink_close_unref(media);
	world_end(&w);
}

TEST(flood_is_refused_and_counted_and_the_server_goes_on)
{
	struct world w;
	sd_varlink *room;
	uint64_t refused = 0;

	world_start(&w);
	room = client(&w, ROOM);
	for (int i = 0; i < 500; i++) {
		const char *error = echo_call(room, "x");

		if (!error)
			continue;
		CHECK_STR(error, "io.konklave.Call.TooOften");
		refused++;
	}
	CHECK(refused > 0);
	CHECK_EQ(count_of(room, "refused"), refused);
	sd_varlink_close_unref(room);
	world_end(&w);
}

TEST(larger_request_than_the_rule_allows_is_refused)
{
	char text[200];
	struct world w;
	sd_varlink *room;

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	world_start(&w);
	room = client(&w, ROOM);
	CHECK_STR(echo_call(room, text), "io.konklave.Call.TooLarge");
	CHECK(echo_call(room, "short") == NULL);
	sd_varlink_close_unref(room);
	world_end(&w);
}

TEST(handler_s_error_and_bad_parameters_come_back_by_name)
{
	const char *error = NULL;
	struct world w;
	sd_varlink *room;

	world_start(&w);
	room = client(&w, ROOM);
	CHECK(sd_varlink_call(room, "io.konklave.Test.Fail", NULL, NULL,
		  &error) >= 0);
	CHECK_ERR(call_err_of(error), KK_EEPOCH);
	CHECK(sd_varlink_callbo(room, "io.konklave.Test.Echo", NULL, &error,
		  SD_JSON_BUILD_PAIR_INTEGER("text", 5)) >= 0);
	CHECK_STR(error, SD_VARLINK_ERROR_INVALID_PARAMETER);
	CHECK(sd_varlink_call(room, "io.konklave.Test.None", NULL, NULL,
		  &error) >= 0);
	CHECK_STR(error, SD_VARLINK_ERROR_METHOD_NOT_FOUND);
	sd_varlink_close_unref(room);
	world_end(&w);
}

TEST(peer_of_an_unlisted_uid_is_turned_away)
{
	struct world w;
	sd_varlink *stranger, *room;
	const char *error = NULL;
	int r;

	world_start(&w);
	stranger = client(&w, NOBODY);
	r = sd_varlink_call(stranger, "io.konklave.Test.Counts", NULL, NULL,
	    &error);
	CHECK(r < 0 || !strcmp(error, SD_VARLINK_ERROR_DISCONNECTED));
	sd_varlink_close_unref(stranger);
	room = client(&w, ROOM);
	CHECK_EQ(count_of(room, "strangers"), 1);
	sd_varlink_close_unref(room);
	world_end(&w);
}

struct seen {
	uint64_t last;
};

static int note(sd_varlink *v, sd_json_variant *in, const char *error,
    sd_varlink_reply_flags_t flags, void *arg)
{
	struct seen *seen = arg;

	(void)v;
	if (!error && (flags & SD_VARLINK_REPLY_CONTINUES))
		seen->last = sd_json_variant_unsigned(sd_json_variant_by_key(in,
		    "n"));
	return 0;
}

TEST(subscription_is_notified_and_its_end_is_noticed)
{
	struct world w;
	struct seen seen = { 0 };
	sd_varlink *watcher, *room;

	world_start(&w);
	watcher = client(&w, MEDIA);
	room = client(&w, ROOM);
	sd_varlink_set_userdata(watcher, &seen);
	CHECK(sd_varlink_bind_reply(watcher, note) >= 0);
	CHECK(sd_varlink_observe(watcher, "io.konklave.Test.Watch", NULL) >= 0);
	while (seen.last < 2) {
		int r = sd_varlink_process(watcher);

		CHECK(r >= 0);
		if (r == 0)
			CHECK(sd_varlink_wait(watcher, UINT64_MAX) >= 0);
	}
	CHECK_EQ(count_of(room, "watched"), 1);
	sd_varlink_close_unref(watcher);
	while (count_of(room, "watched"))
		; /* the server hears of it in its own time */
	sd_varlink_close_unref(room);
	world_end(&w);
}

/* Sends bytes and reads until the server closes or answers. */
static size_t raw_talk(const struct world *w, const void *data, size_t bytes,
    char *answer, size_t room)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	ssize_t n;

	(void)snprintf(to.sun_path, sizeof(to.sun_path), "%s", w->path[ROOM]);
	CHECK(fd >= 0);
	CHECK_EQ(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	CHECK_EQ(send(fd, data, bytes, MSG_NOSIGNAL), bytes);
	n = recv(fd, answer, room - 1, 0);
	close(fd);
	if (n < 0)
		n = 0;
	answer[n] = '\0';
	return (size_t)n;
}

TEST(malformed_json_closes_the_connection_and_harms_nobody)
{
	static const char *const bad[] = { "{", "[]", "nonsense", "",
		"{\"method\":5}",
		("{\"method\":\"io.konklave.Test.Echo\","
		 "\"parameters\":[]}") };
	char answer[512];
	struct world w;
	sd_varlink *room;

	world_start(&w);
	for (size_t i = 0; i < KK_ARRAY_LEN(bad); i++)
		CHECK_EQ(raw_talk(&w, bad[i], strlen(bad[i]) + 1, answer,
			     sizeof(answer)),
		    0);
	room = client(&w, ROOM);
	CHECK(echo_call(room, "still here") == NULL);
	sd_varlink_close_unref(room);
	world_end(&w);
}

TEST(announced_errors_are_those_of_the_contract_s_file)
{
	struct world w;
	sd_varlink *room;

	world_start(&w);
	room = client(&w, ROOM);
	contract_check(room, "io.konklave.Call",
	    "firmware/call/io.konklave.Call.varlink");
	sd_varlink_close_unref(room);
	world_end(&w);
}
