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

static void id_put(struct kk_writer *w,
    const struct signal_participant *participant, const char *name)
{
	signal_put_bytes(w, name,
	    kk_view_of(participant->id, sizeof(participant->id)));
}

/* Numbers, where all other lists have objects: there is but one version. */
_Static_assert(SIGNAL_VERSION < 10, "a digit");
static void versions_put(struct kk_writer *w)
{
	signal_put_list(w, "supported");
	kk_write_u8(w, '0' + SIGNAL_VERSION);
	signal_put_end(w, ']');
}

enum kk_err signal_write_error(struct kk_bytes *out,
    const struct signal_failure *failure)
{
	struct kk_writer w = signal_write_event("error");

	if (failure->rq && failure->rq->has_id)
		signal_put_u64(&w, "id", failure->rq->id);
	signal_put_text(&w, "error", signal_error_name(failure->error));
	signal_put_text(&w, "text", failure->text);
	if (failure->error == SIGNAL_ESTALE)
		signal_put_u64(&w, "epoch", failure->epoch);
	if (failure->error == SIGNAL_EBUSY)
		signal_put_u64(&w, "retryMs", failure->retry_ms);
	if (failure->error == SIGNAL_EVERSION)
		versions_put(&w);
	return signal_write_end(&w, out);
}

enum kk_err signal_write_done(struct kk_bytes *out, uint64_t id)
{
	struct kk_writer w = signal_write_answer(id);

	return signal_write_end(&w, out);
}

enum kk_err signal_write_hello(struct kk_bytes *out, uint64_t id,
    const char *server, bool allows_levels)
{
	struct kk_writer w = signal_write_answer(id);

	signal_put_u64(&w, "version", SIGNAL_VERSION);
	signal_put_text(&w, "server", server);
	signal_put_bool(&w, "audioLevels", allows_levels);
	return signal_write_end(&w, out);
}

enum kk_err signal_write_epoch(struct kk_bytes *out, uint64_t id,
    struct signal_epoch epoch)
{
	struct kk_writer w = signal_write_answer(id);

	signal_put_epoch(&w, epoch);
	return signal_write_end(&w, out);
}

static void source_put(struct kk_writer *w, enum signal_source source)
{
	signal_put_text(w, "source", signal_source_names[source]);
	signal_put_text(w, "kind",
	    signal_kind_names[signal_source_kind(source)]);
}

static void present_put(struct kk_writer *w, const struct signal_present *p)
{
	signal_put_item(w);
	id_put(w, &p->participant, "participant");
	signal_put_list(w, "sources");
	for (unsigned i = 0; i < SIGNAL_SOURCE_COUNT; i++) {
		if (!p->has[i])
			continue;
		signal_put_item(w);
		source_put(w, (enum signal_source)i);
		signal_put_end(w, '}');
	}
	signal_put_end(w, ']');
	signal_put_end(w, '}');
}

enum kk_err signal_write_entered(struct kk_bytes *out, uint64_t id,
    const struct signal_entered *entered)
{
	struct kk_writer w = signal_write_answer(id);

	id_put(&w, &entered->participant, "participant");
	signal_put_epoch(&w, entered->epoch);
	signal_put_list(&w, "participants");
	for (size_t i = 0; i < entered->other_count; i++)
		present_put(&w, &entered->others[i]);
	signal_put_end(&w, ']');
	signal_put_bool(&w, "isBehind", entered->is_behind);
	return signal_write_end(&w, out);
}

enum kk_err signal_write_joined(struct kk_bytes *out,
    const struct signal_participant *participant)
{
	struct kk_writer w = signal_write_event("joined");

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
	struct kk_writer w = signal_write_event("left");

	id_put(&w, participant, "participant");
	signal_put_text(&w, "reason", reason_name(reason));
	return signal_write_end(&w, out);
}

enum kk_err signal_write_closed(struct kk_bytes *out, enum signal_reason reason)
{
	struct kk_writer w = signal_write_event("closed");

	signal_put_text(&w, "reason", reason_name(reason));
	return signal_write_end(&w, out);
}

enum kk_err signal_write_reset(struct kk_bytes *out)
{
	struct kk_writer w = signal_write_event("reset");

	return signal_write_end(&w, out);
}

static enum kk_err relayed_write(struct kk_bytes *out, const char *type,
    bool has_epoch, const struct signal_relayed *relayed)
{
	struct kk_writer w = signal_write_event(type);

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
