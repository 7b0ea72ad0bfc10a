/*
 * switch.h - encryption on and off, for a comparison that the product does not
 * have: no unencrypted join exists in it.  The linker puts these in the place
 * of the vault's and the hop's calls (rules.mk, --wrap), in this program alone.
 *
 * Off, a call copies; a frame then says behind its end whose it is, as its key
 * would.
 */
#pragma once
#include "pipelines/elements/vault/vault.h"
#include "srtp/srtp.h"

enum switch_call {
	SWITCH_VAULT_SEAL,
	SWITCH_VAULT_OPEN,
	SWITCH_HOP_SEAL,
	SWITCH_HOP_OPEN,
	SWITCH_CALLS
};

enum {
	SWITCH_TRAILER_BYTES = 12, /* leaf, counter */
	SWITCH_PLAIN_EPOCH = 2, /* that frames are of when it is off */
	SWITCH_SEALED_EPOCH = 1
};

void switch_set(bool is_on);
bool switch_is_on(void);

/* What the calls took, in CPU time of their threads, and how many there were;
 * both begin anew. */
struct switch_cost {
	uint64_t ns[SWITCH_CALLS], calls[SWITCH_CALLS];
};
struct switch_cost switch_cost_take(void);

/* The end of a frame that is not sealed; out has SWITCH_TRAILER_BYTES. */
void switch_trailer_write(uint8_t *out, uint32_t leaf, uint64_t ctr);
