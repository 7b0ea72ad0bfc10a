/* boot_private.h - what follows from the record.  See boot.h. */
#pragma once
#include "boot/boot.h"

enum { BOOT_NO_ENTRY = -1 };

struct boot_names { /* which Boot#### are ours */
	int32_t entry[BOOT_SLOTS];
};

/* order.c.  Both put right what differs, and write nothing else. */
MUST_CHECK enum kk_err boot_names_find(const struct boot *b,
    struct boot_names *n);
MUST_CHECK enum kk_err boot_order_follow(const struct boot *b,
    const struct boot_names *n, const struct boot_record *r);
/* is_set: BootNext is slot's; else it is nobody's of ours. */
MUST_CHECK enum kk_err boot_next_follow(const struct boot *b,
    const struct boot_names *n, enum boot_slot slot, bool is_set);
enum boot_slot boot_order_first(const struct boot *b,
    const struct boot_names *n);

/* A variable of one number, as BootNext and BootCurrent are. */
MUST_CHECK enum kk_err boot_number_get(const struct boot *b, const char *name,
    uint16_t *number);
enum boot_slot boot_names_slot(const struct boot_names *n, uint16_t number);
