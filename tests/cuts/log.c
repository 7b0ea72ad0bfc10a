/* log.c - the log's bytes, which are little-endian. */
#include "tests/cuts/log.h"

#include <string.h>

static const uint64_t magic = 0x6a736677736872;

enum {
	VERSION = 1,
	FLUSH = 1,
	FUA = 2,
	DISCARD = 4,
	MARK = 8,
	FLAGS = 31 /* 16: metadata, which is no matter of ours */
};

static uint64_t number_read(struct kk_reader *r, size_t bytes)
{
	uint64_t n = 0;

	for (size_t i = 0; i < bytes; i++)
		n |= (uint64_t)kk_read_u8(r) << (8 * i);
	return n;
}

/* The log's first sector. */
static enum kk_err head_read(struct kk_reader *in, uint64_t *count)
{
	struct kk_reader r;
	uint64_t is_magic, version, bytes;

	kk_reader_init(&r, kk_read_raw(in, CUTS_SECTOR));
	is_magic = number_read(&r, 8);
	version = number_read(&r, 8);
	*count = number_read(&r, 8);
	bytes = number_read(&r, 4);
	if (in->err)
		return in->err;
	if (is_magic != magic)
		return KK_EFORMAT;
	if (version != VERSION || bytes != CUTS_SECTOR)
		return KK_EUNSUP;
	return *count > CUTS_ENTRIES_MAX ? KK_ELIMIT : KK_OK;
}

static enum kk_err entry_read(struct kk_reader *in, struct cuts_entry *e,
    uint64_t disk_sectors)
{
	struct kk_reader r;
	uint64_t flags;

	kk_reader_init(&r, kk_read_raw(in, CUTS_SECTOR));
	e->at = number_read(&r, 8);
	e->sectors = number_read(&r, 8);
	flags = number_read(&r, 8);
	if (in->err)
		return in->err;
	if (flags & ~(uint64_t)FLAGS)
		return KK_EFORMAT;
	if (flags & MARK)
		e->sectors = 0;
	if (e->sectors > disk_sectors || e->at > disk_sectors - e->sectors)
		return KK_EFORMAT;
	e->is_flush = flags & FLUSH;
	e->is_fua = flags & FUA;
	if (flags & DISCARD || e->sectors == 0)
		return KK_OK;
	if (e->sectors > in->left_bytes / CUTS_SECTOR)
		return KK_ETRUNC;
	e->data = kk_read_raw(in, (size_t)e->sectors * CUTS_SECTOR).data;
	return in->err;
}

enum kk_err cuts_log_parse(struct cuts_log *log, struct kk_view in,
    uint64_t disk_sectors)
{
	struct kk_reader r;
	uint64_t count;
	enum kk_err err;

	*log = (struct cuts_log){ NULL, 0 };
	kk_reader_init(&r, in);
	err = head_read(&r, &count);
	if (!err && count > r.left_bytes / CUTS_SECTOR)
		err = KK_ETRUNC;
	if (err)
		return err;
	log->entries = kk_calloc((size_t)count, sizeof(*log->entries));
	if (!log->entries)
		return KK_ENOMEM;
	for (; !err && log->count < count; log->count++)
		err = entry_read(&r, &log->entries[log->count], disk_sectors);
	if (err)
		cuts_log_clear(log);
	return err;
}

void cuts_log_clear(struct cuts_log *log)
{
	kk_free(log->entries);
	*log = (struct cuts_log){ NULL, 0 };
}
