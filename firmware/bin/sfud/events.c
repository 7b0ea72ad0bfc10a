/* events.c - what happens, as texts to those whom it concerns. */
#include <string.h>

#include "sfud.h"

static enum kk_err event_write(struct kk_bytes *text,
    const struct order_event *event)
{
	struct signal_participant who;
	const struct signal_relayed relayed = { .from = &who,
		.epoch = event->epoch,
		.message = event->message };

	memcpy(who.id, event->who.id, sizeof(who.id));
	switch (event->type) {
	case ORDER_JOINED:
		return signal_write_joined(text, &who);
	case ORDER_LEFT:
		return signal_write_left(text, &who,
		    event->is_lost ? SIGNAL_LOST : SIGNAL_LEFT);
	case ORDER_PUBLISHED:
	case ORDER_UNPUBLISHED:
		return signal_write_source(text, &who,
		    (enum signal_source)event->source,
		    event->type == ORDER_PUBLISHED);
	case ORDER_COMMIT:
		return signal_write_commit(text, &relayed);
	case ORDER_WELCOME:
		return signal_write_welcome(text, &relayed);
	case ORDER_MESSAGE:
		return signal_write_message(text, &relayed);
	case ORDER_RESET:
		return signal_write_reset(text);
	case ORDER_CLOSED:
		return signal_write_closed(text, SIGNAL_UNREGISTERED);
	}
	return KK_EINVAL;
}

void sfud_event(void *arg, struct order_member *const *to, size_t count,
    const struct order_event *event)
{
	struct sfud *s = arg;
	struct kk_bytes text;
	enum kk_err err = event_write(&text, event);

	for (size_t i = 0; i < count; i++) {
		const struct sfud_conn *conn = order_member_owner(to[i]);

		s->to[i] = conn->ws;
	}
	if (!err)
		err = ws_send_all(s->to, count, (const char *)text.data,
		    text.bytes);
	kk_bytes_clear(&text);
	for (size_t i = 0; i < count; i++) {
		struct sfud_conn *conn = order_member_owner(to[i]);

		/* Who made it so gets an answer first. */
		if (event->type == ORDER_CLOSED)
			conn->must_close = true;
		/* Who may have missed something begins anew. */
		if (err)
			sfud_conn_close(conn);
	}
}

void sfud_transport_changed(void *owner, uint32_t transport, bool is_connected)
{
	struct sfud_conn *conn = owner;
	struct kk_bytes text;
	enum kk_err err = signal_write_transport_state(&text, transport,
	    is_connected);

	sfud_send(conn, err, &text);
}

void sfud_loudest_changed(void *owner, const struct pool_heard *heard,
    size_t count)
{
	struct signal_heard list[SFU_LOUD_SLOTS_MAX] = { 0 };
	struct sfud_conn *conn = owner;
	struct kk_bytes text;
	enum kk_err err;

	for (size_t i = 0; i < count; i++) {
		const struct sfud_conn *of = heard[i].owner;
		struct order_participant id;

		list[i].slot = heard[i].slot;
		list[i].has_participant = of && of->member;
		if (!list[i].has_participant)
			continue;
		id = order_member_id(of->member);
		memcpy(list[i].participant.id, id.id, sizeof(id.id));
	}
	err = signal_write_loudest(&text, list, count);
	sfud_send(conn, err, &text);
}

void sfud_wanted_changed(void *owner, enum media_source source,
    size_t encodings)
{
	struct sfud_conn *conn = owner;
	struct kk_bytes text;
	enum kk_err err = signal_write_wanted(&text, (enum signal_source)source,
	    encodings);

	sfud_send(conn, err, &text);
}
