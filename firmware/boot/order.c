/* order.c - BootOrder and BootNext, as the record wants them. */
#include <stdio.h>
#include <string.h>

#include "boot_private.h"

enum { NAME_BYTES = 16, ORDER_BYTES = 2 * BOOT_ENTRIES_MAX };

static uint16_t number_at(const uint8_t *data)
{
	return (uint16_t)(data[0] | data[1] << 8);
}

static void number_put(uint8_t *data, uint16_t number)
{
	data[0] = (uint8_t)number;
	data[1] = (uint8_t)(number >> 8);
}

enum kk_err boot_number_get(const struct boot *b, const char *name,
    uint16_t *number)
{
	uint8_t data[2];
	size_t bytes = sizeof(data);
	const enum kk_err err = b->vars->get(b->vars->arg, name, false, data,
	    &bytes);

	if (err)
		return err;
	if (bytes != sizeof(data))
		return KK_EFORMAT;
	*number = number_at(data);
	return KK_OK;
}

enum boot_slot boot_names_slot(const struct boot_names *n, uint16_t number)
{
	for (size_t s = 0; s < BOOT_SLOTS; s++) {
		if (n->entry[s] == number)
			return (enum boot_slot)s;
	}
	return BOOT_NO_SLOT;
}

/* Others' entries may be anything: they are not ours, that is all. */
static enum kk_err entry_look(const struct boot *b, struct boot_names *n,
    uint16_t number)
{
	uint8_t data[BOOT_VAR_BYTES];
	size_t bytes = sizeof(data);
	struct boot_entry entry;
	char name[NAME_BYTES];
	enum kk_err err;

	(void)snprintf(name, sizeof(name), "Boot%04X", number);
	err = b->vars->get(b->vars->arg, name, false, data, &bytes);
	if (err == KK_ELIMIT || err == KK_ENOENT)
		return KK_OK;
	if (err)
		return err;
	if (boot_entry_parse(&entry, kk_view_of(data, bytes)) ||
	    entry.slot == BOOT_NO_SLOT || !entry.is_active)
		return KK_OK;
	if (n->entry[entry.slot] == BOOT_NO_ENTRY)
		n->entry[entry.slot] = number;
	return KK_OK;
}

enum kk_err boot_names_find(const struct boot *b, struct boot_names *n)
{
	uint16_t numbers[BOOT_ENTRIES_MAX];
	size_t count = BOOT_ENTRIES_MAX;
	enum kk_err err = b->vars->entries(b->vars->arg, numbers, &count);

	for (size_t s = 0; s < BOOT_SLOTS; s++)
		n->entry[s] = BOOT_NO_ENTRY;
	for (size_t i = 0; !err && i < count; i++)
		err = entry_look(b, n, numbers[i]);
	return err;
}

/* Whatever stands there that is no order is as good as none. */
static enum kk_err order_get(const struct boot *b, uint8_t *data, size_t *bytes)
{
	const enum kk_err err = b->vars->get(b->vars->arg, "BootOrder", false,
	    data, bytes);

	if (err == KK_ENOENT || err == KK_ELIMIT ||
	    (err == KK_OK && *bytes % 2)) {
		*bytes = 0;
		return KK_OK;
	}
	return err;
}

enum boot_slot boot_order_first(const struct boot *b,
    const struct boot_names *n)
{
	uint8_t data[ORDER_BYTES];
	size_t bytes = sizeof(data);

	if (order_get(b, data, &bytes))
		return BOOT_NO_SLOT;
	for (size_t i = 0; i < bytes; i += 2) {
		const enum boot_slot slot = boot_names_slot(n,
		    number_at(data + i));

		if (slot != BOOT_NO_SLOT)
			return slot;
	}
	return BOOT_NO_SLOT;
}

static void slot_add(uint8_t *data, size_t *bytes, const struct boot_names *n,
    const struct boot_record *r, enum boot_slot slot)
{
	const bool is_startable = r->state[slot] == BOOT_GOOD ||
	    r->state[slot] == BOOT_FAILED;

	if (!is_startable || n->entry[slot] == BOOT_NO_ENTRY)
		return;
	number_put(data + *bytes, (uint16_t)n->entry[slot]);
	*bytes += 2;
}

/* Ours first, then the others as they stood. */
enum kk_err boot_order_follow(const struct boot *b, const struct boot_names *n,
    const struct boot_record *r)
{
	uint8_t is[ORDER_BYTES], want[ORDER_BYTES + 2 * BOOT_SLOTS];
	size_t is_bytes = sizeof(is), want_bytes = 0;
	const enum kk_err err = order_get(b, is, &is_bytes);

	if (err)
		return err;
	slot_add(want, &want_bytes, n, r, r->preferred);
	slot_add(want, &want_bytes, n, r, boot_slot_other(r->preferred));
	if (want_bytes == 0)
		return KK_ENOENT;
	for (size_t i = 0; i < is_bytes; i += 2) {
		if (boot_names_slot(n, number_at(is + i)) != BOOT_NO_SLOT)
			continue;
		memcpy(want + want_bytes, is + i, 2);
		want_bytes += 2;
	}
	if (want_bytes == is_bytes && !memcmp(want, is, is_bytes))
		return KK_OK;
	return b->vars->set(b->vars->arg, "BootOrder", false, want, want_bytes);
}

enum kk_err boot_next_follow(const struct boot *b, const struct boot_names *n,
    enum boot_slot slot, bool is_set)
{
	uint8_t data[2];
	uint16_t number = 0;
	enum kk_err err = boot_number_get(b, "BootNext", &number);
	const bool is_there = !err;

	if (err && err != KK_ENOENT && err != KK_EFORMAT && err != KK_ELIMIT)
		return err;
	if (!is_set) {
		if (!is_there || boot_names_slot(n, number) == BOOT_NO_SLOT)
			return KK_OK;
		return b->vars->erase(b->vars->arg, "BootNext");
	}
	if (n->entry[slot] == BOOT_NO_ENTRY)
		return KK_ENOENT;
	if (is_there && number == n->entry[slot])
		return KK_OK;
	number_put(data, (uint16_t)n->entry[slot]);
	return b->vars->set(b->vars->arg, "BootNext", false, data,
	    sizeof(data));
}
