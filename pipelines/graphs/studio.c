/* studio.c - all of a box's media, started and ended. */
#include "pipelines/graphs/studio.h"

#include <gst/gst.h>

#include "crypto/crypto.h"
#include "pipelines/graphs/scene.h"
#include "pipelines/graphs/studio_private.h"
#include "wire/rtp.h"

enum {
	SSRC_AT = 8,
	TYPE_AT = 1,
	TYPE_MASK = 0x7f,
	VOICE_BPS = 50000, /* a constant rate (voice.c), and its headers */
	HEADERS_PERCENT = 5, /* of the picture's packets */
	SCREEN_WIDTH = 1280, /* where nothing else is said or known */
	SCREEN_HEIGHT = 720
};

/* Whose it is, is not known before the meeting is. */
static void packet_send(struct studio *s, uint8_t *packet, size_t bytes,
    uint32_t ssrc, uint8_t type)
{
	if (!ssrc || bytes < WIRE_RTP_FIXED_BYTES)
		return;
	wire_put_u32(packet + SSRC_AT, ssrc);
	packet[TYPE_AT] = (uint8_t)((packet[TYPE_AT] & ~TYPE_MASK) | type);
	g_mutex_lock(&s->counts_lock);
	s->counts.out_packets++;
	g_mutex_unlock(&s->counts_lock);
	s->config.send(s->config.arg, kk_view_of(packet, bytes));
}

static struct studio_publish publish_get(struct studio *s)
{
	struct studio_publish publish;

	g_mutex_lock(&s->publish_lock);
	publish = s->publish;
	g_mutex_unlock(&s->publish_lock);
	return publish;
}

static void video_packet(void *arg, unsigned encoding, uint8_t *packet,
    size_t bytes)
{
	const struct studio_publish p = publish_get(arg);

	packet_send(arg, packet, bytes, p.video_ssrcs[encoding],
	    p.video_payload_type);
}

static void audio_packet(void *arg, uint8_t *packet, size_t bytes)
{
	const struct studio_publish p = publish_get(arg);

	packet_send(arg, packet, bytes, p.audio_ssrc, p.audio_payload_type);
}

static void picture_came(void *arg, GstSample *sample)
{
	struct studio *s = arg;

	encode_picture(s->encode, sample);
}

static void speaking_changed(void *arg, bool is_speaking)
{
	struct studio *s = arg;

	g_atomic_int_set(&s->is_speaking, is_speaking);
	s->config.changed(s->config.arg);
}

static enum kk_err screen_start(struct studio *s)
{
	struct screen_config config = { .width = s->config.width,
		.height = s->config.height,
		.fps = s->config.fps,
		.language = words_language_of(s->config.language),
		.box_name = s->config.name,
		.log = s->config.log };
	enum kk_err err = display_open(&s->window, s->config.screen);

	if (err)
		return err;
	if (!config.width) {
		config.width = SCREEN_WIDTH;
		config.height = SCREEN_HEIGHT;
		(void)display_size_get(s->window, &config.width,
		    &config.height);
	}
	config.display = s->window;
	err = screen_new(&s->screen, &config);
	if (err || !s->config.picture)
		return err;
	err = display_file_open(&s->file, s->config.picture);
	if (!err)
		s->show = show_new(s->screen, s->file, s->config.log);
	return err;
}

static enum kk_err picture_start(struct studio *s)
{
	struct encode_config encode = { .sizes = studio_sizes(s),
		.fps = s->config.send_fps,
		.vault = s->vault,
		.packet = video_packet,
		.arg = s };
	struct camera_run_config camera = {
		.camera = { .kind = s->config.camera,
		    .name = s->config.name,
		    .number = s->config.number,
		    .width = s->config.send_width,
		    .height = s->config.send_height },
		.fps = s->config.send_fps,
		.log = s->config.log,
		.picture = picture_came,
		.arg = s
	};
	enum kk_err err;

	screen_self_size(s->screen, &encode.self_width, &encode.self_height);
	err = encode_new(&s->encode, &encode);
	if (!err && strcmp(s->config.camera, "none") != 0)
		s->camera = camera_run_new(&camera);
	return err;
}

/* A microphone of a card hears the loudspeaker; a file and the synthetic voice
 * do not. */
static enum kk_err echo_start(struct studio *s)
{
	const struct echo_config config = { true, true, true };
	const bool is_heard = g_str_has_prefix(s->config.microphone, "alsa:");
	enum kk_err err;

	if (!is_heard)
		return KK_OK;
	err = echo_webrtc_new(&s->echo, &config);
	if (err == KK_EUNSUP)
		kk_log(s->config.log, KK_LOG_WARNING,
		    "no echo cancelling in this build: others hear themselves");
	return err == KK_EUNSUP ? KK_OK : err;
}

static enum kk_err sound_start(struct studio *s)
{
	bool is_german = words_language_of(s->config.language) == WORDS_DE;
	const char *language = is_german ? "de" : "en";
	struct voice_config voice = { .microphone = { s->config.microphone,
					  s->config.name, language,
					  s->config.log },
		.echo = s->echo,
		.vault = s->vault,
		.log = s->config.log,
		.packet = audio_packet,
		.speaking = speaking_changed,
		.arg = s };
	struct sound_config sound = { .loudspeaker = { s->config.loudspeaker,
					  s->config.name, language,
					  s->config.log },
		.echo = s->echo,
		.log = s->config.log };
	enum kk_err err = sound_new(&s->sound, &sound);

	return err ? err : voice_new(&s->voice, &voice);
}

enum kk_err studio_new(struct studio **studiop,
    const struct studio_config *config)
{
	struct view nothing = { .phase = VIEW_OFF };
	struct studio *s;
	enum kk_err err;

	if (!gst_init_check(NULL, NULL, NULL))
		return KK_EUNSUP;
	s = g_new0(struct studio, 1);
	s->config = *config;
	g_mutex_init(&s->publish_lock);
	g_mutex_init(&s->slots_lock);
	g_mutex_init(&s->people_lock);
	g_mutex_init(&s->counts_lock);
	s->reaper = reaper_new();
	err = crypto_init();
	if (!err)
		err = vault_new(&s->vault);
	if (!err)
		err = screen_start(s);
	if (!err)
		err = picture_start(s);
	if (!err)
		err = echo_start(s);
	if (!err)
		err = sound_start(s);
	if (err) {
		studio_free(s);
		return err;
	}
	studio_view_set(s, &nothing);
	*studiop = s;
	return KK_OK;
}

/* What gives goes before what takes. */
void studio_free(struct studio *studio)
{
	if (!studio)
		return;
	voice_free(studio->voice);
	camera_run_free(studio->camera);
	encode_free(studio->encode);
	studio_slots_clear(studio);
	studio_people_clear(studio);
	sound_free(studio->sound);
	echo_free(studio->echo);
	show_free(studio->show);
	screen_free(studio->screen);
	display_close(studio->file);
	display_close(studio->window);
	reaper_free(studio->reaper);
	vault_free(studio->vault);
	g_mutex_clear(&studio->publish_lock);
	g_mutex_clear(&studio->slots_lock);
	g_mutex_clear(&studio->people_lock);
	g_mutex_clear(&studio->counts_lock);
	g_free(studio);
}

static uint64_t now_ms(void)
{
	return (uint64_t)g_get_monotonic_time() / G_TIME_SPAN_MILLISECOND;
}

enum kk_err studio_epoch_set(struct studio *studio,
    const struct vault_epoch *epoch)
{
	enum kk_err err = vault_epoch_set(studio->vault, epoch, now_ms());

	if (!err)
		studio_slots_retry(studio);
	return err;
}

void studio_epochs_clear(struct studio *studio)
{
	vault_clear(studio->vault);
}

void studio_publish_set(struct studio *studio,
    const struct studio_publish *publish)
{
	g_mutex_lock(&studio->publish_lock);
	studio->publish = *publish;
	g_mutex_unlock(&studio->publish_lock);
	voice_level_tell(studio->voice, publish->tells_level);
	encode_key_frame(studio->encode, ENCODE_ALL);
}

struct sizes studio_sizes(const struct studio *studio)
{
	return sizes_of(studio->config.send_width, studio->config.send_height,
	    studio->config.send_encodings);
}

void studio_pad_set(struct studio *studio, const struct pad_look *pad)
{
	screen_pad_set(studio->screen, pad);
}

void studio_notices_set(struct studio *studio, const struct notices *notices)
{
	screen_notices_set(studio->screen, notices);
}

void studio_tick(struct studio *studio)
{
	vault_expire(studio->vault, now_ms());
	screen_tick(studio->screen);
	encode_tick(studio->encode);
	studio_people_tick(studio);
}

void studio_room_set(struct studio *studio, uint64_t bps)
{
	uint64_t rest_bps = bps > VOICE_BPS ? bps - VOICE_BPS : 0;

	encode_bitrate_set(studio->encode,
	    rest_bps - rest_bps / 100 * HEADERS_PERCENT);
}

void studio_want(struct studio *studio, size_t sizes)
{
	encode_want(studio->encode, sizes);
}

void studio_key_frame(struct studio *studio, uint32_t ssrc)
{
	const struct studio_publish p = publish_get(studio);

	for (unsigned i = 0; i < SIZES_MAX; i++) {
		if (!ssrc || p.video_ssrcs[i] == ssrc)
			encode_key_frame(studio->encode, i);
	}
}

struct studio_state studio_state(struct studio *studio)
{
	return (struct studio_state){ .is_speaking = g_atomic_int_get(
					  &studio->is_speaking),
		.has_microphone = voice_is_on(studio->voice),
		.has_camera = camera_run_is_on(studio->camera),
		.has_epoch = vault_has_epoch(studio->vault),
		.may_seal = vault_may_seal(studio->vault) };
}

struct studio_counts studio_counts(struct studio *studio)
{
	struct studio_counts counts;

	g_mutex_lock(&studio->counts_lock);
	counts = studio->counts;
	g_mutex_unlock(&studio->counts_lock);
	counts.frames = vault_stats(studio->vault);
	return counts;
}

void studio_pictures_get(struct studio *studio, uint64_t *drawn,
    uint64_t *shown)
{
	*drawn = screen_pictures(studio->screen);
	*shown = screen_shown(studio->screen);
}

void studio_size_get(const struct studio *studio, unsigned *width,
    unsigned *height)
{
	screen_size_get(studio->screen, width, height);
}

struct screen *studio_screen(struct studio *studio)
{
	return studio->screen;
}
