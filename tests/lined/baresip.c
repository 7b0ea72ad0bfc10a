/* baresip.c - lined called by a telephone that is not ours: baresip, without a
 * sound card, with a tone as its voice and a recording of what it heard. */
#define _GNU_SOURCE /* prctl(), execlp() */
#include <arpa/inet.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "drivers/audio/wav.h"
#include "harness/process.h"
#include "world.h"

#define TURN 6.283185307179586

enum {
	VOICE_HZ = 900,
	VOICE_SECONDS = 60,
	KEY_US = 400000, /* baresip lets a key go after 250 ms */
	TEXT = 2048,
	PATH = 96,
	FILE_MAX = 32 * 1024 * 1024
};

struct telephone {
	const char *codec, *module, *account;
	unsigned hz, channels;
	char folder[64];
	uint16_t port, control; /* of its console, and its orders */
	int fd; /* to it */
	pid_t pid;
};

static void path_of(char path[PATH], const struct telephone *t,
    const char *name)
{
	const int n = snprintf(path, PATH, "%s/%s", t->folder, name);

	CHECK(n > 0 && n < PATH);
}

static void text_write(const struct telephone *t, const char *name,
    const char *text)
{
	char path[PATH];

	path_of(path, t, name);
	file_write(path, text, strlen(text));
}

static void put(uint8_t *at, uint32_t n, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		at[i] = (uint8_t)(n >> 8 * i);
}

/* As its encoder takes it; baresip converts nothing. */
static void voice_write(const struct telephone *t)
{
	const size_t count = (size_t)VOICE_SECONDS * t->hz * t->channels;
	uint8_t *file = kk_calloc(WAV_HEADER_BYTES + 2 * count, 1);
	char path[PATH];

	if (!file)
		abort();
	wav_header_write(file, (uint32_t)count);
	put(file + 22, t->channels, 2);
	put(file + 24, t->hz, 4);
	put(file + 28, 2 * t->hz * t->channels, 4);
	put(file + 32, 2 * t->channels, 2);
	for (size_t i = 0; i < count; i++) {
		const size_t at = i / t->channels;

		put(file + WAV_HEADER_BYTES + 2 * i,
		    (uint16_t)lrint(8000 *
			sin(TURN * VOICE_HZ * (double)at / t->hz)),
		    2);
	}
	path_of(path, t, "voice.wav");
	file_write(path, file, WAV_HEADER_BYTES + 2 * count);
	kk_free(file);
}

static void folder_make(struct telephone *t, uint16_t sip)
{
	char text[TEXT];

	CHECK_EQ(mkdir(t->folder, 0700), 0);
	voice_write(t);
	(void)snprintf(text, sizeof(text),
	    "module_path /usr/lib/baresip/modules\nmodule %s.so\n"
	    "module aufile.so\nmodule srtp.so\nmodule_app account.so\n"
	    "module_app menu.so\nmodule_app cons.so\n"
	    "module_app ctrl_tcp.so\nctrl_tcp_listen 127.0.0.1:%u\n"
	    "cons_listen 127.0.0.1:%u\nsip_listen 127.0.0.1:%u\n"
	    "statmode_default off\naudio_player aufile,%s/heard.wav\n"
	    "audio_source aufile,%s/voice.wav\n"
	    "audio_alert aufile,%s/alert.wav\n"
	    "jitter_buffer_type fixed\njitter_buffer_delay 2-10\n",
	    t->module, t->control, t->port, sip, t->folder, t->folder,
	    t->folder);
	text_write(t, "config", text);
	text_write(t, "contacts", "");
	(void)snprintf(text, sizeof(text),
	    "<sip:anna@127.0.0.1>;regint=0;audio_codecs=%s%s\n", t->codec,
	    t->account);
	text_write(t, "accounts", text);
}

static uint16_t port_take(int *fd)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t bytes = sizeof(a);

	*fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	CHECK(*fd >= 0);
	CHECK_EQ(bind(*fd, (struct sockaddr *)&a, sizeof(a)), 0);
	CHECK_EQ(getsockname(*fd, (struct sockaddr *)&a, &bytes), 0);
	return ntohs(a.sin_port);
}

static void run(const struct telephone *t, const char *log)
{
	const int fd = open(log, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)dup2(fd, STDOUT_FILENO);
	(void)dup2(fd, STDERR_FILENO);
	(void)execlp("baresip", "baresip", "-4", "-n", "127.0.0.1", "-f",
	    t->folder, (char *)NULL);
	_exit(127);
}

static void telephone_say(const struct telephone *t, const char *text)
{
	const struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_port = htons(t->port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

	(void)!sendto(t->fd, text, strlen(text), 0, (const struct sockaddr *)&a,
	    sizeof(a));
}

/* A netstring of JSON, as its module ctrl_tcp takes it. */
static void telephone_dial(const struct telephone *t, uint16_t port)
{
	const struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_port = htons(t->control),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char order[96], text[128];
	const int n = snprintf(order, sizeof(order),
	    "{\"command\":\"dial\",\"params\":\"sip:9000@127.0.0.1:%u\"}",
	    port);

	CHECK(fd >= 0);
	CHECK_EQ(connect(fd, (const struct sockaddr *)&a, sizeof(a)), 0);
	(void)snprintf(text, sizeof(text), "%d:%s,", n, order);
	CHECK_EQ(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	(void)close(fd);
}

/* Has it said so by now? */
static bool has_said(const struct telephone *t, const char *words)
{
	char log[PATH], *text;
	bool is;

	path_of(log, t, "log");
	text = file_text(log);
	is = strstr(text, words) != NULL;
	free(text);
	return is;
}

static void telephone_start(struct world *w, struct telephone *t)
{
	char log[PATH];
	int sip;
	uint16_t sip_port;

	(void)snprintf(t->folder, sizeof(t->folder), "%s/baresip", w->folder);
	t->port = port_take(&t->fd);
	(void)close(t->fd);
	sip_port = port_take(&sip);
	(void)close(sip);
	t->control = port_take(&sip); /* of TCP the same is free, too */
	(void)close(sip);
	(void)port_take(&t->fd);
	folder_make(t, sip_port);
	path_of(log, t, "log");
	t->pid = fork();
	CHECK(t->pid >= 0);
	if (t->pid == 0)
		run(t, log);
	while (!has_said(t, "baresip is ready")) {
		world_step(w);
		CHECK_EQ(waitpid(t->pid, NULL, WNOHANG), 0);
	}
}

static void telephone_press(struct world *w, const struct telephone *t,
    const char *keys)
{
	for (; *keys; keys++) {
		const char key[] = { *keys, '\0' };
		const uint64_t until_us = rtp_now_us() + KEY_US;

		telephone_say(t, key);
		UNTIL(w, rtp_now_us() >= until_us);
	}
}

static void telephone_stop(struct telephone *t)
{
	int status;

	CHECK_EQ(kill(t->pid, SIGTERM), 0);
	CHECK_EQ(waitpid(t->pid, &status, 0), t->pid);
	(void)close(t->fd);
}

/* How many ticks of its recording are a tone. */
static unsigned heard(const struct telephone *t, double hz)
{
	struct kk_bytes file;
	int16_t *pcm = NULL;
	size_t count = 0;
	unsigned ticks = 0;
	char path[PATH];

	path_of(path, t, "heard.wav");
	CHECK_OK(program_file_read(path, FILE_MAX, &file));
	CHECK_OK(wav_read(kk_bytes_view(&file), &pcm, &count));
	for (size_t i = 0; i + CODEC_TICK_SAMPLES <= count;
	    i += CODEC_TICK_SAMPLES)
		ticks += is_tone(pcm + i, hz);
	kk_free(pcm);
	kk_bytes_clear(&file);
	return ticks;
}

static void ticks(struct world *w, uint32_t count)
{
	for (const uint32_t tick = w->mix_tick; w->mix_tick < tick + count;)
		world_step(w);
}

static void call(struct telephone *t, const char *option)
{
	static struct world w;
	int fd;
	const uint16_t port = port_take(&fd);

	(void)close(fd);
	program_open(&w, port, option);
	telephone_start(&w, t);
	telephone_dial(t, port);
	UNTIL(&w, has_said(t, "Call established"));
	ticks(&w, 2 * PROMPT_TICKS + 30); /* a key would hush what is said */
	while (w.asks == 0)
		telephone_press(&w, t, "1#2#");
	CHECK(strspn(w.number, "12") > 0);
	w.states[w.lane] = "in";
	world_tell(&w);
	UNTIL(&w, is_tone(w.heard[0], VOICE_HZ));
	ticks(&w, 50);
	telephone_say(t, "b"); /* hangs up */
	UNTIL(&w, w.ends == 1);
	telephone_stop(t);
	tap_diag("%s: ticks of greeting %u, question %u, conference %u",
	    t->codec, heard(t, prompt_hz(IVR_WELCOME)),
	    heard(t, prompt_hz(IVR_ASK_NUMBER)), heard(t, CONFERENCE_HZ));
	CHECK(heard(t, prompt_hz(IVR_WELCOME)) >= PROMPT_TICKS / 2);
	CHECK(heard(t, CONFERENCE_HZ) >= 20);
	program_close(&w);
}

TEST(baresip_hears_and_is_heard_plain_and_with_srtp)
{
	struct telephone telephones[] = {
		{ "opus/48000/2", "opus", "", 48000, 2, "", 0, 0, 0, 0 },
		{ "G722/16000/1", "g722", ";mediaenc=srtp-mand", 16000, 1, "",
		    0, 0, 0, 0 },
		{ "PCMA/8000/1", "g711", "", 8000, 1, "", 0, 0, 0, 0 },
	};

	for (size_t i = 0; i < KK_ARRAY_LEN(telephones); i++)
		call(&telephones[i], "--calls-from=anybody");
}
