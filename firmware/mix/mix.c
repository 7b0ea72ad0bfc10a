/* mix.c - one tick: N-1 sums of what was said in it. */
#include <string.h>

#include "mix/mix_private.h"

enum kk_err mix_new(struct mix **mp, const struct mix_config *config)
{
	struct mix *m;

	if (config->lines == 0 || config->lines > MIX_LINES_MAX)
		return KK_EINVAL;
	m = kk_calloc(1, sizeof(*m) + config->lines * sizeof(m->line[0]));
	if (!m)
		return KK_ENOMEM;
	m->config = *config;
	mix_limit_init(&m->common_limit);
	mix_limit_init(&m->lines_limit);
	*mp = m;
	return KK_OK;
}

void mix_free(struct mix *m)
{
	if (m)
		kk_free_wiped(m,
		    sizeof(*m) + m->config.lines * sizeof(m->line[0]));
}

static void add(int32_t *sum, const int16_t *pcm)
{
	for (size_t i = 0; i < MIX_SAMPLES; i++)
		sum[i] += pcm[i];
}

/* Lines and these together stay far from 32 bits. */
void mix_far_put(struct mix *m, const int16_t *pcm)
{
	if (m->far_count == MIX_FAR_MAX)
		return;
	m->far_count++;
	add(m->far, pcm);
}

void mix_listen(struct mix *m)
{
	for (size_t i = 0; i < m->config.lines; i++) {
		if (m->line[i].is_used)
			mix_line_listen(&m->config, &m->line[i]);
	}
	mix_choose(m);
	m->has_listened = true;
}

static void lines_sum(struct mix *m)
{
	memset(m->sum, 0, sizeof(m->sum));
	if (!m->has_listened)
		mix_listen(m);
	m->has_listened = false;
	for (size_t i = 0; i < m->config.lines; i++) {
		struct mix_line *l = &m->line[i];

		if (!l->is_used)
			continue;
		mix_line_shape(l);
		if (l->is_talking)
			add(m->sum, l->in);
	}
}

/* Who talks hears everything but itself; its limiter goes on from where that
 * of all stood when it began. */
static void own_make(struct mix *m, struct mix_line *l)
{
	if (!l->had_own)
		l->limit = m->common_limit;
	for (size_t i = 0; i < MIX_SAMPLES; i++)
		m->others[i] = m->sum[i] - l->in[i];
	mix_limit(&l->limit, m->others, l->out);
}

void mix_tick(struct mix *m)
{
	lines_sum(m);
	mix_limit(&m->lines_limit, m->sum, m->lines);
	for (size_t i = 0; i < MIX_SAMPLES; i++)
		m->sum[i] += m->far[i];
	for (size_t i = 0; i < m->config.lines; i++) {
		struct mix_line *l = &m->line[i];

		if (l->is_used && l->is_talking)
			own_make(m, l);
		l->had_own = l->is_talking;
	}
	mix_limit(&m->common_limit, m->sum, m->common);
	memset(m->far, 0, sizeof(m->far));
	m->far_count = 0;
}

const int16_t *mix_line_get(const struct mix *m, size_t line)
{
	const struct mix_line *l;

	if (line >= m->config.lines || !m->line[line].is_used)
		return NULL;
	l = &m->line[line];
	return l->is_talking ? l->out : m->common;
}

const int16_t *mix_common_get(const struct mix *m)
{
	return m->common;
}

const int16_t *mix_lines_get(const struct mix *m)
{
	return m->lines;
}
