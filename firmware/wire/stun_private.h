/* stun_private.h - libnice's STUN agent, as one call uses it.  Internal. */
#pragma once
#include <stun/stunagent.h>

#include "wire/stun.h"

enum { WIRE_STUN_HEADER_BYTES = 20 };

/* An agent for one message: short-term credentials and fingerprint. */
void wire_stun_agent_init(StunAgent *agent);

/* Whether in can be handed to libnice: a whole message with our cookie. */
MUST_CHECK enum kk_err wire_stun_shape_check(struct kk_view in);

/* Types of the attributes that must be understood and are not; request has the
 * shape of a message.  Returns how many, at most max. */
size_t wire_stun_unknown_list(struct kk_view request, uint16_t *types,
    size_t max);

/* libnice asks for no const; it writes to no message that it only reads. */
void wire_stun_message_of(StunMessage *msg, StunAgent *agent,
    struct kk_view in);

/* The address of XOR-MAPPED-ADDRESS, from and to its value of 8 or 20 bytes
 * (RFC 8489, 14.2). */
MUST_CHECK enum kk_err wire_stun_addr_read(struct wire_stun_addr *addr,
    struct kk_view value, const uint8_t *transaction);
size_t wire_stun_addr_write(const struct wire_stun_addr *addr,
    const uint8_t *transaction, uint8_t *value);
