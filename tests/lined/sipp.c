/* sipp.c - calls that are taken back: by sipp's scenarios of ours, and by a
 * telephone of the test's. */
#define _GNU_SOURCE /* prctl(), execlp() */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/process.h"
#include "telephone.h"

enum { PATH = 64, SIPP_CALLS = 2 * PHONES };

static void sipp_exec(const char *scenario, uint16_t port, const char *log)
{
	const int fd = open(log, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	char file[PATH], to[PATH], calls[16];

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)dup2(fd, STDOUT_FILENO);
	(void)dup2(fd, STDERR_FILENO);
	(void)snprintf(file, sizeof(file), "tests/lined/sipp/%s.xml", scenario);
	(void)snprintf(to, sizeof(to), "127.0.0.1:%u", port);
	(void)snprintf(calls, sizeof(calls), "%d", SIPP_CALLS);
	(void)execlp("sipp", "sipp", "-sf", file, to, "-m", calls, "-l", "1",
	    "-i", "127.0.0.1", "-nostdin", "-timeout", "60s", "-timeout_error",
	    (char *)NULL);
	_exit(127);
}

/* More calls, one after the other, than there are lines: one that was left
 * behind would be in the way. */
static void sipp_run(struct world *w, const char *scenario, uint16_t port)
{
	char log[PATH];
	int status = -1;
	pid_t pid;

	(void)snprintf(log, sizeof(log), "%s/sipp", w->folder);
	pid = fork();
	CHECK(pid >= 0);
	if (pid == 0)
		sipp_exec(scenario, port, log);
	while (waitpid(pid, &status, WNOHANG) == 0)
		world_step(w);
	if (status != 0)
		file_show(log);
	CHECK_EQ(status, 0);
}

static void scenario(const char *name)
{
	static const char *const options[] = { "--calls-from=anybody",
		"--calls-per-second=100", NULL };
	static struct world w;
	const uint16_t port = port_take(NULL);
	char log[PATH];

	program_open_with(&w, port, options);
	sipp_run(&w, name, port);
	(void)snprintf(log, sizeof(log), "%s/log", w.folder);
	UNTIL(&w, file_count(log, "call ended line=0") == SIPP_CALLS);
	CHECK_EQ(file_count(log, "call line=0"), SIPP_CALLS);
	CHECK_EQ(w.asks, 0);
	program_close(&w);
}

TEST(call_that_sipp_takes_back_too_late_stands_until_it_ends_it)
{
	scenario("cancel-late");
}

/* It is heard in the meeting, and gone from there when it ends. */
static void meeting_check(struct world *w, struct sip *s, struct phone *p)
{
	phone_press(w, p, "1#2#");
	UNTIL(w, w->asks == 1);
	w->states[0] = "in";
	world_tell(w);
	UNTIL(w, phone_hears(p, CONFERENCE_HZ));
	sip_cancel(s); /* once more */
	SIP_UNTIL(w, s, s->status >= 200);
	CHECK_EQ(s->status, 481);
	p->packets = 0;
	UNTIL(w, p->packets > 10 && phone_hears(p, CONFERENCE_HZ));
	CHECK_EQ(w->ends, 0);
	sip_ask(w, s, "BYE", "");
	CHECK_EQ(s->status, 200);
	UNTIL(w, w->ends == 1);
	CHECK(!w->states[0]);
}

static bool is_answer(const struct sip *s, unsigned status, const char *cseq)
{
	return s->status == status && strstr(s->text, cseq);
}

TEST(call_whose_cancel_meets_its_answer_stands_until_it_ends)
{
	static struct world w;
	static struct sip s;
	struct phone *p = &w.phones[0];
	const uint16_t port = port_take(NULL);
	bool is_taken = false, is_late = false;
	struct kk_bytes offer;

	program_open(&w, port, "--calls-from=anybody");
	phone_open(p, CODEC_PCMA, OFFER_SRTP_NEVER, "127.0.0.1");
	sip_open(&s, port);
	phone_offer(p, &offer);
	sip_send(&s, "INVITE", (const char *)offer.data);
	kk_bytes_clear(&offer);
	sip_cancel(&s);
	while (!is_taken || !is_late) {
		s.status = 0;
		world_step(&w);
		sip_step(&s);
		CHECK(!is_answer(&s, 487, "INVITE"));
		is_late = is_late || is_answer(&s, 481, "1 CANCEL");
		if (is_taken || !is_answer(&s, 200, "1 INVITE"))
			continue;
		is_taken = true;
		phone_take(p, kk_view_text(strstr(s.text, "\r\n\r\n") + 4));
	}
	sip_send(&s, "ACK", "");
	meeting_check(&w, &s, p);
	sip_close(&s);
	program_close(&w);
}
