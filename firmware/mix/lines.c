/* lines.c - lines that come and go, and what is heard of each. */
#include <math.h>
#include <string.h>

#include "mix/mix_private.h"

/* A frame this far above the noise is voice, and tells how loud that is. */
#define VOICE_ABOVE_DB 9.0f
#define LOUD_PART 0.1f /* a tick: 0.2 s */

enum { OPENING_SAMPLES = MIX_HZ / 1000 * 5 };

struct mix_line *mix_line_find(struct mix *m, size_t line)
{
	return line < m->config.lines && m->line[line].is_used ?
	    &m->line[line] :
	    NULL;
}

enum kk_err mix_line_add(struct mix *m, size_t *line)
{
	for (size_t i = 0; i < m->config.lines; i++) {
		struct mix_line *l = &m->line[i];

		if (l->is_used)
			continue;
		memset(l, 0, sizeof(*l));
		l->is_used = true;
		mix_gate_init(&l->gate);
		mix_gain_init(&l->gain);
		mix_limit_init(&l->limit);
		*line = i;
		return KK_OK;
	}
	return KK_ELIMIT;
}

void mix_line_remove(struct mix *m, size_t line)
{
	struct mix_line *l = mix_line_find(m, line);

	if (l)
		kk_wipe(l, sizeof(*l));
}

void mix_line_mute(struct mix *m, size_t line, bool is_muted)
{
	struct mix_line *l = mix_line_find(m, line);

	if (l)
		l->is_muted = is_muted;
}

void mix_line_put(struct mix *m, size_t line, const int16_t *pcm)
{
	struct mix_line *l = mix_line_find(m, line);

	if (!l)
		return;
	memcpy(l->in, pcm, sizeof(l->in));
	l->has_input = true;
}

void mix_line_tell(struct mix *m, size_t line, float level_db)
{
	struct mix_line *l = mix_line_find(m, line);

	if (!l)
		return;
	l->told_db = level_db;
	l->is_told = true;
}

void mix_line_skip(struct mix *m, size_t line, bool is_speech)
{
	struct mix_line *l = mix_line_find(m, line);

	if (!l)
		return;
	l->is_skipped = true;
	l->is_speech = is_speech;
}

bool mix_line_is_asked(const struct mix *m, size_t line)
{
	return line < m->config.lines && m->line[line].is_used &&
	    (m->line[line].is_heard || m->line[line].factor > 0.0f);
}

enum mix_want mix_line_want(const struct mix *m, size_t line)
{
	const struct mix_line *l;

	if (!m->config.has_gate || line >= m->config.lines)
		return MIX_WANT_ALL;
	l = &m->line[line];
	if (l->is_heard || l->is_talking)
		return MIX_WANT_ALL;
	return l->is_open ? MIX_WANT_LOOK : MIX_WANT_SPEECH;
}

bool mix_line_is_talking(const struct mix *m, size_t line)
{
	return line < m->config.lines && m->line[line].is_talking;
}

static float level_of(const struct mix_line *l)
{
	if (l->is_told)
		return l->told_db;
	return l->has_input ? mix_level_db(l->in, MIX_SAMPLES) : MIX_SILENCE_DB;
}

static bool looked(const struct mix_config *config, struct mix_line *l)
{
	const float level_db = level_of(l);
	const unsigned ticks = l->skipped + 1;
	const bool is_open = config->has_gate ?
	    mix_gate_is_open(&l->gate, level_db, ticks) :
	    level_db > MIX_SILENCE_DB;

	/* Pauses between words say nothing about the voice. */
	if (config->has_gain && is_open &&
	    level_db > l->gate.noise_db + VOICE_ABOVE_DB)
		mix_gain_learn(&l->gain, level_db);
	if (!l->is_open)
		l->loud_db = level_db;
	else
		l->loud_db += (level_db - l->loud_db) *
		    fminf(LOUD_PART * (float)ticks, 1.0f);
	l->skipped = 0;
	return is_open;
}

static bool skipped(const struct mix_config *config, struct mix_line *l)
{
	l->skipped++;
	return config->has_gate ? mix_gate_pass(&l->gate, l->is_speech) :
				  l->is_speech && l->is_open;
}

void mix_line_listen(const struct mix_config *config, struct mix_line *l)
{
	const bool has_skipped = l->is_skipped && !l->has_input && !l->is_told;
	const bool is_open = has_skipped ? skipped(config, l) :
					   looked(config, l);

	l->is_open = is_open && !l->is_muted;
	l->is_told = l->is_skipped = false;
}

/* Whose sound is not there yet is not heard before it is. */
void mix_line_shape(struct mix_line *l)
{
	const float from = l->factor;

	l->factor = l->is_heard && l->has_input ? mix_factor_of_db(l->gain.db) :
						  0.0f;
	if (!l->has_input && from > 0.0f)
		memset(l->in, 0, sizeof(l->in));
	l->has_input = false;
	l->is_talking = from > 0.0f || l->factor > 0.0f;
	if (l->is_talking)
		mix_ramp(l->in, from, l->factor,
		    from > 0.0f ? MIX_SAMPLES : OPENING_SAMPLES);
}
