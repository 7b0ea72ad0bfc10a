/* server.c - judging and answering requests. */
#define _GNU_SOURCE /* CLOCK_MONOTONIC */
#include "call/server_internal.h"

enum { US_PER_MS = 1000 };

static enum kk_err now_get(const struct call_server *server, uint64_t *now_ms)
{
	uint64_t us;

	if (sd_event_now(server->event, CLOCK_MONOTONIC, &us) < 0)
		return KK_EIO;
	*now_ms = us / US_PER_MS;
	return KK_OK;
}

static enum call_verdict judge(struct call_socket *s, size_t rule,
    sd_json_variant *in)
{
	const struct call_service *service = &s->server->service;
	struct call_ask ask = { .rule = rule, .role = s->role };

	if (call_json_measure(in, &ask.bytes) ||
	    now_get(s->server, &ask.now_ms))
		ask.bytes = SIZE_MAX;
	/* Its state is nobody's business whom the table does not know. */
	if (service->state &&
	    (service->rules[rule].roles & CALL_ROLE(s->role)) &&
	    ask.bytes <= service->rules[rule].bytes_max)
		ask.state = service->state(service->arg, in);
	return call_table_ask(s->server->table, &ask);
}

static int refuse(struct call_socket *s, size_t rule, sd_varlink *link,
    enum call_verdict verdict)
{
	const char *id = call_verdict_id(verdict);
	uint64_t n = call_table_count(s->server->table, verdict);

	/* At 1, 2, 4, 8, ...: a flood of requests is no flood of lines. */
	if ((n & (n - 1)) == 0)
		kk_log(s->server->service.log, KK_LOG_WARNING,
		    "request refused method=%s role=%u why=%s count=%llu",
		    s->server->service.rules[rule].method, s->role, id,
		    (unsigned long long)n);
	return sd_varlink_error(link, id, NULL);
}

int call_server_answer(struct call_socket *s, size_t rule, sd_varlink *link,
    sd_json_variant *in, bool wants_more)
{
	const struct call_service *service = &s->server->service;
	struct call_request rq = { .link = link,
		.in = in,
		.role = s->role,
		.wants_more = wants_more };
	enum call_verdict verdict = judge(s, rule, in);
	enum kk_err err;
	int r = 0;

	if (verdict != CALL_ALLOWED)
		return refuse(s, rule, link, verdict);
	err = service->handlers[rule](service->arg, &rq);
	if (err) {
		kk_log(service->log, KK_LOG_INFO,
		    "call failed method=%s err=%s", service->rules[rule].method,
		    kk_err_name(err));
		r = sd_varlink_error(link, call_err_id(err), NULL);
	} else if (!rq.is_kept) {
		r = sd_varlink_reply(link, rq.out);
	}
	sd_json_variant_unref(rq.out);
	return r;
}

enum kk_err call_notify(sd_varlink *link, sd_json_variant *out)
{
	return sd_varlink_notify(link, out) < 0 ? KK_EIO : KK_OK;
}

uint64_t call_server_count(const struct call_server *server,
    enum call_verdict verdict)
{
	return call_table_count(server->table, verdict);
}

uint64_t call_server_strangers(const struct call_server *server)
{
	return server->strangers;
}

/*
 * One entry for each rule's index.
 */
#define ENTRY(n)                                                    \
	static int entry_##n(sd_varlink *link, sd_json_variant *in, \
	    sd_varlink_method_flags_t flags, void *s)               \
	{                                                           \
		return call_server_answer(s, (n), link, in,         \
		    flags & SD_VARLINK_METHOD_MORE);                \
	}

ENTRY(0)
ENTRY(1)
ENTRY(2)
ENTRY(3)
ENTRY(4)
ENTRY(5)
ENTRY(6)
ENTRY(7)
ENTRY(8)
ENTRY(9)
ENTRY(10)
ENTRY(11)
ENTRY(12)
ENTRY(13)
ENTRY(14)
ENTRY(15)
ENTRY(16)
ENTRY(17)
ENTRY(18)
ENTRY(19)
ENTRY(20)
ENTRY(21)
ENTRY(22)
ENTRY(23)
ENTRY(24)
ENTRY(25)
ENTRY(26)
ENTRY(27)
ENTRY(28)
ENTRY(29)
ENTRY(30)
ENTRY(31)

sd_varlink_method_t call_server_entry(size_t rule)
{
	static const sd_varlink_method_t entries[CALL_RULES_MAX] = {
		entry_0,
		entry_1,
		entry_2,
		entry_3,
		entry_4,
		entry_5,
		entry_6,
		entry_7,
		entry_8,
		entry_9,
		entry_10,
		entry_11,
		entry_12,
		entry_13,
		entry_14,
		entry_15,
		entry_16,
		entry_17,
		entry_18,
		entry_19,
		entry_20,
		entry_21,
		entry_22,
		entry_23,
		entry_24,
		entry_25,
		entry_26,
		entry_27,
		entry_28,
		entry_29,
		entry_30,
		entry_31,
	};

	return rule < CALL_RULES_MAX ? entries[rule] : NULL;
}
