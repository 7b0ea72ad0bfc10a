/* member.c - participants: who there is, and how they come in. */
#include <string.h>

#include "tools/load/load.h"

static struct load_member *member_new(struct load *load, size_t meeting,
    unsigned rank, bool is_publisher)
{
	struct load_member *m = kk_calloc(1, sizeof(*m));

	if (!m)
		return NULL;
	m->load = load;
	m->meeting = &load->meetings[meeting];
	m->number = load->member_count;
	m->rank = rank;
	m->is_publisher = is_publisher;
	m->peer.fd = -1;
	m->until_sample = m->number % load->options.sample;
	load_random(&m->rtcp_ssrc, sizeof(m->rtcp_ssrc));
	load_random(&m->source, 4 * sizeof(uint32_t) + 3 * sizeof(uint16_t));
	m->source.picture &= 0x7fff;
	m->source.video_ssrc |= 1; /* not 0, and not the other one */
	m->source.audio_ssrc = m->source.video_ssrc + 1;
	m->source.wants_key = true;
	if (is_publisher)
		m->meeting->publishers[rank] = m;
	load->members[load->member_count++] = m;
	return m;
}

/* Of all meetings the first publishers, the others, then the receivers. */
enum kk_err load_members_new(struct load *load)
{
	const struct load_options *o = &load->options;
	const unsigned each = o->publishers + o->receivers;

	load->meetings = kk_calloc(o->meetings, sizeof(*load->meetings));
	load->members = kk_calloc(o->meetings * each, sizeof(*load->members));
	if (!load->meetings || !load->members)
		return KK_ENOMEM;
	for (size_t i = 0; i < o->meetings; i++) {
		load_random(load->meetings[i].id, ROOM_ID_BYTES);
		load_random(load->meetings[i].token, ROOM_TOKEN_BYTES);
	}
	for (unsigned n = 0; n < each; n++) {
		bool is_publisher = n < o->publishers;
		unsigned rank = is_publisher ? n : n - (unsigned)o->publishers;

		for (size_t i = 0; i < o->meetings; i++) {
			if (!member_new(load, i, rank, is_publisher))
				return KK_ENOMEM;
		}
	}
	return KK_OK;
}

void load_members_free(struct load *load)
{
	for (size_t i = 0; i < load->member_count; i++) {
		ws_conn_free(load->members[i]->conn);
		load_peer_close(&load->members[i]->peer);
		kk_free(load->members[i]);
	}
	kk_free(load->members);
	kk_free_wiped(load->meetings,
	    load->options.meetings * sizeof(*load->meetings));
}

/* --- signalling ---------------------------------------------------------- */

static void refuse(struct load_member *m, const char *why, enum kk_err err)
{
	if (err)
		load_fail(m->load, "participant %zu: %s: %s", m->number, why,
		    kk_err_text(err));
}

static void opened(void *arg, struct ws_conn *conn)
{
	struct load_member *m = arg;

	(void)conn;
	refuse(m, "signalling", m->load->adapter->begin(m));
}

static void message(void *arg, struct ws_conn *conn, const char *text,
    size_t bytes)
{
	struct load_member *m = arg;

	(void)conn;
	if (!m->load->has_failed)
		refuse(m, "signalling", m->load->adapter->text(m, text, bytes));
}

static void closed(void *arg, struct ws_conn *conn, enum ws_close why)
{
	static const char *const whys[] = {
		[WS_CLOSED_BY_US] = "the server breaks its rules",
		[WS_CLOSED_BY_PEER] = "the server closes it",
		[WS_LOST] = "the server is lost",
		[WS_UNREACHABLE] = "the server is not there",
		[WS_UNTRUSTED] = "the server is not trusted",
		[WS_REFUSED] = "the server speaks otherwise",
	};
	struct load_member *m = arg;

	m->conn = NULL;
	ws_conn_free(conn);
	if (why == WS_UNREACHABLE || why == WS_REFUSED)
		load_fail(m->load, "nobody answers at --port=%u as %s does",
		    m->load->options.port,
		    load_server_name(m->load->options.server));
	else
		load_fail(m->load,
		    "participant %zu: the signalling has ended: %s", m->number,
		    whys[why]);
}

static const struct ws_handler handler = { opened, message, closed };

enum kk_err load_member_say(struct load_member *m, const char *text)
{
	return m->conn ? ws_send(m->conn, text, strlen(text)) : KK_ESTATE;
}

void load_member_begin(struct load_member *m)
{
	const struct ws_connect how = { .host = "127.0.0.1",
		.port = m->load->options.port,
		.path = "/",
		.subprotocol = m->load->adapter->subprotocol,
		.handler = &handler,
		.arg = m };
	enum kk_err err = load_peer_open(m);

	m->begun_us = load_now_us();
	if (err) {
		refuse(m, "no socket at --address", err);
		return;
	}
	refuse(m, "signalling",
	    how.subprotocol ? ws_connect(m->load->ws, &how, &m->conn) :
			      m->load->adapter->begin(m));
}

/* --- coming in ----------------------------------------------------------- */

static void series_add(struct load *load, struct load_series *series,
    uint64_t us)
{
	if (load_series_add(series,
		us < UINT32_MAX ? (uint32_t)us : UINT32_MAX))
		load_fail(load, "no memory");
}

static void look(struct load_member *m)
{
	struct load *load = m->load;

	if (m->is_up || !m->is_signalled || m->peer.phase != LOAD_PEER_READY)
		return;
	m->is_up = true;
	m->reported_us = load_now_us();
	load->up++;
	if (!m->is_publisher)
		series_add(load, &load->result.join_us,
		    m->reported_us - m->begun_us);
	load_run_joined(load);
}

void load_member_signalled(struct load_member *m)
{
	m->is_signalled = true;
	look(m);
}

void load_member_ready(struct load_member *m)
{
	if (!m->is_publisher && m->peer.shaking_us)
		series_add(m->load, &m->load->result.shake_us,
		    m->peer.ready_us - m->peer.shaking_us);
	look(m);
}

void load_member_first(struct load_member *m)
{
	m->peer.first_us = load_now_us();
	m->load->firsts++;
	if (m->peer.ready_us)
		series_add(m->load, &m->load->result.first_us,
		    m->peer.first_us - m->peer.ready_us);
}
