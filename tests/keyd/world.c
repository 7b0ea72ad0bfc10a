/* world.c - boxes: keyd as a program, with clients. */
#define _GNU_SOURCE /* mkdtemp() */
#include "world.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { PASSED_FD = 3 };

static const char *const role_names[BOX_ROLES] = { "policy", "media", "mix",
	"setup", "health" };

void box_make(struct box *b)
{
	static const char key[32] = "a wrapping key of 32 bytes .....";
	char path[96];

	*b = (struct box){ .folder = "/tmp/kk-keyd-XXXXXX" };
	CHECK(mkdtemp(b->folder) != NULL);
	(void)snprintf(path, sizeof(path), "%s/wrap", b->folder);
	file_write(path, key, sizeof(key));
	(void)snprintf(path, sizeof(path), "%s/state", b->folder);
	CHECK_EQ(mkdir(path, 0700), 0);
	(void)snprintf(b->log, sizeof(b->log), "%s/log", b->folder);
	for (int i = 0; i < BOX_ROLES; i++)
		(void)snprintf(b->paths[i], sizeof(b->paths[i]), "%s/%s",
		    b->folder, role_names[i]);
}

void rights_drop(void)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3
	};
	struct __user_cap_data_struct none[2] = { { 0 }, { 0 } };

	/* Who is not root has neither the right nor the need. */
	if ((prctl(PR_SET_SECUREBITS, SECBIT_NOROOT, 0, 0, 0) &&
		geteuid() == 0) ||
	    syscall(SYS_capset, &head, none))
		_exit(2);
}

/* As the service manager passes a socket (sd_listen_fds(3)). */
static bool socket_pass(int fd)
{
	char pid[16];

	(void)snprintf(pid, sizeof(pid), "%d", (int)getpid());
	/* It may have that number already, and would be closed by exec(). */
	return dup2(fd, PASSED_FD) >= 0 && !fcntl(PASSED_FD, F_SETFD, 0) &&
	    !setenv("LISTEN_PID", pid, 1) && !setenv("LISTEN_FDS", "1", 1) &&
	    !setenv("LISTEN_FDNAMES", role_names[POLICY], 1);
}

static bool box_prepare(void *arg)
{
	const struct box *b = arg;

	if (b->has_no_rights)
		rights_drop();
	return !b->passed_fd || socket_pass(b->passed_fd);
}

static struct process process_of(struct box *b, const struct process_args *args)
{
	return (struct process){ .name = "keyd",
		.folder = b->folder,
		.log = b->log,
		.args = args,
		.prepare = box_prepare,
		.arg = b };
}

void box_start(struct box *b)
{
	char ready[PROCESS_READY_BYTES];
	struct process_args args = { 0 };
	const struct process p = process_of(b, &args);

	for (int i = b->passed_fd ? 1 : 0; i < BOX_ROLES; i++)
		process_arg_add(&args, "--socket=%s:%s", role_names[i],
		    b->paths[i]);
	process_arg_add(&args, "--state=%s/state", b->folder);
	process_arg_add(&args, "--wrap-key=%s/wrap", b->folder);
	for (size_t i = 0; b->options[i]; i++)
		process_arg_add(&args, "%s", b->options[i]);
	b->pid = process_start(&p, ready);
	for (int i = 0; i < BOX_ROLES; i++)
		CHECK(sd_varlink_connect_address(&b->link[i], b->paths[i]) >=
		    0);
}

static void links_close(struct box *b)
{
	for (int i = 0; i < BOX_ROLES; i++)
		b->link[i] = sd_varlink_close_unref(b->link[i]);
}

void box_kill(struct box *b)
{
	const struct process p = process_of(b, NULL);

	links_close(b);
	process_kill(&p, &b->pid);
}

void box_stop(struct box *b)
{
	const struct process p = process_of(b, NULL);

	links_close(b);
	process_stop(&p, &b->pid);
}

char *box_log(const struct box *b)
{
	return file_text(b->log);
}

void world_start(struct world *w, size_t count)
{
	*w = (struct world){ 0 };
	for (size_t i = 0; i < count; i++) {
		box_make(&w->box[i]);
		box_start(&w->box[i]);
	}
}

void world_end(struct world *w)
{
	for (size_t i = 0; i < WORLD_BOXES; i++) {
		if (w->box[i].pid)
			box_stop(&w->box[i]);
		if (w->box[i].folder[0])
			folder_remove(w->box[i].folder);
	}
	while (w->kept_count > 0)
		sd_json_variant_unref(w->kept[--w->kept_count]);
}
