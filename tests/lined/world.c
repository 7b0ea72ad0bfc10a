/* world.c - roomd, mixd and lined's parts. */
#define _GNU_SOURCE /* libsystemd's macros, memfd_create() */
#include "world.h"

#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "drivers/audio/wav.h"
#include "harness/process.h"

#define TURN 6.283185307179586

enum {
	TICK = CODEC_TICK_SAMPLES,
	RATE = 1000,
	BYTES_MAX = 4096,
	STEP_US = 5000,
	TICK_US = 20000
};

double prompt_hz(enum ivr_prompt prompt)
{
	return 400 + 50.0 * prompt;
}

/*
 * roomd.
 */
#define IN(name, type) SD_VARLINK_DEFINE_INPUT(name, SD_VARLINK_##type, 0)
#define OUT(name, type) SD_VARLINK_DEFINE_OUTPUT(name, SD_VARLINK_##type, 0)

static SD_VARLINK_DEFINE_METHOD(Ask, IN(line, INT), IN(number, STRING),
    IN(pin, STRING), IN(label, STRING), IN(origin, STRING),
    IN(transport, STRING), OUT(answer, STRING));
static SD_VARLINK_DEFINE_METHOD(Tell, IN(line, INT), IN(isMuted, BOOL),
    IN(hasHandUp, BOOL));
static SD_VARLINK_DEFINE_METHOD(End, IN(line, INT));
static SD_VARLINK_DEFINE_METHOD(Placed, IN(serial, INT), IN(line, INT),
    IN(state, STRING),
    SD_VARLINK_DEFINE_INPUT(hasTones, SD_VARLINK_BOOL, SD_VARLINK_NULLABLE));
static SD_VARLINK_DEFINE_METHOD_FULL(Watch, SD_VARLINK_REQUIRES_MORE,
    SD_VARLINK_DEFINE_OUTPUT(lines, SD_VARLINK_OBJECT,
	SD_VARLINK_ARRAY | SD_VARLINK_NULLABLE),
    SD_VARLINK_DEFINE_OUTPUT(dial, SD_VARLINK_OBJECT, SD_VARLINK_NULLABLE),
    SD_VARLINK_DEFINE_OUTPUT(tones, SD_VARLINK_OBJECT, SD_VARLINK_NULLABLE),
    OUT(people, INT));
static SD_VARLINK_DEFINE_INTERFACE(Lines, "io.konklave.Lines", &vl_method_Ask,
    &vl_method_Tell, &vl_method_End, &vl_method_Placed, &vl_method_Watch);

static void line_get(struct world *w, sd_json_variant *in)
{
	uint32_t lane = 0;

	CHECK_OK(call_get_u32(in, "line", LANES - 1, &lane));
	w->lane = lane;
}

/* Its socket is gone, and so are the connections that wait. */
static void server_stop(struct world *w, struct call_server **server,
    sd_varlink **link, const char *name)
{
	sd_varlink *open = *link;
	char path[64];

	*link = NULL;
	sd_varlink_close_unref(open);
	(void)snprintf(path, sizeof(path), "%s/%s", w->folder, name);
	(void)unlink(path);
	CHECK(w->old_count < KK_ARRAY_LEN(w->old));
	w->old[w->old_count++] = *server;
	*server = NULL;
}

static enum kk_err asked(void *arg, struct call_request *rq)
{
	struct world *w = arg;
	const char *answer;
	char said[40];

	line_get(w, rq->in);
	CHECK_OK(call_get_text(rq->in, "number", w->number, sizeof(w->number)));
	CHECK_OK(call_get_text(rq->in, "pin", w->pin, sizeof(w->pin)));
	CHECK_OK(call_get_text(rq->in, "label", w->label, sizeof(w->label)));
	CHECK_OK(call_get_text(rq->in, "origin", w->origin, sizeof(w->origin)));
	CHECK_OK(call_get_text(rq->in, "transport", w->transport,
	    sizeof(w->transport)));
	w->asks++;
	(void)snprintf(said, sizeof(said), "%s#%s#", w->number, w->pin);
	answer = w->right && strcmp(said, w->right) ? "wrong" : w->answer;
	if (strcmp(answer, "wrong") != 0)
		w->states[w->lane] = answer;
	return call_put_text(&rq->out, "answer", answer);
}

static enum kk_err told(void *arg, struct call_request *rq)
{
	struct world *w = arg;

	line_get(w, rq->in);
	CHECK_OK(call_get_bool(rq->in, "isMuted", &w->is_muted));
	CHECK_OK(call_get_bool(rq->in, "hasHandUp", &w->has_hand_up));
	w->tells++;
	return KK_OK;
}

static enum kk_err ended(void *arg, struct call_request *rq)
{
	struct world *w = arg;

	line_get(w, rq->in);
	w->states[w->lane] = NULL;
	w->ends++;
	world_tell(w);
	return KK_OK;
}

static enum kk_err placed(void *arg, struct call_request *rq)
{
	struct world *w = arg;
	uint64_t serial = 0;

	CHECK_OK(call_get_u64(rq->in, "serial", 1000, &serial));
	CHECK_EQ(serial, w->serial);
	CHECK_OK(call_get_text(rq->in, "state", w->placed_state,
	    sizeof(w->placed_state)));
	w->has_tones = false;
	CHECK_OK(
	    call_optional(call_get_bool(rq->in, "hasTones", &w->has_tones)));
	w->placed++;
	return KK_OK;
}

static enum kk_err watched(void *arg, struct call_request *rq)
{
	struct world *w = arg;

	if (w->watcher)
		return KK_EEXIST;
	w->watcher = sd_varlink_ref(rq->link);
	rq->is_kept = true;
	world_tell(w);
	return KK_OK;
}

static void gone(void *arg, sd_varlink *link)
{
	struct world *w = arg;

	if (link == w->watcher) /* not one of a roomd before */
		w->watcher = sd_varlink_unref(w->watcher);
}

void world_tell(struct world *w)
{
	sd_json_variant *out = NULL, *list = NULL, *dial = NULL, *tones = NULL;

	for (size_t i = 0; i < LANES; i++) {
		sd_json_variant *v = NULL;

		if (!w->states[i])
			continue;
		CHECK_OK(call_put_u64(&v, "line", i));
		CHECK_OK(call_put_text(&v, "answer", w->states[i]));
		CHECK_OK(call_put_bool(&v, "isMutedByHost",
		    w->is_muted_by_host[i]));
		CHECK_OK(call_list_add(&list, v));
		sd_json_variant_unref(v);
	}
	if (list)
		CHECK_OK(call_put_value(&out, "lines", list));
	else
		CHECK_OK(call_put_empty_list(&out, "lines"));
	if (w->dial) {
		CHECK_OK(call_put_u64(&dial, "serial", w->serial));
		CHECK_OK(call_put_text(&dial, "number", w->dial));
		CHECK_OK(call_put_value(&out, "dial", dial));
	}
	if (w->tones) {
		CHECK_OK(call_put_u64(&tones, "serial", w->serial));
		CHECK_OK(call_put_text(&tones, "digits", w->tones));
		CHECK_OK(call_put_value(&out, "tones", tones));
	}
	CHECK_OK(call_put_u64(&out, "people", 2));
	if (w->watcher)
		CHECK_OK(call_notify(w->watcher, out));
	sd_json_variant_unref(list);
	sd_json_variant_unref(dial);
	sd_json_variant_unref(tones);
	sd_json_variant_unref(out);
}

static struct call_server *serve(struct world *w, const char *name,
    const struct call_service *service)
{
	struct call_server *server;
	char path[64];
	const uid_t uid = getuid();

	(void)snprintf(path, sizeof(path), "%s/%s", w->folder, name);
	(void)unlink(path);
	CHECK_OK(call_server_new(&server, w->event, service));
	CHECK_OK(call_server_listen(server,
	    &(struct call_listen){ .path = path,
		.fd = -1,
		.uids = &uid,
		.uid_count = 1 }));
	return server;
}

#define RULE(name) { name, CALL_ROLE(0), CALL_ANY_STATE, RATE, 0, BYTES_MAX }

void roomd_start(struct world *w)
{
	static const struct call_rule rules[] = { RULE("io.konklave.Lines.Ask"),
		RULE("io.konklave.Lines.Tell"), RULE("io.konklave.Lines.End"),
		RULE("io.konklave.Lines.Placed"),
		RULE("io.konklave.Lines.Watch") };
	static call_handler *const handlers[] = { asked, told, ended, placed,
		watched };
	const struct call_service service = { .interface = &vl_interface_Lines,
		.rules = rules,
		.handlers = handlers,
		.rule_count = KK_ARRAY_LEN(rules),
		.arg = w,
		.gone = gone };

	w->roomd = serve(w, "roomd", &service);
}

void roomd_stop(struct world *w)
{
	server_stop(w, &w->roomd, &w->watcher, "roomd");
	memset(w->states, 0, sizeof(w->states));
}

/*
 * mixd.
 */
static SD_VARLINK_DEFINE_METHOD(Attach, OUT(lines, INT), OUT(memory, INT));
static SD_VARLINK_DEFINE_INTERFACE(Mix, "io.konklave.Mix", &vl_method_Attach);

static void memory_make(struct world *w)
{
	const size_t bytes = ring_bytes(LANES);

	w->memory = memfd_create("ring", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	CHECK(w->memory >= 0);
	CHECK_EQ(ftruncate(w->memory, (off_t)bytes), 0);
	CHECK_EQ(fcntl(w->memory, F_ADD_SEALS,
		     F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL),
	    0);
	w->map = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED,
	    w->memory, 0);
	CHECK(w->map != MAP_FAILED);
	CHECK_OK(ring_format(w->map, bytes, LANES));
	CHECK_OK(ring_new(&w->ring, RING_MIXD, w->map, bytes, LANES));
}

static enum kk_err attached(void *arg, struct call_request *rq)
{
	struct world *w = arg;
	int at;

	CHECK(!w->ring);
	w->attacher = sd_varlink_ref(rq->link);
	memory_make(w);
	CHECK(sd_varlink_set_allow_fd_passing_output(rq->link, true) >= 0);
	at = sd_varlink_push_dup_fd(rq->link, w->memory);
	CHECK(at >= 0);
	CHECK_OK(call_put_u64(&rq->out, "lines", LANES));
	return call_put_u64(&rq->out, "memory", (uint64_t)at);
}

static void detached(void *arg, sd_varlink *link)
{
	struct world *w = arg;

	if (link == w->attacher)
		w->attacher = sd_varlink_unref(w->attacher);
}

/* Tones are found wherever they begin. */
static void lane_heard(const struct ring_frame *f, int16_t *pcm)
{
	struct codec_up *up;

	memset(pcm, 0, TICK * sizeof(*pcm));
	if (f->samples == 0)
		return;
	CHECK_OK(codec_up_new(&up, (unsigned)f->samples * 50));
	codec_up_run(up, f->pcm, pcm);
	codec_up_free(up);
}

static void mix_tick_run(struct world *w)
{
	int16_t pcm[TICK];

	for (size_t i = 0; i < TICK; i++)
		pcm[i] = (int16_t)lrint(8000 *
		    sin(TURN * CONFERENCE_HZ *
			((double)w->mix_tick * TICK + (double)i) / CODEC_HZ));
	w->mix_tick++;
	CHECK_OK(ring_common_set(w->ring, pcm));
	for (size_t i = 0; i < LANES; i++) {
		struct ring_frame frame;

		(void)!ring_put_common(w->ring, i);
		if (ring_take(w->ring, i, &frame))
			continue;
		lane_heard(&frame, w->heard[i]);
		w->heard_ticks[i]++;
	}
}

static int mix_tick(sd_event_source *source, uint64_t now_us, void *arg)
{
	struct world *w = arg;

	(void)now_us;
	if (w->ring && w->mix_stalls && w->mix_us / TICK_US % 60 < 2) {
		w->mix_held++;
	} else if (w->ring) {
		for (; w->mix_held > 0; w->mix_held--)
			mix_tick_run(w);
		mix_tick_run(w);
	}
	w->mix_us += TICK_US;
	CHECK(sd_event_source_set_time(source, w->mix_us) >= 0);
	return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

void mixd_start(struct world *w)
{
	static const struct call_rule rules[] = {
		RULE("io.konklave.Mix.Attach")
	};
	static call_handler *const handlers[] = { attached };
	const struct call_service service = { .interface = &vl_interface_Mix,
		.rules = rules,
		.handlers = handlers,
		.rule_count = KK_ARRAY_LEN(rules),
		.arg = w,
		.gone = detached };

	w->mixd = serve(w, "mixd", &service);
}

void mixd_stop(struct world *w)
{
	server_stop(w, &w->mixd, &w->attacher, "mixd");
	ring_free(w->ring);
	if (w->ring) {
		(void)munmap(w->map, ring_bytes(LANES));
		(void)close(w->memory);
	}
	w->ring = NULL;
}

/*
 * lined.
 */
static void sound_write(const struct world *w, const char *language,
    const char *name, double hz)
{
	static uint8_t file[WAV_HEADER_BYTES + PROMPT_TICKS * TICK * 2];
	char path[96];

	wav_header_write(file, PROMPT_TICKS * TICK);
	for (size_t i = 0; i < (size_t)PROMPT_TICKS * TICK; i++) {
		const int16_t s = (int16_t)lrint(8000 *
		    sin(TURN * hz * (double)i / CODEC_HZ));

		file[WAV_HEADER_BYTES + 2 * i] = (uint8_t)s;
		file[WAV_HEADER_BYTES + 2 * i + 1] = (uint8_t)(s >> 8);
	}
	(void)snprintf(path, sizeof(path), "%s/%s/%s.wav", w->folder, language,
	    name);
	file_write(path, file, sizeof(file));
}

static void sounds_write(const struct world *w)
{
	static const char *const languages[] = { "en", "de" };

	for (size_t l = 0; l < 2; l++) {
		char path[64];

		(void)snprintf(path, sizeof(path), "%s/%s", w->folder,
		    languages[l]);
		CHECK_EQ(mkdir(path, 0700), 0);
		for (enum ivr_prompt p = 0; p < IVR_PROMPT_COUNT; p++)
			sound_write(w, languages[l], ivr_prompt_name(p),
			    prompt_hz(p) + (l == 0 ? 0 : 25));
		sound_write(w, languages[l], "music", MUSIC_HZ);
	}
}

static void options_make(struct world *w, const char *const *options)
{
	static char text[3][64];
	static char lines[] = "--lines=3", program[] = "lined",
		    listens[] = "--listen=udp:127.0.0.1:5060";
	char *argv[16] = { program, text[0], text[1], text[2], lines, listens };
	int argc = 6;

	(void)snprintf(text[0], 64, "--roomd=%s/roomd", w->folder);
	(void)snprintf(text[1], 64, "--mixd=%s/mixd", w->folder);
	(void)snprintf(text[2], 64, "--prompts=%s", w->folder);
	for (; options && *options; options++) {
		CHECK(argc < 15);
		argv[argc++] = (char *)(uintptr_t)*options;
	}
	CHECK_OK(lined_options_parse(&w->lined.options, argc, argv));
}

static void log_show(void *arg, enum kk_log_level level, const char *line)
{
	(void)arg;
	(void)level;
	tap_diag("%s", line);
}

static void lined_open(struct world *w)
{
	struct lined *d = &w->lined;

	d->event = w->event;
	d->log = (struct kk_log){ .fn = log_show,
		.module = "lined",
		.level = KK_LOG_WARNING };
	CHECK_OK(srtp_library_init());
	CHECK_OK(lined_sounds_read(&d->sounds, d->options.prompts, NULL));
	CHECK_EQ(d->sounds.missing, 0);
	CHECK_OK(rtp_set_new(&d->rtp));
	CHECK_OK(line_voice_new(&d->voice));
	CHECK_OK(ivr_limits_new(&d->limits));
	CHECK_OK(lined_ticks_start(d));
	d->mix = (struct lined_mix){ .event = w->event,
		.path = d->options.mixd,
		.log = &d->log };
	d->room = (struct lined_room){ .event = w->event,
		.path = d->options.roomd,
		.log = &d->log,
		.handler = lined_room_handler,
		.arg = d };
	CHECK_OK(lined_mix_start(&d->mix));
	CHECK_OK(lined_room_start(&d->room));
	ua_fake()->handler = lined_ua_handler;
	ua_fake()->arg = d;
}

static void fakes_open(struct world *w)
{
	memset(w, 0, sizeof(*w));
	memcpy(w->folder, "/tmp/kk-lined-XXXXXX", 21);
	CHECK(mkdtemp(w->folder) != NULL);
	CHECK(sd_event_new(&w->event) >= 0);
	w->answer = "joining";
	sounds_write(w);
	roomd_start(w);
	mixd_start(w);
	w->mix_us = (rtp_now_us() / TICK_US + 1) * TICK_US;
	CHECK(sd_event_add_time(w->event, &w->mix_timer, CLOCK_MONOTONIC,
		  w->mix_us, 1, mix_tick, w) >= 0);
}

void fakes_end(struct world *w)
{
	w->mix_timer = sd_event_source_disable_unref(w->mix_timer);
	roomd_stop(w);
	mixd_stop(w);
	while (sd_event_run(w->event, 0) > 0)
		;
	while (w->old_count > 0)
		call_server_free(w->old[--w->old_count]);
	sd_event_unref(w->event);
	for (size_t i = 0; i < PHONES; i++)
		phone_close(&w->phones[i]);
	ua_fake_clear();
	folder_remove(w->folder);
}

void world_open(struct world *w, const char *const *options)
{
	fakes_open(w);
	options_make(w, options);
	lined_open(w);
	UNTIL(w, w->lined.room.is_there && w->lined.mix.ring);
}

void world_close(struct world *w)
{
	struct lined *d = &w->lined;

	lined_ticks_stop(d);
	lined_room_stop(&d->room);
	for (size_t i = 0; i < LINED_LINES_MAX; i++) {
		if (d->lanes[i].call)
			lined_call_free(d->lanes[i].call);
	}
	lined_mix_stop(&d->mix);
	rtp_set_free(d->rtp);
	line_voice_free(d->voice);
	ivr_limits_free(d->limits);
	lined_sounds_clear(&d->sounds);
	fakes_end(w);
}

/*
 * The program.
 */
static void turn(void *arg)
{
	world_step(arg);
}

static struct process process_of(struct world *w, char log[64],
    const struct process_args *args)
{
	(void)snprintf(log, 64, "%s/log", w->folder);
	return (struct process){ .name = "lined",
		.folder = w->folder,
		.log = log,
		.args = args,
		.turn = turn,
		.arg = w };
}

void program_open_at(struct world *w, const char *listen,
    const char *const *options)
{
	struct process_args args = { .count = 0 };
	char ready[PROCESS_READY_BYTES], log[64];
	struct process p;

	fakes_open(w);
	process_arg_add(&args, "--roomd=%s/roomd", w->folder);
	process_arg_add(&args, "--mixd=%s/mixd", w->folder);
	process_arg_add(&args, "--prompts=%s", w->folder);
	process_arg_add(&args, "--listen=%s", listen);
	process_arg_add(&args, "--lines=3");
	/* The sanitizer's shadow is larger than any limit. */
	process_arg_add(&args, "--memory-mb=%u", PROGRAM_MB);
	for (; *options; options++)
		process_arg_add(&args, "%s", *options);
	p = process_of(w, log, &args);
	w->pid = process_start(&p, ready);
	UNTIL(w, w->watcher && w->attacher);
}

void program_open_with(struct world *w, uint16_t port,
    const char *const *options)
{
	char listen[32];

	(void)snprintf(listen, sizeof(listen), "udp:127.0.0.1:%u", port);
	program_open_at(w, listen, options);
}

void program_open(struct world *w, uint16_t port, const char *option)
{
	const char *const options[] = { option, NULL };

	program_open_with(w, port, options);
}

void program_kill(struct world *w)
{
	char log[64];
	const struct process p = process_of(w, log, NULL);

	process_kill(&p, &w->pid);
}

void program_close(struct world *w)
{
	char log[64];
	const struct process p = process_of(w, log, NULL);

	process_stop(&p, &w->pid);
	fakes_end(w);
}

void world_step(struct world *w)
{
	CHECK(sd_event_run(w->event, STEP_US) >= 0);
	ua_fake_step();
	for (size_t i = 0; i < PHONES; i++)
		phone_step(&w->phones[i]);
}
