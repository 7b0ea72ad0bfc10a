/* request.c - a text is judged, and goes to its handler. */
#include "sfud.h"

static sfud_handler_fn *const handlers[SIGNAL_TYPE_COUNT] = {
	[SIGNAL_HELLO] = sfud_hello,
	[SIGNAL_REGISTER] = sfud_register,
	[SIGNAL_UNREGISTER] = sfud_unregister,
	[SIGNAL_ENTER] = sfud_enter,
	[SIGNAL_BEGIN] = sfud_begin,
	[SIGNAL_COMMIT] = sfud_commit,
	[SIGNAL_MESSAGE] = sfud_message,
	[SIGNAL_TRANSPORT] = sfud_transport,
	[SIGNAL_RESTART] = sfud_restart,
	[SIGNAL_CONNECT] = sfud_connect,
	[SIGNAL_DISCONNECT] = sfud_disconnect,
	[SIGNAL_PUBLISH] = sfud_publish,
	[SIGNAL_UNPUBLISH] = sfud_unpublish,
	[SIGNAL_SLOTS] = sfud_slots,
	[SIGNAL_WATCH] = sfud_watch,
	[SIGNAL_LEAVE] = sfud_leave,
};

static const char *const words[SIGNAL_ERROR_COUNT] = {
	[SIGNAL_EVERSION] = "this server speaks another version",
	[SIGNAL_EFORMAT] = "the request breaks its format",
	[SIGNAL_ELIMIT] = "too large or too many",
	[SIGNAL_EBUSY] = "too often",
	[SIGNAL_ESTATE] = "not now",
	[SIGNAL_EDENIED] = "wrong token",
	[SIGNAL_EMEETING] = "no such meeting here",
	[SIGNAL_EFULL] = "the meeting is full",
	[SIGNAL_ESTALE] = "another commit came first",
	[SIGNAL_EUNKNOWN] = "no such participant, transport, slot or source",
	[SIGNAL_EINTERNAL] = "the server failed",
};

static void refuse(struct sfud_conn *conn, const struct signal_failure *failure)
{
	struct kk_bytes text;
	enum kk_err err = signal_write_error(&text, failure);

	sfud_send(conn, err, &text);
}

static void refuse_by(struct sfud_conn *conn, const struct signal_request *rq,
    struct sfud_failed failed)
{
	const struct signal_failure failure = { .rq = rq,
		.error = failed.error,
		.text = failed.words ? failed.words : words[failed.error],
		.epoch = failed.epoch,
		.retry_ms = failed.retry_ms };

	conn->sfud->refusals[failed.error]++;
	refuse(conn, &failure);
}

/* After these nothing that follows can be relied on. */
static bool is_fatal(const struct sfud_conn *conn,
    const struct signal_request *rq, enum signal_error error)
{
	return conn->state == SIGNAL_NEW || error == SIGNAL_EVERSION ||
	    (error == SIGNAL_EFORMAT && !rq->is_object);
}

/* Ids rise, so that an answer can be told from another. */
static bool id_take(struct sfud_conn *conn, const struct signal_request *rq)
{
	if (conn->has_last_id && rq->id <= conn->last_id)
		return false;
	conn->has_last_id = true;
	conn->last_id = rq->id;
	return true;
}

static struct sfud_failed judge(struct sfud_conn *conn,
    const struct signal_request *rq, enum signal_error error)
{
	if (error)
		return (struct sfud_failed){ .error = error };
	if (!id_take(conn, rq))
		return (struct sfud_failed){ .error = SIGNAL_EFORMAT,
			.words = "ids must rise" };
	if (!signal_is_allowed(conn->state, rq->type))
		return (struct sfud_failed){ .error = SIGNAL_ESTATE };
	return (struct sfud_failed){ .error = SIGNAL_OK };
}

static void answer(struct sfud_conn *conn, const struct signal_request *rq,
    enum signal_error error)
{
	struct sfud_failed failed = judge(conn, rq, error);
	enum signal_state state = conn->state;

	if (!failed.error)
		failed = handlers[rq->type](conn, rq);
	if (failed.error) {
		refuse_by(conn, rq, failed);
		if (is_fatal(conn, rq, failed.error))
			sfud_conn_close(conn);
		return;
	}
	conn->state = signal_state_after(state, rq->type);
}

/* Its id is looked for, so that the client knows what it was. */
static void busy_say(struct sfud_conn *conn, const char *text, size_t bytes,
    uint64_t retry_ms)
{
	struct signal_request rq;
	struct signal_failure failure = { .rq = &rq,
		.error = SIGNAL_EBUSY,
		.text = words[SIGNAL_EBUSY],
		.retry_ms = retry_ms };
	uint64_t unused;

	if (bytes > SFUD_BUSY_MAX_BYTES ||
	    !order_rate_take(&conn->busy_rate, SFUD_BUSY_PER_SECOND,
		SFUD_BUSY_BURST, sfud_now_us(conn->sfud), &unused)) {
		sfud_conn_close(conn);
		return;
	}
	conn->sfud->refusals[SIGNAL_EBUSY]++;
	(void)signal_request_parse(&rq, text, bytes);
	refuse(conn, &failure);
	signal_request_clear(&rq);
}

void sfud_request(struct sfud_conn *conn, const char *text, size_t bytes)
{
	struct signal_request rq;
	enum signal_error error;
	uint64_t retry_ms = 0;

	if (!order_rate_take(&conn->rate, SFUD_REQUESTS_PER_SECOND,
		SFUD_REQUESTS_BURST, sfud_now_us(conn->sfud), &retry_ms)) {
		busy_say(conn, text, bytes, retry_ms);
		return;
	}
	error = signal_request_parse(&rq, text, bytes);
	answer(conn, &rq, error);
	signal_request_clear(&rq);
}
