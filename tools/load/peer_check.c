/* peer_check.c - ICE as a full agent with one pair (RFC 8445). */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "tools/load/load.h"
#include "wire/stun.h"

enum {
	USERNAME_BYTES = ROOM_ICE_BYTES + LOAD_UFRAG_BYTES + 1,
	/* RFC 8445, 5.1.2.1: of a host candidate, and peer reflexive. */
	PRIORITY = (110 << 24) | (65535 << 8) | 255,
	TIE_BREAKER = 1
};

/* Who is asked stands first (RFC 8445, 7.2.2). */
static struct kk_view username_make(char *to, const char *asked,
    const char *asking)
{
	(void)snprintf(to, USERNAME_BYTES, "%s:%s", asked, asking);
	return kk_view_text(to);
}

void load_peer_check(struct load_member *m, uint64_t now_us)
{
	struct load_peer *p = &m->peer;
	char name[USERNAME_BYTES];
	struct wire_stun_request req = { .username = username_make(name,
					     p->remote.ufrag, p->ufrag),
		.is_nominating = !p->remote.is_controlling,
		.has_priority = true,
		.priority = PRIORITY,
		.role = p->remote.is_controlling ? WIRE_STUN_CONTROLLED :
						   WIRE_STUN_CONTROLLING,
		.tie_breaker = TIE_BREAKER };
	uint8_t out[WIRE_STUN_MAX_BYTES];
	struct wire_out w;

	p->checked_us = now_us;
	memcpy(req.transaction, p->transaction, sizeof(req.transaction));
	wire_out_init(&w, out, sizeof(out));
	wire_stun_request_write(&w, &req, kk_view_text(p->remote.pwd));
	if (w.err)
		load_peer_fail(m, "cannot ask", w.err);
	else
		load_peer_send(m, wire_out_view(&w));
}

static void proceed(struct load_member *m)
{
	struct load_peer *p = &m->peer;

	if (p->phase == LOAD_PEER_CHECKING && p->is_answered &&
	    (!p->remote.is_controlling || p->is_nominated))
		load_peer_shake(m);
}

static void response_take(struct load_member *m, struct kk_view datagram)
{
	struct wire_stun_response res;
	struct load_peer *p = &m->peer;

	if (wire_stun_response_check(&res, datagram, p->transaction,
		kk_view_text(p->remote.pwd)) ||
	    res.error)
		return;
	p->is_answered = true;
	p->transaction[0]++; /* the next one's */
	proceed(m);
}

static void request_take(struct load_member *m, struct kk_view datagram)
{
	struct load_peer *p = &m->peer;
	struct wire_stun_request req;
	struct wire_stun_addr mapped = { .port = p->remote.port };
	struct in_addr from = { 0 };
	char name[USERNAME_BYTES];
	uint8_t out[WIRE_STUN_SUCCESS_MAX_BYTES];
	struct wire_out w;

	if (wire_stun_request_check(&req, datagram,
		username_make(name, p->ufrag, p->remote.ufrag),
		kk_view_text(p->pwd)))
		return;
	(void)inet_pton(AF_INET, p->remote.address, &from);
	memcpy(mapped.ip, &from, sizeof(from));
	wire_out_init(&w, out, sizeof(out));
	wire_stun_success_write(&w, req.transaction, &mapped,
	    kk_view_text(p->pwd));
	if (!w.err)
		load_peer_send(m, wire_out_view(&w));
	p->is_nominated |= req.is_nominating;
	proceed(m);
}

void load_peer_stun(struct load_member *m, struct kk_view datagram)
{
	struct kk_view username;

	if (m->peer.phase == LOAD_PEER_NEW)
		return;
	if (wire_stun_username(datagram, &username) == KK_OK)
		request_take(m, datagram);
	else
		response_take(m, datagram);
}
