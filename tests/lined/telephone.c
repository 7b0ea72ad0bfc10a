/* telephone.c - baresip: how it is started, told, and listened to. */
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
#include "telephone.h"

#define TURN 6.283185307179586

enum {
	VOICE_SECONDS = 60,
	KEY_US = 400000, /* baresip lets a key go after 250 ms */
	TEXT = 2048,
	PATH = 96,
	PEM_BYTES = 8192,
	FILE_MAX = 32 * 1024 * 1024
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

void voice_write(const char *path, unsigned hz, unsigned channels)
{
	const size_t count = (size_t)VOICE_SECONDS * hz * channels;
	uint8_t *file = kk_calloc(WAV_HEADER_BYTES + 2 * count, 1);

	if (!file)
		abort();
	wav_header_write(file, (uint32_t)count);
	put(file + 22, channels, 2);
	put(file + 24, hz, 4);
	put(file + 28, 2 * hz * channels, 4);
	put(file + 32, 2 * channels, 2);
	for (size_t i = 0; i < count; i++) {
		const size_t at = i / channels;

		put(file + WAV_HEADER_BYTES + 2 * i,
		    (uint16_t)lrint(8000 *
			sin(TURN * VOICE_HZ * (double)at / hz)),
		    2);
	}
	file_write(path, file, WAV_HEADER_BYTES + 2 * count);
	kk_free(file);
}

static void openssl_run(const char *key, const char *certificate)
{
	int status = -1;
	const pid_t pid = fork();

	CHECK(pid >= 0);
	if (pid == 0) {
		(void)execlp("openssl", "openssl", "req", "-quiet", "-x509",
		    "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
		    "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1", "-addext",
		    "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out",
		    certificate, (char *)NULL);
		_exit(127);
	}
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(status, 0);
}

void certificate_make(const char *folder)
{
	char path[3][PATH], both[PEM_BYTES];
	char *text[2];
	int n;

	(void)snprintf(path[0], PATH, "%s/cafile.pem", folder);
	(void)snprintf(path[1], PATH, "%s/key.pem", folder);
	(void)snprintf(path[2], PATH, "%s/agent.pem", folder);
	openssl_run(path[1], path[0]);
	for (size_t i = 0; i < 2; i++)
		text[i] = file_text(path[i]);
	n = snprintf(both, sizeof(both), "%s%s", text[0], text[1]);
	CHECK(n > 0 && (size_t)n < sizeof(both));
	file_write(path[2], both, (size_t)n);
	for (size_t i = 0; i < 2; i++)
		free(text[i]);
}

/* baresip 1.1 may crash where a tone ends just as its thread begins: none is
 * there to be played. */
#define NO_TONES                                              \
	"ring_aufile none.wav\nringback_aufile none.wav\n"    \
	"callwaiting_aufile none.wav\nbusy_aufile none.wav\n" \
	"error_aufile none.wav\nnotfound_aufile none.wav\n"

static void folder_make(struct telephone *t)
{
	char text[TEXT], voice[PATH], player[PATH];

	(void)snprintf(player, sizeof(player), "aufile,%s/heard.wav",
	    t->folder);
	CHECK_EQ(mkdir(t->folder, 0700), 0);
	path_of(voice, t, "voice.wav");
	/* As its encoder takes it; baresip converts nothing. */
	voice_write(voice, t->hz, t->channels);
	(void)snprintf(text, sizeof(text),
	    "module_path /usr/lib/baresip/modules\nmodule %s.so\n"
	    "module aufile.so\nmodule aubridge.so\nmodule srtp.so\nmodule_app account.so\n"
	    "module_app menu.so\nmodule_app cons.so\n"
	    "module_app ctrl_tcp.so\nctrl_tcp_listen 127.0.0.1:%u\n"
	    "cons_listen 127.0.0.1:%u\nsip_listen %s:%u\n%s%s\n"
	    "statmode_default off\naudio_player %s\n"
	    "audio_source aufile,%s/voice.wav\n"
	    "audio_alert aufile,%s/alert.wav\n" NO_TONES
	    "jitter_buffer_type fixed\njitter_buffer_delay 2-10\n",
	    t->module, t->control, t->port, t->host, t->sip,
	    t->ca ? "sip_cafile " : "", t->ca ? t->ca : "",
	    t->is_deaf ? "aubridge,none" : player, t->folder, t->folder);
	text_write(t, "config", text);
	text_write(t, "contacts", "");
	(void)snprintf(text, sizeof(text), "<sip:1234@%s%s;audio_codecs=%s\n",
	    t->at, t->account, t->codec);
	text_write(t, "accounts", text);
}

static void run(const struct telephone *t, const char *log)
{
	const int fd = open(log, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	const bool is_v6 = t->host[0] == '[';

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)dup2(fd, STDOUT_FILENO);
	(void)dup2(fd, STDERR_FILENO);
	(void)execlp("baresip", "baresip", is_v6 ? "-6" : "-4", "-n",
	    is_v6 ? "::1" : "127.0.0.1", "-f", t->folder, (char *)NULL);
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

/* A netstring of JSON. */
void telephone_order(const struct telephone *t, const char *command,
    const char *parameters)
{
	const struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_port = htons(t->control),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char order[192], text[224];
	const int n = snprintf(order, sizeof(order),
	    "{\"command\":\"%s\",\"params\":\"%s\"}", command, parameters);

	CHECK(fd >= 0);
	CHECK_EQ(connect(fd, (const struct sockaddr *)&a, sizeof(a)), 0);
	(void)snprintf(text, sizeof(text), "%d:%s,", n, order);
	CHECK_EQ(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	(void)close(fd);
}

unsigned file_count(const char *path, const char *words)
{
	char *text = file_text(path);
	unsigned count = 0;

	for (const char *at = text; (at = strstr(at, words)); at++)
		count++;
	free(text);
	return count;
}

unsigned telephone_count(const struct telephone *t, const char *words)
{
	char log[PATH];

	path_of(log, t, "log");
	return file_count(log, words);
}

bool telephone_has_said(const struct telephone *t, const char *words)
{
	return telephone_count(t, words) > 0;
}

void telephone_start(struct world *w, struct telephone *t)
{
	char log[PATH];

	(void)snprintf(t->folder, sizeof(t->folder), "%s/baresip", w->folder);
	t->port = port_take(NULL);
	t->sip = port_take(NULL);
	t->control = port_take(NULL);
	(void)port_take(&t->fd);
	folder_make(t);
	path_of(log, t, "log");
	t->pid = fork();
	CHECK(t->pid >= 0);
	if (t->pid == 0)
		run(t, log);
	while (!telephone_has_said(t, "baresip is ready")) {
		world_step(w);
		CHECK_EQ(waitpid(t->pid, NULL, WNOHANG), 0);
	}
}

void telephone_press(struct world *w, const struct telephone *t,
    const char *keys)
{
	for (; *keys; keys++) {
		const char key[] = { *keys, '\0' };
		const uint64_t until_us = rtp_now_us() + KEY_US;

		telephone_say(t, key);
		UNTIL(w, rtp_now_us() >= until_us);
	}
}

void telephone_hang_up(const struct telephone *t)
{
	telephone_say(t, "b");
}

void telephone_stop(struct telephone *t)
{
	int status;

	CHECK_EQ(kill(t->pid, SIGTERM), 0);
	CHECK_EQ(waitpid(t->pid, &status, 0), t->pid);
	(void)close(t->fd);
}

unsigned telephone_heard(const struct telephone *t, double hz)
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

size_t telephone_got(const struct telephone *t, char keys[TELEPHONE_KEYS])
{
	static const char words[] = "DTMF event: '";
	char path[PATH], *text;
	size_t count = 0;

	path_of(path, t, "log");
	text = file_text(path);
	for (const char *at = text; (at = strstr(at, words));) {
		at += sizeof(words) - 1;
		if (strncmp(at + 1, "' (end=0)", 9) != 0)
			continue;
		CHECK(count + 1 < TELEPHONE_KEYS);
		keys[count++] = *at;
	}
	keys[count] = '\0';
	free(text);
	return count;
}
