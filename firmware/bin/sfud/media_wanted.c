/*
 * media_wanted.c - publishers are told which of their sizes nobody draws, so
 * that they need not encode and send them.
 *
 * Looked at a few times a second, and with the next tick when somebody asks for
 * another picture or size.
 */
#include "media_internal.h"

enum { LOOK_EVERY_US = 250000 };

static void source_look(struct media_peer *peer, enum media_source source,
    uint64_t now_us)
{
	const struct media_config *config = &peer->meeting->media->config;
	struct sfu_source *sfu = peer->sources[source].sfu;
	size_t wanted;

	if (sfu && sfu_source_wants(sfu, now_us, &wanted) &&
	    config->wanted_changed)
		config->wanted_changed(config->arg, peer, source, wanted);
}

void media_wanted_tick(struct media *media, uint64_t now_us)
{
	const struct media_transport_state *t;

	if (!media->has_watched && now_us - media->wanted_us < LOOK_EVERY_US)
		return;
	media->has_watched = false;
	media->wanted_us = now_us;
	for (t = media->transports; t; t = t->all_next) {
		for (unsigned i = 0; i < MEDIA_SOURCE_COUNT; i++) {
			if (t->peer->sources[i].transport == t)
				source_look(t->peer, (enum media_source)i,
				    now_us);
		}
	}
}
