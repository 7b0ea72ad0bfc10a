/* load.c - a bundle, its end first: nothing is loaded that is not signed for
 * this box, and nothing kept that is not what was signed. */
#define _GNU_SOURCE /* nanosleep() */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <time.h>

#include "crypto/crypto.h"
#include "fetch.h"

enum {
	RANGE_BYTES = 48,
	SYNC_BLOCKS = 2048, /* 8 MiB */
	WAIT_MAX_MS = 60000,
	MS_PER_S = 1000,
	NS_PER_MS = 1000000,
	COPIES = 3, /* this one, and those that are made to install it */
	MB = 1000000
};

struct load {
	const struct fetch_options *o;
	const struct fetch_ask *ask;
	struct fetch_shared *shared;
	struct net *net;
	struct part part;
	char url[BUNDLE_URL_BYTES];
	struct bundle_offer offer; /* of the index; bytes 0: there was none */
	uint64_t bytes; /* of the bundle; 0: not known yet */
	uint8_t *buffer; /* of what is taken whole */
	size_t room_bytes, at;
	struct kk_bytes tail, tree;
	struct bundle_frame frame;
	uint64_t block; /* the payload is verified up to there */
	uint8_t data[BUNDLE_BLOCK_BYTES];
	size_t data_bytes;
	enum update_reason why; /* take() has stopped */
	uint64_t wanted_from, wanted_to; /* range; to 0: the tail */
};

/* --- a range, again and again --------------------------------------------- */

static void wait_ms(unsigned ms)
{
	struct timespec t = { .tv_sec = ms / MS_PER_S,
		.tv_nsec = (long)(ms % MS_PER_S) * NS_PER_MS };

	while (nanosleep(&t, &t))
		;
}

static void pause_make(const struct fetch_options *o, unsigned tries)
{
	unsigned ms = o->wait_ms;

	for (unsigned i = 0; i < tries && ms < WAIT_MAX_MS; i++)
		ms *= 2;
	wait_ms(ms < WAIT_MAX_MS ? ms : WAIT_MAX_MS);
}

static enum update_reason reason_of(const struct load *l, enum net_end end)
{
	switch (end) {
	case NET_WHOLE:
		return UPDATE_SAYS_NOTHING;
	case NET_UNTRUSTED:
		return UPDATE_SAYS_CERTIFICATE;
	case NET_SERVER:
		return UPDATE_SAYS_SERVER;
	case NET_STOPPED:
		return l->why;
	default:
		return UPDATE_SAYS_UNREACHABLE;
	}
}

static bool buffer_take(void *arg, const uint8_t *data, size_t bytes)
{
	struct load *l = arg;

	if (bytes > l->room_bytes - l->at) {
		l->why = UPDATE_SAYS_SERVER;
		return false;
	}
	memcpy(l->buffer + l->at, data, bytes);
	l->at += bytes;
	return true;
}

/* The same file as before, and the part of it that was asked for. */
static bool range_begins(void *arg, const struct bundle_range *r)
{
	const struct load *l = arg;

	return r->all == l->bytes && r->from == l->wanted_from &&
	    r->to == l->wanted_to;
}

static bool tail_begins(void *arg, const struct bundle_range *r)
{
	struct load *l = arg;
	const uint64_t want = r->all < BUNDLE_TAIL_BYTES ? r->all :
							   BUNDLE_TAIL_BYTES;

	l->bytes = r->all;
	return r->all <= BUNDLE_BYTES_MAX && r->to == r->all - 1 &&
	    r->to - r->from + 1 == want;
}

/* What fits into memory. */
static enum update_reason buffer_get(struct load *l, const struct net_ask *ask,
    uint8_t *out, size_t room_bytes)
{
	enum net_end end = NET_BROKEN;

	l->buffer = out;
	l->room_bytes = room_bytes;
	for (unsigned i = 0; i < l->o->tries && end == NET_BROKEN; i++) {
		if (i > 0)
			pause_make(l->o, i - 1);
		l->at = 0;
		end = net_get(l->net, ask);
	}
	l->buffer = NULL;
	return reason_of(l, end);
}

static enum update_reason range_get(struct load *l, uint64_t from,
    uint64_t bytes, uint8_t *out)
{
	char range[RANGE_BYTES];
	const struct net_ask ask = { .url = l->url,
		.range = range,
		.begins = range_begins,
		.take = buffer_take,
		.arg = l };

	l->wanted_from = from;
	l->wanted_to = from + bytes - 1;
	(void)snprintf(range, sizeof(range), "%" PRIu64 "-%" PRIu64,
	    l->wanted_from, l->wanted_to);
	return buffer_get(l, &ask, out, (size_t)bytes);
}

/* --- where it is, and whether it is for us -------------------------------- */

static enum update_reason judge(struct load *l, const char *board,
    uint64_t version)
{
	const struct update_bundle bundle = { true, true, board, version };
	const struct update_box box = { l->ask->board, l->ask->version,
		l->ask->floor };
	const enum update_reason why = update_judge(&bundle, &box);

	l->shared->offered = version;
	if (why == UPDATE_SAYS_NOTHING && version == l->ask->except)
		return UPDATE_SAYS_FAILED_BEFORE;
	return why;
}

static enum update_reason index_get(struct load *l)
{
	uint8_t text[BUNDLE_INDEX_BYTES_MAX];
	const struct net_ask ask = { .url = l->o->source,
		.max_bytes = sizeof(text),
		.take = buffer_take,
		.arg = l };
	enum update_reason why;
	enum kk_err err;

	if (!l->o->source)
		return UPDATE_SAYS_NO_SOURCE;
	why = buffer_get(l, &ask, text, sizeof(text));
	if (why != UPDATE_SAYS_NOTHING)
		return why;
	err = bundle_index_read(&l->offer, kk_view_of(text, l->at),
	    l->ask->board);
	if (err == KK_ENOENT)
		return UPDATE_SAYS_NOT_OFFERED;
	if (err || bundle_url_beside(l->o->source, l->offer.file, l->url))
		return UPDATE_SAYS_SERVER;
	return judge(l, l->ask->board, l->offer.version);
}

static enum update_reason place_find(struct load *l)
{
	if (l->ask->url[0] == '\0')
		return index_get(l);
	memcpy(l->url, l->ask->url, sizeof(l->url));
	return UPDATE_SAYS_NOTHING;
}

static enum update_reason tail_get(struct load *l)
{
	char range[RANGE_BYTES];
	const struct net_ask ask = { .url = l->url,
		.range = range,
		.begins = tail_begins,
		.take = buffer_take,
		.arg = l };
	enum update_reason why;

	(void)snprintf(range, sizeof(range), "-%d", BUNDLE_TAIL_BYTES);
	l->tail.data = kk_calloc(1, BUNDLE_TAIL_BYTES);
	if (!l->tail.data)
		return UPDATE_SAYS_NO_ROOM;
	why = buffer_get(l, &ask, l->tail.data, BUNDLE_TAIL_BYTES);
	l->tail.bytes = l->at;
	if (why != UPDATE_SAYS_NOTHING)
		return why;
	return l->offer.bytes && l->offer.bytes != l->bytes ?
	    UPDATE_SAYS_SERVER :
	    UPDATE_SAYS_NOTHING;
}

static enum update_reason tail_judge(struct load *l)
{
	if (bundle_frame_read(&l->frame, kk_bytes_view(&l->tail), l->bytes))
		return UPDATE_SAYS_SIGNATURE;
	if (l->offer.version && l->offer.version != l->frame.version)
		return UPDATE_SAYS_SERVER;
	return judge(l, l->frame.board, l->frame.version);
}

/* Of the whole, since the file is given back if it is not installed. */
static bool has_room(const struct load *l)
{
	const uint64_t there = part_stored_bytes(&l->part);
	uint64_t need = COPIES * l->bytes + (uint64_t)l->o->reserve_mb * MB;
	struct statvfs disk;

	if (fstatvfs(l->part.folder, &disk))
		return false;
	need -= there < l->bytes ? there : l->bytes;
	return (uint64_t)disk.f_bavail * disk.f_frsize >= need;
}

/* RAUC wants to see what it is; the rest of the payload may be zeros.  What of
 * an older one is there is right, or is found out below. */
static enum update_reason signature_check(struct load *l)
{
	const char *const argv[] = { l->o->rauc, "-c", l->o->rauc_conf, "info",
		"--output-format=json", l->part.path, NULL };
	enum update_reason why;

	if (!part_is_of(&l->part, kk_bytes_view(&l->tail), l->bytes)) {
		why = range_get(l, 0, BUNDLE_BLOCK_BYTES, l->data);
		if (why != UPDATE_SAYS_NOTHING)
			return why;
		if (part_begin(&l->part, kk_bytes_view(&l->tail), l->bytes) ||
		    part_write(&l->part, l->data, BUNDLE_BLOCK_BYTES, 0))
			return UPDATE_SAYS_NO_ROOM;
	}
	return program_run(argv, NULL, 0) ? UPDATE_SAYS_SIGNATURE :
					    UPDATE_SAYS_NOTHING;
}

/* --- the bulk ------------------------------------------------------------- */

static enum update_reason tree_get(struct load *l)
{
	const size_t bytes = (size_t)l->frame.tree_bytes;
	enum update_reason why;

	l->tree.data = kk_calloc(1, bytes);
	if (!l->tree.data)
		return UPDATE_SAYS_NO_ROOM;
	l->tree.bytes = bytes;
	if (part_read(&l->part, l->tree.data, bytes, l->frame.payload_bytes) &&
	    !bundle_tree_check(&l->frame, kk_bytes_view(&l->tree)))
		return UPDATE_SAYS_NOTHING;
	why = range_get(l, l->frame.payload_bytes, bytes, l->tree.data);
	if (why != UPDATE_SAYS_NOTHING)
		return why;
	if (bundle_tree_check(&l->frame, kk_bytes_view(&l->tree)))
		return UPDATE_SAYS_FORMAT;
	return part_write(&l->part, l->tree.data, bytes,
		   l->frame.payload_bytes) ?
	    UPDATE_SAYS_NO_ROOM :
	    UPDATE_SAYS_NOTHING;
}

static void verified(struct load *l)
{
	l->block++;
	l->shared->bytes = l->block * BUNDLE_BLOCK_BYTES;
}

static bool is_whole(const struct load *l)
{
	return l->block == l->frame.payload_bytes / BUNDLE_BLOCK_BYTES;
}

/* What an earlier try has left. */
static void resume(struct load *l)
{
	while (!is_whole(l) &&
	    part_read(&l->part, l->data, BUNDLE_BLOCK_BYTES,
		l->block * BUNDLE_BLOCK_BYTES) &&
	    !bundle_block_check(&l->frame, kk_bytes_view(&l->tree), l->block,
		l->data))
		verified(l);
}

/* l->data is full. */
static enum update_reason block_put(struct load *l)
{
	const enum kk_err err = bundle_block_check(&l->frame,
	    kk_bytes_view(&l->tree), l->block, l->data);

	if (err)
		return UPDATE_SAYS_FORMAT;
	if (part_write(&l->part, l->data, BUNDLE_BLOCK_BYTES,
		l->block * BUNDLE_BLOCK_BYTES))
		return UPDATE_SAYS_NO_ROOM;
	verified(l);
	l->data_bytes = 0;
	return l->block % SYNC_BLOCKS == 0 && part_sync(&l->part) ?
	    UPDATE_SAYS_NO_ROOM :
	    UPDATE_SAYS_NOTHING;
}

static bool payload_take(void *arg, const uint8_t *data, size_t bytes)
{
	struct load *l = arg;

	l->why = UPDATE_SAYS_NOTHING;
	while (bytes > 0 && l->why == UPDATE_SAYS_NOTHING) {
		const size_t room = BUNDLE_BLOCK_BYTES - l->data_bytes;
		const size_t n = bytes < room ? bytes : room;

		memcpy(l->data + l->data_bytes, data, n);
		l->data_bytes += n;
		data += n;
		bytes -= n;
		if (l->data_bytes == BUNDLE_BLOCK_BYTES)
			l->why = block_put(l);
	}
	return l->why == UPDATE_SAYS_NOTHING;
}

/* From the first block that is not there. */
static enum net_end payload_ask(struct load *l)
{
	char range[RANGE_BYTES];
	const struct net_ask ask = { .url = l->url,
		.range = range,
		.begins = range_begins,
		.take = payload_take,
		.arg = l };

	l->data_bytes = 0;
	l->wanted_from = l->block * BUNDLE_BLOCK_BYTES;
	l->wanted_to = l->frame.payload_bytes - 1;
	(void)snprintf(range, sizeof(range), "%" PRIu64 "-%" PRIu64,
	    l->wanted_from, l->wanted_to);
	return net_get(l->net, &ask);
}

static enum update_reason payload_get(struct load *l)
{
	unsigned tries = 0;

	resume(l);
	while (!is_whole(l)) {
		const uint64_t before = l->block;
		const enum net_end end = payload_ask(l);

		if (end != NET_WHOLE && end != NET_BROKEN)
			return reason_of(l, end);
		tries = l->block > before ? 0 : tries + 1;
		if (tries >= l->o->tries)
			return UPDATE_SAYS_UNREACHABLE;
		if (!is_whole(l))
			pause_make(l->o, tries);
	}
	return part_finish(&l->part) ? UPDATE_SAYS_NO_ROOM :
				       UPDATE_SAYS_NOTHING;
}

/* --- all ------------------------------------------------------------------ */

static enum update_reason run(struct load *l)
{
	enum update_reason why = place_find(l);

	if (why == UPDATE_SAYS_NOTHING)
		why = tail_get(l);
	if (why == UPDATE_SAYS_NOTHING)
		why = tail_judge(l);
	if (why == UPDATE_SAYS_NOTHING &&
	    (part_open(&l->part, l->o->state) || !has_room(l)))
		why = UPDATE_SAYS_NO_ROOM;
	if (why == UPDATE_SAYS_NOTHING)
		why = signature_check(l);
	if (why == UPDATE_SAYS_NOTHING)
		why = tree_get(l);
	if (why == UPDATE_SAYS_NOTHING) {
		l->shared->total = l->frame.payload_bytes;
		l->shared->state = UPDATE_FETCH_LOADING;
		why = payload_get(l);
	}
	return why;
}

/* What was verified stays for the next try, where the way was at fault. */
static bool keeps(enum update_reason why)
{
	return why == UPDATE_SAYS_NOTHING || why == UPDATE_SAYS_UNREACHABLE ||
	    why == UPDATE_SAYS_CERTIFICATE || why == UPDATE_SAYS_NO_ROOM ||
	    why == UPDATE_SAYS_SERVER;
}

enum update_reason load_run(const struct fetch_options *o,
    const struct fetch_ask *ask, struct fetch_shared *shared)
{
	struct load l = { .o = o,
		.ask = ask,
		.shared = shared,
		.part = { .folder = -1, .fd = -1 } };
	enum update_reason why = UPDATE_SAYS_UNREACHABLE;

	shared->state = UPDATE_FETCH_LOOKING;
	if (!crypto_init() && !net_new(&l.net, o))
		why = run(&l);
	if (!keeps(why) && l.part.fd >= 0)
		part_remove(&l.part);
	part_close(&l.part);
	net_free(l.net);
	kk_bytes_clear(&l.tail);
	kk_bytes_clear(&l.tree);
	return why;
}
