/* media_path.c - from whose address a packet comes: proved by checks alone. */
#include <string.h>

#include "media_internal.h"

/* FNV-1a, begun at chance: who chooses addresses cannot choose buckets. */
uint64_t media_hash(const struct media *media, const void *data, size_t bytes)
{
	const uint8_t *p = data;
	uint64_t hash = 0xcbf29ce484222325 ^ media->seed;

	for (size_t i = 0; i < bytes; i++)
		hash = (hash ^ p[i]) * 0x100000001b3;
	return hash ^ hash >> 32;
}

static struct media_path **bucket_of(const struct media *media,
    const struct media_address *a)
{
	uint8_t key[sizeof(a->ip) + sizeof(a->port)];

	memcpy(key, a->ip, sizeof(a->ip));
	memcpy(key + sizeof(a->ip), &a->port, sizeof(a->port));
	return (struct media_path **)&media
	    ->by_address[media_hash(media, key, sizeof(key)) &
		(MEDIA_BUCKETS - 1)];
}

static bool address_equal(const struct media_address *a,
    const struct media_address *b)
{
	return a->family == b->family && a->port == b->port &&
	    a->scope == b->scope && a->connection == b->connection &&
	    memcmp(a->ip, b->ip, sizeof(a->ip)) == 0;
}

struct media_path *media_path_find(const struct media *media,
    const struct media_address *remote)
{
	struct media_path *p = *bucket_of(media, remote);

	while (p && !address_equal(&p->remote, remote))
		p = p->next;
	return p;
}

void media_path_clear(struct media_path *path)
{
	struct media *media = path->transport->media;
	const uint64_t connection = path->remote.connection;
	struct media_path **at = bucket_of(media, &path->remote);

	while (*at != path)
		at = &(*at)->next;
	*at = path->next;
	if (path->transport->path == path)
		path->transport->path = NULL;
	*path = (struct media_path){ 0 };
	media->path_count--;
	media_tcp_close(media, connection);
}

void media_paths_clear(struct media_transport_state *t)
{
	for (size_t i = 0; i < MEDIA_PATHS_MAX; i++) {
		if (t->paths[i].transport)
			media_path_clear(&t->paths[i]);
	}
}

/* A free one, or the one that was checked longest ago. */
static struct media_path *room_make(struct media_transport_state *t)
{
	struct media_path *oldest = NULL;

	for (size_t i = 0; i < MEDIA_PATHS_MAX; i++) {
		struct media_path *p = &t->paths[i];

		if (!p->transport)
			return p;
		if (p != t->path &&
		    (!oldest || p->checked_us < oldest->checked_us))
			oldest = p;
	}
	media_path_clear(oldest);
	return oldest;
}

struct media_path *media_path_prove(struct media_transport_state *t,
    const struct media_address *remote, const struct media_address *local,
    uint64_t now_us)
{
	struct media_path *path = media_path_find(t->media, remote);
	struct media_path **bucket;

	/* One socket of a peer cannot serve two transports.  Whoever writes
	 * another's address on its checks does not take that other's packets
	 * away; what is over is not held for long, but a connection is one
	 * peer's till its end. */
	if (path && path->transport != t &&
	    (remote->connection ||
		now_us - path->checked_us < MEDIA_PATH_HOLD_US))
		return NULL;
	if (path && path->transport != t) {
		media_path_clear(path);
		path = NULL;
	}
	if (!path) {
		path = room_make(t);
		path->transport = t;
		path->remote = *remote;
		bucket = bucket_of(t->media, remote);
		path->next = *bucket;
		*bucket = path;
		t->media->path_count++;
	}
	path->local = *local;
	path->checked_us = now_us;
	return path;
}
