/* tool.c - konklave-room, beside a box with lines and a lined that is played.
 */
#define _GNU_SOURCE /* libsystemd's macros ask for it; prctl() */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/process.h"
#include "lined.h"

enum { PATH = 160, WORDS = 2 };

struct tool {
	char lines[PATH], book[PATH], said[PATH];
	const char *wanted; /* of what it said */
	pid_t pid; /* 0: it has ended */
	int status;
};

static void tool_make(struct tool *t, const struct lined *l)
{
	const struct box *b = &l->w->box[LINES];
	char path[PATH - 16];

	*t = (struct tool){ .pid = 0 };
	(void)snprintf(t->lines, PATH, "--lines=%s", b->names[FACE]);
	(void)snprintf(t->said, PATH, "%s/said", b->folder);
	(void)snprintf(path, sizeof(path), "%s/book", b->folder);
	(void)snprintf(t->book, PATH, "--book=%s", path);
	file_write(path, "+4930123 Reception\nnone\n", 24);
}

static _Noreturn void run(const struct tool *t, const char *language,
    const char *const words[WORDS])
{
	const int fd = open(t->said, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)dup2(fd, STDOUT_FILENO);
	(void)dup2(fd, STDERR_FILENO);
	(void)execl(process_path("konklave-room"), "konklave-room", t->lines,
	    t->book, language, words[0], words[1], (char *)NULL);
	_exit(127);
}

static void tool_start(struct tool *t, const char *language,
    const char *command, const char *of)
{
	const char *const words[WORDS] = { command, of };

	t->pid = fork();
	CHECK(t->pid >= 0);
	if (t->pid == 0)
		run(t, language, words);
}

static bool has_said(struct world *w, const void *arg)
{
	const struct tool *t = arg;
	char *text = file_text(t->said);
	const bool is_so = strcmp(text, t->wanted) == 0;

	(void)w;
	free(text);
	return is_so;
}

static void said_await(struct lined *l, struct tool *t, const char *wanted)
{
	t->wanted = wanted;
	await(l->w, has_said, t);
}

static bool has_ended(struct world *w, const void *arg)
{
	struct tool *const *t = arg;

	(void)w;
	return waitpid((*t)->pid, &(*t)->status, WNOHANG) == (*t)->pid;
}

static int end_await(struct lined *l, struct tool *t)
{
	await(l->w, has_ended, &t);
	CHECK(WIFEXITED(t->status));
	return WEXITSTATUS(t->status);
}

static bool is_dialled(struct world *w, const void *arg)
{
	const struct lined *l = arg;

	(void)w;
	return call_has(l->told, "dial");
}

static uint64_t serial_await(struct lined *l)
{
	await(l->w, is_dialled, l);
	return sd_json_variant_unsigned(sd_json_variant_by_key(
	    sd_json_variant_by_key(l->told, "dial"), "serial"));
}

TEST(room_is_told_in_words_how_a_call_by_a_name_stands_until_it_is_answered)
{
	struct world w;
	struct lined l;
	struct tool t;
	uint64_t serial;

	lines_meet(&l, &w, "--dial-prefix=+4930");
	tool_make(&t, &l);
	tool_start(&t, "--language=en", "dial", "Reception");
	serial = serial_await(&l);
	said_await(&l, &t, "dialling\n");
	CHECK_STR(placed(&l, serial, 1, "ringing"), "");
	said_await(&l, &t, "dialling\nit rings\n");
	CHECK_STR(placed(&l, serial, 1, "early"), "");
	said_await(&l, &t,
	    "dialling\nit rings\nthe line is open, nobody has answered yet\n");
	CHECK_STR(placed(&l, serial, 1, "talking"), "");
	CHECK_EQ(end_await(&l, &t), 0);
	said_await(&l, &t,
	    "dialling\nit rings\nthe line is open, nobody has answered yet\n"
	    "answered\n");
	lines_end(&l, &w);
}

TEST(call_is_hung_up_by_a_command_or_by_stopping_and_its_end_has_its_words)
{
	struct world w;
	struct lined l;
	struct tool t, other;
	uint64_t serial;

	lines_meet(&l, &w, "--dial-prefix=+4930");
	tool_make(&t, &l);
	tool_start(&t, "--language=de", "dial", "+49307");
	serial = serial_await(&l);
	said_await(&l, &t, "wird gewählt\n");
	CHECK_STR(placed(&l, serial, 1, "busy"), "");
	CHECK_EQ(end_await(&l, &t), 1);
	said_await(&l, &t, "wird gewählt\nbesetzt\n");
	tool_start(&t, "--language=de", "dial", "+49307");
	said_await(&l, &t, "wird gewählt\n");
	CHECK_EQ(kill(t.pid, SIGINT), 0);
	CHECK_EQ(end_await(&l, &t), 1);
	said_await(&l, &t, "wird gewählt\nbeendet\n");
	tool_start(&t, "--language=de", "dial", "+49307");
	said_await(&l, &t, "wird gewählt\n");
	other = t;
	(void)snprintf(other.said, PATH, "%s/other", w.box[LINES].folder);
	tool_start(&other, "--language=de", "hang-up", NULL);
	CHECK_EQ(end_await(&l, &other), 0);
	CHECK_EQ(end_await(&l, &t), 1);
	said_await(&l, &t, "wird gewählt\nbeendet\n");
	lines_end(&l, &w);
}

static void tones_say(struct lined *l, struct tool *t, const char *language,
    const char *digits, int status, const char *said)
{
	tool_start(t, language, "tones", digits);
	CHECK_EQ(end_await(l, t), status);
	said_await(l, t, said);
}

static bool has_tones(struct world *w, const void *arg)
{
	const struct lined *l = arg;
	sd_json_variant *v = sd_json_variant_by_key(l->told, "tones");

	(void)w;
	return v && !sd_json_variant_is_null(v) &&
	    !strcmp(sd_json_variant_string(sd_json_variant_by_key(v, "digits")),
		"4711#");
}

TEST(tones_are_sent_by_a_command_and_why_they_are_not_is_said)
{
	struct world w;
	struct lined l;
	struct tool t, other;
	uint64_t serial;

	lines_meet(&l, &w, "--dial-prefix=+4930");
	tool_make(&t, &l);
	other = t;
	(void)snprintf(other.said, PATH, "%s/other", w.box[LINES].folder);
	tones_say(&l, &t, "--language=en", "1", 1,
	    "konklave-room: there is no call\n");
	tool_start(&t, "--language=en", "dial", "Reception");
	serial = serial_await(&l);
	tones_say(&l, &other, "--language=en", "1", 1,
	    "konklave-room: nothing is heard of the call yet: try again when "
	    "it is\n");
	CHECK_STR(placed(&l, serial, 1, "early"), "");
	tones_say(&l, &other, "--language=de", "1", 1,
	    "konklave-room: die Gegenseite nimmt keine Töne an\n");
	CHECK_STR(placed_with_tones(&l, serial, 1, "talking"), "");
	CHECK_EQ(end_await(&l, &t), 0);
	tones_say(&l, &other, "--language=de", "12c", 1,
	    "konklave-room: Töne sind 0 bis 9, * und #\n");
	tones_say(&l, &other, "--language=de", "4711#", 0, "");
	await(&w, has_tones, &l);
	lines_end(&l, &w);
}

TEST(what_may_not_or_cannot_be_called_is_said)
{
	struct world w;
	struct lined l;
	struct tool t;

	lines_meet(&l, &w, "--dial-prefix=+4930");
	tool_make(&t, &l);
	tool_start(&t, "--language=en", "dial", "0900");
	CHECK_EQ(end_await(&l, &t), 1);
	said_await(&l, &t,
	    "konklave-room: this number may not be called from here, or lines "
	    "are forbidden in this meeting\n");
	tool_start(&t, "--language=en", "dial", "Nobody");
	CHECK_EQ(end_await(&l, &t), 1);
	said_await(&l, &t,
	    "konklave-room: neither a number nor a name of the address "
	    "book\n");
	tool_start(&t, "--language=en", "hang-up", NULL);
	CHECK_EQ(end_await(&l, &t), 1);
	said_await(&l, &t, "konklave-room: there is no such call\n");
	tool_start(&t, "--language=en", "book", NULL);
	CHECK_EQ(end_await(&l, &t), 1);
	lined_stop(&l);
	box_stop(&w.box[LINES]);
	tool_start(&t, "--language=de", "dial", "+49301");
	CHECK_EQ(end_await(&l, &t), 1);
	said_await(&l, &t,
	    "konklave-room: die Telefonleitungen des Raums antworten nicht\n");
	world_end(&w);
}
