/* peer.c - one end of a transport: its socket and its life. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tools/load/load.h"

enum {
	SOCKET_BYTES = 4 * 1024 * 1024,
	CHECK_AGAIN_US = 50000, /* RFC 8445, 14.3, for one pair */
	/* RFC 7675, 5.1: consent is asked for every 5 s. */
	CONSENT_US = 5000000
};

static void name_make(char *to, size_t room)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567";
	uint8_t random[LOAD_PWD_BYTES];

	load_random(random, sizeof(random));
	for (size_t i = 0; i + 1 < room; i++)
		to[i] = letters[random[i] % (sizeof(letters) - 1)];
	to[room - 1] = '\0';
}

static enum kk_err socket_open(struct load_member *m)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_addr = m->load->address };
	struct epoll_event watch = { .events = EPOLLIN, .data.ptr = m };
	socklen_t bytes = sizeof(at);
	struct load_peer *p = &m->peer;
	const int size = SOCKET_BYTES, yes = 1;

	p->fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (p->fd < 0)
		return KK_EIO;
	/* Without the right to it, as much as the system allows. */
	if (setsockopt(p->fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)))
		(void)setsockopt(p->fd, SOL_SOCKET, SO_RCVBUF, &size,
		    sizeof(size));
	if (setsockopt(p->fd, SOL_SOCKET, SO_TIMESTAMPNS, &yes, sizeof(yes)) ||
	    bind(p->fd, (struct sockaddr *)&at, sizeof(at)) ||
	    getsockname(p->fd, (struct sockaddr *)&at, &bytes) ||
	    epoll_ctl(m->load->epoll, EPOLL_CTL_ADD, p->fd, &watch))
		return KK_EIO;
	p->port = ntohs(at.sin_port);
	return KK_OK;
}

enum kk_err load_peer_open(struct load_member *m)
{
	name_make(m->peer.ufrag, sizeof(m->peer.ufrag));
	name_make(m->peer.pwd, sizeof(m->peer.pwd));
	return socket_open(m);
}

void load_peer_close(struct load_peer *p)
{
	dtls_free(p->dtls);
	srtp_tx_free(p->tx);
	srtp_rx_free(p->rx);
	if (p->fd >= 0)
		(void)close(p->fd);
	kk_wipe(p->pwd, sizeof(p->pwd));
	*p = (struct load_peer){ .fd = -1 };
}

static enum kk_err remote_set(struct load_peer *p,
    const struct load_remote *remote)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_port = htons(remote->port) };

	p->remote = *remote;
	if (inet_pton(AF_INET, remote->address, &to.sin_addr) != 1)
		return KK_EFORMAT;
	return connect(p->fd, (struct sockaddr *)&to, sizeof(to)) ? KK_EIO :
								    KK_OK;
}

enum kk_err load_peer_connect(struct load_member *m,
    const struct load_remote *remote)
{
	enum kk_err err = remote_set(&m->peer, remote);

	if (err)
		return err;
	load_random(m->peer.transaction, sizeof(m->peer.transaction));
	m->peer.phase = LOAD_PEER_CHECKING;
	load_peer_check(m, load_now_us());
	return KK_OK;
}

enum kk_err load_peer_keys(struct load_member *m,
    const struct load_remote *remote, struct kk_view own, struct kk_view peer)
{
	const enum srtp_profile profile = SRTP_PROFILE_AEAD_AES_128_GCM;
	const size_t key = srtp_key_bytes(profile);
	struct load_peer *p = &m->peer;
	enum kk_err err = remote_set(p, remote);

	if (!err)
		err = srtp_tx_new(&p->tx, profile, kk_view_of(own.data, key),
		    kk_view_of(own.data + key, own.bytes - key),
		    LOAD_SSRCS_MAX);
	if (!err)
		err = srtp_rx_new(&p->rx, profile, kk_view_of(peer.data, key),
		    kk_view_of(peer.data + key, peer.bytes - key),
		    LOAD_SSRCS_MAX);
	if (!err)
		p->phase = LOAD_PEER_READY;
	return err;
}

void load_peer_send(struct load_member *m, struct kk_view datagram)
{
	ssize_t n;

	do {
		n = send(m->peer.fd, datagram.data, datagram.bytes,
		    MSG_NOSIGNAL);
	} while (n < 0 && (errno == EINTR || errno == ECONNREFUSED));
	/* A full buffer loses it, as a network does. */
}

void load_peer_fail(struct load_member *m, const char *why, enum kk_err err)
{
	if (m->peer.phase == LOAD_PEER_FAILED)
		return;
	m->peer.phase = LOAD_PEER_FAILED;
	load_fail(m->load, "participant %zu: %s: %s", m->number, why,
	    kk_err_text(err));
}

void load_peer_tick(struct load_member *m, uint64_t now_us)
{
	struct load_peer *p = &m->peer;
	uint64_t since_us = now_us - p->checked_us;

	if (m->load->options.server == LOAD_FLOOR || p->fd < 0)
		return;
	if ((p->phase == LOAD_PEER_CHECKING && !p->is_answered &&
		since_us >= CHECK_AGAIN_US) ||
	    (p->phase == LOAD_PEER_READY && since_us >= CONSENT_US))
		load_peer_check(m, now_us);
	if (p->phase == LOAD_PEER_SHAKING)
		load_peer_shake_tick(m);
}
