/* room.c - sound that is made, heard and measured. */
#include "room.h"

#include <math.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	SPEECH_HZ = 22050, /* espeak-ng's */
	WAV_HEADER_BYTES = 44,
	SPEECH_MAX_BYTES = 4 << 20,
	ECHOES = 40,
	ECHO_TAIL_MS = 60,
	LAG_MAX = ECHO_RATE_HZ / 1000 * 30
};

static const double full_scale = 32768;

extern char **environ;

static struct sound sound_new(size_t count)
{
	struct sound s = { calloc(count, sizeof(s.samples[0])), count };

	CHECK(s.samples != NULL);
	return s;
}

void sound_free(struct sound *s)
{
	free(s->samples);
	*s = (struct sound){ 0 };
}

struct sound sound_copy(struct sound from)
{
	struct sound s = sound_new(from.count);

	memcpy(s.samples, from.samples, from.count * sizeof(s.samples[0]));
	return s;
}

struct sound sound_silence(size_t seconds)
{
	return sound_new(seconds * ECHO_RATE_HZ);
}

static int16_t clip(double v)
{
	return (int16_t)fmax(-full_scale, fmin(full_scale - 1, round(v)));
}

/* A generator of our own, so that a run can be repeated. */
static double noise_next(uint32_t *state)
{
	*state = *state * 1664525u + 1013904223u;
	return (double)*state / UINT32_MAX * 2 - 1;
}

struct sound sound_noise(size_t seconds, double level_db)
{
	struct sound s = sound_silence(seconds);
	double peak = full_scale * pow(10, level_db / 20) * sqrt(3);
	uint32_t state = 1;

	for (size_t i = 0; i < s.count; i++)
		s.samples[i] = clip(noise_next(&state) * peak);
	return s;
}

static size_t espeak(const char *voice, const char *text, uint8_t *out)
{
	char command[] = "espeak-ng", to_stdout[] = "--stdout", v[] = "-v";
	char *const args[] = { command, to_stdout, v, (char *)voice,
		(char *)text, NULL };
	posix_spawn_file_actions_t actions;
	size_t bytes = 0;
	int pipe_fds[2], status = -1;
	ssize_t n;
	pid_t pid;

	CHECK_EQ(pipe(pipe_fds), 0);
	CHECK_EQ(posix_spawn_file_actions_init(&actions), 0);
	CHECK_EQ(posix_spawn_file_actions_adddup2(&actions, pipe_fds[1], 1), 0);
	CHECK_EQ(posix_spawn_file_actions_addclose(&actions, pipe_fds[0]), 0);
	CHECK_EQ(posix_spawnp(&pid, args[0], &actions, NULL, args, environ), 0);
	posix_spawn_file_actions_destroy(&actions);
	close(pipe_fds[1]);
	while ((n = read(pipe_fds[0], out + bytes, SPEECH_MAX_BYTES - bytes)) >
	    0)
		bytes += (size_t)n;
	close(pipe_fds[0]);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(status, 0);
	CHECK(bytes > WAV_HEADER_BYTES + SPEECH_HZ);
	return bytes;
}

static int16_t speech_at(const uint8_t *wav, size_t index)
{
	const uint8_t *at = wav + WAV_HEADER_BYTES + 2 * index;

	return (int16_t)(at[0] | at[1] << 8);
}

static void level_set(struct sound *s, double level_db)
{
	double now_db = sound_level_db(*s, 0, s->count / ECHO_RATE_HZ);
	double gain = pow(10, (level_db - now_db) / 20);

	for (size_t i = 0; i < s->count; i++)
		s->samples[i] = clip(s->samples[i] * gain);
}

struct sound sound_speech(const char *voice, const char *text, size_t seconds,
    double level_db)
{
	struct sound s = sound_silence(seconds);
	static uint8_t wav[SPEECH_MAX_BYTES];
	size_t count;

	count = (espeak(voice, text, wav) - WAV_HEADER_BYTES) / 2;
	for (size_t i = 0; i < s.count; i++) {
		double at = fmod((double)i * SPEECH_HZ / ECHO_RATE_HZ,
		    (double)(count - 1));
		double part = at - floor(at);
		size_t index = (size_t)at;

		s.samples[i] = clip((1 - part) * speech_at(wav, index) +
		    part * speech_at(wav, index + 1));
	}
	level_set(&s, level_db);
	return s;
}

void sound_quiet(struct sound *s, size_t from_s, size_t to_s)
{
	memset(s->samples + from_s * ECHO_RATE_HZ, 0,
	    (to_s - from_s) * ECHO_RATE_HZ * sizeof(s->samples[0]));
}

struct sound room_echo(struct sound far, double loss_db)
{
	size_t delay = ECHO_RATE_HZ / 1000 * ROOM_DELAY_MS;
	size_t tail = ECHO_RATE_HZ / 1000 * ECHO_TAIL_MS;
	double gain = pow(10, -loss_db / 20);
	struct sound echo = sound_new(far.count);
	double sum, weights[ECHOES];
	size_t late[ECHOES];
	uint32_t state = 7;

	for (size_t e = 0; e < ECHOES; e++) {
		late[e] = delay + tail * e * e / (ECHOES * ECHOES);
		weights[e] = gain * exp(-5.0 * (double)e / ECHOES) *
		    (e == 0 ? 1 : noise_next(&state));
	}
	for (size_t i = 0; i < far.count; i++) {
		sum = 0;
		for (size_t e = 0; e < ECHOES && late[e] <= i; e++)
			sum += weights[e] * far.samples[i - late[e]];
		echo.samples[i] = clip(sum);
	}
	return echo;
}

void sound_add(struct sound *to, struct sound what)
{
	for (size_t i = 0; i < to->count; i++)
		to->samples[i] = clip((double)to->samples[i] + what.samples[i]);
}

void room_run(struct echo *echo, struct sound far, struct sound *mic,
    unsigned delay_ms)
{
	for (size_t at = 0; at + ECHO_FRAME_SAMPLES <= mic->count;
	    at += ECHO_FRAME_SAMPLES) {
		CHECK_OK(echo_reverse(echo, far.samples + at));
		CHECK_OK(echo_capture(echo, mic->samples + at, delay_ms));
	}
}

double sound_level_db(struct sound s, size_t from_s, size_t to_s)
{
	size_t from = from_s * ECHO_RATE_HZ, to = to_s * ECHO_RATE_HZ;
	double sum = 0;

	for (size_t i = from; i < to; i++)
		sum += (double)s.samples[i] * s.samples[i];
	return 10 * log10(sum / (double)(to - from) + 1e-9) -
	    20 * log10(full_scale);
}

static double likeness_at(struct sound a, struct sound b, size_t from,
    size_t to, size_t lag)
{
	double ab = 0, aa = 0, bb = 0;

	for (size_t i = from; i < to; i++) {
		double x = a.samples[i - lag], y = b.samples[i];

		ab += x * y;
		aa += x * x;
		bb += y * y;
	}
	return ab / (sqrt(aa * bb) + 1e-9);
}

double sound_likeness(struct sound a, struct sound b, size_t from_s,
    size_t to_s)
{
	double best = 0;

	for (size_t lag = 0; lag < LAG_MAX; lag += 4)
		best = fmax(best,
		    likeness_at(a, b, from_s * ECHO_RATE_HZ,
			to_s * ECHO_RATE_HZ, lag));
	return best;
}
