#include <glib.h>
#include <stdio.h>
#include <string.h>

#include "ua/end.h"

static void text_copy(char out[END_TEXT_BYTES], struct kk_view text)
{
	const size_t bytes = text.bytes < END_TEXT_BYTES ? text.bytes :
							   END_TEXT_BYTES - 1;

	if (bytes > 0)
		memcpy(out, text.data, bytes);
	out[bytes] = '\0';
}

static void incoming(void *arg, struct ua_call *call,
    const struct ua_incoming *in)
{
	struct end *e = arg;

	e->call = call;
	e->incoming++;
	e->origin = in->origin;
	e->trunk = in->trunk;
	text_copy(e->from, kk_view_text(in->from_user));
	text_copy(e->to, kk_view_text(in->to_user));
	text_copy(e->name, kk_view_text(in->from_name));
	text_copy(e->sdp, in->offer);
}

static void progress(void *arg, struct ua_call *call, unsigned status,
    struct kk_view sdp)
{
	struct end *e = arg;

	(void)call;
	e->rings++;
	e->ring_status = status;
	text_copy(e->sdp, sdp);
}

static void answered(void *arg, struct ua_call *call, struct kk_view sdp)
{
	struct end *e = arg;

	(void)call;
	e->answered++;
	text_copy(e->sdp, sdp);
}

static void offered(void *arg, struct ua_call *call, struct kk_view sdp)
{
	struct end *e = arg;

	e->call = call;
	e->offered++;
	text_copy(e->sdp, sdp);
}

static void ended(void *arg, struct ua_call *call, enum ua_reason reason,
    unsigned status)
{
	struct end *e = arg;

	if (e->call == call)
		e->call = NULL;
	e->ended++;
	e->reason = reason;
	e->status = status;
}

static void trunk(void *arg, size_t index, enum ua_trunk_state state)
{
	struct end *e = arg;

	(void)index;
	e->trunk_state = state;
}

static void kept(void *arg, struct ua_call *call, struct kk_view bye)
{
	struct end *e = arg;

	(void)call;
	CHECK(bye.bytes < sizeof(e->bye));
	if (bye.bytes > 0)
		memcpy(e->bye, bye.data, bye.bytes);
	e->bye[bye.bytes] = '\0';
	e->kept++;
}

void end_open(struct end *e, struct ua_config config)
{
	static const struct ua_handler handler = { incoming, progress, answered,
		offered, ended, trunk, kept };
	static const struct ua_listen listens[] = {
		{ .transport = UA_UDP, .address = "127.0.0.1" },
		{ .transport = UA_TCP, .address = "127.0.0.1" },
	};

	memset(e, 0, sizeof(*e));
	if (!config.domain)
		config.domain = "site.example";
	if (!config.listens) {
		config.listens = listens;
		config.listen_count = KK_ARRAY_LEN(listens);
	}
	CHECK_OK(ua_new(&e->ua, &config, &handler, e));
}

void end_close(struct end *e)
{
	ua_free(e->ua);
	e->ua = NULL;
}

static gboolean wake(void *arg)
{
	*(bool *)arg = true;
	return G_SOURCE_REMOVE;
}

void end_wait_at(struct tap_place at, const char *text, const unsigned *what,
    unsigned want)
{
	bool is_late = false;
	const guint timer = g_timeout_add_seconds(END_WAIT_S, wake, &is_late);

	while (*what != want && !is_late)
		(void)g_main_context_iteration(NULL, TRUE);
	tap_equal(at, text, "what was waited for", (intmax_t)*what,
	    (intmax_t)want);
	(void)g_source_remove(timer);
}

void end_run_ms(unsigned ms)
{
	bool is_late = false;

	(void)g_timeout_add(ms, wake, &is_late);
	while (!is_late)
		(void)g_main_context_iteration(NULL, TRUE);
}

struct ua_trunk end_trunk(const struct end *e, enum ua_transport transport,
    char uri[END_TEXT_BYTES])
{
	(void)snprintf(uri, END_TEXT_BYTES, "sip:127.0.0.1:%u;transport=%s",
	    ua_port(e->ua, transport), transport == UA_TCP ? "tcp" : "udp");
	return (struct ua_trunk){ .name = "pbx",
		.domain = "site.example",
		.servers = { uri },
		.user = "4711",
		.is_static = true };
}

struct kk_view end_text(const char *text)
{
	return kk_view_of(text, strlen(text));
}

void end_place(struct end *from, const char *to, const char *offer)
{
	const struct ua_place place = { .trunk = 0,
		.to_user = to,
		.from_name = "Room \"4\"",
		.offer = end_text(offer) };

	end_wait(from->trunk_state, UA_TRUNK_READY);
	CHECK_OK(ua_call_place(from->ua, &place, &from->call));
}
