/*
 * media_stun.c - ICE as a lite agent (RFC 8445, 2.7): it answers checks, and
 * goes where the peer's nominating check comes from.
 */
#include <string.h>

#include "media_internal.h"

static struct wire_stun_addr stun_addr_of(const struct media_address *a)
{
	struct wire_stun_addr to = { .is_v6 = a->family == AF_INET6,
		.port = a->port };

	memcpy(to.ip, a->ip, sizeof(to.ip));
	return to;
}

/* From the address that the request came to, so that the peer knows it. */
static void answer(const struct media_login *login, enum kk_err err,
    const struct wire_stun_request *req, struct kk_view datagram,
    const struct media_address *remote, const struct media_address *local)
{
	const struct wire_stun_addr mapped = stun_addr_of(remote);
	struct media *media = login->transport->media;
	struct kk_view pwd = kk_view_text(login->pwd);
	uint8_t *out = media_out_room(media);
	struct wire_out w;

	wire_out_init(&w, out, MEDIA_DATAGRAM_BYTES);
	if (err == KK_EUNSUP)
		wire_stun_unknown_write(&w, datagram, pwd);
	else if (err)
		wire_stun_error_write(&w, req->transaction,
		    WIRE_STUN_ROLE_CONFLICT, pwd);
	else
		wire_stun_success_write(&w, req->transaction, &mapped, pwd);
	if (!w.err)
		media_out_commit(media, w.bytes, remote, local);
}

/* The newest nomination counts: so a peer moves to another network. */
static void path_choose(struct media_transport_state *t,
    struct media_path *path, bool is_nominating)
{
	if (is_nominating || !t->path)
		t->path = path;
}

static enum kk_err prove(struct media_transport_state *t, bool is_nominating,
    const struct media_address *remote, const struct media_address *local,
    uint64_t now_us)
{
	bool was_idle = t->media->path_count == 0;
	struct media_path *path = media_path_prove(t, remote, local, now_us);

	if (!path)
		return KK_EDENIED;
	t->checked_us = now_us;
	path_choose(t, path, is_nominating);
	media_dtls_start(t);
	if (was_idle)
		media_timer_wake(t->media);
	return KK_OK;
}

static enum kk_err request_take(struct media_login *login,
    struct kk_view datagram, struct kk_view username,
    const struct media_address *remote, const struct media_address *local,
    uint64_t now_us)
{
	struct wire_stun_request req = { 0 };
	enum kk_err err = wire_stun_request_check(&req, datagram, username,
	    kk_view_text(login->pwd));

	/* A lite agent does not control (RFC 8445, 6.1.1). */
	if (!err && req.role == WIRE_STUN_CONTROLLED)
		err = KK_ESTATE;
	if (!err)
		err = prove(login->transport, req.is_nominating, remote, local,
		    now_us);
	if (!err || err == KK_EUNSUP || err == KK_ESTATE)
		answer(login, err, &req, datagram, remote, local);
	if (!err)
		media_login_use(login);
	return err;
}

void media_stun_input(struct media *media, struct kk_view datagram,
    const struct media_address *remote, const struct media_address *local,
    uint64_t now_us)
{
	struct kk_view username, own = { 0 }, theirs = { 0 };
	struct media_login *login = NULL;
	enum kk_err err = wire_stun_username(datagram, &username);

	if (!err)
		err = wire_stun_username_split(username, &own, &theirs);
	if (!err) {
		login = media_login_find(media, own);
		err = login ? KK_OK : KK_ENOENT;
	}
	/* No answer to strangers: it would go wherever they say. */
	if (!err)
		err = request_take(login, datagram, username, remote, local,
		    now_us);
	if (err)
		media->counts.refused_packets++;
}
