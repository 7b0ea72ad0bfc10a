/* media.c - the transport, what is sent over it, who is in the slots. */
#include <string.h>

#include "room/room_internal.h"

/* Of a room's screen, and how many tiles stand below a shared one. */
enum { WALL_WIDTH = 1920 * 4 / 5, STRIP_TILES = 6 };

void room_media_lost(struct room *room)
{
	if (room->media != MEDIA_NONE)
		room_changed(room);
	room->media = MEDIA_NONE;
	room->media_ms = 0;
	room->slot_count = 0;
	room->slots_ms = UINT64_MAX;
	room->wanted = 0;
	memset(room->shown, 0, sizeof(room->shown));
}

void room_media_begin(struct room *room)
{
	if (room->media == MEDIA_NONE)
		room->media_ms = room->now_ms;
}

/* A new transport, since the old one is of no use any more.  The server has
 * room for a few of each participant's, and forgets lost ones late. */
static void media_renew(struct room *room, uint64_t in_ms)
{
	struct room_request *rq = NULL;

	if (room->media > MEDIA_ASKED)
		rq = room_ask(room, ROOM_ASK_DISCONNECT);
	if (rq)
		rq->transport = room->transport.number;
	room_media_lost(room);
	room->media_ms = room->now_ms + in_ms;
	room_changed(room);
}

/* The server may have enough of us until it forgets older transports; entering
 * anew makes it forget them all. */
static void media_failed(struct room *room)
{
	if (room->media_fails == ROOM_MEDIA_FAILS_MAX) {
		room->media_fails = 0;
		room_link_drop(room, "no transport for media");
		return;
	}
	media_renew(room, (uint64_t)ROOM_RETRY_MS << room->media_fails);
	room->media_fails++;
}

static void transport_took(struct room *room, struct room_signal *s)
{
	struct room_request *rq;

	room->transport = *s->transport;
	rq = room_ask(room, ROOM_ASK_SLOTS);
	if (!rq)
		return;
	rq->transport = room->transport.number;
	rq->audio_slots = ROOM_AUDIO_SLOTS;
	rq->video_slots = room->config.is_sound_only ? 0 : ROOM_VIDEO_SLOTS;
	room->media = MEDIA_SLOTS;
}

static void slots_took(struct room *room, struct room_signal *s)
{
	room->slot_count = s->slot_count < ROOM_SLOTS_MAX ? s->slot_count :
							    ROOM_SLOTS_MAX;
	if (room->slot_count)
		memcpy(room->slots, s->slots,
		    room->slot_count * sizeof(room->slots[0]));
	memset(room->shown, 0, sizeof(room->shown));
	room->media = MEDIA_READY;
	room->generation++;
	room->restarts = 0;
	room->looks_at_slots = true;
	room_changed(room);
}

static void source_publish(struct room *room, enum room_source source)
{
	struct room_request *rq = room_ask(room, ROOM_ASK_PUBLISH);

	if (!rq)
		return;
	rq->transport = room->transport.number;
	rq->source = source;
	if (source == ROOM_MICROPHONE) {
		rq->encodings[rq->encoding_count++].ssrc =
		    room->config.microphone_ssrc;
		rq->payload_type = ROOM_OPUS;
		rq->tells_level = room->allows_levels;
		return;
	}
	rq->payload_type = ROOM_VP8;
	rq->rtx_payload_type = ROOM_VP8_RTX;
	rq->encoding_count = room->size_count ? room->size_count : 1;
	for (size_t i = 0; i < rq->encoding_count; i++)
		rq->encodings[i] =
		    (struct room_encoding){ room->config.camera_ssrcs[i],
			    room->config.camera_rtx_ssrcs[i],
			    room->sizes[i].width, room->sizes[i].height };
}

/* Nothing else of the transport changes, and the old credentials hold until the
 * new ones are used. */
static void restart_answer(struct room *room, const struct room_signal *s)
{
	if (room->media != MEDIA_RESTARTING)
		return; /* the way is there again, or another transport */
	if (s->type == ROOM_ANSWER_ERROR) {
		media_renew(room, 0);
		return;
	}
	if (!s->has_transport || s->transport->number != room->transport.number)
		return;
	room->transport = *s->transport;
	room->restarts++;
	room_changed(room);
}

void room_media_answer(struct room *room, const struct room_asked *asked,
    struct room_signal *s)
{
	if (asked->type == ROOM_ASK_RESTART) {
		restart_answer(room, s);
	} else if (s->type == ROOM_ANSWER_ERROR) {
		kk_log(room->config.log, KK_LOG_WARNING,
		    "media request failed which=%s error=%s",
		    room_request_name(asked->type), room_error_name(s->error));
		/* Somebody who has just left cannot be watched. */
		if (asked->type != ROOM_ASK_WATCH &&
		    asked->type != ROOM_ASK_DISCONNECT)
			media_failed(room);
	} else if (asked->type == ROOM_ASK_TRANSPORT) {
		if (room->media == MEDIA_ASKED && s->has_transport)
			transport_took(room, s);
	} else if (asked->type == ROOM_ASK_SLOTS) {
		if (room->media == MEDIA_SLOTS)
			slots_took(room, s);
	} else if (asked->type == ROOM_ASK_CONNECT &&
	    room->media == MEDIA_CONNECTING) {
		room->media = MEDIA_CONNECTED;
		room->media_fails = 0;
		source_publish(room, ROOM_MICROPHONE);
		if (!room->config.is_sound_only)
			source_publish(room, ROOM_CAMERA);
	}
}

void room_media_event(struct room *room, const struct room_signal *s)
{
	if (s->is_lost && room->media > MEDIA_ASKED &&
	    s->transport->number == room->transport.number)
		media_renew(room, ROOM_RETRY_MS);
}

static void heard_take(struct room *room, const struct room_heard *h)
{
	for (size_t i = 0; i < room->slot_count; i++) {
		if (room->slots[i].slot != h->slot ||
		    !room->shown[i].is_loudest)
			continue;
		room->shown[i] = (struct room_shown){ .is_loudest = true,
			.is_used = h->has_peer,
			.peer = h->peer,
			.source = ROOM_MICROPHONE };
		room_changed(room);
	}
}

/* Of the camera: a box has no other source of several sizes. */
void room_media_wanted(struct room *room, const struct room_signal *s)
{
	if (s->source != ROOM_CAMERA || room->media != MEDIA_CONNECTED ||
	    room->wanted == s->encodings)
		return;
	room->wanted = s->encodings;
	room_changed(room);
}

/* Of a slot that is not the server's any more it may have spoken before. */
void room_media_heard(struct room *room, const struct room_signal *s)
{
	for (size_t i = 0; i < s->heard_count; i++)
		heard_take(room, &s->heard[i]);
}

/*
 * About how wide each member is drawn: the wall of tiles has four fifths of a
 * screen of 1920 pixels (pipelines/graphs/layout.h).  A smaller screen gets
 * larger pictures than it needs, and a larger one no worse than these.
 */
static uint16_t tile_width(const struct room *room, bool has_screen)
{
	size_t others = room->member_count > 1 ? room->member_count - 1 : 1;
	unsigned columns = 1;

	if (has_screen)
		return WALL_WIDTH / STRIP_TILES;
	while ((size_t)columns * columns < others)
		columns++;
	return (uint16_t)(WALL_WIDTH / columns);
}

/* The screen that is drawn large: the newest.  NULL: none. */
static const struct room_shown *large_find(const struct room *room,
    const struct room_shown *shown)
{
	const struct room_shown *large = NULL;
	uint64_t newest = 0;

	for (size_t i = 0; i < room->slot_count; i++) {
		const struct room_member *m;

		if (!shown[i].is_used || shown[i].source != ROOM_SCREEN)
			continue;
		m = room_member_of(room, &shown[i].peer);
		if (!m || m->screen <= newest)
			continue;
		newest = m->screen;
		large = &shown[i];
	}
	return large;
}

static void sizes_set(const struct room *room, struct room_shown *shown)
{
	const struct room_shown *large = large_find(room, shown);
	const uint16_t width = tile_width(room, large != NULL);

	for (size_t i = 0; i < room->slot_count; i++) {
		struct room_shown *s = &shown[i];

		if (!s->is_used || room_source_is_audio(s->source))
			continue;
		s->width = s == large ? WALL_WIDTH : width;
		s->priority = s == large ? ROOM_PRIORITY_LARGE : 0;
	}
}

static struct room_watch watch_of(const struct room *room, size_t slot,
    const struct room_shown *now)
{
	return (struct room_watch){ .slot = room->slots[slot].slot,
		.is_loudest = now->is_loudest,
		.has_peer = now->is_used,
		.peer = now->peer,
		.source = now->source,
		.width = now->width,
		.height = now->width * 9 / 16,
		.priority = now->priority };
}

static bool is_told(const struct room_shown *was, const struct room_shown *now)
{
	if (was->is_loudest || now->is_loudest)
		return was->is_loudest == now->is_loudest;
	return room_shown_equal(now, was) && now->width == was->width &&
	    now->priority == was->priority;
}

static void shown_tell(struct room *room)
{
	struct room_shown now[ROOM_SLOTS_MAX];
	struct room_request *rq = NULL;

	memcpy(now, room->shown, sizeof(now));
	room_slots_assign(room, now);
	sizes_set(room, now);
	for (size_t i = 0; i < room->slot_count; i++) {
		const struct room_shown *was = &room->shown[i];

		if (is_told(was, &now[i]))
			continue;
		if (!rq)
			rq = room_ask(room, ROOM_ASK_WATCH);
		if (!rq)
			return;
		rq->watch[rq->watch_count++] = watch_of(room, i, &now[i]);
	}
	memcpy(room->shown, now, sizeof(now));
	room->slots_ms = room_slots_due(room, now);
	if (rq)
		room_changed(room);
}

void room_media_work(struct room *room)
{
	const bool is_there = room->state == ROOM_IN ||
	    room->state == ROOM_JOINING;

	if (is_there && room->media_ms && room->now_ms >= room->media_ms &&
	    room->media == MEDIA_NONE) {
		room->media_ms = 0;
		room->media = MEDIA_ASKED;
		(void)room_ask(room, ROOM_ASK_TRANSPORT);
	}
	if (room->state == ROOM_IN && room->media >= MEDIA_READY &&
	    (room->looks_at_slots || room->now_ms >= room->slots_ms)) {
		room->looks_at_slots = false;
		shown_tell(room);
	}
}

enum kk_err room_media_connect(struct room *room, const struct room_end *end,
    uint64_t now_ms)
{
	const size_t length = strlen(end->fingerprint);
	struct room_request *rq;

	room->now_ms = now_ms;
	if (room->state != ROOM_IN || end->generation != room->generation ||
	    room->media < MEDIA_READY)
		return KK_ESTATE;
	if (length >= ROOM_FINGERPRINT_BYTES ||
	    end->size_count > ROOM_ENCODINGS_MAX)
		return KK_EINVAL;
	if (room->media != MEDIA_READY) {
		/* It was started again, with another certificate. */
		media_renew(room, 0);
		room_work(room);
		return KK_ESTATE;
	}
	rq = room_ask(room, ROOM_ASK_CONNECT);
	if (rq) {
		rq->transport = room->transport.number;
		memcpy(rq->fingerprint, end->fingerprint, length + 1);
		memcpy(room->sizes, end->sizes, sizeof(room->sizes));
		room->size_count = end->size_count;
		room->media = MEDIA_CONNECTING;
	}
	room_work(room);
	return KK_OK;
}

static void restart_ask(struct room *room)
{
	struct room_request *rq = room_ask(room, ROOM_ASK_RESTART);

	if (!rq)
		return;
	rq->transport = room->transport.number;
	room->media = MEDIA_RESTARTING;
}

static void transport_report(struct room *room,
    const struct room_report *report)
{
	if (report->generation != room->generation ||
	    room->media < MEDIA_CONNECTING)
		return;
	if (report->is_lost)
		media_renew(room, ROOM_RETRY_MS);
	else if (report->is_silent && room->media == MEDIA_CONNECTED)
		restart_ask(room);
	else if (report->is_connected && room->media == MEDIA_RESTARTING)
		room->media = MEDIA_CONNECTED;
}

void room_media_report(struct room *room, const struct room_report *report,
    uint64_t now_ms)
{
	room->now_ms = now_ms;
	if (room->has_microphone != report->has_microphone ||
	    room->has_camera != report->has_camera) {
		room->has_microphone = report->has_microphone;
		room->has_camera = report->has_camera;
		room->says_media = true;
		room_changed(room);
	}
	if (room->is_speaking != report->is_speaking) {
		room->is_speaking = report->is_speaking;
		room->says_speaking = true;
		room_changed(room);
	}
	if (report->needs_epoch && room->keys == KEYS_JOINED)
		room->wants_epoch = true;
	transport_report(room, report);
	room_work(room);
}

/* Its end of the transport went with it. */
void room_media_gone(struct room *room, uint64_t now_ms)
{
	const struct room_report none = { .generation = 0 };

	room->now_ms = now_ms;
	if (room->media >= MEDIA_CONNECTING)
		media_renew(room, 0);
	room_media_report(room, &none, now_ms);
}
