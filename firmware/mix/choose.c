/* choose.c - which lines are heard, where more speak than can be told apart. */
#include "mix/mix_private.h"

/* So much louder takes another one's place: the same voice moves by less. */
#define LOUDER_DB 6.0f

static struct mix_line *loudest(struct mix *m)
{
	struct mix_line *most = NULL;

	for (size_t i = 0; i < m->config.lines; i++) {
		struct mix_line *l = &m->line[i];

		if (l->is_used && l->is_open && !l->is_heard &&
		    (!most || l->loud_db > most->loud_db))
			most = l;
	}
	return most;
}

static struct mix_line *softest(struct mix *m)
{
	struct mix_line *least = NULL;

	for (size_t i = 0; i < m->config.lines; i++) {
		struct mix_line *l = &m->line[i];

		if (l->is_used && l->is_heard &&
		    (!least || l->loud_db < least->loud_db))
			least = l;
	}
	return least;
}

/* Who has stopped makes room.  How many are heard. */
static size_t stopped_drop(struct mix *m)
{
	size_t heard = 0;

	for (size_t i = 0; i < m->config.lines; i++) {
		struct mix_line *l = &m->line[i];

		l->is_heard = l->is_used && l->is_heard && l->is_open;
		heard += l->is_heard;
	}
	return heard;
}

static void all_choose(struct mix *m)
{
	for (size_t i = 0; i < m->config.lines; i++)
		m->line[i].is_heard = m->line[i].is_used && m->line[i].is_open;
}

void mix_choose(struct mix *m)
{
	const size_t most = m->config.heard;
	struct mix_line *waits, *goes;
	size_t heard;

	if (most == 0) {
		all_choose(m);
		return;
	}
	heard = stopped_drop(m);
	for (; heard < most && (waits = loudest(m)); heard++)
		waits->is_heard = true;
	waits = loudest(m);
	goes = softest(m);
	/* One in a tick. */
	if (!waits || !goes || waits->loud_db < goes->loud_db + LOUDER_DB)
		return;
	goes->is_heard = false;
	waits->is_heard = true;
}
