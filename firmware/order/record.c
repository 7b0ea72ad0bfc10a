/* record.c - meetings on the disk.  docs/protocol.md, "Saved state".
 *
 *   "KKO" | version 1, then records: length (4) | kind (1) | body | chain (16)
 *
 * length is that of kind and body.  The chain is the first half of
 * SHA-256(the chain before | kind | body), of zeroes at first. */
#include <string.h>

#include "order/order_private.h"

enum {
	VERSION = 1,
	HEAD_BYTES = 4,
	RECORD_MEETING = 1, /* what is known of it; the epoch that is on */
	RECORD_COMMIT = 2, /* the one for the epoch; the next one is on */
	RECORD_IDLE = 3, /* how long nobody has been there */
	RECORD_MAX_BYTES = 4 * 1024 * 1024
};

/* A thousand years: no sum of it and an uptime goes over. */
#define IDLE_MAX_S (UINT64_C(1000) * 366 * 24 * 3600)

static const uint8_t head[HEAD_BYTES] = { 'K', 'K', 'O', VERSION };

static enum kk_err chain_next(uint8_t chain[ORDER_CHAIN_BYTES],
    struct kk_view inside)
{
	const struct kk_view parts[] = { { chain, ORDER_CHAIN_BYTES }, inside };
	uint8_t hash[CRYPTO_HASH_MAX_BYTES];
	enum kk_err err;

	err = crypto_hash(CRYPTO_SHA256, parts, KK_ARRAY_LEN(parts), hash);
	if (!err)
		memcpy(chain, hash, ORDER_CHAIN_BYTES);
	return err;
}

static void record_put(struct kk_writer *w, uint8_t chain[ORDER_CHAIN_BYTES],
    struct kk_view inside)
{
	kk_write_u32(w, (uint32_t)inside.bytes);
	kk_write_raw(w, inside);
	if (chain_next(chain, inside))
		kk_writer_fail(w, KK_ECRYPTO);
	kk_write_raw(w, kk_view_of(chain, ORDER_CHAIN_BYTES));
}

static void meeting_put(struct kk_writer *w, uint8_t chain[ORDER_CHAIN_BYTES],
    const struct order_meeting *m, struct order_epoch epoch)
{
	struct kk_writer inside;

	kk_writer_init(&inside);
	kk_write_u8(&inside, RECORD_MEETING);
	kk_write_vec(&inside, order_meeting_id(m));
	kk_write_raw(&inside, kk_view_of(m->token_hash, ORDER_TOKEN_BYTES));
	kk_write_u16(&inside, m->participants);
	kk_write_u8(&inside, epoch.is_set);
	kk_write_u64(&inside, epoch.n);
	if (inside.err)
		kk_writer_fail(w, inside.err);
	record_put(w, chain, kk_writer_view(&inside));
	kk_writer_clear(&inside);
}

static void commit_put(struct kk_writer *w, uint8_t chain[ORDER_CHAIN_BYTES],
    uint64_t epoch, const struct order_participant *from,
    struct kk_view message)
{
	struct kk_writer inside;

	kk_writer_init(&inside);
	kk_write_u8(&inside, RECORD_COMMIT);
	kk_write_u64(&inside, epoch);
	kk_write_raw(&inside, kk_view_of(from->id, ORDER_PARTICIPANT_BYTES));
	kk_write_vec(&inside, message);
	if (inside.err)
		kk_writer_fail(w, inside.err);
	record_put(w, chain, kk_writer_view(&inside));
	kk_writer_clear(&inside);
}

static void idle_put(struct kk_writer *w, uint8_t chain[ORDER_CHAIN_BYTES],
    uint64_t idle_s)
{
	struct kk_writer inside;

	kk_writer_init(&inside);
	kk_write_u8(&inside, RECORD_IDLE);
	kk_write_u64(&inside, idle_s);
	if (inside.err)
		kk_writer_fail(w, inside.err);
	record_put(w, chain, kk_writer_view(&inside));
	kk_writer_clear(&inside);
}

/* Gives what was written to the owner; on success the chain is the new one. */
static enum kk_err keep(struct order_meeting *m, struct kk_writer *w,
    const uint8_t chain[ORDER_CHAIN_BYTES], bool replaces)
{
	const struct order_hooks *hooks = &m->order->hooks;
	enum kk_err err = w->err;

	if (!err)
		err = hooks->keep(hooks->arg, order_meeting_id(m),
		    kk_writer_view(w), replaces);
	if (!err) {
		memcpy(m->chain, chain, ORDER_CHAIN_BYTES);
		m->file_bytes = (replaces ? 0 : m->file_bytes) +
		    kk_writer_view(w).bytes;
		m->must_replace = false;
		if (replaces)
			m->kept_idle_s = m->idle_s;
	}
	kk_writer_clear(w);
	return err;
}

/* All that is known: the oldest epoch of the log, and the commits since. */
static void whole_put(struct kk_writer *w, uint8_t chain[ORDER_CHAIN_BYTES],
    const struct order_meeting *m)
{
	struct order_epoch epoch = m->epoch;
	const struct order_log *log = m->log;

	if (log && log->count > 0)
		epoch.n = log->first;
	kk_write_raw(w, kk_view_of(head, HEAD_BYTES));
	meeting_put(w, chain, m, epoch);
	for (uint64_t n = epoch.n; log && n < m->epoch.n; n++) {
		const struct order_logged *logged = order_log_get(log, n);

		if (!logged) {
			kk_writer_fail(w, KK_EINVAL);
			return;
		}
		commit_put(w, chain, n, &logged->from,
		    kk_bytes_view(&logged->message));
	}
	if (m->idle_s > 0)
		idle_put(w, chain, m->idle_s);
}

enum kk_err order_keep_meeting(struct order_meeting *m)
{
	uint8_t chain[ORDER_CHAIN_BYTES] = { 0 };
	bool replaces = m->must_replace;
	struct kk_writer w;

	kk_writer_init(&w);
	if (replaces) {
		whole_put(&w, chain, m);
	} else {
		memcpy(chain, m->chain, sizeof(chain));
		meeting_put(&w, chain, m, m->epoch);
	}
	if (replaces)
		m->file_commits = m->log ? m->log->count : 0;
	return keep(m, &w, chain, replaces);
}

static bool is_grown(const struct order_meeting *m)
{
	return m->file_commits >= ORDER_FILE_COMMITS ||
	    m->file_bytes > 2 * (size_t)ORDER_LOG_MAX_BYTES;
}

enum kk_err order_keep_commit(struct order_meeting *m,
    const struct order_participant *from, struct kk_view message)
{
	uint8_t chain[ORDER_CHAIN_BYTES] = { 0 };
	bool replaces = m->must_replace || is_grown(m);
	struct kk_writer w;
	enum kk_err err;

	kk_writer_init(&w);
	if (replaces)
		whole_put(&w, chain, m);
	else
		memcpy(chain, m->chain, sizeof(chain));
	commit_put(&w, chain, m->epoch.n, from, message);
	err = keep(m, &w, chain, replaces);
	if (err)
		return err;
	m->file_commits =
	    (replaces ? (m->log ? m->log->count : 0) : m->file_commits) + 1;
	return KK_OK;
}

enum kk_err order_keep_idle(struct order_meeting *m)
{
	uint8_t chain[ORDER_CHAIN_BYTES] = { 0 };
	bool replaces = m->must_replace || is_grown(m);
	struct kk_writer w;
	enum kk_err err;

	kk_writer_init(&w);
	if (replaces) {
		whole_put(&w, chain, m);
		m->file_commits = m->log ? m->log->count : 0;
	} else {
		memcpy(chain, m->chain, sizeof(chain));
		idle_put(&w, chain, m->idle_s);
	}
	err = keep(m, &w, chain, replaces);
	if (!err)
		m->kept_idle_s = m->idle_s;
	return err;
}

/* Reading. */

static enum kk_err meeting_take(struct order_meeting *m, struct kk_reader *r,
    bool is_first)
{
	struct kk_view id = kk_read_vec(r);
	struct kk_view hash = kk_read_raw(r, ORDER_TOKEN_BYTES);
	uint16_t participants = kk_read_u16(r);
	bool is_set = kk_read_present(r);
	uint64_t epoch = kk_read_u64(r);

	if (kk_reader_end(r) || participants < ORDER_PARTICIPANTS_MIN ||
	    participants > ORDER_PARTICIPANTS_MAX || id.bytes == 0 ||
	    id.bytes > ORDER_MEETING_ID_MAX_BYTES || epoch == UINT64_MAX ||
	    (!is_set && epoch != 0))
		return KK_EFORMAT;
	/* A later one may set the epoch, and not change it. */
	if (!is_first &&
	    (!kk_view_equal(id, order_meeting_id(m)) ||
		(m->epoch.is_set && (!is_set || epoch != m->epoch.n))))
		return KK_EFORMAT;
	memcpy(m->id, id.data, id.bytes);
	m->id_bytes = id.bytes;
	memcpy(m->token_hash, hash.data, ORDER_TOKEN_BYTES);
	m->participants = participants;
	m->epoch = (struct order_epoch){ is_set, epoch };
	return KK_OK;
}

static enum kk_err commit_take(struct order_meeting *m, struct kk_reader *r)
{
	uint64_t epoch = kk_read_u64(r);
	struct kk_view from = kk_read_raw(r, ORDER_PARTICIPANT_BYTES);
	struct kk_view message = kk_read_vec(r);
	struct order_participant who;
	enum kk_err err;

	if (kk_reader_end(r) || !m->epoch.is_set || epoch != m->epoch.n ||
	    epoch >= UINT64_MAX - 1 || message.bytes == 0)
		return KK_EFORMAT;
	memcpy(who.id, from.data, ORDER_PARTICIPANT_BYTES);
	err = order_log_add(m, epoch, &who, message);
	if (err)
		return err;
	m->epoch.n++;
	m->file_commits++;
	return KK_OK;
}

static enum kk_err idle_take(struct order_meeting *m, struct kk_reader *r)
{
	uint64_t idle_s = kk_read_u64(r);

	if (kk_reader_end(r) || idle_s > IDLE_MAX_S)
		return KK_EFORMAT;
	m->idle_s = m->kept_idle_s = idle_s;
	return KK_OK;
}

static enum kk_err record_take(struct order_meeting *m, struct kk_view inside,
    struct kk_view chain, bool is_first)
{
	struct kk_reader r;
	uint8_t kind;

	if (chain_next(m->chain, inside))
		return KK_ECRYPTO;
	if (!kk_view_equal(kk_view_of(m->chain, ORDER_CHAIN_BYTES), chain))
		return KK_EFORMAT;
	kk_reader_init(&r, inside);
	kind = kk_read_u8(&r);
	if (kind == RECORD_MEETING)
		return meeting_take(m, &r, is_first);
	if (is_first)
		return KK_EFORMAT;
	if (kind == RECORD_IDLE)
		return idle_take(m, &r);
	return kind == RECORD_COMMIT ? commit_take(m, &r) : KK_EFORMAT;
}

static enum kk_err records_take(struct order_meeting *m, struct kk_view kept)
{
	struct kk_reader r;
	bool is_first = true;

	kk_reader_init(&r, kept);
	if (!kk_view_equal(kk_read_raw(&r, HEAD_BYTES),
		kk_view_of(head, HEAD_BYTES)))
		return KK_EFORMAT;
	while (kk_reader_more(&r)) {
		uint32_t bytes = kk_read_u32(&r);
		struct kk_view inside = kk_read_raw(&r, bytes);
		struct kk_view chain = kk_read_raw(&r, ORDER_CHAIN_BYTES);
		enum kk_err err;

		if (kk_reader_err(&r)) {
			m->must_replace = true; /* cut short */
			break;
		}
		if (bytes > RECORD_MAX_BYTES)
			return KK_EFORMAT;
		err = record_take(m, inside, chain, is_first);
		if (err)
			return err;
		is_first = false;
	}
	return is_first ? KK_EFORMAT : KK_OK;
}

enum kk_err order_load(struct order *order, struct kk_view kept)
{
	static const uint8_t unnamed[1];
	struct order_meeting *m = NULL;
	enum kk_err err;

	if (order->meeting_count >= ORDER_MEETINGS_MAX)
		return KK_ELIMIT;
	err = order_meeting_new(&m, order, kk_view_of(unnamed, 1));
	if (err)
		return err;
	m->file_bytes = kept.bytes;
	err = records_take(m, kept);
	if (!err && order_meeting_find(order, order_meeting_id(m)))
		err = KK_EEXIST;
	if (err) {
		order_meeting_free(m);
		return err;
	}
	order_meeting_add(m);
	return KK_OK;
}
