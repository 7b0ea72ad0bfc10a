/* record.c - the record's bytes, and names. */
#include <string.h>

#include "boot/boot.h"

enum { MAGIC = 0x4b4b4254, LAYOUT = 1 }; /* "KKBT" */

const char *boot_slot_name(enum boot_slot slot)
{
	static const char *const names[] = { "a", "b", "none" };

	return names[slot <= BOOT_NO_SLOT ? slot : BOOT_NO_SLOT];
}

const char *boot_state_name(enum boot_state state)
{
	static const char *const names[] = { "empty", "trying", "good",
		"failed", "unknown" };

	return names[state < BOOT_STATES ? state : BOOT_STATES];
}

enum boot_slot boot_slot_other(enum boot_slot slot)
{
	return slot == BOOT_A ? BOOT_B : BOOT_A;
}

static uint8_t *u32_put(uint8_t *at, uint32_t n)
{
	for (int shift = 24; shift >= 0; shift -= 8)
		*at++ = (uint8_t)(n >> shift);
	return at;
}

void boot_record_write(const struct boot_record *r,
    uint8_t out[BOOT_RECORD_BYTES])
{
	uint8_t *at = u32_put(out, MAGIC);

	*at++ = LAYOUT;
	*at++ = (uint8_t)r->preferred;
	for (size_t s = 0; s < BOOT_SLOTS; s++) {
		*at++ = (uint8_t)r->state[s];
		*at++ = r->boots[s];
	}
	at = u32_put(at, (uint32_t)(r->floor >> 32));
	at = u32_put(at, (uint32_t)r->floor);
	memcpy(at, r->boot_id, BOOT_ID_BYTES);
}

enum kk_err boot_record_parse(struct boot_record *r, struct kk_view in)
{
	struct boot_record got = { 0 };
	struct kk_reader at;
	struct kk_view id;
	uint32_t magic;
	uint8_t layout;

	kk_reader_init(&at, in);
	magic = kk_read_u32(&at);
	layout = kk_read_u8(&at);
	if (kk_reader_err(&at) || magic != MAGIC)
		return KK_EFORMAT;
	if (layout != LAYOUT)
		return KK_EUNSUP;
	got.preferred = (enum boot_slot)kk_read_u8(&at);
	for (size_t s = 0; s < BOOT_SLOTS; s++) {
		got.state[s] = (enum boot_state)kk_read_u8(&at);
		got.boots[s] = kk_read_u8(&at);
		if (got.state[s] >= BOOT_STATES)
			return KK_EFORMAT;
	}
	got.floor = kk_read_u64(&at);
	id = kk_read_raw(&at, BOOT_ID_BYTES);
	if (kk_reader_end(&at) || got.preferred >= BOOT_NO_SLOT)
		return KK_EFORMAT;
	memcpy(got.boot_id, id.data, BOOT_ID_BYTES);
	*r = got;
	return KK_OK;
}
