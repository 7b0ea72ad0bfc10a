/* loud.c - who is loudest. */
#include "sfu/loud.h"

enum {
	US_PER_S = 1000000,
	LEVEL_BITS = 0x7f, /* RFC 6464, 3: below V, in -dBov */
	/* By then all that was has faded; so nothing overflows. */
	FADED_US = (SFU_LEVEL_MAX / SFU_LOUD_FADE_PER_S + 1) * US_PER_S
};

/* --- levels -------------------------------------------------------------- */

static uint32_t faded(const struct sfu_level *level, uint64_t now_us)
{
	const uint64_t us = now_us - level->told_us;
	uint32_t fade;

	if (us >= FADED_US)
		return 0;
	fade = (uint32_t)(us * SFU_LOUD_FADE_PER_S * SFU_LEVEL_UNIT / US_PER_S);
	return level->held > fade ? level->held - fade : 0;
}

uint32_t sfu_level_now(const struct sfu_level *level, uint64_t now_us)
{
	return now_us - level->told_us > SFU_LEVEL_QUIET_US ? 0 : level->now;
}

uint32_t sfu_level_held(const struct sfu_level *level, uint64_t now_us)
{
	const uint32_t now = sfu_level_now(level, now_us);
	const uint32_t held = faded(level, now_us);

	return held > now ? held : now;
}

void sfu_level_take(struct sfu_level *level, struct kk_view data,
    uint64_t now_us)
{
	int32_t told, was;

	if (data.bytes != 1)
		return;
	told = (SFU_LEVEL_MAX - (data.data[0] & LEVEL_BITS)) * SFU_LEVEL_UNIT;
	was = (int32_t)sfu_level_now(level, now_us);
	was += (told - was) / (told > was ? SFU_LEVEL_RISE : SFU_LEVEL_FALL);
	level->held = faded(level, now_us);
	level->now = (uint32_t)was;
	if (level->held < level->now)
		level->held = level->now;
	level->told_us = now_us;
}

/* --- voices -------------------------------------------------------------- */

static bool is_louder(const struct sfu_voice *a, const struct sfu_voice *b)
{
	return a->now != b->now ? a->now > b->now : a->number < b->number;
}

void sfu_voices_add(struct sfu_voices *voices, const struct sfu_voice *voice)
{
	size_t at = voices->count;

	if (at == SFU_LOUD_VOICES_MAX &&
	    !is_louder(voice, &voices->list[at - 1]))
		return;
	if (at == SFU_LOUD_VOICES_MAX)
		at--; /* the quietest goes */
	else
		voices->count++;
	for (; at > 0 && is_louder(voice, &voices->list[at - 1]); at--)
		voices->list[at] = voices->list[at - 1];
	voices->list[at] = *voice;
}

/* --- slots --------------------------------------------------------------- */

static bool is_in(const struct sfu_loud_slot *slots, size_t count,
    const void *of)
{
	for (size_t i = 0; i < count; i++) {
		if (slots[i].voice.of == of)
			return true;
	}
	return false;
}

static bool goes_before(const struct sfu_voice *a, const struct sfu_voice *b)
{
	return a->held != b->held ? a->held < b->held : a->number > b->number;
}

static bool gives_way(const struct sfu_loud_slot *slot,
    const struct sfu_voice *to, uint64_t now_us)
{
	return now_us - slot->since_us >= SFU_LOUD_STAY_US &&
	    to->now >= SFU_LOUD_SPEECH * SFU_LEVEL_UNIT &&
	    to->now >= slot->voice.held + SFU_LOUD_MARGIN * SFU_LEVEL_UNIT;
}

/* A free one, or that of whom this one puts out; NULL: none. */
static struct sfu_loud_slot *place_find(struct sfu_loud_slot *slots,
    size_t count, const struct sfu_voice *voice, uint64_t now_us)
{
	struct sfu_loud_slot *place = NULL;

	for (size_t i = 0; i < count; i++) {
		struct sfu_loud_slot *s = &slots[i];

		if (!s->voice.of)
			return s;
		if (gives_way(s, voice, now_us) &&
		    (!place || goes_before(&s->voice, &place->voice)))
			place = s;
	}
	return place;
}

void sfu_loud_choose(struct sfu_loud_slot *slots, size_t count,
    const struct sfu_voices *voices,
    bool (*may)(const void *arg, const void *of), const void *arg,
    uint64_t now_us)
{
	for (size_t i = 0; i < voices->count; i++) {
		const struct sfu_voice *v = &voices->list[i];
		struct sfu_loud_slot *place;

		if (is_in(slots, count, v->of) || !may(arg, v->of))
			continue;
		place = place_find(slots, count, v, now_us);
		if (!place)
			return; /* those behind it are quieter */
		*place = (struct sfu_loud_slot){ *v, now_us, true };
	}
}
