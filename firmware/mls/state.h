/*
 * state.h - the plain form of saved state, inside the seal.
 *
 * A fuzzer and the tests reach the parsers here; everybody else uses the sealed
 * form of mls.h.
 */
#pragma once
#include "mls/group.h"

void mls_group_write(struct kk_writer *w, const struct mls_group *group);
MUST_CHECK enum kk_err mls_group_read(struct mls_group **groupp,
    const struct mls_client *client, struct kk_view in);

void mls_epoch_write(struct kk_writer *w, const struct mls_epoch *epoch);
/* Errors stick in r; *epochp is NULL then. */
void mls_epoch_read(struct kk_reader *r, const struct mls_client *client,
    struct mls_epoch **epochp);

enum mls_state_kind { /* bound into the seal, so that kinds cannot be mixed */
	MLS_STATE_GROUP = 1,
	MLS_STATE_KEY_PACKAGE = 2,
	MLS_STATE_STAGED = 3
};

/* Seals what w holds; w is cleared, also on error. */
MUST_CHECK enum kk_err mls_state_seal(struct kk_writer *w,
    enum mls_state_kind kind, const uint8_t *key, struct kk_bytes *out);
MUST_CHECK enum kk_err mls_state_open(struct kk_view in,
    enum mls_state_kind kind, const uint8_t *key, struct kk_bytes *plain);
