/* studio_slots.c - slots: from packets to opened frames. */
#include "pipelines/graphs/studio_private.h"

/*
 * A frame may come before its epoch's key: the key comes another way.  It waits
 * for a moment, with what comes behind it, so that no picture is lost.
 */
enum { WAITING_MAX = 128, WAITING_BYTES_MAX = 2 * 1024 * 1024 };

#define WAITING_US (2 * G_TIME_SPAN_SECOND)

static void waiting_release(struct slot_entry *e, struct waiting *w)
{
	e->waiting_bytes -= w->frame.bytes;
	kk_bytes_clear(&w->frame);
	g_free(w);
}

static void waiting_clear(struct slot_entry *e)
{
	while (e->waiting.length > 0)
		waiting_release(e, g_queue_pop_head(&e->waiting));
}

/* What came twice is not missing to anything. */
static void frame_dropped(struct slot_entry *e, enum kk_err why)
{
	g_mutex_lock(&e->studio->counts_lock);
	e->studio->counts.dropped++;
	g_mutex_unlock(&e->studio->counts_lock);
	if (why != KK_EREPLAY)
		e->has_lost = true;
}

/* Errors: those of vault_open(). */
static enum kk_err frame_open(struct slot_entry *e,
    const struct slot_frame *frame, studio_take_fn *take)
{
	const struct kk_view sealed = frame->data;
	struct slot_frame opened = *frame;
	struct sframe_source source;
	size_t clear_bytes = 0, bytes;
	enum kk_err err = KK_OK;

	if (e->opened_room < sealed.bytes) {
		g_free(e->opened);
		e->opened = g_malloc(sealed.bytes);
		e->opened_room = sealed.bytes;
	}
	bytes = e->opened_room;
	if (e->config.is_video && !frame->is_vp9)
		err = sframe_vp8_clear_bytes(sealed, &clear_bytes);
	if (!err)
		err = vault_open(e->studio->vault, sealed, clear_bytes,
		    e->opened, &bytes, &source);
	if (err == KK_ENOKEY)
		return err; /* it may be tried again */
	e->has_lost |= frame->is_behind_loss;
	opened.data = kk_view_of(e->opened, bytes);
	if (!err)
		e->has_lost = !take(e->studio, e, &source, &opened);
	return err;
}

/* In the order of their coming; the lock is held. */
static void waiting_open(struct slot_entry *e, int64_t now_us,
    studio_take_fn *take)
{
	struct waiting *w;

	while ((w = g_queue_peek_head(&e->waiting))) {
		enum kk_err err = frame_open(e, &w->is, take);
		bool is_old = now_us - w->came_us > WAITING_US;
		bool is_much = e->waiting.length > WAITING_MAX ||
		    e->waiting_bytes > WAITING_BYTES_MAX;

		if (err == KK_ENOKEY && !is_old && !is_much)
			return;
		if (err)
			frame_dropped(e, err);
		waiting_release(e, g_queue_pop_head(&e->waiting));
	}
}

static void frame_wait(struct slot_entry *e, const struct slot_frame *frame)
{
	struct waiting *w = g_new0(struct waiting, 1);

	w->came_us = g_get_monotonic_time();
	if (kk_bytes_copy(&w->frame, frame->data)) {
		g_free(w);
		frame_dropped(e, KK_ENOMEM);
		return;
	}
	w->is = *frame;
	w->is.data = kk_bytes_view(&w->frame);
	e->waiting_bytes += w->frame.bytes;
	g_queue_push_tail(&e->waiting, w);
	g_mutex_lock(&e->studio->counts_lock);
	e->studio->counts.waited++;
	g_mutex_unlock(&e->studio->counts_lock);
}

/* On the slot's thread. */
static void frame_came(void *arg, const struct slot_frame *frame)
{
	struct slot_entry *e = arg;
	enum kk_err err = KK_ENOKEY;

	if (frame->data.bytes == 0)
		return; /* browsers let empty Opus frames by */
	g_mutex_lock(&e->lock);
	waiting_open(e, g_get_monotonic_time(), studio_frame_take);
	if (e->waiting.length == 0)
		err = frame_open(e, frame, studio_frame_take);
	if (err == KK_ENOKEY)
		frame_wait(e, frame);
	else if (err)
		frame_dropped(e, err);
	g_mutex_unlock(&e->lock);
}

static void key_frame_wanted(void *arg)
{
	struct slot_entry *e = arg;

	e->studio->config.key_frame_ask(e->studio->config.arg, e->config.ssrc);
}

/*
 * A slot's thread that has much to do has its lock nearly all the time, and who
 * waits for it, or for what it holds, may wait for seconds: such a one opens
 * what waits by itself, with the next frame.
 */
void studio_slots_retry(struct studio *studio)
{
	/* The control thread alone changes the table: it may read it. */
	for (size_t i = 0; i < studio->slot_count; i++) {
		struct slot_entry *e = studio->slots[i];

		if (!g_mutex_trylock(&e->lock))
			continue;
		if (studio_people_try(studio)) {
			waiting_open(e, g_get_monotonic_time(),
			    studio_frame_take_held);
			studio_people_let_go(studio);
		}
		g_mutex_unlock(&e->lock);
	}
}

static void entry_free(struct slot_entry *e)
{
	slot_free(e->slot);
	waiting_clear(e);
	g_mutex_clear(&e->lock);
	g_free(e->opened);
	g_free(e);
}

static enum kk_err entry_new(struct slot_entry **entryp, struct studio *s,
    const struct studio_slot *config)
{
	struct slot_entry *e = g_new0(struct slot_entry, 1);
	struct slot_config slot = { .kind = config->is_video ? SLOT_VIDEO :
							       SLOT_AUDIO,
		.payload_type = config->payload_type,
		.vp9_payload_type = config->vp9_payload_type,
		.reaper = s->reaper,
		.frame = frame_came,
		.key_frame_wanted = key_frame_wanted,
		.arg = e };
	enum kk_err err;

	e->studio = s;
	e->config = *config;
	g_mutex_init(&e->lock);
	g_queue_init(&e->waiting);
	err = slot_new(&e->slot, &slot);
	if (err)
		entry_free(e);
	else
		*entryp = e;
	return err;
}

/* The entry of a slot that was there, or NULL; it is taken out of the table. */
static struct slot_entry *entry_take(struct slot_entry **table, size_t count,
    const struct studio_slot *config)
{
	for (size_t i = 0; i < count; i++) {
		struct slot_entry *e = table[i];

		if (!e || e->config.ssrc != config->ssrc ||
		    e->config.is_video != config->is_video ||
		    e->config.payload_type != config->payload_type ||
		    e->config.vp9_payload_type != config->vp9_payload_type)
			continue;
		table[i] = NULL;
		if (e->config.leaf == config->leaf)
			return e; /* no lock: see studio_slots_retry() */
		g_mutex_lock(&e->lock);
		waiting_clear(e); /* somebody else's */
		e->config.leaf = config->leaf;
		g_mutex_unlock(&e->lock);
		return e;
	}
	return NULL;
}

enum kk_err studio_slots_set(struct studio *studio,
    const struct studio_slot *slots, size_t count)
{
	struct slot_entry *old[STUDIO_SLOTS_MAX], *new[STUDIO_SLOTS_MAX];
	size_t old_count = studio->slot_count, made = 0;
	enum kk_err err = KK_OK;

	if (count > STUDIO_SLOTS_MAX)
		return KK_ELIMIT;
	for (size_t i = 0; i < old_count; i++)
		old[i] = studio->slots[i];
	for (; !err && made < count; made++) {
		new[made] = entry_take(old, old_count, &slots[made]);
		if (!new[made])
			err = entry_new(&new[made], studio, &slots[made]);
		if (err)
			break;
	}
	g_mutex_lock(&studio->slots_lock);
	for (size_t i = 0; i < made; i++)
		studio->slots[i] = new[i];
	studio->slot_count = made;
	g_mutex_unlock(&studio->slots_lock);
	for (size_t i = 0; i < old_count; i++) {
		if (old[i])
			entry_free(old[i]);
	}
	return err;
}

void studio_slots_clear(struct studio *studio)
{
	/* Of none there is nothing that could fail. */
	(void)!studio_slots_set(studio, NULL, 0);
}

void studio_packet(struct studio *studio, uint32_t ssrc, struct kk_view packet)
{
	g_mutex_lock(&studio->slots_lock);
	for (size_t i = 0; i < studio->slot_count; i++) {
		if (studio->slots[i]->config.ssrc == ssrc) {
			slot_packet(studio->slots[i]->slot, packet);
			break;
		}
	}
	g_mutex_unlock(&studio->slots_lock);
}
