/* floor_link.c - the floor: no signalling, no ICE, no DTLS. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tools/load/floor.h"
#include "tools/load/load.h"

static enum kk_err floor_open(struct load *load)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };

	if (strlen(load->options.socket) >= sizeof(at.sun_path))
		return KK_ELIMIT;
	memcpy(at.sun_path, load->options.socket,
	    strlen(load->options.socket) + 1);
	load->floor = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (load->floor < 0 ||
	    connect(load->floor, (struct sockaddr *)&at, sizeof(at))) {
		load_fail(load, "nobody answers at --socket=%s",
		    load->options.socket);
		return KK_EIO;
	}
	return KK_OK;
}

static void floor_close(struct load *load)
{
	if (load->floor >= 0)
		(void)close(load->floor);
}

static enum kk_err floor_begin(struct load_member *m)
{
	struct load *load = m->load;
	struct floor_member say = { .meeting = (uint32_t)(m->meeting -
					load->meetings),
		.is_publisher = m->is_publisher,
		.at = { .sin_family = AF_INET,
		    .sin_port = htons(m->peer.port),
		    .sin_addr = load->address } };
	const struct kk_view key = kk_view_of(say.key, sizeof(say.key));
	struct load_remote remote = { 0 };
	struct floor_hello hello;
	enum kk_err err = KK_EIO;

	load_random(say.key, sizeof(say.key));
	if (send(load->floor, &say, sizeof(say), MSG_NOSIGNAL) == sizeof(say) &&
	    recv(load->floor, &hello, sizeof(hello), 0) == sizeof(hello)) {
		(void)inet_ntop(AF_INET, &hello.media.sin_addr, remote.address,
		    sizeof(remote.address));
		remote.port = ntohs(hello.media.sin_port);
		err = load_peer_keys(m, &remote, key, key);
	}
	kk_wipe(&say, sizeof(say));
	if (!err)
		load_member_signalled(m);
	return err;
}

static enum kk_err floor_text(struct load_member *m, const char *text,
    size_t bytes)
{
	(void)m;
	(void)text;
	(void)bytes;
	return KK_ESTATE; /* there is no WebSocket */
}

const struct load_adapter load_floor = { NULL, floor_open, floor_begin,
	floor_text, floor_close };
