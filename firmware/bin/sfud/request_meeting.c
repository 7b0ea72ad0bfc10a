/* request_meeting.c - meetings, participants and the order of key messages. */
#include "sfud.h"

static const struct sfud_failed fine = { .error = SIGNAL_OK };

static struct sfud_failed failed_by(enum order_result result)
{
	static const enum signal_error errors[] = {
		[ORDER_OK] = SIGNAL_OK,
		[ORDER_DENIED] = SIGNAL_EDENIED,
		[ORDER_NO_MEETING] = SIGNAL_EMEETING,
		[ORDER_FULL] = SIGNAL_EFULL,
		[ORDER_STALE] = SIGNAL_ESTALE,
		[ORDER_NOT_NOW] = SIGNAL_ESTATE,
		[ORDER_LIMIT] = SIGNAL_ELIMIT,
		[ORDER_NO_MEMBER] = SIGNAL_EUNKNOWN,
		[ORDER_FAILED] = SIGNAL_EINTERNAL,
	};

	return (struct sfud_failed){ .error = errors[result] };
}

static struct kk_view id_of(const struct signal_meeting *meeting)
{
	return kk_view_of(meeting->id, meeting->bytes);
}

static struct signal_epoch epoch_of(struct order_epoch epoch)
{
	return (struct signal_epoch){ epoch.is_set, epoch.n };
}

struct sfud_failed sfud_done(struct sfud_conn *conn,
    const struct signal_request *rq)
{
	struct kk_bytes text;
	enum kk_err err = signal_write_done(&text, rq->id);

	sfud_send(conn, err, &text);
	return fine;
}

struct sfud_failed sfud_hello(struct sfud_conn *conn,
    const struct signal_request *rq)
{
	struct kk_bytes text;
	enum kk_err err = signal_write_hello(&text, rq->id, "sfud",
	    conn->sfud->options.allows_audio_levels);

	sfud_send(conn, err, &text);
	return fine;
}

static bool is_of_the_site(const struct sfud_conn *conn,
    const struct signal_register *reg)
{
	return order_token_is(reg->site_token, conn->sfud->site_token_hash);
}

struct sfud_failed sfud_register(struct sfud_conn *conn,
    const struct signal_request *rq)
{
	const struct signal_register *reg = &rq->reg;
	const struct order_registration registration = { .meeting_id = id_of(
							     &reg->meeting),
		.token_hash = reg->token_hash,
		.participants = reg->participants,
		.is_reset = reg->is_reset,
		.by = conn->member };
	struct order_epoch epoch;
	enum order_result result;
	struct kk_bytes text;
	enum kk_err err;

	if (!is_of_the_site(conn, reg))
		return (struct sfud_failed){ .error = SIGNAL_EDENIED,
			.words = "wrong site token" };
	result = order_register(conn->sfud->order, &registration, &epoch);
	if (result)
		return failed_by(result);
	err = signal_write_epoch(&text, rq->id, epoch_of(epoch));
	sfud_send(conn, err, &text);
	sfud_conns_settle(conn->sfud);
	return fine;
}

struct sfud_failed sfud_unregister(struct sfud_conn *conn,
    const struct signal_request *rq)
{
	enum order_result result;

	if (!is_of_the_site(conn, &rq->reg))
		return (struct sfud_failed){ .error = SIGNAL_EDENIED,
			.words = "wrong site token" };
	result = order_unregister(conn->sfud->order, id_of(&rq->reg.meeting));
	if (result)
		return failed_by(result);
	(void)sfud_done(conn, rq);
	sfud_conns_settle(conn->sfud);
	return fine;
}

/* The packets' half of somebody who has entered. */
static enum kk_err peer_make(struct sfud_conn *conn)
{
	struct order_meeting *meeting = order_member_meeting(conn->member);
	struct pool_meeting *media = order_meeting_owner(meeting);
	enum kk_err err = KK_OK;

	if (!media) {
		err = pool_meeting_new(&media, conn->sfud->pool);
		if (err)
			return err;
		order_meeting_owner_set(meeting, media);
	}
	return pool_peer_new(&conn->peer, media, conn);
}

static struct signal_present present_of(const struct order_member *member)
{
	struct signal_present present = { 0 };
	struct order_participant id = order_member_id(member);

	for (size_t i = 0; i < sizeof(id.id); i++)
		present.participant.id[i] = id.id[i];
	for (unsigned i = 0; i < SIGNAL_SOURCE_COUNT; i++)
		present.has[i] = order_member_has(member, i);
	return present;
}

static enum kk_err entered_write(struct kk_bytes *text, uint64_t rq_id,
    const struct order_entered *entered)
{
	size_t count, others = 0;
	struct order_member *const *members = order_members(
	    order_member_meeting(entered->member), &count);
	struct signal_present *list = kk_calloc(count, sizeof(*list));
	struct signal_entered out = {
		.participant = present_of(entered->member).participant,
		.epoch = epoch_of(entered->epoch),
		.others = list,
		.is_behind = entered->is_behind
	};
	enum kk_err err;

	*text = (struct kk_bytes){ 0 };
	if (!list)
		return KK_ENOMEM;
	for (size_t i = 0; i < count; i++) {
		if (members[i] != entered->member)
			list[others++] = present_of(members[i]);
	}
	out.other_count = others;
	err = signal_write_entered(text, rq_id, &out);
	kk_free(list);
	return err;
}

/* Who is in a meeting goes on, and others may come to it. */
static bool begins_a_meeting(const struct order_member *member)
{
	size_t count;

	(void)order_members(order_member_meeting(member), &count);
	return count == 1;
}

struct sfud_failed sfud_enter(struct sfud_conn *conn,
    const struct signal_request *rq)
{
	const struct signal_enter *enter = &rq->enter;
	const struct order_entry entry = { .meeting_id = id_of(&enter->meeting),
		.token = enter->token,
		.epoch = { enter->epoch.is_set, enter->epoch.n },
		.owner = conn };
	struct order_entered entered;
	enum order_result result = order_enter(conn->sfud->order, &entry,
	    &entered);
	struct kk_bytes text;
	enum kk_err err;

	if (result)
		return failed_by(result);
	conn->member = entered.member;
	if (conn->sfud->drains_until_ms && begins_a_meeting(entered.member)) {
		sfud_conn_leave(conn, false);
		return (struct sfud_failed){ .error = SIGNAL_EBUSY,
			.words = "the server is about to end",
			.retry_ms = SFUD_DRAIN_RETRY_MS };
	}
	if (peer_make(conn)) {
		sfud_conn_leave(conn, true);
		return failed_by(ORDER_FAILED);
	}
	conn->sfud->joins++;
	ws_conn_message_max_set(conn->ws, SIGNAL_TEXT_MAX_BYTES);
	err = entered_write(&text, rq->id, &entered);
	sfud_send(conn, err, &text);
	if (enter->epoch.is_set && entered.epoch.is_set && !entered.is_behind)
		order_replay(entered.member, enter->epoch.n);
	return fine;
}

struct sfud_failed sfud_begin(struct sfud_conn *conn,
    const struct signal_request *rq)
{
	enum order_result result = order_begin(conn->member, rq->epoch);

	return result ? failed_by(result) : sfud_done(conn, rq);
}

struct sfud_failed sfud_commit(struct sfud_conn *conn,
    const struct signal_request *rq)
{
	const struct signal_commit *c = &rq->commit;
	struct order_welcome *welcomes = kk_calloc(c->welcome_count,
	    sizeof(*welcomes));
	struct order_commit commit = { .epoch = c->epoch,
		.message = kk_bytes_view(&c->message),
		.welcomes = welcomes,
		.welcome_count = c->welcome_count };
	struct sfud_failed failed;
	enum order_result result;
	struct kk_bytes text;
	uint64_t epoch = 0;
	enum kk_err err;

	if (!welcomes)
		return failed_by(ORDER_FAILED);
	for (size_t i = 0; i < c->welcome_count; i++) {
		for (size_t b = 0; b < ORDER_PARTICIPANT_BYTES; b++)
			welcomes[i].to.id[b] = c->welcomes[i].to.id[b];
		welcomes[i].message = kk_bytes_view(&c->welcomes[i].message);
	}
	result = order_commit(conn->member, &commit, &epoch);
	kk_free(welcomes);
	failed = failed_by(result);
	failed.epoch = epoch;
	if (result)
		return failed;
	err = signal_write_epoch(&text, rq->id,
	    (struct signal_epoch){ true, epoch });
	sfud_send(conn, err, &text);
	return fine;
}

struct sfud_failed sfud_message(struct sfud_conn *conn,
    const struct signal_request *rq)
{
	struct order_participant to;
	enum order_result result;

	for (size_t i = 0; i < sizeof(to.id); i++)
		to.id[i] = rq->message.to.id[i];
	result = order_message(conn->member, rq->message.has_to ? &to : NULL,
	    kk_bytes_view(&rq->message.message));
	return result ? failed_by(result) : sfud_done(conn, rq);
}

struct sfud_failed sfud_leave(struct sfud_conn *conn,
    const struct signal_request *rq)
{
	sfud_conn_leave(conn, false);
	return sfud_done(conn, rq);
}
