/*
 * ext.h - lists of extensions (RFC 9420, 13).
 *
 * A list is kept as the bytes inside its vector; it was checked when it was
 * read, so that walking it cannot fail.
 */
#pragma once
#include "mls/types.h"

struct mls_ext {
	uint16_t type;
	struct kk_view data;
};

/*
 * Reads the vector of a list.  Errors stick in r: KK_EFORMAT for a type that
 * stands twice (RFC 9420, 13.4), KK_ELIMIT for over MLS_EXTENSIONS_MAX entries.
 */
struct kk_view mls_ext_list_read(struct kk_reader *r);

/* Walks a list: start with pos 0; false at the end. */
bool mls_ext_next(struct kk_view list, size_t *pos, struct mls_ext *ext);

bool mls_ext_find(struct kk_view list, uint16_t type, struct kk_view *data);

void mls_ext_write(struct kk_writer *w, uint16_t type, struct kk_view data);

/* The content of required_capabilities (RFC 9420, 11.1). */
struct mls_required_capabilities {
	struct mls_u16_list extensions;
	struct mls_u16_list proposals;
	struct mls_u16_list credentials;
};

/* All lists are empty where the extension is not in the list. */
MUST_CHECK enum kk_err mls_required_capabilities_get(struct kk_view list,
    struct mls_required_capabilities *required);

/* A vector of 16-bit numbers.  Sticks KK_EFORMAT on an odd length. */
struct mls_u16_list mls_u16_list_read(struct kk_reader *r);
size_t mls_u16_list_count(struct mls_u16_list list);
uint16_t mls_u16_list_at(struct mls_u16_list list, size_t index);
