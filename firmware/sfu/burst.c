/*
 * burst.c - packets that came together, shown receiver by receiver.
 *
 * What a receiver's packets need - its slots, its path's numbers, its keys - is
 * large, and of hundreds of receivers none stays in the caches until the next
 * packet.  So it is fetched once for all of them; and a receiver's packets of
 * one length leave in a row, as one message.
 */
#include "sfu/sfu_internal.h"

struct sfu_burst_packet {
	struct sfu_encoding *encoding;
	struct sfu_packet packet;
	uint64_t now_us;
	struct sfu_burst_packet *next; /* of its source */
};

struct sfu_burst {
	struct sfu_burst_packet list[SFU_BURST_MAX];
	size_t count;
	struct sfu_source *sources, **sources_end; /* in it, as they came */
};

enum kk_err sfu_burst_new(struct sfu_burst **burstp)
{
	struct sfu_burst *burst = kk_calloc(1, sizeof(*burst));

	if (!burst)
		return KK_ENOMEM;
	burst->sources_end = &burst->sources;
	*burstp = burst;
	return KK_OK;
}

void sfu_burst_free(struct sfu_burst *burst)
{
	kk_free(burst);
}

static void source_add(struct sfu_burst *burst, struct sfu_source *source)
{
	source->burst_next = NULL;
	source->burst_end = &source->burst_first;
	*burst->sources_end = source;
	burst->sources_end = &source->burst_next;
}

void sfu_burst_add(struct sfu_burst *burst, struct sfu_encoding *encoding,
    const struct sfu_packet *p, uint64_t now_us)
{
	struct sfu_source *source = encoding->source;
	struct sfu_burst_packet *b = &burst->list[burst->count++];

	b->encoding = encoding;
	b->packet = *p;
	b->now_us = now_us;
	b->next = NULL;
	if (!source->burst_first)
		source_add(burst, source);
	*source->burst_end = b;
	source->burst_end = &b->next;
	if (burst->count == SFU_BURST_MAX)
		sfu_burst_end(burst);
}

/* --- the receivers ------------------------------------------------------- */

/* All links with a slot that shows any of it, and in each those slots. */
static struct sfu_link *links_collect(const struct sfu_burst *burst)
{
	struct sfu_link *links = NULL, **end = &links;

	for (struct sfu_source *s = burst->sources; s; s = s->burst_next) {
		for (struct sfu_slot *slot = s->watchers; slot;
		    slot = slot->next) {
			struct sfu_link *link = slot->link;

			slot->burst_next = NULL;
			if (!link->burst_slots) {
				link->burst_next = NULL;
				link->burst_end = &link->burst_slots;
				*end = link;
				end = &link->burst_next;
			}
			*link->burst_end = slot;
			link->burst_end = &slot->burst_next;
		}
	}
	return links;
}

static void link_show(struct sfu_link *link)
{
	for (struct sfu_slot *slot = link->burst_slots; slot;
	    slot = slot->burst_next) {
		const struct sfu_burst_packet *b = slot->source->burst_first;

		for (; b; b = b->next)
			sfu_slot_packet(slot, b->encoding, &b->packet,
			    b->now_us);
	}
	link->burst_slots = NULL;
}

void sfu_burst_end(struct sfu_burst *burst)
{
	uint64_t now_us;

	if (burst->count == 0)
		return;
	now_us = burst->list[burst->count - 1].now_us;
	for (struct sfu_link *link = links_collect(burst); link;
	    link = link->burst_next)
		link_show(link);
	for (struct sfu_source *s = burst->sources; s; s = s->burst_next) {
		s->burst_first = NULL;
		sfu_source_keyframes(s, now_us);
	}
	burst->sources = NULL;
	burst->sources_end = &burst->sources;
	burst->count = 0;
}
