/* write.c - the writers of answers, errors and events. */

#include "signal/signal_private.h"

static const char *const error_names[SIGNAL_ERROR_COUNT] = {
	[SIGNAL_EVERSION] = "version",
	[SIGNAL_EFORMAT] = "format",
	[SIGNAL_ELIMIT] = "limit",
	[SIGNAL_EBUSY] = "busy",
	[SIGNAL_ESTATE] = "state",
	[SIGNAL_EDENIED] = "denied",
	[SIGNAL_EMEETING] = "unknown-meeting",
	[SIGNAL_EFULL] = "full",
	[SIGNAL_ESTALE] = "stale",
	[SIGNAL_EUNKNOWN] = "unknown",
	[SIGNAL_EINTERNAL] = "internal",
};

const char *signal_error_name(enum signal_error error)
{
	return error_names[error];
}

static struct signal_writer event(const char *type)
{
	struct signal_writer w = { 0 };

	signal_put_text(&w, "type", type);
	return w;
}

struct signal_writer signal_write_answer(uint64_t id)
{
	struct signal_writer w = event("answer");

	signal_put_u64(&w, "id", id);
	return w;
}

void signal_put_text(struct signal_writer *w, const char *name,
    const char *text)
{
	if (!w->err)
		w->err = call_put_text(&w->v, name, text);
}

void signal_put_u64(struct signal_writer *w, const char *name, uint64_t n)
{
	if (!w->err)
		w->err = call_put_u64(&w->v, name, n);
}

void signal_put_bool(struct signal_writer *w, const char *name, bool is_true)
{
	if (!w->err)
		w->err = call_put_bool(&w->v, name, is_true);
}

void signal_put_bytes(struct signal_writer *w, const char *name,
    struct kk_view bytes)
{
	if (!w->err)
		w->err = call_put_bytes(&w->v, name, bytes);
}

void signal_put_null(struct signal_writer *w, const char *name)
{
	sd_json_variant *null = NULL;

	if (w->err)
		return;
	if (sd_json_variant_new_null(&null) < 0)
		w->err = KK_ENOMEM;
	else
		w->err = call_put_value(&w->v, name, null);
	sd_json_variant_unref(null);
}

void signal_put_epoch(struct signal_writer *w, struct signal_epoch epoch)
{
	if (epoch.is_set)
		signal_put_u64(w, "epoch", epoch.n);
	else
		signal_put_null(w, "epoch");
}

void signal_put_list(struct signal_writer *w, const char *name,
    struct signal_writer *list)
{
	if (!w->err)
		w->err = list->err;
	if (!w->err)
		w->err = list->v ? call_put_value(&w->v, name, list->v) :
				   call_put_empty_list(&w->v, name);
	list->v = sd_json_variant_unref(list->v);
}

void signal_list_add(struct signal_writer *list, struct signal_writer *w)
{
	if (!list->err)
		list->err = w->err;
	if (!list->err)
		list->err = call_list_add(&list->v, w->v);
	w->v = sd_json_variant_unref(w->v);
}

enum kk_err signal_write_end(struct signal_writer *w, struct kk_bytes *out)
{
	enum kk_err err = w->err;
	char *text = NULL;

	*out = (struct kk_bytes){ 0 };
	if (!err && sd_json_variant_format(w->v, 0, &text) < 0)
		err = KK_ENOMEM;
	w->v = sd_json_variant_unref(w->v);
	if (err)
		return err;
	err = kk_bytes_copy(out, kk_view_text(text));
	kk_free(text);
	return err;
}

static void id_put(struct signal_writer *w,
    const struct signal_participant *participant, const char *name)
{
	signal_put_bytes(w, name,
	    kk_view_of(participant->id, sizeof(participant->id)));
}

static void supported_put(struct signal_writer *w)
{
	struct signal_writer list = { 0 };
	sd_json_variant *n = NULL;

	if (sd_json_variant_new_unsigned(&n, SIGNAL_VERSION) < 0)
		list.err = KK_ENOMEM;
	else
		list.err = call_list_add(&list.v, n);
	sd_json_variant_unref(n);
	signal_put_list(w, "supported", &list);
}

enum kk_err signal_write_error(struct kk_bytes *out,
    const struct signal_failure *failure)
{
	struct signal_writer w = event("error");

	if (failure->rq && failure->rq->has_id)
		signal_put_u64(&w, "id", failure->rq->id);
	signal_put_text(&w, "error", signal_error_name(failure->error));
	signal_put_text(&w, "text", failure->text);
	if (failure->error == SIGNAL_ESTALE)
		signal_put_u64(&w, "epoch", failure->epoch);
	if (failure->error == SIGNAL_EBUSY)
		signal_put_u64(&w, "retryMs", failure->retry_ms);
	if (failure->error == SIGNAL_EVERSION)
		supported_put(&w);
	return signal_write_end(&w, out);
}

enum kk_err signal_write_done(struct kk_bytes *out, uint64_t id)
{
	struct signal_writer w = signal_write_answer(id);

	return signal_write_end(&w, out);
}

enum kk_err signal_write_hello(struct kk_bytes *out, uint64_t id,
    const char *server)
{
	struct signal_writer w = signal_write_answer(id);

	signal_put_u64(&w, "version", SIGNAL_VERSION);
	signal_put_text(&w, "server", server);
	return signal_write_end(&w, out);
}

enum kk_err signal_write_epoch(struct kk_bytes *out, uint64_t id,
    struct signal_epoch epoch)
{
	struct signal_writer w = signal_write_answer(id);

	signal_put_epoch(&w, epoch);
	return signal_write_end(&w, out);
}

static struct signal_writer sources_list(const struct signal_present *p)
{
	struct signal_writer list = { 0 };

	for (unsigned i = 0; i < SIGNAL_SOURCE_COUNT; i++) {
		struct signal_writer one = { 0 };

		if (!p->has[i])
			continue;
		signal_put_text(&one, "source", signal_source_names[i]);
		signal_put_text(&one, "kind",
		    signal_kind_names[signal_source_kind(
			(enum signal_source)i)]);
		signal_list_add(&list, &one);
	}
	return list;
}

enum kk_err signal_write_entered(struct kk_bytes *out, uint64_t id,
    const struct signal_entered *entered)
{
	struct signal_writer w = signal_write_answer(id);
	struct signal_writer list = { 0 };

	id_put(&w, &entered->participant, "participant");
	signal_put_epoch(&w, entered->epoch);
	for (size_t i = 0; i < entered->other_count; i++) {
		struct signal_writer one = { 0 };
		struct signal_writer sources = sources_list(
		    &entered->others[i]);

		id_put(&one, &entered->others[i].participant, "participant");
		signal_put_list(&one, "sources", &sources);
		signal_list_add(&list, &one);
	}
	signal_put_list(&w, "participants", &list);
	signal_put_bool(&w, "isBehind", entered->is_behind);
	return signal_write_end(&w, out);
}

enum kk_err signal_write_joined(struct kk_bytes *out,
    const struct signal_participant *participant)
{
	struct signal_writer w = event("joined");

	id_put(&w, participant, "participant");
	return signal_write_end(&w, out);
}

static const char *reason_name(enum signal_reason reason)
{
	static const char *const names[] = { [SIGNAL_LEFT] = "left",
		[SIGNAL_LOST] = "lost",
		[SIGNAL_UNREGISTERED] = "unregistered",
		[SIGNAL_SHUTDOWN] = "shutdown" };

	return names[reason];
}

enum kk_err signal_write_left(struct kk_bytes *out,
    const struct signal_participant *participant, enum signal_reason reason)
{
	struct signal_writer w = event("left");

	id_put(&w, participant, "participant");
	signal_put_text(&w, "reason", reason_name(reason));
	return signal_write_end(&w, out);
}

enum kk_err signal_write_closed(struct kk_bytes *out, enum signal_reason reason)
{
	struct signal_writer w = event("closed");

	signal_put_text(&w, "reason", reason_name(reason));
	return signal_write_end(&w, out);
}

enum kk_err signal_write_reset(struct kk_bytes *out)
{
	struct signal_writer w = event("reset");

	return signal_write_end(&w, out);
}

static enum kk_err relayed_write(struct kk_bytes *out, const char *type,
    bool has_epoch, const struct signal_relayed *relayed)
{
	struct signal_writer w = event(type);

	if (has_epoch)
		signal_put_u64(&w, "epoch", relayed->epoch);
	id_put(&w, relayed->from, "from");
	signal_put_bytes(&w, "message", relayed->message);
	return signal_write_end(&w, out);
}

enum kk_err signal_write_commit(struct kk_bytes *out,
    const struct signal_relayed *relayed)
{
	return relayed_write(out, "commit", true, relayed);
}

enum kk_err signal_write_welcome(struct kk_bytes *out,
    const struct signal_relayed *relayed)
{
	return relayed_write(out, "welcome", true, relayed);
}

enum kk_err signal_write_message(struct kk_bytes *out,
    const struct signal_relayed *relayed)
{
	return relayed_write(out, "message", false, relayed);
}
