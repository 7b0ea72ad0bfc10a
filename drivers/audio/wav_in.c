/* wav_in.c - a sound file as a microphone, again and again. */
#define _GNU_SOURCE /* O_CLOEXEC */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "drivers/audio/audio_internal.h"
#include "drivers/audio/wav.h"

enum { READ_BYTES = 65536 };

struct loop {
	struct audio_pace pace;
	int16_t *samples;
	size_t count, pause_samples;
	size_t at; /* the next one, of both */
};

static enum kk_err loop_read(void *ctx, int16_t *samples)
{
	struct loop *l = ctx;

	audio_pace_wait(&l->pace);
	for (int i = 0; i < AUDIO_BLOCK_SAMPLES; i++) {
		samples[i] = 0;
		if (l->at < l->count)
			samples[i] = l->samples[l->at];
		l->at = (l->at + 1) % (l->count + l->pause_samples);
	}
	return KK_OK;
}

static void loop_close(void *ctx)
{
	struct loop *l = ctx;

	kk_free(l->samples);
	kk_free(l);
}

static const struct audio_ops loop_ops = { .read = loop_read,
	.close = loop_close };

enum kk_err audio_loop_open(struct audio **audiop, int16_t *samples,
    size_t count, size_t pause_samples)
{
	struct loop *l = kk_calloc(1, sizeof(*l));

	if (!l) {
		kk_free(samples);
		return KK_ENOMEM;
	}
	*l = (struct loop){ .samples = samples,
		.count = count,
		.pause_samples = pause_samples };
	return audio_new(audiop, &loop_ops, l);
}

enum kk_err audio_fd_read(int fd, struct kk_bytes *out)
{
	uint8_t part[READ_BYTES];
	struct kk_writer w;
	ssize_t n;

	kk_writer_init(&w);
	while ((n = read(fd, part, sizeof(part))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			kk_writer_fail(&w, KK_EIO);
		else if (w.bytes + (size_t)n > AUDIO_FILE_MAX_BYTES)
			kk_writer_fail(&w, KK_ELIMIT);
		if (w.err)
			break;
		kk_write_raw(&w, kk_view_of(part, (size_t)n));
	}
	return kk_writer_take(&w, out);
}

enum kk_err audio_wav_in_open(struct audio **audiop, const char *path)
{
	struct kk_bytes file = { 0 };
	int16_t *samples = NULL;
	size_t count = 0;
	enum kk_err err;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return KK_ENOENT;
	err = audio_fd_read(fd, &file);
	(void)close(fd);
	if (!err)
		err = wav_read(kk_bytes_view(&file), &samples, &count);
	kk_bytes_clear(&file);
	return err ? err : audio_loop_open(audiop, samples, count, 0);
}
