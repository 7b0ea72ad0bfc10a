/* wav_out.c - a sound file as a loudspeaker. */
#define _GNU_SOURCE /* O_CLOEXEC, pwrite() */
#include <fcntl.h>
#include <unistd.h>

#include "drivers/audio/audio_internal.h"
#include "drivers/audio/wav.h"

enum {
	BLOCK_BYTES = AUDIO_BLOCK_SAMPLES * 2,
	HEADER_EVERY_BLOCKS = 100,
	/* The header's length has 32 bits; the sound goes on unwritten. */
	SAMPLES_MAX = 0x7ff00000 / 2
};

struct out {
	struct audio_pace pace;
	int fd;
	uint32_t count; /* samples written */
};

static enum kk_err header_put(const struct out *o)
{
	uint8_t header[WAV_HEADER_BYTES];

	wav_header_write(header, o->count);
	return pwrite(o->fd, header, sizeof(header), 0) ==
		(ssize_t)sizeof(header) ?
	    KK_OK :
	    KK_EIO;
}

/* The header follows now and then, so that a file of a process that was killed
 * can be read. */
static enum kk_err out_write(void *ctx, const int16_t *samples)
{
	struct out *o = ctx;
	uint8_t block[BLOCK_BYTES];

	audio_pace_wait(&o->pace);
	if (o->count > SAMPLES_MAX)
		return KK_OK;
	for (int i = 0; i < AUDIO_BLOCK_SAMPLES; i++) {
		block[2 * i] = (uint8_t)samples[i];
		block[2 * i + 1] = (uint8_t)((uint16_t)samples[i] >> 8);
	}
	if (pwrite(o->fd, block, sizeof(block),
		WAV_HEADER_BYTES + (off_t)o->count * 2) !=
	    (ssize_t)sizeof(block))
		return KK_EIO;
	o->count += AUDIO_BLOCK_SAMPLES;
	if (o->count / AUDIO_BLOCK_SAMPLES % HEADER_EVERY_BLOCKS)
		return KK_OK;
	return header_put(o);
}

static void out_close(void *ctx)
{
	struct out *o = ctx;

	(void)header_put(o);
	(void)close(o->fd);
	kk_free(o);
}

static const struct audio_ops out_ops = { .write = out_write,
	.close = out_close };

enum kk_err audio_wav_out_open(struct audio **audiop, const char *path)
{
	struct out *o = kk_calloc(1, sizeof(*o));

	if (!o)
		return KK_ENOMEM;
	o->fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (o->fd < 0) {
		kk_free(o);
		return KK_ENOENT;
	}
	if (header_put(o)) {
		out_close(o);
		return KK_EIO;
	}
	return audio_new(audiop, &out_ops, o);
}
