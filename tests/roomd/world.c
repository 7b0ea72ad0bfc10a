/* world.c - processes, and what they tell. */
#define _GNU_SOURCE /* mkdtemp() */
#include "world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "crypto/crypto.h"

enum {
	AWAIT_SECONDS = 90, /* longer than any trouble takes */
	TURN_US = 20000
};

char *box_file(const struct box *b, const char *name)
{
	char path[128];

	(void)snprintf(path, sizeof(path), "%s/%s", b->folder, name);
	return file_text(path);
}

char *box_log(const struct box *b)
{
	return box_file(b, "log");
}

/*
 * Processes.
 */
struct run { /* of a program of a folder */
	struct process process;
	char log[96];
};

static const char *const role_names[SOCKETS] = { "media", "face", "health",
	"panel" };

static const struct process *run_of(struct run *r, const char *folder,
    const char *name, const struct process_args *args)
{
	(void)snprintf(r->log, sizeof(r->log), "%s/log", folder);
	r->process = (struct process){ .name = name,
		.folder = folder,
		.log = r->log,
		.args = args };
	return &r->process;
}

static void log_show(const char *folder)
{
	struct run r;

	file_show(run_of(&r, folder, NULL, NULL)->log);
}

static void child_kill(const char *folder, pid_t *pid)
{
	struct run r;

	process_kill(run_of(&r, folder, NULL, NULL), pid);
}

static void child_stop(const struct box *b, pid_t *pid)
{
	struct run r;

	if (*pid)
		process_stop(run_of(&r, b->folder, NULL, NULL), pid);
}

void keyd_kill(struct box *b)
{
	child_kill(b->folder, &b->keyd);
}

void keyd_start(struct box *b)
{
	char text[PROCESS_READY_BYTES];
	struct process_args args = { 0 };
	struct run r;

	process_arg_add(&args, "--state=%s/keys", b->folder);
	process_arg_add(&args, "--wrap-key=%s/wrap", b->folder);
	process_arg_add(&args, "--socket=policy:%s/policy", b->folder);
	process_arg_add(&args, "--name=Box %d", (int)(b - b->w->box));
	for (size_t i = 0; i < WORLD_OPTIONS && b->keyd_options[i]; i++)
		process_arg_add(&args, "%s", b->keyd_options[i]);
	b->keyd = process_start(run_of(&r, b->folder, "keyd", &args), text);
}

/*
 * What roomd tells.
 */
static int planned(sd_varlink *link, sd_json_variant *out, const char *error,
    sd_varlink_reply_flags_t flags, void *arg)
{
	struct box *b = arg;
	const unsigned role = link == b->link_to[MEDIA] ? MEDIA : FACE;

	if (error || !(flags & SD_VARLINK_REPLY_CONTINUES)) {
		b->is_told[role] = false;
		return 0;
	}
	sd_json_variant_unref(b->plan[role]);
	b->plan[role] = sd_json_variant_ref(out);
	return 0;
}

void plan_watch(struct box *b, unsigned role)
{
	sd_varlink **link = &b->link_to[role];

	CHECK(sd_varlink_connect_address(link, b->names[role]) >= 0);
	sd_varlink_set_userdata(*link, b);
	CHECK(sd_varlink_bind_reply(*link, planned) >= 0);
	/* In mid-meeting nothing may be said for long. */
	CHECK(sd_varlink_set_relative_timeout(*link, UINT64_MAX) >= 0);
	CHECK(sd_varlink_attach_event(*link, b->w->event,
		  SD_EVENT_PRIORITY_NORMAL) >= 0);
	CHECK(sd_varlink_observe(*link, "io.konklave.Room.Plan", NULL) >= 0);
	b->is_told[role] = true;
}

static void plans_end(struct box *b)
{
	for (unsigned role = 0; role < ROLES; role++) {
		b->link_to[role] = sd_varlink_close_unref(b->link_to[role]);
		b->plan[role] = sd_json_variant_unref(b->plan[role]);
	}
}

void roomd_start(struct box *b)
{
	const struct world *w = b->w;
	char text[PROCESS_READY_BYTES];
	struct process_args args = { 0 };
	struct run r;

	process_arg_add(&args, "--state=%s/room", b->folder);
	process_arg_add(&args, "--keyd=%s/policy", b->folder);
	process_arg_add(&args, "--server=127.0.0.1:%u", w->server.port);
	process_arg_add(&args, "--page=https://box.test:8443");
	for (unsigned role = 0; role < SOCKETS; role++)
		process_arg_add(&args, "--socket=%s:%s", role_names[role],
		    b->names[role]);
	if (b->has_site_token)
		process_arg_add(&args, "--site-token=%s/site", b->folder);
	if (b->link)
		process_arg_add(&args, "--link=%s", b->link);
	if (w->trust)
		process_arg_add(&args, "--trust=%s", w->trust);
	for (size_t i = 0; i < WORLD_OPTIONS && b->roomd_options[i]; i++)
		process_arg_add(&args, "%s", b->roomd_options[i]);
	b->roomd = process_start(run_of(&r, b->folder, "roomd", &args), text);
	plan_watch(b, FACE);
}

void box_start(struct box *b)
{
	keyd_start(b);
	roomd_start(b);
}

void roomd_kill(struct box *b)
{
	child_kill(b->folder, &b->roomd);
	plans_end(b);
}

void box_stop(struct box *b)
{
	child_stop(b, &b->roomd);
	child_stop(b, &b->keyd);
	plans_end(b);
}

static void box_make(struct world *w, struct box *b)
{
	static const char key[32] = "a wrapping key of 32 bytes .....";
	char path[96];

	*b = (struct box){ .w = w, .folder = "/tmp/kk-roomd-XXXXXX" };
	CHECK(mkdtemp(b->folder) != NULL);
	(void)snprintf(path, sizeof(path), "%s/wrap", b->folder);
	file_write(path, key, sizeof(key));
	(void)snprintf(path, sizeof(path), "%s/site", b->folder);
	file_write(path, SITE_TOKEN, sizeof(SITE_TOKEN) - 1);
	(void)snprintf(path, sizeof(path), "%s/keys", b->folder);
	CHECK_EQ(mkdir(path, 0700), 0);
	(void)snprintf(path, sizeof(path), "%s/room", b->folder);
	CHECK_EQ(mkdir(path, 0700), 0);
	for (unsigned role = 0; role < SOCKETS; role++)
		(void)snprintf(b->names[role], sizeof(b->names[role]), "%s/%s",
		    b->folder, role_names[role]);
}

/*
 * The server.
 */
static uint16_t port_of(const char *text, const char *name)
{
	const char *at = strstr(text, name);
	unsigned long port = at ? strtoul(at + strlen(name), NULL, 10) : 0;

	CHECK(port > 0 && port <= UINT16_MAX);
	return (uint16_t)port;
}

void server_start(struct world *w)
{
	char text[PROCESS_READY_BYTES];
	struct process_args args = { 0 };
	struct run r;

	process_arg_add(&args, "--state=%s/state", w->folder);
	process_arg_add(&args, "--site-token-hash=%s/hash", w->folder);
	process_arg_add(&args, "--media-port=0");
	process_arg_add(&args, "--address=127.0.0.1");
	if (w->server.has_tls) {
		process_arg_add(&args, "--listen=127.0.0.1:%u", w->server.port);
		process_arg_add(&args, "--cert=%s/good.pem", w->folder);
		process_arg_add(&args, "--key=%s/good.key", w->folder);
	} else {
		process_arg_add(&args, "--listen-loopback=%u", w->server.port);
	}
	w->server.pid = process_start(run_of(&r, w->folder, "sfud", &args),
	    text);
	w->server.port = port_of(text,
	    w->server.has_tls ? "STATUS=port " : ", loopback port ");
}

void server_start_other(struct world *w)
{
	int fds[2];

	CHECK_EQ(pipe(fds), 0);
	w->server.pid = fork();
	CHECK(w->server.pid >= 0);
	if (w->server.pid == 0) {
		(void)close(fds[0]);
		other_version_run(fds[1]);
	}
	CHECK_EQ(close(fds[1]), 0);
	CHECK_EQ(read(fds[0], &w->server.port, sizeof(w->server.port)),
	    sizeof(w->server.port));
	CHECK_EQ(close(fds[0]), 0);
}

void server_kill(struct world *w)
{
	child_kill(w->folder, &w->server.pid);
}

static void server_make(struct world *w)
{
	const struct kk_view token = kk_view_text(SITE_TOKEN);
	uint8_t hash[CRYPTO_HASH_MAX_BYTES];
	char path[96];

	*w = (struct world){ .folder = "/tmp/kk-sfud-XXXXXX" };
	CHECK(mkdtemp(w->folder) != NULL);
	(void)snprintf(path, sizeof(path), "%s/state", w->folder);
	CHECK_EQ(mkdir(path, 0700), 0);
	(void)snprintf(path, sizeof(path), "%s/hash", w->folder);
	CHECK_OK(crypto_init());
	CHECK_OK(crypto_hash(CRYPTO_SHA256, &token, 1, hash));
	file_write(path, hash, crypto_hash_bytes(CRYPTO_SHA256));
}

/*
 * The world.
 */
void world_start(struct world *w)
{
	server_make(w);
	CHECK(sd_event_new(&w->event) >= 0);
	for (size_t i = 0; i < WORLD_BOXES; i++)
		box_make(w, &w->box[i]);
	w->box[0].has_site_token = true;
	server_start(w);
}

void world_end(struct world *w)
{
	for (size_t i = 0; i < WORLD_BOXES; i++) {
		box_stop(&w->box[i]);
		folder_remove(w->box[i].folder);
	}
	if (w->server.pid)
		server_kill(w);
	folder_remove(w->folder);
	sd_event_unref(w->event);
}

void server_forget(struct world *w)
{
	char path[96];

	(void)snprintf(path, sizeof(path), "%s/state", w->folder);
	folder_remove(path);
	CHECK_EQ(mkdir(path, 0700), 0);
}

static double now_s(void)
{
	struct timespec now;

	CHECK_EQ(clock_gettime(CLOCK_MONOTONIC, &now), 0);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

double await_s(struct world *w, bool (*is_so)(struct world *w, const void *arg),
    const void *arg)
{
	const double start = now_s();

	while (!is_so(w, arg)) {
		if (now_s() > start + AWAIT_SECONDS) {
			for (size_t i = 0; i < WORLD_BOXES; i++)
				log_show(w->box[i].folder);
		}
		CHECK(now_s() < start + AWAIT_SECONDS);
		CHECK(sd_event_run(w->event, TURN_US) >= 0);
	}
	return now_s() - start;
}

void await(struct world *w, bool (*is_so)(struct world *w, const void *arg),
    const void *arg)
{
	(void)await_s(w, is_so, arg);
}

/*
 * Plans.
 */
static sd_json_variant *plan_field(const struct box *b, const char *name)
{
	sd_json_variant *v = b->plan[FACE] ?
	    sd_json_variant_by_key(b->plan[FACE], name) :
	    NULL;

	return v && !sd_json_variant_is_null(v) ? v : NULL;
}

const char *plan_text(const struct box *b, const char *name)
{
	sd_json_variant *v = plan_field(b, name);

	return v ? sd_json_variant_string(v) : NULL;
}

uint64_t plan_number(const struct box *b, const char *name)
{
	sd_json_variant *v = plan_field(b, name);

	return v ? sd_json_variant_unsigned(v) : 0;
}

size_t plan_count(const struct box *b, const char *name)
{
	sd_json_variant *v = plan_field(b, name);

	return v ? sd_json_variant_elements(v) : 0;
}

bool all_meet(struct world *w, const void *unused)
{
	const char *code = NULL;
	size_t running = 0;

	(void)unused;
	for (size_t i = 0; i < WORLD_BOXES; i++)
		running += w->box[i].roomd != 0;
	for (size_t i = 0; i < WORLD_BOXES; i++) {
		const struct box *b = &w->box[i];
		const char *phase = plan_text(b, "phase");
		const char *own = plan_text(b, "code");

		if (!b->roomd)
			continue;
		if (!phase || strcmp(phase, "in") != 0 || !own ||
		    plan_count(b, "people") != running)
			return false;
		if (code && strcmp(code, own) != 0)
			return false;
		code = own;
	}
	return code != NULL;
}

bool box_has_trouble(const struct box *b, const char *trouble)
{
	const char *now = plan_text(b, "trouble");

	return now && !strcmp(now, trouble);
}

struct wanted {
	const struct box *b;
	const char *trouble;
};

static bool is_troubled(struct world *w, const void *arg)
{
	const struct wanted *wanted = arg;

	(void)w;
	return box_has_trouble(wanted->b, wanted->trouble);
}

void trouble_await(struct box *b, const char *trouble)
{
	const struct wanted wanted = { b, trouble };

	await(b->w, is_troubled, &wanted);
}

sd_json_variant *ask(struct box *b, unsigned role, const char *method,
    sd_json_variant *in, const char **error)
{
	static sd_json_variant *kept;
	sd_varlink *link = NULL;
	sd_json_variant *out = NULL;
	static char name[64];
	const char *id = NULL;

	CHECK(sd_varlink_connect_address(&link, b->names[role]) >= 0);
	(void)snprintf(name, sizeof(name), "io.konklave.Room.%s", method);
	CHECK(sd_varlink_call(link, name, in, &out, &id) >= 0);
	*error = NULL;
	if (id) {
		(void)snprintf(name, sizeof(name), "%s", strrchr(id, '.') + 1);
		*error = name;
	}
	sd_json_variant_unref(kept);
	kept = sd_json_variant_ref(out);
	sd_json_variant_unref(in);
	sd_varlink_close_unref(link);
	return kept;
}
