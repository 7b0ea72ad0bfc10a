/* linphone.c - lined called by linphonec, with Opus, and calling it.  It
 * refuses to call where there is no default route: so all of it stands in a
 * network of its own, whose one address is that of the route. */
#define _GNU_SOURCE /* unshare(), setns(), prctl(), execlp() */
#include <fcntl.h>
#include <sched.h>
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

#define ADDRESS "192.0.2.9" /* RFC 5737: nobody's */

enum { TEXT = 2048, PATH = 96, SIP_PORT = 5060, OWN_PORT = 5070 };

struct linphone {
	struct telephone files; /* its folder */
	char log[PATH];
	int orders;
	pid_t pid;
};

static void ip_run(const char *a, const char *b, const char *c, const char *d,
    const char *e, const char *f)
{
	int status = -1;
	const pid_t pid = fork();

	CHECK(pid >= 0);
	if (pid == 0) {
		(void)execlp("ip", "ip", a, b, c, d, e, f, (char *)NULL);
		_exit(127);
	}
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(status, 0);
}

/* Gives the network that it came from. */
static int network_enter(void)
{
	const int before = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);

	if (before < 0 || unshare(CLONE_NEWNET))
		SKIP(
		    "no network namespaces here, and linphonec needs a default "
		    "route");
	ip_run("link", "set", "dev", "lo", "up", NULL);
	ip_run("address", "add", ADDRESS "/32", "dev", "lo", NULL);
	ip_run("route", "add", "default", "dev", "lo", NULL);
	return before;
}

static void configure(const struct linphone *l)
{
	static const char *const others[][2] = { { "speex", "16000" },
		{ "speex", "8000" }, { "PCMU", "8000" }, { "PCMA", "8000" },
		{ "G729", "8000" } };
	static const char *const folders[] = { ".local", ".local/share",
		".local/share/linphone", ".config", ".config/linphone" };
	char path[2 * PATH], text[TEXT];
	int n = snprintf(text, sizeof(text),
	    "[sip]\nsip_port=%d\nsip_tcp_port=0\nsip_tls_port=0\nuse_ipv6=0\n"
	    "contact=sip:anna@" ADDRESS "\n[video]\nenabled=0\n"
	    "[audio_codec_0]\nmime=opus\nrate=48000\nchannels=2\nenabled=1\n",
	    OWN_PORT);

	for (size_t i = 0; i < KK_ARRAY_LEN(others); i++)
		n += snprintf(text + n, sizeof(text) - (size_t)n,
		    "[audio_codec_%zu]\nmime=%s\nrate=%s\nenabled=0\n", i + 1,
		    others[i][0], others[i][1]);
	CHECK_EQ(mkdir(l->files.folder, 0700), 0);
	for (size_t i = 0; i < KK_ARRAY_LEN(folders); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", l->files.folder,
		    folders[i]);
		CHECK_EQ(mkdir(path, 0700), 0);
	}
	(void)snprintf(path, sizeof(path), "%s/rc", l->files.folder);
	file_write(path, text, (size_t)n);
	(void)snprintf(path, sizeof(path), "%s/voice.wav", l->files.folder);
	voice_write(path, 48000, 1);
}

static void run(const struct linphone *l, int orders)
{
	const int fd = open(l->log, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)dup2(orders, STDIN_FILENO);
	(void)dup2(fd, STDOUT_FILENO);
	(void)dup2(fd, STDERR_FILENO);
	if (chdir(l->files.folder) == 0 &&
	    setenv("HOME", l->files.folder, 1) == 0)
		(void)execlp("linphonec", "linphonec", "-c", "rc",
		    (char *)NULL);
	_exit(127);
}

static unsigned prompts(const struct linphone *l)
{
	return file_count(l->log, "linphonec> ");
}

/* It reads one line at a time, and loses others that have come by then. */
static void order(struct world *w, const struct linphone *l, const char *text)
{
	const unsigned before = prompts(l);
	char line[4 * PATH];
	const int n = snprintf(line, sizeof(line), "%s\n", text);

	CHECK_EQ(write(l->orders, line, (size_t)n), n);
	UNTIL(w, prompts(l) > before);
}

static void linphone_start(struct world *w, struct linphone *l)
{
	char text[2 * PATH];
	int ends[2];

	(void)snprintf(l->files.folder, sizeof(l->files.folder), "%s/linphone",
	    w->folder);
	(void)snprintf(l->log, sizeof(l->log), "%s/log", l->files.folder);
	configure(l);
	CHECK_EQ(pipe(ends), 0);
	l->pid = fork();
	CHECK(l->pid >= 0);
	if (l->pid == 0) {
		(void)close(ends[1]);
		run(l, ends[0]);
	}
	(void)close(ends[0]);
	l->orders = ends[1];
	UNTIL(w, prompts(l) > 0);
	order(w, l, "soundcard use files");
	(void)snprintf(text, sizeof(text), "play %s/voice.wav",
	    l->files.folder);
	order(w, l, text);
	(void)snprintf(text, sizeof(text), "record %s/heard.wav",
	    l->files.folder);
	order(w, l, text);
}

static void ticks(struct world *w, uint32_t count)
{
	for (const uint32_t tick = w->mix_tick; w->mix_tick < tick + count;)
		world_step(w);
}

static void keys(struct world *w, const struct linphone *l, const char *text)
{
	for (; *text; text++) {
		const char key[] = { *text, '\0' };

		order(w, l, key);
		ticks(w, 20);
	}
}

/* Both ways, by what lined has written down of the one call. */
static void opus_check(const struct world *w)
{
	char path[PATH], *log, *line;

	(void)snprintf(path, sizeof(path), "%s/log", w->folder);
	log = file_text(path);
	line = strstr(log, "call ended line=");
	CHECK(line != NULL);
	line[strcspn(line, "\n")] = '\0';
	tap_diag("%s", line);
	CHECK(strstr(line, " codec=opus ") != NULL);
	CHECK(strstr(line, " sent=0 ") == NULL);
	CHECK(strstr(line, " taken=0 ") == NULL);
	free(log);
}

/* Its recording is whole when the call has ended; to quit takes it a long time.
 */
static void linphone_end(struct world *w, struct linphone *l)
{
	order(w, l, "terminate");
	UNTIL(w, w->ends == 1);
	UNTIL(w, file_count(l->log, " ended ") > 0);
	CHECK_EQ(kill(l->pid, SIGKILL), 0);
	CHECK_EQ(waitpid(l->pid, NULL, 0), l->pid);
	(void)close(l->orders);
}

TEST(linphonec_hears_and_is_heard_with_opus)
{
	static const char *const options[] = { "--calls-from=anybody", NULL };
	static struct world w;
	struct linphone l = { .pid = 0 };
	const int before = network_enter();
	char text[PATH];

	(void)snprintf(text, sizeof(text), "udp:" ADDRESS ":%d", SIP_PORT);
	program_open_at(&w, text, options);
	linphone_start(&w, &l);
	(void)snprintf(text, sizeof(text), "call sip:9000@" ADDRESS ":%d",
	    SIP_PORT);
	order(&w, &l, text);
	UNTIL(&w, file_count(l.log, "connected") > 0);
	ticks(&w, 2 * PROMPT_TICKS + 50);
	while (w.asks == 0)
		keys(&w, &l, "1#2#");
	w.states[w.lane] = "in";
	world_tell(&w);
	UNTIL(&w, is_tone(w.heard[w.lane], VOICE_HZ));
	ticks(&w, 50);
	linphone_end(&w, &l);
	tap_diag("ticks of greeting %d, question %d, conference %d",
	    telephone_heard(&l.files, prompt_hz(IVR_WELCOME)),
	    telephone_heard(&l.files, prompt_hz(IVR_ASK_NUMBER)),
	    telephone_heard(&l.files, CONFERENCE_HZ));
	CHECK(telephone_heard(&l.files, CONFERENCE_HZ) >= 20);
	opus_check(&w);
	program_close(&w);
	CHECK_EQ(setns(before, CLONE_NEWNET), 0);
	(void)close(before);
}

/* Each is told by a line of its own. */
static size_t tones_read(const struct linphone *l, char tones[TELEPHONE_KEYS])
{
	static const char words[] = "Receiving tone ";
	char *text = file_text(l->log);
	size_t count = 0;

	for (const char *at = text; (at = strstr(at, words));) {
		at += sizeof(words) - 1;
		CHECK(count + 1 < TELEPHONE_KEYS);
		tones[count++] = *at;
	}
	tones[count] = '\0';
	free(text);
	return count;
}

/* It is the exchange, so far as lined knows. */
static void program_open_beside(struct world *w, char file[PATH])
{
	char option[2 * PATH], listen[PATH], text[TEXT];
	const char *const options[] = { option, "--may-call=12", NULL };
	const int fd = mkstemp(file);
	const int n = snprintf(text, sizeof(text),
	    "domain=site.test\nserver=sip:" ADDRESS
	    ":%d\nuser=9000\nstatic\nunchecked\n",
	    OWN_PORT);

	CHECK(fd >= 0);
	CHECK_EQ(write(fd, text, (size_t)n), n);
	(void)close(fd);
	(void)snprintf(option, sizeof(option), "--trunk=%s", file);
	(void)snprintf(listen, sizeof(listen), "udp:" ADDRESS ":%d", SIP_PORT);
	program_open_at(w, listen, options);
}

TEST(linphonec_gets_each_key_once_and_in_order_beside_opus)
{
	static const char keys[] = "12#*0011#";
	static struct world w;
	struct linphone l = { .pid = 0 };
	char file[PATH] = "/tmp/kk-trunk-XXXXXX", tones[TELEPHONE_KEYS];
	const int before = network_enter();

	program_open_beside(&w, file);
	linphone_start(&w, &l);
	order(&w, &l, "autoanswer enable");
	w.serial = 1;
	w.dial = "1234";
	world_tell(&w);
	UNTIL(&w, w.asks == 1);
	w.states[w.lane] = "in";
	world_tell(&w);
	UNTIL(&w, !strcmp(w.placed_state, "talking"));
	UNTIL(&w, is_tone(w.heard[w.lane], VOICE_HZ));
	CHECK(w.has_tones);
	w.tones = keys;
	world_tell(&w);
	UNTIL(&w, tones_read(&l, tones) >= strlen(keys));
	linphone_end(&w, &l);
	(void)tones_read(&l, tones);
	CHECK_STR(tones, keys);
	opus_check(&w);
	program_close(&w);
	(void)unlink(file);
	CHECK_EQ(setns(before, CLONE_NEWNET), 0);
	(void)close(before);
}
