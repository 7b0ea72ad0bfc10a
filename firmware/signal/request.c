/* request.c - a text becomes a request. */
#include <string.h>

#include "signal/signal_private.h"

static signal_fields fields_hello, fields_register, fields_unregister,
    fields_enter, fields_begin, fields_commit, fields_message, fields_leave;

static const struct {
	const char *name;
	signal_fields *fields;
} types[SIGNAL_TYPE_COUNT] = {
	[SIGNAL_HELLO] = { "hello", fields_hello },
	[SIGNAL_REGISTER] = { "register", fields_register },
	[SIGNAL_UNREGISTER] = { "unregister", fields_unregister },
	[SIGNAL_ENTER] = { "enter", fields_enter },
	[SIGNAL_BEGIN] = { "begin", fields_begin },
	[SIGNAL_COMMIT] = { "commit", fields_commit },
	[SIGNAL_MESSAGE] = { "message", fields_message },
	[SIGNAL_TRANSPORT] = { "transport", signal_fields_transport },
	[SIGNAL_RESTART] = { "restart", signal_fields_restart },
	[SIGNAL_CONNECT] = { "connect", signal_fields_connect },
	[SIGNAL_DISCONNECT] = { "disconnect", signal_fields_disconnect },
	[SIGNAL_PUBLISH] = { "publish", signal_fields_publish },
	[SIGNAL_UNPUBLISH] = { "unpublish", signal_fields_unpublish },
	[SIGNAL_SLOTS] = { "slots", signal_fields_slots },
	[SIGNAL_WATCH] = { "watch", signal_fields_watch },
	[SIGNAL_LEAVE] = { "leave", fields_leave },
};

const char *signal_type_name(enum signal_type type)
{
	return types[type].name;
}

static void fields_hello(struct signal_reader *r, struct signal_request *rq)
{
	rq->hello.version = signal_read_u64(r, "version", 0, SIGNAL_NUMBER_MAX);
	/* Another version may have other fields. */
	if (!r->error && rq->hello.version != SIGNAL_VERSION)
		signal_read_fail(r, SIGNAL_EVERSION);
	signal_read_text(r, "client", rq->hello.client,
	    SIGNAL_CLIENT_MAX_BYTES);
}

static void fields_unregister(struct signal_reader *r,
    struct signal_request *rq)
{
	signal_read_exact(r, "siteToken", rq->reg.site_token,
	    SIGNAL_TOKEN_BYTES);
	signal_read_meeting(r, &rq->reg.meeting);
}

static void fields_register(struct signal_reader *r, struct signal_request *rq)
{
	fields_unregister(r, rq);
	signal_read_exact(r, "tokenHash", rq->reg.token_hash,
	    SIGNAL_TOKEN_BYTES);
	rq->reg.participants = (uint16_t)signal_read_u64(r, "participants",
	    SIGNAL_PARTICIPANTS_MIN, SIGNAL_PARTICIPANTS_MAX);
	if (signal_read_has(r, "reset"))
		rq->reg.is_reset = signal_read_bool(r, "reset");
}

static void fields_enter(struct signal_reader *r, struct signal_request *rq)
{
	signal_read_meeting(r, &rq->enter.meeting);
	signal_read_exact(r, "token", rq->enter.token, SIGNAL_TOKEN_BYTES);
	if (!signal_read_has(r, "epoch"))
		return;
	rq->enter.epoch.n = signal_read_u64(r, "epoch", 0, SIGNAL_NUMBER_MAX);
	rq->enter.epoch.is_set = true;
}

static void fields_begin(struct signal_reader *r, struct signal_request *rq)
{
	rq->epoch = signal_read_u64(r, "epoch", 0, SIGNAL_NUMBER_MAX - 1);
}

static void welcomes_read(struct signal_reader *r, struct signal_commit *c)
{
	size_t count;
	sd_json_variant *list = signal_read_list(r, "welcomes",
	    SIGNAL_WELCOMES_MAX, &count);

	if (count == 0)
		return;
	c->welcomes = kk_calloc(count, sizeof(*c->welcomes));
	if (!c->welcomes) {
		signal_read_fail(r, SIGNAL_EINTERNAL);
		return;
	}
	c->welcome_count = count;
	for (size_t i = 0; i < count && !r->error; i++) {
		struct signal_reader one = {
			.in = sd_json_variant_by_index(list, i)
		};

		signal_read_exact(&one, "to", c->welcomes[i].to.id,
		    SIGNAL_PARTICIPANT_BYTES);
		signal_read_message(&one, "message", &c->welcomes[i].message);
		r->error = one.error;
	}
}

static void fields_commit(struct signal_reader *r, struct signal_request *rq)
{
	/* The next one is a number that all clients can keep, too. */
	rq->commit.epoch = signal_read_u64(r, "epoch", 0,
	    SIGNAL_NUMBER_MAX - 1);
	signal_read_message(r, "message", &rq->commit.message);
	if (signal_read_has(r, "groupInfo"))
		signal_read_message(r, "groupInfo", &rq->commit.group_info);
	welcomes_read(r, &rq->commit);
}

static void fields_message(struct signal_reader *r, struct signal_request *rq)
{
	signal_read_message(r, "message", &rq->message.message);
	rq->message.has_to = signal_read_has(r, "to");
	if (rq->message.has_to)
		signal_read_exact(r, "to", rq->message.to.id,
		    SIGNAL_PARTICIPANT_BYTES);
}

static void fields_leave(struct signal_reader *r, struct signal_request *rq)
{
	(void)r;
	(void)rq;
}

static void type_read(struct signal_reader *r, struct signal_request *rq)
{
	const char *names[SIGNAL_TYPE_COUNT];

	for (size_t i = 0; i < SIGNAL_TYPE_COUNT; i++)
		names[i] = types[i].name;
	rq->type = signal_read_choice(r, "type", names, SIGNAL_TYPE_COUNT);
}

static enum signal_error object_read(struct signal_request *rq,
    sd_json_variant *v)
{
	struct signal_reader r = { .in = v };

	rq->is_object = true;
	rq->id = signal_read_u64(&r, "id", 0, SIGNAL_NUMBER_MAX);
	rq->has_id = r.error == SIGNAL_OK;
	type_read(&r, rq);
	if (r.error) {
		rq->type = SIGNAL_TYPE_COUNT;
		return r.error;
	}
	types[rq->type].fields(&r, rq);
	return r.error;
}

enum signal_error signal_request_parse(struct signal_request *rq,
    const char *text, size_t bytes)
{
	enum signal_error error;
	sd_json_variant *v = NULL;

	memset(rq, 0, sizeof(*rq));
	rq->type = SIGNAL_TYPE_COUNT;
	if (bytes > SIGNAL_TEXT_MAX_BYTES || signal_scan(text, bytes)) {
		rq->is_object = true; /* or not: it was not looked at */
		return SIGNAL_ELIMIT;
	}
	if (memchr(text, '\0', bytes) ||
	    sd_json_parse(text, SD_JSON_PARSE_SENSITIVE, &v, NULL, NULL) < 0)
		return SIGNAL_EFORMAT;
	error = sd_json_variant_is_object(v) ? object_read(rq, v) :
					       SIGNAL_EFORMAT;
	sd_json_variant_unref(v);
	return error;
}

void signal_request_clear(struct signal_request *rq)
{
	if (rq->type == SIGNAL_COMMIT) {
		kk_bytes_clear(&rq->commit.message);
		kk_bytes_clear(&rq->commit.group_info);
		for (size_t i = 0; i < rq->commit.welcome_count; i++)
			kk_bytes_clear(&rq->commit.welcomes[i].message);
		kk_free(rq->commit.welcomes);
	} else if (rq->type == SIGNAL_MESSAGE) {
		kk_bytes_clear(&rq->message.message);
	}
	kk_wipe(rq, sizeof(*rq));
	rq->type = SIGNAL_TYPE_COUNT;
}
