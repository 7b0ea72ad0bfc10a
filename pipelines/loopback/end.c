/* end.c - a participant, begun and ended. */
#include "pipelines/loopback/loopback_private.h"

#include "crypto/crypto.h"

enum { SOUND, PICTURE };
enum { SOUND_HZ = AUDIO_RATE_HZ };

static void picture_packet(void *arg, unsigned encoding, uint8_t *packet,
    size_t bytes)
{
	struct loopback *end = arg;

	(void)encoding; /* there is one */
	end->config.send(end->config.arg, true, packet, bytes);
}

static void sound_packet(void *arg, uint8_t *packet, size_t bytes)
{
	struct loopback *end = arg;

	end->config.send(end->config.arg, false, packet, bytes);
}

static void speaking_changed(void *arg, bool is_speaking)
{
	(void)arg;
	(void)is_speaking;
}

static void picture_came(void *arg, GstSample *sample)
{
	struct loopback *end = arg;

	encode_picture(end->encode, sample);
}

static enum kk_err picture_start(struct loopback *end)
{
	const struct loopback_config *c = &end->config;
	const struct encode_config encode = { .sizes = sizes_of(c->width,
						  c->height, 1),
		.fps = c->fps,
		.self_width = c->width,
		.self_height = c->height,
		.vault = end->vault,
		.packet = picture_packet,
		.arg = end };
	const struct camera_run_config camera = { .camera = { .kind = c->camera,
						      .name = "",
						      .width = c->width,
						      .height = c->height },
		.fps = c->fps,
		.log = c->log,
		.picture = picture_came,
		.arg = end };
	enum kk_err err = encode_new(&end->encode, &encode);

	if (err)
		return err;
	if (c->camera)
		end->camera = camera_run_new(&camera);
	else
		end->paint = paint_new(end);
	return KK_OK;
}

static enum kk_err sound_start(struct loopback *end)
{
	const struct voice_config voice = {
		.microphone = { end->config.microphone, "", "en",
		    end->config.log },
		.vault = end->vault,
		.log = end->config.log,
		.packet = sound_packet,
		.speaking = speaking_changed,
		.arg = end
	};

	if (end->config.loudspeaker)
		end->play = play_new(&end->config);
	return voice_new(&end->voice, &voice);
}

enum kk_err loopback_new(struct loopback **endp,
    const struct loopback_config *config)
{
	struct loopback *end;
	enum kk_err err;

	if (!gst_init_check(NULL, NULL, NULL))
		return KK_EUNSUP;
	end = g_new0(struct loopback, 1);
	end->config = *config;
	g_mutex_init(&end->sound_lock);
	g_mutex_init(&end->lock);
	end->reaper = reaper_new();
	end->frames = frames_new();
	err = crypto_init();
	if (!err)
		err = vault_new(&end->vault);
	if (!err)
		err = vault_new(&end->stranger);
	if (!err)
		err = picture_start(end);
	if (!err)
		err = sound_start(end);
	if (err)
		loopback_free(end);
	else
		*endp = end;
	return err;
}

/* What gives goes before what takes. */
void loopback_free(struct loopback *end)
{
	if (!end)
		return;
	voice_free(end->voice);
	play_free(end->play);
	camera_run_free(end->camera);
	paint_free(end->paint);
	encode_free(end->encode);
	slot_free(end->slots[SOUND]);
	slot_free(end->slots[PICTURE]);
	person_free(end->person);
	reaper_free(end->reaper);
	if (end->decoder)
		opus_decoder_destroy(end->decoder);
	tune_ear_free(end->ear);
	frames_unref(end->frames);
	vault_free(end->stranger);
	vault_free(end->vault);
	g_mutex_clear(&end->sound_lock);
	g_mutex_clear(&end->lock);
	g_free(end);
}

static uint64_t now_ms(void)
{
	return (uint64_t)g_get_monotonic_time() / G_TIME_SPAN_MILLISECOND;
}

enum kk_err loopback_epoch_set(struct loopback *end,
    const struct vault_epoch *epoch)
{
	uint8_t key[SFRAME_BASE_KEY_MAX_BYTES];
	struct vault_epoch other = *epoch;
	enum kk_err err = crypto_random(key, sizeof(key));

	other.base_key = kk_view_of(key, epoch->base_key.bytes);
	other.may_seal = false;
	if (!err)
		err = vault_epoch_set(end->stranger, &other, now_ms());
	if (!err)
		err = vault_epoch_set(end->vault, epoch, now_ms());
	kk_wipe(key, sizeof(key));
	return err;
}

static void sound_came(void *arg, const struct slot_frame *frame)
{
	loopback_frame_take(arg, false, frame->data);
}

static void video_came(void *arg, const struct slot_frame *frame)
{
	loopback_frame_take(arg, true, frame->data);
}

static void key_frame_wanted(void *arg)
{
	struct loopback *end = arg;

	end->config.key_frame_ask(end->config.arg);
}

static enum kk_err slots_start(struct loopback *end, uint8_t audio_type,
    uint8_t video_type)
{
	struct slot_config slot = { .kind = SLOT_AUDIO,
		.payload_type = audio_type,
		.reaper = end->reaper,
		.frame = sound_came,
		.key_frame_wanted = key_frame_wanted,
		.arg = end };
	enum kk_err err = slot_new(&end->slots[SOUND], &slot);

	slot.kind = SLOT_VIDEO;
	slot.payload_type = video_type;
	slot.frame = video_came;
	return err ? err : slot_new(&end->slots[PICTURE], &slot);
}

enum kk_err loopback_expect(struct loopback *end, struct loopback *from,
    uint8_t audio_type, uint8_t video_type)
{
	const struct person_config person = { .width = end->config.width,
		.height = end->config.height,
		.frames = end->frames,
		.reaper = end->reaper,
		.key_frame_wanted = key_frame_wanted,
		.arg = end };
	int failed = OPUS_OK;
	enum kk_err err = tune_ear_new(&end->ear,
	    from->config.nonce + LOOPBACK_TUNE_AT);

	if (err)
		return err;
	end->from = from;
	end->decoder = opus_decoder_create(SOUND_HZ, 1, &failed);
	if (!end->decoder)
		return KK_ENOMEM;
	err = person_new(&end->person, &person);
	return err ? err : slots_start(end, audio_type, video_type);
}

void loopback_packet(struct loopback *end, bool is_video, struct kk_view packet)
{
	slot_packet(end->slots[is_video ? PICTURE : SOUND], packet);
}

bool loopback_gives(const struct loopback *end)
{
	return !end->camera || camera_run_is_on(end->camera);
}

void loopback_key_frame(struct loopback *end)
{
	encode_key_frame(end->encode, ENCODE_ALL);
}
