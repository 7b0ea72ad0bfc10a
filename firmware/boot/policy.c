/* policy.c - what commands make of the record. */
#include <string.h>

#include "boot/boot.h"

/* A unit that was just flashed, or has lost its variables: what runs is all
 * that is known to start. */
void boot_policy_first(struct boot_record *r, enum boot_slot running)
{
	memset(r, 0, sizeof(*r));
	r->state[running] = BOOT_GOOD;
	r->preferred = running;
}

bool boot_policy_is_confirmed(const struct boot_record *r,
    enum boot_slot running)
{
	return r->state[running] == BOOT_GOOD && r->boots[running] == 0;
}

static bool is_startable(enum boot_state state)
{
	return state == BOOT_GOOD || state == BOOT_FAILED;
}

/* This boot may still be confirmed; the next one is the other's.  Where both
 * have failed they take turns: what was wrong may have been something else. */
static void give_up(struct boot_record *r, enum boot_slot running)
{
	const enum boot_slot other = boot_slot_other(running);

	if (!is_startable(r->state[other]))
		return;
	r->state[running] = BOOT_FAILED;
	r->boots[other] = 0;
	r->preferred = other;
}

void boot_policy_started(struct boot_record *r, enum boot_slot running,
    const uint8_t boot_id[BOOT_ID_BYTES])
{
	const enum boot_slot other = boot_slot_other(running);

	if (!memcmp(r->boot_id, boot_id, BOOT_ID_BYTES))
		return;
	memcpy(r->boot_id, boot_id, BOOT_ID_BYTES);
	/* A try is one boot.  Whatever came in between, we are back. */
	if (r->state[other] == BOOT_TRYING)
		r->state[other] = BOOT_EMPTY;
	/* Somebody has started it by hand. */
	if (r->state[running] == BOOT_EMPTY) {
		r->state[running] = BOOT_TRYING;
		r->boots[running] = 0;
	}
	if (r->boots[running] < BOOT_UNCONFIRMED_MAX)
		r->boots[running]++;
	if (r->state[running] != BOOT_TRYING &&
	    r->boots[running] >= BOOT_UNCONFIRMED_MAX)
		give_up(r, running);
}

enum kk_err boot_policy_empty(struct boot_record *r, enum boot_slot running)
{
	const enum boot_slot other = boot_slot_other(running);

	if (!boot_policy_is_confirmed(r, running))
		return KK_ESTATE;
	r->state[other] = BOOT_EMPTY;
	r->boots[other] = 0;
	r->preferred = running;
	return KK_OK;
}

enum kk_err boot_policy_bad(struct boot_record *r, enum boot_slot running)
{
	const enum boot_slot other = boot_slot_other(running);

	if (r->state[other] != BOOT_GOOD)
		return KK_ESTATE;
	r->state[running] = r->state[running] == BOOT_TRYING ? BOOT_EMPTY :
							       BOOT_FAILED;
	r->preferred = other;
	return KK_OK;
}

enum kk_err boot_policy_try(struct boot_record *r, enum boot_slot running,
    enum boot_slot slot)
{
	const enum boot_slot other = boot_slot_other(running);

	if (!boot_policy_is_confirmed(r, running))
		return KK_ESTATE;
	if (slot == running) {
		/* Takes a try back. */
		if (r->state[other] == BOOT_TRYING)
			r->state[other] = BOOT_EMPTY;
		r->preferred = running;
		return KK_OK;
	}
	if (r->state[slot] == BOOT_GOOD) {
		r->preferred = slot;
		return KK_OK;
	}
	r->state[slot] = BOOT_TRYING;
	r->boots[slot] = 0;
	return KK_OK;
}

enum kk_err boot_policy_good(struct boot_record *r, enum boot_slot running,
    uint64_t version)
{
	const bool was_good = r->state[running] == BOOT_GOOD ||
	    r->state[running] == BOOT_FAILED;

	if (!was_good && version < r->floor)
		return KK_EPOLICY;
	/* One that was good already leaves it to whoever chose the other. */
	if (r->state[running] != BOOT_GOOD)
		r->preferred = running;
	r->state[running] = BOOT_GOOD;
	r->boots[running] = 0;
	if (version > r->floor)
		r->floor = version;
	return KK_OK;
}
