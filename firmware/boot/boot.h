/*
 * boot.h - which of two slots the firmware starts, and when the other one.
 * Zone: boot.  One thread.
 *
 * All that is decided stands in one record, a UEFI variable of our own; its
 * write is the commit.  BootOrder and BootNext follow from it and are put right
 * by each command.  So a command may be cut after any write: the next boot
 * begins with boot_started(), which finishes it or goes back.
 * docs/updates.md has the table of every cut.
 *
 * No files, no clock: variables are read and written by the caller's functions.
 *
 * Source: UEFI Specification 2.10, 3.1 (boot manager), 3.3 (its variables),
 * 8.2 (a variable's write is whole or not at all).
 */
#pragma once
#include "base/base.h"

enum boot_slot { BOOT_A, BOOT_B, BOOT_NO_SLOT };

enum {
	BOOT_SLOTS = BOOT_NO_SLOT,
	BOOT_UNCONFIRMED_MAX = 2, /* boots of a slot in a row, then the other */
	BOOT_VAR_BYTES = 4096, /* the largest variable that is looked at */
	BOOT_ENTRIES_MAX = 256,
	BOOT_ID_BYTES = 16
};

enum boot_state {
	BOOT_EMPTY, /* nothing, or half of something: never started */
	BOOT_TRYING, /* written whole, never confirmed: started once */
	BOOT_GOOD, /* was confirmed */
	BOOT_FAILED, /* was good, then not confirmed twice: the last resort */
	BOOT_STATES
};

/* "a", "empty", ...; never NULL. */
const char *boot_slot_name(enum boot_slot slot);
const char *boot_state_name(enum boot_state state);
enum boot_slot boot_slot_other(enum boot_slot slot);

/*
 * The record (record.c).
 */
struct boot_record {
	enum boot_state state[BOOT_SLOTS];
	uint8_t boots[BOOT_SLOTS]; /* since it was confirmed; no more counted
				    than BOOT_UNCONFIRMED_MAX */
	enum boot_slot preferred; /* stands first in BootOrder */
	uint64_t floor; /* no older version becomes good any more */
	uint8_t boot_id[BOOT_ID_BYTES]; /* of the boot that was counted last */
};

enum { BOOT_RECORD_BYTES = 34 };

void boot_record_write(const struct boot_record *r,
    uint8_t out[BOOT_RECORD_BYTES]);
/* Errors: KK_EFORMAT; KK_EUNSUP of another layout. */
MUST_CHECK enum kk_err boot_record_parse(struct boot_record *r,
    struct kk_view in);

/*
 * What commands make of it (policy.c), pure.  running is the slot that runs
 * this boot.  On error nothing has changed.
 *
 * boot_policy_started(): once a boot; a second call with the same id changes
 * nothing.
 * boot_policy_empty(): the other slot is going to be written.  KK_ESTATE unless
 * the running one was confirmed in this boot.
 * boot_policy_bad(): the running one is not to be started again.  KK_ESTATE
 * where the other one is not good.
 * boot_policy_try(): slot is whole, or was good before, and is next.
 * KK_ESTATE unless the running one was confirmed in this boot.
 * boot_policy_good(): the running one has shown that it works.  KK_EPOLICY it
 * was never good and is older than the floor.
 */
void boot_policy_first(struct boot_record *r, enum boot_slot running);
void boot_policy_started(struct boot_record *r, enum boot_slot running,
    const uint8_t boot_id[BOOT_ID_BYTES]);
MUST_CHECK enum kk_err boot_policy_empty(struct boot_record *r,
    enum boot_slot running);
MUST_CHECK enum kk_err boot_policy_bad(struct boot_record *r,
    enum boot_slot running);
MUST_CHECK enum kk_err boot_policy_try(struct boot_record *r,
    enum boot_slot running, enum boot_slot slot);
MUST_CHECK enum kk_err boot_policy_good(struct boot_record *r,
    enum boot_slot running, uint64_t version);
/* May the other slot be written? */
bool boot_policy_is_confirmed(const struct boot_record *r,
    enum boot_slot running);

/*
 * Boot entries (entry.c): EFI_LOAD_OPTION.
 * Source: UEFI 2.10, 3.1.3 and 10.3 (device paths).
 */
struct boot_disk { /* a partition of a GPT */
	uint32_t number;
	uint64_t start, sectors;
	uint8_t guid[16]; /* as it stands in the GPT */
};

struct boot_entry {
	bool is_active;
	bool has_disk;
	struct boot_disk disk;
	enum boot_slot slot; /* whose image its path names, or BOOT_NO_SLOT */
	size_t optional_bytes;
};

enum { BOOT_ENTRY_BYTES = 256 };

/* Errors: KK_ETRUNC, KK_EFORMAT, KK_ELIMIT. */
MUST_CHECK enum kk_err boot_entry_parse(struct boot_entry *e,
    struct kk_view in);
/* Our own entry of a slot. */
size_t boot_entry_write(enum boot_slot slot, const struct boot_disk *disk,
    uint8_t out[BOOT_ENTRY_BYTES]);

/*
 * Variables, the caller's.  is_ours: of our vendor, else of UEFI's global one.
 * get() gives KK_ENOENT where there is none, KK_ELIMIT where it is larger
 * than *bytes.  set() writes the whole variable, non-volatile.  entries() lists
 * the numbers of all Boot#### there are, in order; KK_ELIMIT more than *count.
 */
struct boot_vars {
	enum kk_err (*get)(void *arg, const char *name, bool is_ours,
	    uint8_t *data, size_t *bytes);
	enum kk_err (*set)(void *arg, const char *name, bool is_ours,
	    const uint8_t *data, size_t bytes);
	enum kk_err (*erase)(void *arg, const char *name);
	enum kk_err (*entries)(void *arg, uint16_t *numbers, size_t *count);
	void *arg;
};

#define BOOT_RECORD_NAME "KonklaveBoot"

/*
 * The commands (handler.c).  Errors of all: those of the variables' functions;
 * KK_ENOENT nobody knows which slot runs, or a slot has no boot entry.  Those
 * that change something: KK_ESTATE boot_started() was not called in this boot.
 */
struct boot {
	const struct boot_vars *vars;
	const struct kk_log *log;
	enum boot_slot running; /* BOOT_NO_SLOT: asked of BootCurrent */
	uint64_t version; /* of the running slot; 0: unknown */
	uint8_t boot_id[BOOT_ID_BYTES];
};

MUST_CHECK enum kk_err boot_started(const struct boot *b);
/* Makes the boot entries that are not there. */
MUST_CHECK enum kk_err boot_setup(const struct boot *b,
    const struct boot_disk *disk);
MUST_CHECK enum kk_err boot_current_get(const struct boot *b,
    enum boot_slot *slot);
MUST_CHECK enum kk_err boot_primary_get(const struct boot *b,
    enum boot_slot *slot);
MUST_CHECK enum kk_err boot_primary_set(const struct boot *b,
    enum boot_slot slot);
MUST_CHECK enum kk_err boot_state_get(const struct boot *b, enum boot_slot slot,
    bool *is_good);
/* Errors besides: those of boot_policy_empty(), _bad() and _good(); KK_ESTATE a
 * slot that does not run is to be good. */
MUST_CHECK enum kk_err boot_state_set(const struct boot *b, enum boot_slot slot,
    bool is_good);
/* What is recorded.  KK_ENOENT: nothing yet. */
MUST_CHECK enum kk_err boot_record_get(const struct boot *b,
    struct boot_record *r);
