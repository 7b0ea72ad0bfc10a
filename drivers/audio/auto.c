/* auto.c - the best sound card there is, and a better one when it comes. */
#include <stdio.h>
#include <string.h>

#include "drivers/audio/audio_internal.h"

enum {
	LOOK_BLOCKS = 200, /* looks for a better one each 2 s */
	DEVICE_BYTES = 32, /* "plughw:31,15" */
	WORDS_BYTES = 128,
	NAMES_BYTES = 2 * CHOICE_TITLE_BYTES + 1
};

struct auto_card {
	struct audio *audio; /* NULL: none yet */
	int card, device;
	enum choice_rank rank; /* of that */
	bool is_microphone;
	unsigned blocks; /* since the last look */
	char words[WORDS_BYTES]; /* of its names; "": any */
	const struct kk_log *log;
};

static enum kk_err device_open(struct auto_card *a,
    const struct choice_device *device)
{
	struct audio *audio = NULL;
	char name[DEVICE_BYTES];
	enum kk_err err;

	(void)snprintf(name, sizeof(name), "plughw:%d,%d", device->card,
	    device->device);
	err = audio_alsa_open(&audio, name, a->is_microphone);
	if (err)
		return err;
	audio_close(a->audio);
	a->audio = audio;
	a->card = device->card;
	a->device = device->device;
	a->rank = device->rank;
	kk_log(a->log, KK_LOG_INFO, "the %s is %s: %s, %s",
	    a->is_microphone ? "microphone" : "loudspeaker", name,
	    device->card_name, device->name);
	return KK_OK;
}

/* Something was plugged in there, or pulled out. */
static void rank_renew(struct auto_card *a, const struct choice_device *devices,
    size_t count)
{
	for (size_t i = 0; a->audio && i < count; i++) {
		if (devices[i].card == a->card &&
		    devices[i].device == a->device)
			a->rank = devices[i].rank;
	}
}

static bool is_meant(const struct auto_card *a,
    const struct choice_device *device)
{
	char names[NAMES_BYTES];

	(void)snprintf(names, sizeof(names), "%s %s", device->card_name,
	    device->name);
	return kk_text_has_words(names, a->words);
}

/* One that does not open, as it is not ready yet or in use, leaves the turn to
 * the next one, and stays for the next look. */
static enum kk_err better_open(struct auto_card *a)
{
	struct choice_device devices[CHOICE_DEVICES_MAX];
	size_t count = audio_cards_list(devices, KK_ARRAY_LEN(devices));
	enum kk_err err = KK_ENOENT;

	count = choice_sort(devices, count, a->is_microphone);
	rank_renew(a, devices, count);
	for (size_t i = 0; err && i < count && devices[i].rank < a->rank; i++) {
		if (is_meant(a, &devices[i]))
			err = device_open(a, &devices[i]);
	}
	return err;
}

static void look(struct auto_card *a)
{
	if (a->rank == CHOICE_SPEAKERPHONE || ++a->blocks < LOOK_BLOCKS)
		return;
	a->blocks = 0;
	(void)!better_open(a); /* none, or it keeps what it has */
}

static enum kk_err auto_read(void *ctx, int16_t *samples)
{
	struct auto_card *a = ctx;

	look(a);
	return audio_read(a->audio, samples);
}

static enum kk_err auto_write(void *ctx, const int16_t *samples)
{
	struct auto_card *a = ctx;

	look(a);
	return audio_write(a->audio, samples);
}

static void auto_close(void *ctx)
{
	struct auto_card *a = ctx;

	audio_close(a->audio);
	kk_free(a);
}

static const struct audio_ops microphone_ops = { .read = auto_read,
	.close = auto_close,
	.hears_room = true };
static const struct audio_ops loudspeaker_ops = { .write = auto_write,
	.close = auto_close,
	.hears_room = true };

enum kk_err audio_auto_open(struct audio **audiop,
    const struct audio_config *config, bool is_microphone)
{
	const char *words = config->kind + sizeof(AUDIO_AUTO) - 1;
	struct auto_card *a;
	enum kk_err err;

	if (strlen(words) >= WORDS_BYTES)
		return KK_ELIMIT;
	a = kk_calloc(1, sizeof(*a));
	if (!a)
		return KK_ENOMEM;
	*a = (struct auto_card){ .rank = CHOICE_NONE,
		.is_microphone = is_microphone,
		.log = config->log };
	memcpy(a->words, words, strlen(words) + 1);
	err = better_open(a);
	if (err) {
		kk_free(a);
		return err;
	}
	return audio_new(audiop,
	    is_microphone ? &microphone_ops : &loudspeaker_ops, a);
}
