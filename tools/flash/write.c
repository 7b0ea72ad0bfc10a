/* write.c - an image onto a disk, and back for comparing. */
#include <string.h>

#include "tools/flash/flash.h"

enum {
	TABLE_BYTES = 34 * 512, /* UEFI 2.10, 5.3.1; as long at the end */
	TAIL_BYTES = 1 << 20 /* with what others keep there */
};

struct writing {
	const struct flash_source *source;
	const struct flash_target *target;
	const struct flash_progress *progress;
	struct flash_written *written;
	uint8_t *chunk, *back;
	uint64_t done_bytes; /* of the phase */
	uint64_t from, to; /* what of the image it is about */
	const char *phase; /* NULL: nobody is told */
	bool resumes;
};

static uint64_t chunk_at(const struct writing *w, size_t i)
{
	return (uint64_t)i * w->source->manifest->chunk_bytes;
}

static void tell(struct writing *w, size_t bytes)
{
	w->done_bytes += bytes;
	if (!w->phase)
		return;
	w->progress->tell(w->progress->arg, w->phase, w->done_bytes,
	    w->source->manifest->image_bytes);
}

static enum kk_err put(const struct flash_target *t, const uint8_t *from,
    size_t bytes, uint64_t at)
{
	while (bytes > 0) {
		const ssize_t n = t->io->write(t->arg, from, bytes, at);

		if (n <= 0)
			return KK_EIO;
		from += n;
		at += (uint64_t)n;
		bytes -= (size_t)n;
	}
	return KK_OK;
}

static enum kk_err get(const struct flash_target *t, uint8_t *to, size_t bytes,
    uint64_t at)
{
	while (bytes > 0) {
		const ssize_t n = t->io->read(t->arg, to, bytes, at);

		if (n <= 0)
			return KK_EIO;
		to += n;
		at += (uint64_t)n;
		bytes -= (size_t)n;
	}
	return KK_OK;
}

static enum kk_err zero(struct writing *w, uint64_t at, uint64_t bytes)
{
	const size_t room = w->source->manifest->chunk_bytes;
	enum kk_err err = KK_OK;

	if (w->target->io->zero(w->target->arg, bytes, at) == 0)
		return KK_OK;
	memset(w->back, 0, room);
	while (!err && bytes > 0) {
		const size_t now = bytes < room ? (size_t)bytes : room;

		err = put(w->target, w->back, now, at);
		at += now;
		bytes -= now;
	}
	return err;
}

/* What boots, or looks like a disk of ours, goes first, and is gone before
 * anything is written: a disk may do its writes in any order until it is told
 * to have done them.  To resume, only the tables go. */
static enum kk_err ends_wipe(struct writing *w)
{
	const uint64_t all = w->target->bytes;
	const uint64_t most = w->resumes ? TABLE_BYTES : TAIL_BYTES;
	const uint64_t tail = all < most ? all : most;
	const uint64_t first = flash_chunk_bytes(w->source->manifest, 0);
	enum kk_err err = zero(w, 0,
	    w->resumes && first > TABLE_BYTES ? TABLE_BYTES : first);

	if (!err)
		err = zero(w, all - tail, tail);
	if (!err && w->target->io->sync(w->target->arg))
		err = KK_EIO;
	return err;
}

/* The part of a chunk that is in [w->from, w->to): where it begins in the
 * chunk, and its bytes; 0: none is. */
static size_t slice_of(const struct writing *w, size_t i, size_t *begin)
{
	const uint64_t at = chunk_at(w, i);
	const uint64_t end = at + flash_chunk_bytes(w->source->manifest, i);
	const uint64_t from = at > w->from ? at : w->from;
	const uint64_t to = end < w->to ? end : w->to;

	*begin = from < to ? (size_t)(from - at) : 0;
	return from < to ? (size_t)(to - from) : 0;
}

static bool is_there(struct writing *w, size_t begin, size_t bytes, uint64_t at)
{
	return w->resumes && !get(w->target, w->back, bytes, at) &&
	    !memcmp(w->back, w->chunk + begin, bytes);
}

static enum kk_err chunk_write(struct writing *w, size_t i)
{
	const struct flash_manifest *m = w->source->manifest;
	size_t begin;
	const size_t bytes = slice_of(w, i, &begin);
	const uint64_t at = chunk_at(w, i) + begin;
	enum kk_err err = KK_OK;

	if (bytes > 0)
		err = w->source->chunk(w->source->arg, i, w->chunk);
	if (err || bytes == 0)
		return err;
	if (is_there(w, begin, bytes, at)) {
		w->written->kept_bytes += bytes;
	} else {
		err = m->chunks[i].frame_bytes == 0 ?
		    zero(w, at, bytes) :
		    put(w->target, w->chunk + begin, bytes, at);
		w->written->wrote_bytes += bytes;
	}
	if (!err)
		tell(w, bytes);
	return err;
}

static enum kk_err chunk_compare(struct writing *w, size_t i)
{
	size_t begin;
	const size_t bytes = slice_of(w, i, &begin);
	enum kk_err err = KK_OK;

	if (bytes > 0)
		err = w->source->chunk(w->source->arg, i, w->chunk);
	if (!err && bytes > 0)
		err = get(w->target, w->back, bytes, chunk_at(w, i) + begin);
	if (err || bytes == 0)
		return err;
	tell(w, bytes);
	if (!memcmp(w->chunk + begin, w->back, bytes))
		return KK_OK;
	w->written->bad_chunk = i;
	return KK_EVERIFY;
}

/* All that is between two places of the image. */
static enum kk_err range_do(struct writing *w, uint64_t from, uint64_t to,
    enum kk_err (*one)(struct writing *w, size_t i))
{
	enum kk_err err = KK_OK;

	w->from = from;
	w->to = to;
	for (size_t i = 0; !err && i < w->source->manifest->count; i++)
		err = one(w, i);
	if (!err && w->target->io->sync(w->target->arg))
		err = KK_EIO;
	return err;
}

static enum kk_err record_write(struct writing *w, struct kk_view record)
{
	const struct flash_manifest *m = w->source->manifest;
	const struct flash_target *t = w->target;
	struct flash_part part;
	enum kk_err err = w->source->chunk(w->source->arg, 0, w->chunk);

	if (!err)
		err = flash_gpt_find(kk_view_of(w->chunk,
					 flash_chunk_bytes(m, 0)),
		    "profile", &part);
	if (err)
		return err == KK_ENOMEM || err == KK_EIO ? err : KK_ENOENT;
	/* Neither over the table, which comes later, nor behind the image. */
	if (part.at < m->chunk_bytes || record.bytes > part.bytes ||
	    part.at + part.bytes > m->image_bytes)
		return KK_ENOENT;
	err = put(t, record.data, record.bytes, part.at);
	if (!err && t->io->sync(t->arg))
		err = KK_EIO;
	for (size_t i = 0; !err && i < record.bytes;) {
		const size_t left = record.bytes - i;
		const size_t now = left < m->chunk_bytes ? left :
							   m->chunk_bytes;

		err = get(t, w->back, now, part.at + i);
		if (!err && memcmp(w->back, record.data + i, now) != 0)
			err = KK_EVERIFY;
		i += now;
	}
	return err;
}

/* The table and its copy, which on a disk just as large boots as well, come
 * when all between them is there; each of the two is then enough. */
static enum kk_err all_write(struct writing *w, struct kk_view record)
{
	const uint64_t all = w->source->manifest->image_bytes;
	const uint64_t table = all < 2 * TABLE_BYTES ? all / 2 : TABLE_BYTES;
	enum kk_err err = ends_wipe(w);

	w->phase = flash_word(WORD_WRITING);
	w->done_bytes = 2 * table; /* not told by themselves */
	if (!err)
		err = range_do(w, table, all - table, chunk_write);
	w->phase = flash_word(WORD_READING);
	w->done_bytes = 2 * table;
	if (!err)
		err = range_do(w, table, all - table, chunk_compare);
	if (!err && record.bytes > 0)
		err = record_write(w, record);
	w->phase = NULL;
	if (!err)
		err = range_do(w, all - table, all, chunk_write);
	if (!err)
		err = range_do(w, 0, table, chunk_write);
	if (!err)
		err = range_do(w, all - table, all, chunk_compare);
	if (!err)
		err = range_do(w, 0, table, chunk_compare);
	if (err == KK_EVERIFY) /* no table over what is not whole */
		(void)ends_wipe(w);
	return err;
}

enum kk_err flash_write(const struct flash_source *source,
    const struct flash_target *target, bool resumes, struct kk_view record,
    const struct flash_progress *progress, struct flash_written *written)
{
	const struct flash_manifest *m = source->manifest;
	struct writing w = { .source = source,
		.target = target,
		.progress = progress,
		.written = written,
		.resumes = resumes };
	enum kk_err err = KK_ENOMEM;

	memset(written, 0, sizeof(*written));
	if (target->bytes < m->image_bytes)
		return KK_ENOSPC;
	w.chunk = kk_calloc(1, m->chunk_bytes);
	w.back = kk_calloc(1, m->chunk_bytes);
	if (w.chunk && w.back)
		err = all_write(&w, record);
	kk_free(w.chunk);
	kk_free(w.back);
	return err;
}
