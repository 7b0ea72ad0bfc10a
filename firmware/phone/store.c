/* store.c - packets that came, found by their time. */
#include <string.h>

#include "phone/phone_private.h"

static struct phone_slot *slot_for(struct phone_store *s)
{
	if (s->used == STORE_SLOTS)
		phone_store_drop(s, phone_store_oldest(s));
	for (size_t i = 0; i < STORE_SLOTS; i++) {
		if (!s->slot[i].is_used)
			return &s->slot[i];
	}
	return NULL; /* cannot be: one was dropped */
}

enum kk_err phone_store_put(struct phone_store *s, int64_t at, uint32_t samples,
    struct kk_view payload)
{
	struct phone_slot *slot;

	if (payload.bytes > STORE_PAYLOAD_BYTES)
		return KK_EFORMAT;
	for (size_t i = 0, left = s->used; left > 0 && i < STORE_SLOTS; i++) {
		if (s->slot[i].is_used && s->slot[i].at == at)
			return KK_EREPLAY;
		left -= s->slot[i].is_used;
	}
	slot = slot_for(s);
	if (!slot)
		return KK_ENOSPC;
	s->used++;
	slot->is_used = true;
	slot->at = at;
	slot->samples = samples;
	slot->bytes = (uint16_t)payload.bytes;
	memcpy(s->payload[slot - s->slot], payload.data, payload.bytes);
	return KK_OK;
}

struct kk_view phone_store_payload(const struct phone_store *s,
    const struct phone_slot *slot)
{
	return kk_view_of(s->payload[slot - s->slot], slot->bytes);
}

void phone_store_drop(struct phone_store *s, struct phone_slot *slot)
{
	s->used -= slot->is_used;
	slot->is_used = false;
}

struct phone_slot *phone_store_oldest(struct phone_store *s)
{
	struct phone_slot *oldest = NULL;

	for (size_t i = 0, left = s->used; left > 0 && i < STORE_SLOTS; i++) {
		struct phone_slot *slot = &s->slot[i];

		if (slot->is_used && (!oldest || slot->at < oldest->at))
			oldest = slot;
		left -= slot->is_used;
	}
	return oldest;
}

void phone_store_clear(struct phone_store *s)
{
	for (size_t i = 0; i < STORE_SLOTS; i++)
		s->slot[i].is_used = false;
	s->used = 0;
}
