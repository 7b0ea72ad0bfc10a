/* box.c - systemd's private socket, and the siblings', as a box has them. */
#define _GNU_SOURCE /* libsystemd's macros ask for it; mkdtemp() */
#include "box.h"

#include <errno.h>
#include <fnmatch.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>
#include <systemd/sd-varlink.h>
#include <time.h>
#include <unistd.h>

#include "harness/process.h"
#include "harness/tap.h"

#define PROPERTIES "org.freedesktop.DBus.Properties"
#define MANAGER "/org/freedesktop/systemd1"
#define UNITS MANAGER "/unit"

enum { PATH = 256, USEC = 1000000 };

struct player {
	const struct box *box;
	sd_event *event;
	unsigned pictures;
};

void box_init(struct box *box)
{
	*box = (struct box){
		.units = { { "keyd.service", "active", false, false },
		    { "roomd.service", "active", false, false },
		    { "mediad.service", "active", false, false },
		    { "lined.service", "inactive", true, false },
		    { "konklave-loopback.service", "active", false, false } },
		.is_drawing = true,
		.is_showing = true,
		.is_feeding = true,
		.call = "held",
		.keyd_answers = true,
		.roomd_answers = true,
		.screen = "connected\n",
		.watchdog = "active\n"
	};
}

static const struct box_unit *unit_of(const struct box *box, const char *path)
{
	static const struct box_unit none = { "", NULL, false, false };
	const struct box_unit *found = &none;
	char *name = NULL;

	if (sd_bus_path_decode(path, UNITS, &name) <= 0)
		return found;
	for (size_t i = 0; i < BOX_UNITS && box->units[i].name; i++) {
		if (!strcmp(name, box->units[i].name))
			found = &box->units[i];
	}
	free(name);
	return found;
}

static int text_answer(sd_bus_message *m, const char *text)
{
	return sd_bus_reply_method_return(m, "v", "s", text);
}

static int status_answer(struct player *p, const struct box_unit *u,
    sd_bus_message *m)
{
	char text[PATH];

	if (!strcmp(u->name, "konklave-loopback.service"))
		return text_answer(m, p->box->call);
	if (!strcmp(u->name, "keyd.service"))
		return text_answer(m, p->box->keyd ? p->box->keyd : "");
	p->pictures += 2;
	(void)snprintf(text, sizeof(text), "pictures=%u shown=%u",
	    p->box->is_drawing ? p->pictures : 7,
	    p->box->is_showing ? p->pictures : 0);
	return text_answer(m, text);
}

static uint64_t since_of(const struct box_unit *u)
{
	struct timespec now = { 0 };
	uint64_t usec;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	usec = (uint64_t)now.tv_sec * USEC;
	return u->is_young ? usec : 1;
}

static bool is_match(const struct box_unit *u, const char *pattern)
{
	return u->active && fnmatch(pattern, u->name, 0) == 0;
}

/* ListUnitsByPatterns(), of any state and one pattern. */
static int list_answer(const struct box *box, sd_bus_message *m)
{
	sd_bus_message *reply = NULL;
	const char *pattern = NULL;
	int r = sd_bus_message_skip(m, "as");

	if (r >= 0)
		r = sd_bus_message_read(m, "as", 1, &pattern);
	if (r >= 0)
		r = sd_bus_message_new_method_return(m, &reply);
	if (r >= 0)
		r = sd_bus_message_open_container(reply, 'a', "(ssssssouso)");
	for (size_t i = 0; r >= 0 && i < BOX_UNITS && box->units[i].name; i++) {
		const struct box_unit *u = &box->units[i];

		if (is_match(u, pattern))
			r = sd_bus_message_append(reply, "(ssssssouso)",
			    u->name, "", "loaded", u->active, "", "", UNITS, 0,
			    "", UNITS);
	}
	if (r >= 0)
		r = sd_bus_message_close_container(reply);
	if (r >= 0)
		r = sd_bus_send(NULL, reply, NULL);
	(void)sd_bus_message_unref(reply);
	return r < 0 ? r : 1;
}

static int asked(sd_bus_message *m, void *arg, sd_bus_error *error)
{
	struct player *p = arg;
	const struct box_unit *u = unit_of(p->box, sd_bus_message_get_path(m));
	const char *interface, *name;

	(void)error;
	if (sd_bus_message_is_method_call(m, NULL, "ListUnitsByPatterns"))
		return list_answer(p->box, m);
	if (!sd_bus_message_is_method_call(m, PROPERTIES, "Get") ||
	    sd_bus_message_read(m, "ss", &interface, &name) < 0)
		return 0;
	if (!strcmp(name, "WatchdogLastPingTimestampMonotonic"))
		return sd_bus_reply_method_return(m, "v", "t",
		    (uint64_t)p->box->is_feeding);
	if (!strcmp(name, "LoadState"))
		return text_answer(m, u->active ? "loaded" : "not-found");
	if (!strcmp(name, "ActiveState"))
		return text_answer(m, u->active ? u->active : "inactive");
	if (!strcmp(name, "StatusText"))
		return status_answer(p, u, m);
	if (!strcmp(name, "ConditionResult"))
		return sd_bus_reply_method_return(m, "v", "b", !u->is_unmet);
	if (!strcmp(name, "ConditionTimestampMonotonic"))
		return sd_bus_reply_method_return(m, "v", "t", (uint64_t)1);
	if (!strcmp(name, "ActiveEnterTimestampMonotonic"))
		return sd_bus_reply_method_return(m, "v", "t", since_of(u));
	return 0;
}

/* Links are left to the end of the process. */
static int connected(sd_event_source *source, int fd, uint32_t events,
    void *arg)
{
	struct player *p = arg;
	sd_id128_t id = SD_ID128_MAKE(01, 02, 03, 04, 05, 06, 07, 08, 09, 0a,
	    0b, 0c, 0d, 0e, 0f, 10);
	sd_bus *bus = NULL;
	int link = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	(void)source;
	(void)events;
	if (link < 0 || sd_bus_new(&bus) < 0 ||
	    sd_bus_set_fd(bus, link, link) < 0 ||
	    sd_bus_set_server(bus, 1, id) < 0 || sd_bus_start(bus) < 0 ||
	    sd_bus_add_fallback(bus, NULL, MANAGER, asked, p) < 0 ||
	    sd_bus_attach_event(bus, p->event, 0) < 0)
		_exit(3);
	return 0;
}

static int listen_at(const char *folder, const char *name)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (snprintf(at.sun_path, sizeof(at.sun_path), "%s/%s", folder, name) >=
		(int)sizeof(at.sun_path) ||
	    fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof(at)) ||
	    listen(fd, SOMAXCONN))
		_exit(4);
	return fd;
}

static int status(sd_varlink *link, sd_json_variant *in,
    sd_varlink_method_flags_t flags, void *arg)
{
	const bool *answers = arg;

	(void)in;
	(void)flags;
	return *answers ? sd_varlink_reply(link, NULL) :
			  sd_varlink_error(link, "io.konklave.Call.Io", NULL);
}

static void sibling_play(struct player *p, const char *name, const char *method,
    const bool *answers)
{
	sd_varlink_server *server = NULL;
	int fd = listen_at(p->box->path, name);

	if (sd_varlink_server_new(&server, SD_VARLINK_SERVER_INHERIT_USERDATA) <
		0 ||
	    sd_varlink_server_bind_method(server, method, status) < 0 ||
	    sd_varlink_server_listen_fd(server, fd) < 0 ||
	    sd_varlink_server_attach_event(server, p->event, 0) < 0)
		_exit(5);
	(void)sd_varlink_server_set_userdata(server,
	    (void *)(uintptr_t)answers);
}

static _Noreturn void play(const struct box *box, int ready)
{
	struct player p = { .box = box };

	if (prctl(PR_SET_PDEATHSIG, SIGKILL) || sd_event_new(&p.event) < 0 ||
	    sd_event_add_io(p.event, NULL, listen_at(box->path, "systemd"),
		EPOLLIN, connected, &p) < 0)
		_exit(2);
	sibling_play(&p, "keyd", "io.konklave.Keys.Status", &box->keyd_answers);
	sibling_play(&p, "roomd", "io.konklave.Room.Status",
	    &box->roomd_answers);
	if (write(ready, "1", 1) != 1)
		_exit(6);
	_exit(sd_event_loop(p.event) < 0);
}

/* FOLDER/sys/class/CLASS/NAME/FILE */
static void kernel_says(const struct box *box, const char *class,
    const char *name, const char *file, const char *text)
{
	const char *const parts[] = { "sys", "class", class, name };
	char path[PATH];
	size_t at = (size_t)snprintf(path, sizeof(path), "%s", box->path);

	if (!text)
		return;
	for (size_t i = 0; i < KK_ARRAY_LEN(parts); i++) {
		at += (size_t)snprintf(path + at, sizeof(path) - at, "/%s",
		    parts[i]);
		CHECK(!mkdir(path, 0700) || errno == EEXIST);
	}
	(void)snprintf(path + at, sizeof(path) - at, "/%s", file);
	file_write(path, text, strlen(text));
}

void box_start(struct box *box)
{
	int ready[2];
	char one;

	(void)snprintf(box->path, sizeof(box->path), "/tmp/kk-health-XXXXXX");
	CHECK(mkdtemp(box->path) != NULL);
	kernel_says(box, "drm", "card0-HDMI-A-1", "status", box->screen);
	/* The card itself has no such file. */
	kernel_says(box, "drm", "card0", "dev", "226:0\n");
	kernel_says(box, "watchdog", "watchdog0", "state", box->watchdog);
	CHECK_EQ(pipe(ready), 0);
	box->pid = fork();
	CHECK(box->pid >= 0);
	if (box->pid == 0)
		play(box, ready[1]);
	(void)close(ready[1]);
	CHECK_EQ(read(ready[0], &one, 1), 1);
	(void)close(ready[0]);
}

void box_end(struct box *box)
{
	CHECK_EQ(kill(box->pid, SIGKILL), 0);
	CHECK_EQ(waitpid(box->pid, NULL, 0), box->pid);
	folder_remove(box->path);
}
