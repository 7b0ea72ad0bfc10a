/* text.c - the conference's state as bytes, in one form only. */
#include <string.h>

#include "conference/conference.h"

enum {
	VERSION = 1,
	FLAG_LOCKED = 1,
	FLAG_NO_LINES = 2,
	FLAGS = FLAG_LOCKED | FLAG_NO_LINES,
	LINE_MUTED = 1,
	LINE_MUTED_BY_HOST = 2,
	LINE_HAND_UP = 4,
	LINE_WAITS = 8,
	LINE_EXCHANGE = 16,
	LINE_ACCOUNT = 32,
	LINE_ORIGINS = LINE_EXCHANGE | LINE_ACCOUNT,
	LINE_FLAGS = LINE_MUTED | LINE_MUTED_BY_HOST | LINE_HAND_UP |
	    LINE_WAITS | LINE_ORIGINS
};

/* Lines are in this order, hosts in that of their leaves. */
static int line_order(const struct conference_line *l, uint32_t leaf,
    const uint8_t *id)
{
	if (l->leaf != leaf)
		return l->leaf < leaf ? -1 : 1;
	return memcmp(l->id, id, sizeof(l->id));
}

/* --- reading ------------------------------------------------------------- */

static void label_read(struct kk_reader *r, char *label)
{
	const struct kk_view text = kk_read_vec(r);

	if (text.bytes > CONFERENCE_LABEL_BYTES)
		kk_reader_fail(r, KK_ELIMIT);
	else if (text.bytes > 0 && !kk_text_is_shown(text))
		kk_reader_fail(r, KK_EFORMAT);
	else if (text.bytes > 0)
		memcpy(label, text.data, text.bytes);
}

static uint8_t flags_read(struct kk_reader *r, uint8_t known)
{
	const uint8_t flags = kk_read_u8(r);

	if (flags & ~known)
		kk_reader_fail(r, KK_EFORMAT);
	return flags;
}

static void hosts_read(struct kk_reader *outer, struct conference *c)
{
	struct kk_reader r = kk_read_sub(outer);

	while (kk_reader_more(&r)) {
		const uint32_t leaf = kk_read_u32(&r);

		if (c->host_count == CONFERENCE_HOSTS_MAX) {
			kk_reader_fail(&r, KK_ELIMIT);
			break;
		}
		if (c->host_count > 0 && c->hosts[c->host_count - 1] >= leaf)
			kk_reader_fail(&r, KK_EFORMAT);
		c->hosts[c->host_count++] = leaf;
	}
	kk_read_sub_end(outer, &r);
}

static void line_flags_read(struct kk_reader *r, struct conference_line *l)
{
	const uint8_t flags = flags_read(r, LINE_FLAGS);

	if ((flags & LINE_ORIGINS) == LINE_ORIGINS)
		kk_reader_fail(r, KK_EFORMAT);
	l->is_muted = flags & LINE_MUTED;
	l->is_muted_by_host = flags & LINE_MUTED_BY_HOST;
	l->has_hand_up = flags & LINE_HAND_UP;
	l->waits = flags & LINE_WAITS;
	l->origin = flags & LINE_ACCOUNT ? CONFERENCE_ACCOUNT :
	    flags & LINE_EXCHANGE        ? CONFERENCE_EXCHANGE :
					   CONFERENCE_CLAIMED;
}

static void line_read(struct kk_reader *r, struct conference_line *l)
{
	struct kk_view id;

	l->leaf = kk_read_u32(r);
	id = kk_read_raw(r, sizeof(l->id));
	if (id.bytes == sizeof(l->id))
		memcpy(l->id, id.data, sizeof(l->id));
	label_read(r, l->label);
	l->since_ms = kk_read_u64(r);
	l->transport = kk_read_u8(r);
	if (l->transport < CONFERENCE_PLAIN || l->transport > CONFERENCE_SRTP)
		kk_reader_fail(r, KK_EFORMAT);
	line_flags_read(r, l);
}

static void lines_read(struct kk_reader *outer, struct conference *c)
{
	struct kk_reader r = kk_read_sub(outer);

	while (kk_reader_more(&r)) {
		struct conference_line *l = &c->lines[c->line_count];

		if (c->line_count == CONFERENCE_LINES_MAX) {
			kk_reader_fail(&r, KK_ELIMIT);
			break;
		}
		line_read(&r, l);
		if (c->line_count > 0 && line_order(l - 1, l->leaf, l->id) >= 0)
			kk_reader_fail(&r, KK_EFORMAT);
		c->line_count++;
	}
	kk_read_sub_end(outer, &r);
}

enum kk_err conference_parse(struct conference *c, struct kk_view in)
{
	struct kk_reader r;
	enum kk_err err;
	uint8_t flags;

	memset(c, 0, sizeof(*c));
	kk_reader_init(&r, in);
	if (kk_read_u8(&r) != VERSION)
		kk_reader_fail(&r, KK_EUNSUP);
	flags = flags_read(&r, FLAGS);
	c->is_locked = flags & FLAG_LOCKED;
	c->forbids_lines = flags & FLAG_NO_LINES;
	label_read(&r, c->label);
	hosts_read(&r, c);
	lines_read(&r, c);
	err = kk_reader_end(&r);
	if (err)
		memset(c, 0, sizeof(*c));
	return err;
}

/* --- writing ------------------------------------------------------------- */

static void label_write(struct kk_writer *w, const char *label)
{
	const struct kk_view text = kk_view_of(label, strlen(label));

	if (text.bytes > 0 && !kk_text_is_shown(text))
		kk_writer_fail(w, KK_EFORMAT);
	kk_write_vec(w, text);
}

static void hosts_write(struct kk_writer *w, const struct conference *c)
{
	const size_t at = kk_write_vec_begin(w);

	for (size_t i = 0; i < c->host_count; i++) {
		if (i > 0 && c->hosts[i - 1] >= c->hosts[i])
			kk_writer_fail(w, KK_EFORMAT);
		kk_write_u32(w, c->hosts[i]);
	}
	kk_write_vec_end(w, at);
}

static uint8_t line_flags(const struct conference_line *l)
{
	static const uint8_t origins[] = {
		[CONFERENCE_CLAIMED] = 0,
		[CONFERENCE_EXCHANGE] = LINE_EXCHANGE,
		[CONFERENCE_ACCOUNT] = LINE_ACCOUNT,
	};

	return (uint8_t)((l->is_muted ? LINE_MUTED : 0) |
	    (l->is_muted_by_host ? LINE_MUTED_BY_HOST : 0) |
	    (l->has_hand_up ? LINE_HAND_UP : 0) | (l->waits ? LINE_WAITS : 0) |
	    origins[l->origin]);
}

static void line_write(struct kk_writer *w, const struct conference_line *l)
{
	kk_write_u32(w, l->leaf);
	kk_write_raw(w, kk_view_of(l->id, sizeof(l->id)));
	label_write(w, l->label);
	kk_write_u64(w, l->since_ms);
	if (l->transport < CONFERENCE_PLAIN || l->transport > CONFERENCE_SRTP)
		kk_writer_fail(w, KK_EFORMAT);
	kk_write_u8(w, (uint8_t)l->transport);
	if ((unsigned)l->origin > CONFERENCE_ACCOUNT)
		kk_writer_fail(w, KK_EFORMAT);
	else
		kk_write_u8(w, line_flags(l));
}

static void lines_write(struct kk_writer *w, const struct conference *c)
{
	const size_t at = kk_write_vec_begin(w);

	for (size_t i = 0; i < c->line_count; i++) {
		const struct conference_line *l = &c->lines[i];

		if (i > 0 && line_order(l - 1, l->leaf, l->id) >= 0)
			kk_writer_fail(w, KK_EFORMAT);
		line_write(w, l);
	}
	kk_write_vec_end(w, at);
}

enum kk_err conference_write(const struct conference *c, struct kk_bytes *out)
{
	struct kk_writer w;

	kk_writer_init(&w);
	if (c->host_count > CONFERENCE_HOSTS_MAX ||
	    c->line_count > CONFERENCE_LINES_MAX) {
		kk_writer_fail(&w, KK_ELIMIT);
		return kk_writer_take(&w, out);
	}
	kk_write_u8(&w, VERSION);
	kk_write_u8(&w,
	    (uint8_t)((c->is_locked ? FLAG_LOCKED : 0) |
		(c->forbids_lines ? FLAG_NO_LINES : 0)));
	label_write(&w, c->label);
	hosts_write(&w, c);
	lines_write(&w, c);
	return kk_writer_take(&w, out);
}

/* --- lines --------------------------------------------------------------- */

/* Where the line is, or would be. */
static size_t place(const struct conference *c, uint32_t leaf,
    const uint8_t *id)
{
	size_t i = 0;

	while (i < c->line_count && line_order(&c->lines[i], leaf, id) < 0)
		i++;
	return i;
}

const struct conference_line *conference_line_find(const struct conference *c,
    uint32_t leaf, const uint8_t *id)
{
	const size_t i = place(c, leaf, id);

	return i < c->line_count && line_order(&c->lines[i], leaf, id) == 0 ?
	    &c->lines[i] :
	    NULL;
}

static void take_out(struct conference *c, size_t i)
{
	c->line_count--;
	memmove(&c->lines[i], &c->lines[i + 1],
	    (c->line_count - i) * sizeof(c->lines[0]));
}

enum kk_err conference_line_add(struct conference *c,
    const struct conference_line *line)
{
	const size_t i = place(c, line->leaf, line->id);

	if (conference_line_find(c, line->leaf, line->id))
		return KK_EEXIST;
	if (c->line_count == CONFERENCE_LINES_MAX)
		return KK_ELIMIT;
	memmove(&c->lines[i + 1], &c->lines[i],
	    (c->line_count - i) * sizeof(c->lines[0]));
	c->lines[i] = *line;
	c->line_count++;
	return KK_OK;
}

enum kk_err conference_line_remove(struct conference *c, uint32_t leaf,
    const uint8_t *id)
{
	if (!conference_line_find(c, leaf, id))
		return KK_ENOENT;
	take_out(c, place(c, leaf, id));
	return KK_OK;
}

/* --- members ------------------------------------------------------------- */

bool conference_is_host(const struct conference *c, uint32_t leaf)
{
	for (size_t i = 0; i < c->host_count; i++) {
		if (c->hosts[i] == leaf)
			return true;
	}
	return false;
}

static void hosts_add(struct conference *c, uint32_t leaf)
{
	size_t i = c->host_count++;

	for (; i > 0 && c->hosts[i - 1] > leaf; i--)
		c->hosts[i] = c->hosts[i - 1];
	c->hosts[i] = leaf;
}

static bool hosts_remove(struct conference *c, uint32_t leaf)
{
	const size_t hosts = c->host_count;
	size_t kept = 0;

	for (size_t i = 0; i < hosts; i++) {
		if (c->hosts[i] != leaf)
			c->hosts[kept++] = c->hosts[i];
	}
	c->host_count = kept;
	return kept < hosts;
}

enum kk_err conference_host_set(struct conference *c, uint32_t leaf,
    bool is_host)
{
	if (conference_is_host(c, leaf) == is_host)
		return is_host ? KK_EEXIST : KK_ENOENT;
	if (is_host && c->host_count == CONFERENCE_HOSTS_MAX)
		return KK_ELIMIT;
	if (!is_host && c->host_count == 1)
		return KK_ESTATE;
	if (is_host)
		hosts_add(c, leaf);
	else
		(void)hosts_remove(c, leaf);
	return KK_OK;
}

void conference_lock(struct conference *c, bool is_locked)
{
	c->is_locked = is_locked;
	for (size_t i = 0; !is_locked && i < c->line_count; i++)
		c->lines[i].waits = false;
}

void conference_lines_allow(struct conference *c, bool is_allowed)
{
	c->forbids_lines = !is_allowed;
	if (!is_allowed)
		c->line_count = 0;
}

bool conference_leaf_remove(struct conference *c, uint32_t leaf)
{
	const size_t lines = c->line_count;

	for (size_t i = c->line_count; i > 0; i--) {
		if (c->lines[i - 1].leaf == leaf)
			take_out(c, i - 1);
	}
	return hosts_remove(c, leaf) || c->line_count < lines;
}
