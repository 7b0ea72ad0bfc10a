/*
 * world.h - a box without hardware: variables in memory whose power can be cut
 * before any write, and a firmware that starts what they say.
 */
#pragma once
#include "boot/boot.h"

enum { WORLD_VAR_BYTES = 34 };

enum world_name {
	WORLD_RECORD,
	WORLD_ORDER,
	WORLD_NEXT,
	WORLD_CURRENT,
	WORLD_VARS
};

enum { /* numbers of boot entries, one of them somebody else's */
	WORLD_ENTRY_FOREIGN,
	WORLD_ENTRY_A,
	WORLD_ENTRY_B,
	WORLD_ENTRIES
};

struct world_var {
	uint8_t is_there, bytes;
	uint8_t data[WORLD_VAR_BYTES];
};

/* Without padding: it is compared and copied as bytes.  The entries' bytes
 * are always the same ones. */
struct world {
	struct world_var var[WORLD_VARS];
	uint8_t has_entry[4]; /* the last one is none */
	uint32_t power; /* writes until it is cut; UINT32_MAX: never */
	uint32_t writes; /* made so far */
};

/* With entries of both slots, slot A first in BootOrder, and no record. */
void world_init(struct world *w);
struct boot_vars world_vars(struct world *w); /* w is borrowed */

void world_number_set(struct world *w, enum world_name name, unsigned number);
bool world_number(const struct world *w, enum world_name name,
    unsigned *number);
/* The nth of BootOrder; UINT_MAX: there are not so many. */
unsigned world_order(const struct world *w, size_t nth);
bool world_starts(const struct world *w, enum boot_slot slot);

/*
 * The boot manager: BootNext once, then BootOrder; what is_loadable refuses is
 * left out.  Sets BootCurrent.  BOOT_NO_SLOT: nothing of ours starts.
 * Source: UEFI 2.10, 3.1.1.
 */
enum boot_slot world_boot(struct world *w, const bool is_loadable[BOOT_SLOTS]);

/* The commands in one boot of a slot. */
struct boot world_boot_of(const struct boot_vars *vars, enum boot_slot running,
    uint8_t boot_id);
