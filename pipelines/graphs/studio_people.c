/* studio_people.c - the members, and what they send. */
#include <inttypes.h>
#include <string.h>

#include "pipelines/graphs/studio_private.h"

/* people_lock is held. */
static struct member *member_find(struct studio *s, uint32_t leaf)
{
	for (size_t i = 0; i < VIEW_PEOPLE_MAX; i++) {
		struct member *m = &s->members[i];

		if (m->is_used && m->person.leaf == leaf)
			return m;
	}
	return NULL;
}

static void member_clear(struct studio *s, struct member *m)
{
	if (!m->is_used)
		return;
	person_free(m->decoder);
	frames_unref(m->frames);
	sound_leave(s->sound, m->person.leaf);
	*m = (struct member){ 0 };
}

/* Is it still who it was?  A leaf may go to somebody else. */
static bool is_same(const struct view_person *a, const struct view_person *b)
{
	return a->leaf == b->leaf && a->is_verified == b->is_verified &&
	    a->is_self == b->is_self && !strcmp(a->name, b->name);
}

static const struct view_person *person_in(const struct view *view,
    const struct view_person *person)
{
	for (size_t i = 0; i < view->people_count; i++) {
		if (is_same(&view->people[i], person))
			return &view->people[i];
	}
	return NULL;
}

static struct member *member_free_place(struct studio *s)
{
	for (size_t i = 0; i < VIEW_PEOPLE_MAX; i++) {
		if (!s->members[i].is_used)
			return &s->members[i];
	}
	return NULL; /* a view has not more */
}

static void members_update(struct studio *s, const struct view *view)
{
	for (size_t i = 0; i < VIEW_PEOPLE_MAX; i++) {
		struct member *m = &s->members[i];

		if (m->is_used && !person_in(view, &m->person))
			member_clear(s, m);
	}
	for (size_t i = 0; i < view->people_count; i++) {
		const struct view_person *person = &view->people[i];
		struct member *m = member_find(s, person->leaf);

		if (!m)
			m = member_free_place(s);
		if (!m || person->is_self)
			continue;
		if (!m->is_used)
			*m = (struct member){ .is_used = true,
				.first_epoch = view->epoch,
				.frames = frames_new(),
				.studio = s };
		m->person = *person;
		if (m->decoder)
			person_size_set(m->decoder, s->tile_width,
			    s->tile_height);
	}
}

static size_t sources_make(struct studio *s,
    struct screen_source sources[VIEW_PEOPLE_MAX])
{
	size_t count = 0;

	for (size_t i = 0; i < VIEW_PEOPLE_MAX; i++) {
		struct member *m = &s->members[i];

		if (m->is_used)
			sources[count++] =
			    (struct screen_source){ m->person.leaf, m->frames };
	}
	return count;
}

void studio_view_set(struct studio *studio, const struct view *view)
{
	struct screen_source sources[VIEW_PEOPLE_MAX];
	struct view none = { .phase = view->phase };
	size_t count;

	g_mutex_lock(&studio->people_lock);
	screen_tile_size(studio->screen, view, &studio->tile_width,
	    &studio->tile_height);
	members_update(studio, view->phase == VIEW_IN ? view : &none);
	count = sources_make(studio, sources);
	g_mutex_unlock(&studio->people_lock);
	/* What is referenced is the control thread's to change, and stays. */
	screen_view_set(studio->screen, view, sources, count,
	    encode_self(studio->encode));
}

void studio_people_clear(struct studio *studio)
{
	g_mutex_lock(&studio->people_lock);
	for (size_t i = 0; i < VIEW_PEOPLE_MAX; i++)
		member_clear(studio, &studio->members[i]);
	g_mutex_unlock(&studio->people_lock);
}

/* Leaves alone: a log is read by others than those in the room. */
static void stillness_tell(const struct studio *s, struct member *m,
    int64_t now_us)
{
	int64_t came_us = frames_came_us(m->frames);
	bool is_still = m->person.has_camera && came_us &&
	    now_us - came_us >= SCREEN_STALE_US;

	if (is_still && !m->still_us) {
		m->still_us = came_us;
		kk_log(s->config.log, KK_LOG_INFO, "no pictures leaf=%u",
		    m->person.leaf);
	} else if (!is_still && m->still_us) {
		if (m->person.has_camera)
			kk_log(s->config.log, KK_LOG_INFO,
			    "pictures again leaf=%u after-ms=%" PRId64,
			    m->person.leaf,
			    (came_us - m->still_us) / G_TIME_SPAN_MILLISECOND);
		m->still_us = 0;
	}
}

bool studio_people_are_busy(struct studio *studio)
{
	if (!g_mutex_trylock(&studio->people_lock))
		return true;
	g_mutex_unlock(&studio->people_lock);
	return false;
}

void studio_people_tick(struct studio *studio)
{
	const int64_t now_us = g_get_monotonic_time();

	/* What is read here the control thread alone changes: no lock is held
	 * over a line of the log. */
	for (size_t i = 0; i < VIEW_PEOPLE_MAX; i++) {
		struct member *m = &studio->members[i];

		if (m->is_used)
			stillness_tell(studio, m, now_us);
	}
}

/* Frames of a sender are counted by its key: what is missing was lost. */
static uint64_t lost_before(bool *has, uint64_t *epoch, uint64_t *ctr,
    const struct sframe_source *source)
{
	uint64_t lost = 0;

	if (*has && *epoch == source->kid.epoch && source->ctr > *ctr)
		lost = source->ctr - *ctr - 1;
	*has = true;
	*epoch = source->kid.epoch;
	*ctr = source->ctr;
	return lost;
}

static void decoder_asks(void *arg)
{
	struct member *m = arg;

	m->studio->config.key_frame_ask(m->studio->config.arg,
	    (uint32_t)g_atomic_int_get(&m->video_ssrc));
}

static void video_take(struct studio *s, struct member *m,
    const struct slot_entry *from, const struct slot_frame *frame)
{
	struct person_config config = { .is_vp9 = frame->is_vp9,
		.width = s->tile_width,
		.height = s->tile_height,
		.frames = m->frames,
		.reaper = s->reaper,
		.key_frame_wanted = decoder_asks,
		.arg = m };

	g_atomic_int_set(&m->video_ssrc, (gint)from->config.ssrc);
	if (m->decoder && person_is_vp9(m->decoder) != frame->is_vp9) {
		person_free(m->decoder);
		m->decoder = NULL;
	}
	if (!m->decoder && person_new(&m->decoder, &config))
		return;
	/* Counters tell nothing of loss here: a forwarder leaves layers out.
	 * The slot's depayloader knows what is missing. */
	if (from->has_lost)
		person_frame_lost(m->decoder);
	if (frame->is_vp9)
		person_layer(m->decoder, frame->data, frame->timestamp,
		    frame->ends_picture);
	else
		person_frame(m->decoder, frame->data);
}

static void audio_take(struct studio *s, struct member *m,
    const struct sframe_source *source, struct kk_view frame)
{
	uint64_t lost = lost_before(&m->has_audio, &m->audio_epoch,
	    &m->audio_ctr, source);

	sound_packet(s->sound, m->person.leaf, frame,
	    lost < UINT16_MAX ? (unsigned)lost : UINT16_MAX);
}

/* The key says whose frame it is, whatever slot it came in. */
bool studio_frame_take(struct studio *studio, const struct slot_entry *from,
    const struct sframe_source *source, const struct slot_frame *frame)
{
	bool is_video = from->config.is_video, is_taken = false;
	struct member *m;

	g_mutex_lock(&studio->people_lock);
	m = member_find(studio, source->kid.sender);
	if (m && source->kid.epoch >= m->first_epoch &&
	    is_video == (source->kid.stream != VAULT_MICROPHONE)) {
		is_taken = true;
		if (is_video)
			video_take(studio, m, from, frame);
		else
			audio_take(studio, m, source, frame->data);
	}
	g_mutex_unlock(&studio->people_lock);
	g_mutex_lock(&studio->counts_lock);
	studio->counts.opened += is_taken;
	studio->counts.dropped += !is_taken;
	g_mutex_unlock(&studio->counts_lock);
	return is_taken;
}

uint64_t studio_person_pictures(struct studio *studio, uint32_t leaf)
{
	uint64_t count = 0;
	struct member *m;

	g_mutex_lock(&studio->people_lock);
	m = member_find(studio, leaf);
	if (m)
		count = frames_count(m->frames);
	g_mutex_unlock(&studio->people_lock);
	return count;
}

bool studio_person_hang(struct studio *studio, uint32_t leaf)
{
	struct member *m;
	bool is_there;

	g_mutex_lock(&studio->people_lock);
	m = member_find(studio, leaf);
	is_there = m && m->decoder;
	if (is_there)
		person_hang(m->decoder);
	g_mutex_unlock(&studio->people_lock);
	return is_there;
}
