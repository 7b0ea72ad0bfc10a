/* peers.c - how many connections an address has. */
#define _GNU_SOURCE /* struct in6_addr's s6_addr */
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "webd.h"

enum { NETWORK_BYTES = 8 }; /* a host may choose the rest of an IPv6 address */

static bool address_get(struct lws *wsi, uint8_t address[16])
{
	struct sockaddr_storage from = { 0 };
	socklen_t bytes = sizeof(from);

	memset(address, 0, 16);
	if (getpeername(lws_get_socket_fd(wsi), (struct sockaddr *)&from,
		&bytes))
		return false;
	if (from.ss_family == AF_INET6)
		memcpy(address, &((struct sockaddr_in6 *)&from)->sin6_addr,
		    NETWORK_BYTES);
	else
		memcpy(address + NETWORK_BYTES,
		    &((struct sockaddr_in *)&from)->sin_addr, 4);
	return true;
}

static struct webd_peer *peer_find(struct webd *w, const uint8_t address[16])
{
	struct webd_peer *free_one = NULL;

	for (size_t i = 0; i < WEBD_CONNECTIONS_MAX; i++) {
		struct webd_peer *p = &w->peers[i];

		if (p->count && !memcmp(p->address, address, 16))
			return p;
		if (!p->count)
			free_one = p;
	}
	return free_one;
}

void webd_peer_come(struct webd *w, struct lws *wsi)
{
	uint8_t address[16];
	struct webd_peer *p = NULL;

	if (address_get(wsi, address))
		p = peer_find(w, address);
	if (!p || p->count >= WEBD_CONNECTIONS_OF_ONE_MAX) {
		lws_set_timeout(wsi, PENDING_TIMEOUT_USER_REASON_BASE,
		    LWS_TO_KILL_ASYNC);
		return;
	}
	memcpy(p->address, address, sizeof(p->address));
	p->count++;
	lws_set_opaque_user_data(wsi, p);
}

void webd_peer_go(struct webd *w, struct lws *wsi)
{
	struct webd_peer *p = lws_get_opaque_user_data(wsi);

	(void)w;
	if (p && p->count)
		p->count--;
	lws_set_opaque_user_data(wsi, NULL);
}
