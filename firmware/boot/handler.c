/* handler.c - the commands: the record first, then what follows from it.  Only
 * what becomes good is told to the firmware before. */
#include <stdio.h>
#include <string.h>

#include "boot_private.h"

enum { NUMBERS = 65536 };

struct look { /* what a command begins with */
	struct boot_names names;
	struct boot_record record;
	bool has_record;
	enum boot_slot running;
};

enum kk_err boot_record_get(const struct boot *b, struct boot_record *r)
{
	uint8_t data[BOOT_RECORD_BYTES];
	size_t bytes = sizeof(data);
	const enum kk_err err = b->vars->get(b->vars->arg, BOOT_RECORD_NAME,
	    true, data, &bytes);

	if (err)
		return err == KK_ELIMIT ? KK_EFORMAT : err;
	return boot_record_parse(r, kk_view_of(data, bytes));
}

static enum kk_err running_find(const struct boot *b, struct look *l)
{
	uint16_t number;
	enum kk_err err = KK_OK;

	l->running = b->running;
	if (l->running == BOOT_NO_SLOT) {
		err = boot_number_get(b, "BootCurrent", &number);
		if (!err)
			l->running = boot_names_slot(&l->names, number);
	}
	return !err && l->running == BOOT_NO_SLOT ? KK_ENOENT : err;
}

static enum kk_err look(const struct boot *b, struct look *l)
{
	enum kk_err err = boot_names_find(b, &l->names);

	if (!err)
		err = running_find(b, l);
	if (err)
		return err;
	err = boot_record_get(b, &l->record);
	l->has_record = !err;
	if (err != KK_ENOENT && err != KK_EFORMAT && err != KK_EUNSUP)
		return err;
	if (err != KK_ENOENT)
		kk_log(b->log, KK_LOG_WARNING,
		    "the record cannot be read: "
		    "begins anew");
	boot_policy_first(&l->record, l->running);
	return KK_OK;
}

/* What must not start leaves BootNext before it enters BootOrder or is
 * written. */
static enum kk_err follow(const struct boot *b, const struct look *l)
{
	const enum boot_slot other = boot_slot_other(l->running);
	const bool is_trying = l->record.state[other] == BOOT_TRYING;
	enum kk_err err = KK_OK;

	if (!is_trying)
		err = boot_next_follow(b, &l->names, other, false);
	if (!err)
		err = boot_order_follow(b, &l->names, &l->record);
	if (!err && is_trying)
		err = boot_next_follow(b, &l->names, other, true);
	return err;
}

static enum kk_err commit(const struct boot *b, const struct look *l,
    const struct boot_record *before)
{
	uint8_t data[BOOT_RECORD_BYTES], old[BOOT_RECORD_BYTES];
	enum kk_err err = KK_OK;

	boot_record_write(&l->record, data);
	boot_record_write(before, old);
	if (!l->has_record || memcmp(data, old, sizeof(data)) != 0)
		err = b->vars->set(b->vars->arg, BOOT_RECORD_NAME, true, data,
		    sizeof(data));
	return err ? err : follow(b, l);
}

/* For commands that change something: this boot was counted. */
static enum kk_err look_counted(const struct boot *b, struct look *l)
{
	const enum kk_err err = look(b, l);

	if (err)
		return err;
	return l->has_record &&
		!memcmp(l->record.boot_id, b->boot_id, BOOT_ID_BYTES) ?
	    KK_OK :
	    KK_ESTATE;
}

static void started_tell(const struct boot *b, const struct look *l,
    const struct boot_record *before)
{
	const enum boot_slot other = boot_slot_other(l->running);

	kk_log(b->log, KK_LOG_INFO, "started slot=%s state=%s boots=%u",
	    boot_slot_name(l->running),
	    boot_state_name(l->record.state[l->running]),
	    l->record.boots[l->running]);
	if (before->state[other] == BOOT_TRYING &&
	    l->record.state[other] == BOOT_EMPTY)
		kk_log(b->log, KK_LOG_WARNING,
		    "the try of the other slot has failed slot=%s",
		    boot_slot_name(other));
	if (before->state[l->running] != l->record.state[l->running] &&
	    l->record.state[l->running] == BOOT_FAILED)
		kk_log(b->log, KK_LOG_WARNING,
		    "not confirmed again: the next boot is the other slot's "
		    "slot=%s",
		    boot_slot_name(other));
}

enum kk_err boot_started(const struct boot *b)
{
	struct boot_record before;
	struct look l;
	enum kk_err err = look(b, &l);

	if (err)
		return err;
	before = l.record;
	boot_policy_started(&l.record, l.running, b->boot_id);
	err = commit(b, &l, &before);
	if (err == KK_ENOENT) {
		/* Started by its default path: boot_setup() makes them. */
		kk_log(b->log, KK_LOG_WARNING, "there is no boot entry");
		err = KK_OK;
	}
	if (!err)
		started_tell(b, &l, &before);
	return err;
}

static enum kk_err entry_make(const struct boot *b, struct boot_names *n,
    enum boot_slot slot, const struct boot_disk *disk)
{
	uint16_t numbers[BOOT_ENTRIES_MAX];
	size_t count = BOOT_ENTRIES_MAX, at = 0, bytes;
	uint8_t data[BOOT_ENTRY_BYTES];
	char name[16];
	uint32_t number = 0;
	enum kk_err err = b->vars->entries(b->vars->arg, numbers, &count);

	if (err)
		return err;
	while (at < count && numbers[at] == number) {
		at++;
		number++;
	}
	if (number >= NUMBERS)
		return KK_ELIMIT;
	bytes = boot_entry_write(slot, disk, data);
	(void)snprintf(name, sizeof(name), "Boot%04X", (unsigned)number);
	err = b->vars->set(b->vars->arg, name, false, data, bytes);
	if (!err)
		n->entry[slot] = (int32_t)number;
	return err;
}

enum kk_err boot_setup(const struct boot *b, const struct boot_disk *disk)
{
	struct look l = { .running = BOOT_NO_SLOT };
	struct boot_names names;
	enum kk_err err = boot_names_find(b, &names);

	for (size_t s = 0; !err && s < BOOT_SLOTS; s++) {
		if (names.entry[s] == BOOT_NO_ENTRY)
			err = entry_make(b, &names, (enum boot_slot)s, disk);
	}
	if (!err)
		err = look(b, &l);
	/* Of a unit that has never started it writes no record. */
	return err || !l.has_record ? err : follow(b, &l);
}

enum kk_err boot_current_get(const struct boot *b, enum boot_slot *slot)
{
	struct look l;
	enum kk_err err = boot_names_find(b, &l.names);

	if (!err)
		err = running_find(b, &l);
	if (!err)
		*slot = l.running;
	return err;
}

enum kk_err boot_primary_get(const struct boot *b, enum boot_slot *slot)
{
	struct look l;
	uint16_t next;
	enum kk_err err = look(b, &l);

	if (err)
		return err;
	*slot = BOOT_NO_SLOT;
	if (!boot_number_get(b, "BootNext", &next))
		*slot = boot_names_slot(&l.names, next);
	if (*slot == BOOT_NO_SLOT)
		*slot = boot_order_first(b, &l.names);
	return *slot == BOOT_NO_SLOT ? KK_ENOENT : KK_OK;
}

enum kk_err boot_primary_set(const struct boot *b, enum boot_slot slot)
{
	struct boot_record before;
	struct look l;
	enum kk_err err = look_counted(b, &l);

	if (err)
		return err;
	/* It could not be started. */
	if (l.names.entry[slot] == BOOT_NO_ENTRY)
		return KK_ENOENT;
	before = l.record;
	err = boot_policy_try(&l.record, l.running, slot);
	return err ? err : commit(b, &l, &before);
}

enum kk_err boot_state_get(const struct boot *b, enum boot_slot slot,
    bool *is_good)
{
	struct look l;
	const enum kk_err err = look(b, &l);

	if (!err)
		*is_good = l.record.state[slot] == BOOT_GOOD;
	return err;
}

enum kk_err boot_state_set(const struct boot *b, enum boot_slot slot,
    bool is_good)
{
	struct boot_record before;
	struct look l;
	enum kk_err err = look_counted(b, &l);

	if (err)
		return err;
	before = l.record;
	if (!is_good)
		err = slot == l.running ?
		    boot_policy_bad(&l.record, l.running) :
		    boot_policy_empty(&l.record, l.running);
	else if (slot == l.running)
		err = boot_policy_good(&l.record, l.running, b->version);
	else
		err = KK_ESTATE;
	/* What is good enters BootOrder before it is called so: else a cut, and
	 * then a fault of the old slot, would leave nothing to start. */
	if (!err && is_good)
		err = boot_order_follow(b, &l.names, &l.record);
	return err ? err : commit(b, &l, &before);
}
