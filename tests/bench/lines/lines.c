/*
 * lines.c - how many telephone lines a core carries: `make bench-lines`.
 *
 * What lined and mixd do for each line and tick of 20 ms, one after the other
 *in this process: packet, jitter buffer, decoder, ring, mix, ring, coder,
 *packet; with sockets too where the scene has them, whose other ends are a
 *process of their own.  Without SRTP, and without the meeting's SFrame, which
 *is one stream in all.  Speech is that of the prompts.  CPU time of this
 *process, once; bench.mjs does the rounds.
 *
 *	bench-lines --count
 *	bench-lines --scene=N SPEECH.wav...
 *	bench-lines --packets=FILE SPEECH.wav...
 */
#include "lines.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "wire/rtp.h"

enum {
	LINES = 100,
	WARM_TICKS = 150, /* prompts end, coders are shared */
	TICKS = 250,
	EVENTS = 101,
	WAV_HEADER_BYTES = 44,
	SILENT_AMPLITUDE = 30, /* -60 dB of full scale */
	US_PER_S = 1000000
};

static const struct scene scenes[] = {
	{ "Opus, all talk", CODEC_OPUS, LINES, OTHERS_NOISE, false, false,
	    240 },
	{ "Opus, 3 of 100 talk, the others' telephones pause", CODEC_OPUS, 3,
	    OTHERS_PAUSE, false, false, 1200 },
	{ "Opus, 3 of 100 talk, the others send noise", CODEC_OPUS, 3,
	    OTHERS_NOISE, false, false, 0 },
	{ "G.722, all talk", CODEC_G722, LINES, OTHERS_NOISE, false, false, 0 },
	{ "G.711, all talk", CODEC_PCMA, LINES, OTHERS_NOISE, false, false, 0 },
	{ "G.711, all talk, with sockets", CODEC_PCMA, LINES, OTHERS_NOISE,
	    true, false, 3000 },
	{ "G.711, 3 of 100 talk, with sockets", CODEC_PCMA, 3, OTHERS_NOISE,
	    true, false, 0 },
	{ "Opus, all talk, telephones lose packets", CODEC_OPUS, LINES,
	    OTHERS_NOISE, false, true, 0 },
	{ "Opus, 3 of 100 talk, the others' pause, telephones lose packets",
	    CODEC_OPUS, 3, OTHERS_PAUSE, false, true, 0 },
};

void bench_must(enum kk_err err, const char *what)
{
	if (!err)
		return;
	(void)fprintf(stderr, "bench-lines: %s: %s\n", what, kk_err_text(err));
	exit(EXIT_FAILURE);
}

static double cpu_us(void)
{
	struct timespec t;

	if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t))
		bench_must(KK_EIO, "clock");
	return (double)t.tv_sec * US_PER_S + (double)t.tv_nsec / 1000;
}

/* --- what telephones send ------------------------------------------------- */

static size_t speech_read(const char *path, int16_t *pcm, size_t room)
{
	FILE *f = fopen(path, "rbe");
	size_t samples = 0;

	if (!f) {
		bench_must(KK_ENOENT, path);
		return 0;
	}
	if (fseek(f, WAV_HEADER_BYTES, SEEK_SET))
		bench_must(KK_EIO, path);
	samples = fread(pcm, sizeof(*pcm), room, f);
	(void)fclose(f);
	return samples;
}

static void speech_load(int16_t *pcm, char **paths, int count)
{
	size_t at = 0;

	for (int i = 0; i < count && at < SPEECH_SAMPLES; i++)
		at += speech_read(paths[i], pcm + at, SPEECH_SAMPLES - at);
	if (at < SPEECH_SAMPLES)
		bench_must(KK_ETRUNC, "not enough speech");
}

static void noise_make(int16_t *pcm)
{
	uint32_t x = 1;

	for (size_t i = 0; i < SPEECH_SAMPLES; i++) {
		x = x * 1664525 + 1013904223;
		pcm[i] = (int16_t)((int32_t)(x >> 16) % SILENT_AMPLITUDE);
	}
}

static void voice_encode(struct voice *v, enum codec_id id, const int16_t *pcm)
{
	struct codec_tx *tx = NULL;

	bench_must(codec_tx_new(&tx, id), "coder");
	for (size_t t = 0; t < SPEECH_TICKS; t++) {
		v->bytes[t] = sizeof(v->payload[t]);
		bench_must(codec_tx_encode(tx, pcm + t * CODEC_TICK_SAMPLES,
			       v->payload[t], &v->bytes[t]),
		    "encode");
	}
	codec_tx_free(tx);
}

/* Of line i in tick t; empty: nothing. */
static struct kk_view packet_make(const struct bench *b, size_t i, unsigned t,
    uint8_t *room)
{
	const bool talks = i < b->scene->talkers;
	const size_t at = (t + i * 37) % SPEECH_TICKS;
	const struct voice *v = talks ? &b->speech : &b->noise;
	const struct codec_format *f = codec_format(b->scene->codec);
	const bool pauses = !talks && b->scene->others == OTHERS_PAUSE;
	struct wire_rtp rtp = { .payload_type = PAYLOAD_TYPE,
		.ssrc = (uint32_t)i,
		.seq = (uint16_t)t,
		.timestamp = t * (f->rtp_hz / 50),
		.payload = kk_view_of(v->payload[at], v->bytes[at]) };
	struct wire_out out;

	if (pauses && t % PAUSE_TICKS != 0)
		return kk_view_of(room, 0);
	if (pauses)
		rtp.payload.bytes =
		    1; /* the first byte alone: RFC 7587, 3.1.3 */
	wire_out_init(&out, room, PHONE_PACKET_BYTES);
	wire_rtp_write(&out, &rtp);
	bench_must(out.err, "packet");
	return wire_out_view(&out);
}

void bench_telephones_send(const struct bench *b, unsigned t,
    void (*send)(void *arg, size_t line, struct kk_view packet), void *arg)
{
	for (size_t i = 0; i < LINES; i++) {
		uint8_t room[PHONE_PACKET_BYTES];
		const struct kk_view packet = packet_make(b, i, t, room);

		if (packet.bytes > 0)
			send(arg, i, packet);
	}
}

/* --- lines ---------------------------------------------------------------- */

void bench_came(const struct bench *b, size_t line, struct kk_view packet)
{
	bench_must(line_put(b->line[line], packet, b->now_us), "line_put");
}

static void came(void *arg, size_t line, struct kk_view packet)
{
	bench_came(arg, line, packet);
}

/* "1#2#": number and PIN. */
static void enter(struct bench *b, size_t i)
{
	static const uint8_t keys[] = { 1, 11, 2, 11 };
	struct phone_sound said;
	struct line_event e;

	for (uint16_t k = 0; k < sizeof(keys); k++) {
		const uint8_t payload[] = { keys[k], 0x8a, 3, 0x20 };
		const struct wire_rtp rtp = { .payload_type = EVENTS,
			.ssrc = (uint32_t)i,
			.seq = (uint16_t)(60000 + k),
			.timestamp = 1000000 + 2000u * k,
			.payload = kk_view_of(payload, sizeof(payload)) };
		uint8_t room[PHONE_PACKET_BYTES];
		struct wire_out out;

		wire_out_init(&out, room, sizeof(room));
		wire_rtp_write(&out, &rtp);
		bench_came(b, i, wire_out_view(&out));
		(void)line_say(b->line[i], PHONE_WANT_ALL, &said, b->now_us);
	}
	if (!line_answer(b->line[i], IVR_ANSWER_IN, b->now_us / 1000))
		bench_must(KK_ESTATE, "a line is not let in");
	while (line_event_take(b->line[i], &e))
		;
}

static void line_open(struct bench *b, size_t i)
{
	static const struct line_sounds sounds; /* none is heard */
	const struct line_config config = { .phone = { b->scene->codec,
						PAYLOAD_TYPE, EVENTS, 0 },
		.sounds = &sounds,
		.voice = b->voice,
		.ssrc = (uint32_t)i };

	bench_must(line_new(&b->line[i], &config, b->now_us / 1000), "line");
	line_retell(b->line[i], b->scene->loses);
	enter(b, i);
}

/* lined, phase 15. */
static void say(struct bench *b)
{
	static const enum phone_want wants[] = {
		[RING_WANT_ALL] = PHONE_WANT_ALL,
		[RING_WANT_SPEECH] = PHONE_WANT_SPEECH,
		[RING_WANT_LOOK] = PHONE_WANT_LOOK,
	};
	struct phone_sound said;

	for (size_t i = 0; i < LINES; i++) {
		if (!line_say(b->line[i], wants[ring_want(b->lined, i)], &said,
			b->now_us))
			continue;
		bench_must(said.kind == PHONE_SOUND ?
			ring_put_low(b->lined, i, said.pcm, said.samples) :
			ring_put_word(b->lined, i,
			    said.kind == PHONE_SPEECH ? RING_SPEECH :
							RING_NOISE),
		    "ring_put");
	}
}

/* mixd, phase 0. */
static void mix_all(struct bench *b)
{
	lanes_take(b->lanes);
	(void)lanes_give(b->lanes);
}

/* lined, phase 5. */
static void hear(struct bench *b, unsigned t)
{
	for (size_t i = 0; i < LINES; i++) {
		uint8_t packet[PHONE_PACKET_BYTES];
		size_t bytes = sizeof(packet);
		struct ring_frame frame;
		struct line_frame heard;

		bench_must(ring_take(b->lined, i, &frame), "ring_take");
		heard = (struct line_frame){ frame.pcm, frame.is_common,
			frame.tick };
		bench_must(line_hear(b->line[i], &heard, t, b->now_us / 1000,
			       packet, &bytes),
		    "line_hear");
		if (b->scene->has_sockets)
			bench_io_send(b, i, kk_view_of(packet, bytes));
	}
	if (b->scene->has_sockets)
		bench_io_sent(b);
}

static double tick(struct bench *b, unsigned t)
{
	double before = cpu_us();

	if (b->scene->has_sockets) {
		bench_io_others(b, t);
		before = cpu_us();
		bench_io_take(b);
	} else {
		bench_telephones_send(b, t, came, b);
	}
	say(b);
	mix_all(b);
	hear(b, t);
	b->now_us += CODEC_TICK_SAMPLES * (uint64_t)US_PER_S / CODEC_HZ;
	return cpu_us() - before;
}

/* --- scenes --------------------------------------------------------------- */

static void lanes_open(struct bench *b)
{
	struct plan_lane open[LINES];
	int fd = -1;

	for (size_t i = 0; i < LINES; i++)
		open[i] = (struct plan_lane){ .lane = i };
	bench_must(lanes_new(&b->lanes, LINES), "lanes");
	bench_must(lanes_attach(b->lanes, &fd), "ring");
	lanes_set(b->lanes, open, LINES);
	b->memory_bytes = ring_bytes(LINES);
	b->memory = mmap(NULL, b->memory_bytes, PROT_READ | PROT_WRITE,
	    MAP_SHARED, fd, 0);
	if (b->memory == MAP_FAILED)
		bench_must(KK_ENOMEM, "memory");
	bench_must(ring_new(&b->lined, RING_LINED, b->memory, b->memory_bytes,
		       LINES),
	    "ring");
}

static void bench_open(struct bench *b, const struct scene *scene)
{
	b->scene = scene;
	b->lines = LINES;
	b->now_us = US_PER_S;
	bench_must(line_voice_new(&b->voice), "voice");
	lanes_open(b);
	for (size_t i = 0; i < LINES; i++)
		line_open(b, i);
	if (scene->has_sockets)
		bench_io_open(b);
}

static void bench_close(struct bench *b)
{
	if (b->scene->has_sockets)
		bench_io_close(b);
	for (size_t i = 0; i < LINES; i++)
		line_free(b->line[i]);
	ring_free(b->lined);
	(void)munmap(b->memory, b->memory_bytes);
	lanes_free(b->lanes);
	line_voice_free(b->voice);
}

static double bare_run(struct bench *b)
{
	double us = 0;

	for (unsigned t = 0; t < TICKS; t++) {
		double before;

		bench_io_others(b, t);
		before = cpu_us();
		bench_io_bare(b);
		us += cpu_us() - before;
	}
	return us / TICKS / LINES;
}

/* Microseconds for each line and tick. */
static double scene_run(struct bench *b, const struct scene *scene)
{
	struct line_voice_stats before, after;
	double us = 0;

	bench_open(b, scene);
	for (unsigned t = 0; t < WARM_TICKS; t++)
		(void)tick(b, t);
	line_voice_stats(b->voice, &before);
	for (unsigned t = WARM_TICKS; t < WARM_TICKS + TICKS; t++)
		us += tick(b, t);
	line_voice_stats(b->voice, &after);
	b->own = (double)(after.own - before.own) / TICKS;
	b->bare_us = scene->has_sockets ? bare_run(b) : 0;
	bench_close(b);
	return us / TICKS / LINES;
}

static void scene_bench(struct bench *b, const struct scene *scene,
    const int16_t *speech, const int16_t *noise)
{
	double us;

	voice_encode(&b->speech, scene->codec, speech);
	voice_encode(&b->noise, scene->codec, noise);
	us = scene_run(b, scene);
	(void)printf("{\"name\":\"%s\",\"us\":%.2f,\"own\":%.1f,\"bare\":%.2f,"
		     "\"goal\":%u}\n",
	    scene->name, us, b->own, b->bare_us, scene->goal);
}

/* Each behind its length in 16 bits. */
static void packets_write(struct bench *b, const char *path,
    const int16_t *speech)
{
	FILE *f = fopen(path, "wbe");

	if (!f) {
		bench_must(KK_EIO, path);
		return;
	}
	voice_encode(&b->speech, CODEC_OPUS, speech);
	for (size_t t = 0; t < SPEECH_TICKS; t++) {
		const size_t bytes = b->speech.bytes[t];

		(void)fputc((int)(bytes >> 8), f);
		(void)fputc((int)(bytes & 0xff), f);
		(void)fwrite(b->speech.payload[t], 1, bytes, f);
	}
	if (fclose(f))
		bench_must(KK_EIO, path);
}

/* What stands behind an option's name; NULL: it is another one. */
static const char *value_of(const char *option, const char *name)
{
	const size_t bytes = strlen(name);

	return strncmp(option, name, bytes) ? NULL : option + bytes;
}

int main(int argc, char **argv)
{
	static int16_t speech[SPEECH_SAMPLES], noise[SPEECH_SAMPLES];
	static struct bench bench;
	const char *option = argc > 1 ? argv[1] : "", *value;
	unsigned long n;

	if (!strcmp(option, "--count")) {
		(void)printf("%zu\n", KK_ARRAY_LEN(scenes));
		return EXIT_SUCCESS;
	}
	speech_load(speech, argv + 2, argc - 2);
	noise_make(noise);
	value = value_of(option, "--packets=");
	if (value) {
		packets_write(&bench, value, speech);
		return EXIT_SUCCESS;
	}
	value = value_of(option, "--scene=");
	n = value ? strtoul(value, NULL, 10) : KK_ARRAY_LEN(scenes);
	if (n >= KK_ARRAY_LEN(scenes))
		bench_must(KK_EINVAL, "option");
	else
		scene_bench(&bench, &scenes[n], speech, noise);
	return EXIT_SUCCESS;
}
