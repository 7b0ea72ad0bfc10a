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

static void film_clear(struct film *f)
{
	person_free(f->decoder);
	frames_unref(f->frames);
	*f = (struct film){ 0 };
}

/* In use from now on, and drawn at this size. */
static void film_set(struct studio *s, struct film *f, unsigned width,
    unsigned height)
{
	if (!f->frames)
		*f = (struct film){ .frames = frames_new(), .studio = s };
	f->width = width;
	f->height = height;
	if (f->decoder)
		person_size_set(f->decoder, width, height);
}

static void member_clear(struct studio *s, struct member *m)
{
	if (!m->is_used)
		return;
	film_clear(&m->camera);
	film_clear(&m->screen);
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

/* The newest screen is the large one. */
static void films_update(struct studio *s, struct member *m, bool is_newest,
    const struct screen_sizes *z)
{
	film_set(s, &m->camera, z->tile_width, z->tile_height);
	if (!m->person.screen)
		film_clear(&m->screen);
	else if (is_newest)
		film_set(s, &m->screen, z->large_width, z->large_height);
	else
		film_set(s, &m->screen, z->tile_width, z->tile_height);
}

static void members_update(struct studio *s, const struct view *view,
    const struct screen_sizes *sizes)
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
				.first_epoch = view->epoch };
		m->person = *person;
		films_update(s, m, person->screen == view_screen(view), sizes);
	}
}

static size_t sources_make(struct studio *s,
    struct screen_source sources[2 * VIEW_PEOPLE_MAX])
{
	size_t count = 0;

	for (size_t i = 0; i < VIEW_PEOPLE_MAX; i++) {
		struct member *m = &s->members[i];

		if (!m->is_used)
			continue;
		sources[count++] = (struct screen_source){ m->person.leaf,
			false, m->camera.frames };
		if (m->screen.frames)
			sources[count++] = (struct screen_source){
				m->person.leaf, true, m->screen.frames
			};
	}
	return count;
}

void studio_view_set(struct studio *studio, const struct view *view)
{
	struct screen_source sources[2 * VIEW_PEOPLE_MAX];
	struct view none = { .phase = view->phase };
	struct screen_sizes sizes;
	size_t count;

	sound_ring(studio->sound, view->call == VIEW_CALL_RINGING);
	screen_sizes_get(studio->screen, view, &sizes);
	g_mutex_lock(&studio->people_lock);
	members_update(studio, view->phase == VIEW_IN ? view : &none, &sizes);
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
	int64_t came_us = frames_came_us(m->camera.frames);
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

bool studio_people_try(struct studio *studio)
{
	return g_mutex_trylock(&studio->people_lock);
}

void studio_people_let_go(struct studio *studio)
{
	g_mutex_unlock(&studio->people_lock);
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
	struct film *f = arg;

	f->studio->config.key_frame_ask(f->studio->config.arg,
	    (uint32_t)g_atomic_int_get(&f->ssrc));
}

static void video_take(struct studio *s, struct film *f,
    const struct slot_entry *from, const struct slot_frame *frame)
{
	struct person_config config = { .is_vp9 = frame->is_vp9,
		.width = f->width,
		.height = f->height,
		.frames = f->frames,
		.reaper = s->reaper,
		.key_frame_wanted = decoder_asks,
		.arg = f };

	g_atomic_int_set(&f->ssrc, (gint)from->config.ssrc);
	if (f->decoder && person_is_vp9(f->decoder) != frame->is_vp9) {
		person_free(f->decoder);
		f->decoder = NULL;
	}
	if (!f->decoder && person_new(&f->decoder, &config))
		return;
	/* Counters tell nothing of loss here: a forwarder leaves layers out.
	 * The slot's depayloader knows what is missing. */
	if (from->has_lost)
		person_frame_lost(f->decoder);
	if (frame->is_vp9)
		person_layer(f->decoder, frame->data, frame->timestamp,
		    frame->ends_picture);
	else
		person_frame(f->decoder, frame->data);
}

static void audio_take(struct studio *s, struct member *m,
    const struct sframe_source *source, struct kk_view frame)
{
	uint64_t lost = lost_before(&m->has_audio, &m->audio_epoch,
	    &m->audio_ctr, source);

	sound_packet(s->sound, m->person.leaf, frame,
	    lost < UINT16_MAX ? (unsigned)lost : UINT16_MAX);
}

/* False: it has no such stream, or not in a slot of this kind. */
static bool member_take(struct studio *s, struct member *m,
    const struct slot_entry *from, const struct sframe_source *source,
    const struct slot_frame *frame)
{
	struct film *f = source->kid.stream == VAULT_CAMERA ? &m->camera :
	    source->kid.stream == VAULT_SCREEN              ? &m->screen :
							      NULL;

	if (from->config.is_video) {
		if (!f || !f->frames)
			return false;
		video_take(s, f, from, frame);
		return true;
	}
	if (source->kid.stream != VAULT_MICROPHONE)
		return false;
	audio_take(s, m, source, frame->data);
	return true;
}

/* The key says whose frame it is, whatever slot it came in. */
bool studio_frame_take_held(struct studio *studio,
    const struct slot_entry *from, const struct sframe_source *source,
    const struct slot_frame *frame)
{
	struct member *m = member_find(studio, source->kid.sender);
	const bool is_taken = m && source->kid.epoch >= m->first_epoch &&
	    member_take(studio, m, from, source, frame);

	g_mutex_lock(&studio->counts_lock);
	studio->counts.opened += is_taken;
	studio->counts.dropped += !is_taken;
	g_mutex_unlock(&studio->counts_lock);
	return is_taken;
}

bool studio_frame_take(struct studio *studio, const struct slot_entry *from,
    const struct sframe_source *source, const struct slot_frame *frame)
{
	bool is_taken;

	g_mutex_lock(&studio->people_lock);
	is_taken = studio_frame_take_held(studio, from, source, frame);
	g_mutex_unlock(&studio->people_lock);
	return is_taken;
}

uint64_t studio_person_pictures(struct studio *studio, uint32_t leaf)
{
	uint64_t count = 0;
	struct member *m;

	g_mutex_lock(&studio->people_lock);
	m = member_find(studio, leaf);
	if (m)
		count = frames_count(m->camera.frames);
	g_mutex_unlock(&studio->people_lock);
	return count;
}

bool studio_person_hang(struct studio *studio, uint32_t leaf)
{
	struct member *m;
	bool is_there;

	g_mutex_lock(&studio->people_lock);
	m = member_find(studio, leaf);
	is_there = m && m->camera.decoder;
	if (is_there)
		person_hang(m->camera.decoder);
	g_mutex_unlock(&studio->people_lock);
	return is_there;
}
