/* media_tcp.h - what the files of ICE over TCP share.  Internal. */
#pragma once
#include "media_internal.h"
#include "wire/framing.h"

enum {
	MEDIA_TCP_INDEX_BITS = 12,
	MEDIA_TCP_CONNECTIONS_MAX = 1 << MEDIA_TCP_INDEX_BITS,
	MEDIA_TCP_IN_BYTES = 32 * 1024,
	/* Read from connections, and UDP has a turn: a thousand busy ones do
	 * not keep its packets until the system drops them. */
	MEDIA_TCP_TURN_BYTES = 256 * 1024
};

struct media_connection {
	struct media *media;
	uint64_t number; /* never given twice */
	int fd;
	sd_event_source *source;
	struct media_address remote, local;
	bool is_stranger; /* and stands in their list */
	bool is_broken; /* and its event says so soon */
	bool is_blocked; /* its event says when there is room */
	bool is_waiting; /* to be flushed; and stands in that list */
	uint64_t since_us;
	struct media_connection *next, *prev; /* strangers, oldest first */
	struct media_connection *waiting_next;
	struct wire_framing in;
	uint8_t *out; /* NULL: nothing was sent yet */
	size_t out_from, out_bytes;
};

struct media_tcp {
	struct media *media;
	struct media_socket listeners[MEDIA_SOCKETS];
	sd_event_source *timer;
	struct media_connection *list[MEDIA_TCP_CONNECTIONS_MAX];
	size_t count, stranger_count, next_index;
	uint64_t last_serial;
	struct media_connection *oldest, *newest; /* strangers */
	struct media_connection *waiting;
	size_t taken_bytes; /* since UDP had a turn */
	uint8_t in[MEDIA_TCP_IN_BYTES];
};

/* --- media_tcp.c --------------------------------------------------------- */

struct media_connection *media_connection_find(const struct media *media,
    uint64_t number); /* NULL: it is closed */
/* A check on it was good. */
void media_stranger_forget(struct media_tcp *tcp, struct media_connection *c);

/* --- media_tcp_stream.c -------------------------------------------------- */

/* The event of a connection, which is arg. */
int media_connection_event(sd_event_source *source, int fd, uint32_t events,
    void *arg);
