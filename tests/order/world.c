/* world.c - see world.h. */
#include "world.h"

#include <string.h>

const uint8_t TOKEN[ORDER_TOKEN_BYTES] = "the token of the meeting, 32 b.";

static void event(void *arg, struct order_member *const *to, size_t count,
    const struct order_event *e)
{
	struct world *w = arg;

	for (size_t i = 0; i < count; i++) {
		struct seen *s = &w->seen[w->seen_count++];

		CHECK(w->seen_count < SEEN_MAX);
		*s = (struct seen){ .to = to[i],
			.type = e->type,
			.who = e->who,
			.is_lost = e->is_lost,
			.source = e->source,
			.epoch = e->epoch };
		if (e->message.bytes && e->message.bytes < sizeof(s->text))
			memcpy(s->text, e->message.data, e->message.bytes);
	}
}

static enum kk_err keep(void *arg, struct kk_view meeting_id,
    struct kk_view record, bool replaces)
{
	struct world *w = arg;

	CHECK(meeting_id.bytes > 0);
	if (w->keep_fails)
		return KK_EIO;
	if (replaces) {
		kk_writer_clear(&w->file);
		kk_writer_init(&w->file);
		w->replaced++;
	} else {
		w->appended++;
	}
	kk_write_raw(&w->file, record);
	CHECK_OK(w->file.err);
	return KK_OK;
}

static void forget(void *arg, struct kk_view meeting_id)
{
	struct world *w = arg;

	CHECK(meeting_id.bytes > 0);
	w->forgotten++;
}

static void order_start(struct world *w)
{
	const struct order_hooks hooks = { event, keep, forget, w };

	CHECK_OK(order_new(&w->order, &hooks));
}

void world_start(struct world *w)
{
	*w = (struct world){ 0 };
	kk_writer_init(&w->file);
	CHECK_OK(crypto_init());
	order_start(w);
}

void world_end(struct world *w)
{
	order_free(w->order);
	kk_writer_clear(&w->file);
}

enum kk_err world_load(struct world *w, struct kk_view file)
{
	order_free(w->order);
	order_start(w);
	w->seen_count = 0;
	return order_load(w->order, file);
}

enum kk_err world_reload(struct world *w)
{
	return world_load(w, kk_writer_view(&w->file));
}

enum order_result do_register(struct world *w, const char *id, uint16_t most,
    bool is_reset, struct order_epoch *epoch)
{
	const struct kk_view parts[] = { { TOKEN, sizeof(TOKEN) } };
	uint8_t hash[CRYPTO_HASH_MAX_BYTES];
	struct order_epoch other;
	const struct order_registration r = { .meeting_id = kk_view_text(id),
		.token_hash = hash,
		.participants = most,
		.is_reset = is_reset };

	CHECK_OK(crypto_hash(CRYPTO_SHA256, parts, 1, hash));
	return order_register(w->order, &r, epoch ? epoch : &other);
}

static struct order_entered enter_with(struct world *w, const char *id,
    struct order_epoch epoch)
{
	const struct order_entry entry = { .meeting_id = kk_view_text(id),
		.token = TOKEN,
		.epoch = epoch };
	struct order_entered out;

	CHECK_EQ(order_enter(w->order, &entry, &out), ORDER_OK);
	return out;
}

struct order_member *enter(struct world *w, const char *id)
{
	return enter_with(w, id, (struct order_epoch){ 0 }).member;
}

struct order_entered enter_at(struct world *w, const char *id, uint64_t epoch)
{
	return enter_with(w, id, (struct order_epoch){ true, epoch });
}

enum order_result commit(struct order_member *member, uint64_t epoch,
    const char *text)
{
	const struct order_commit c = { .epoch = epoch,
		.message = kk_view_text(text) };
	uint64_t now;

	return order_commit(member, &c, &now);
}

size_t count_of(const struct world *w, const struct order_member *to,
    enum order_event_type type)
{
	size_t count = 0;

	for (size_t i = 0; i < w->seen_count; i++)
		count += w->seen[i].to == to && w->seen[i].type == type;
	return count;
}
