/*
 * handshakes.c - TLS handshakes that others begin: a signature of ours each,
 * dear before anybody is known, so that there are few in a second, and few that
 * are not done.
 *
 * sofia-sip asks nobody before it begins one; but the SSL_accept() that it
 * finds is ours (tls.c).  That has no argument for whose it is: the source of
 * the loop that is being dispatched tells, which is sofia-sip's, and stands in
 * the same context as what ua_handshakes_open() leaves there.
 */
#define _GNU_SOURCE /* SO_COOKIE */
#include <string.h>
#include <sys/socket.h>

#include "ua/ua_private.h"

enum { DONE_MS = 10000 }; /* a handshake is done by then, or closed */

/* Never ready: it only keeps whose the loop's source is. */
struct mark {
	GSource of;
	struct ua *ua;
};

static gboolean mark_dispatch(GSource *of, GSourceFunc callback, gpointer arg)
{
	(void)of;
	(void)callback;
	(void)arg;
	return G_SOURCE_CONTINUE;
}

void ua_handshakes_open(struct ua *ua)
{
	struct ua_handshakes *h = &ua->handshakes;
	struct mark *mark;

	h->mark_funcs = (GSourceFuncs){ .dispatch = mark_dispatch };
	h->mark = g_source_new(&h->mark_funcs, sizeof(*mark));
	mark = (struct mark *)h->mark;
	mark->ua = ua;
	g_source_set_callback(h->mark, NULL, ua->source, NULL);
	(void)g_source_attach(h->mark, g_source_get_context(ua->source));
}

void ua_handshakes_close(struct ua *ua)
{
	if (!ua->handshakes.mark)
		return;
	g_source_destroy(ua->handshakes.mark);
	g_source_unref(ua->handshakes.mark);
	ua->handshakes.mark = NULL;
}

static struct ua *ua_of_turn(void)
{
	GSource *const source = g_main_current_source();
	GSource *const mark = source ?
	    g_main_context_find_source_by_user_data(
		g_source_get_context(source), source) :
	    NULL;

	return mark ? ((struct mark *)mark)->ua : NULL;
}

static uint64_t cookie_of(int fd)
{
	uint64_t cookie = 0;
	socklen_t bytes = sizeof(cookie);

	return getsockopt(fd, SOL_SOCKET, SO_COOKIE, &cookie, &bytes) == 0 ?
	    cookie :
	    0;
}

static void drop(struct ua_handshakes *h, size_t i)
{
	h->list[i] = h->list[--h->count];
}

/* Those that are over, one way or another. */
static void gone_drop(struct ua_handshakes *h)
{
	for (size_t i = h->count; i-- > 0;) {
		if (cookie_of(h->list[i].fd) != h->list[i].cookie)
			drop(h, i);
	}
}

void ua_handshakes_tick(struct ua *ua, int64_t now_ms)
{
	struct ua_handshakes *h = &ua->handshakes;

	gone_drop(h);
	for (size_t i = h->count; i-- > 0;) {
		if (now_ms - h->list[i].since_ms < DONE_MS)
			continue;
		/* As in connections.c: sofia-sip closes it then. */
		(void)shutdown(h->list[i].fd, SHUT_RDWR);
		ua->counts.closed++;
		drop(h, i);
	}
}

static bool has_room(const struct ua *ua, const struct ua_handshake *of)
{
	const struct ua_handshakes *h = &ua->handshakes;
	unsigned all = 0, same = 0;

	for (size_t i = 0; i < h->count; i++) {
		all += h->list[i].kind == of->kind;
		same += strcmp(h->list[i].address, of->address) == 0;
	}
	return h->count < UA_HANDSHAKES && all < ua->limits.handshakes &&
	    (of->kind == UA_HANDSHAKE_TRUNK ||
		same < ua->limits.source_handshakes);
}

/* As ua_limit_pass(): others' floods leave what is for the known. */
static bool has_rate(struct ua *ua, const struct ua_handshake *of,
    int64_t now_ms)
{
	const struct ua_limits *l = &ua->limits;
	struct ua_handshakes *h = &ua->handshakes;

	if (of->kind != UA_HANDSHAKE_TRUNK &&
	    !ua_bucket_take(&h->sources[ua_source_slot(ua, of->address)],
		l->source_handshakes_per_s, now_ms))
		return false;
	return ua_bucket_take(&h->rates[of->kind], l->handshakes_per_s, now_ms);
}

bool ua_handshake_pass(struct ua *ua, int fd, const char *address,
    int64_t now_ms)
{
	struct ua_handshakes *h = &ua->handshakes;
	struct ua_handshake of = { .fd = fd,
		.cookie = cookie_of(fd),
		.since_ms = now_ms };
	size_t trunk;

	(void)g_strlcpy(of.address, address, sizeof(of.address));
	if (ua_is_trunk_address(ua, address, &trunk))
		of.kind = UA_HANDSHAKE_TRUNK;
	else if (ua_is_known_address(ua, address))
		of.kind = UA_HANDSHAKE_KNOWN;
	else
		of.kind = UA_HANDSHAKE_STRANGER;
	gone_drop(h);
	if (!has_room(ua, &of) || !has_rate(ua, &of, now_ms)) {
		ua->counts.handshakes_refused++;
		return false;
	}
	ua->counts.handshakes++;
	h->list[h->count++] = of;
	return true;
}

bool ua_handshake_begins(int fd)
{
	struct ua *const ua = ua_of_turn();
	su_sockaddr_t peer = { .su_len = 0 };
	socklen_t bytes = sizeof(peer);
	char address[UA_ADDRESS_BYTES];

	if (!ua)
		return true;
	/* It has gone already. */
	if (getpeername(fd, &peer.su_sa, &bytes) ||
	    !su_inet_ntop(peer.su_family, SU_ADDR(&peer), address,
		sizeof(address)))
		return false;
	return ua_handshake_pass(ua, fd, address, ua_now_ms());
}

void ua_handshake_done(int fd)
{
	struct ua *const ua = ua_of_turn();
	struct ua_handshakes *const h = ua ? &ua->handshakes : NULL;

	for (size_t i = h ? h->count : 0; i-- > 0;) {
		if (h->list[i].fd == fd)
			drop(h, i);
	}
}
