/* stun_write.c - making STUN messages. */
#include <string.h>

#include "wire/stun_private.h"

enum {
	FAMILY_V4 = 1, /* RFC 8489, 14.1 */
	FAMILY_V6 = 2,
	V4_BYTES = 4,
	V6_BYTES = 16,
	ADDR_HEAD_BYTES = 4,
	ADDR_MAX_BYTES = ADDR_HEAD_BYTES + V6_BYTES,
	TRANSACTION_AT = 8
};

static const uint32_t magic_cookie = 0x2112a442; /* RFC 8489, 5 */

/* Cookie and transaction, with which port and address are masked. */
static void mask_make(uint8_t *mask, const uint8_t *transaction)
{
	wire_put_u32(mask, magic_cookie);
	memcpy(mask + sizeof(magic_cookie), transaction,
	    WIRE_STUN_TRANSACTION_BYTES);
}

enum kk_err wire_stun_addr_read(struct wire_stun_addr *addr,
    struct kk_view value, const uint8_t *transaction)
{
	struct wire_stun_addr read = { 0 };
	uint8_t mask[V6_BYTES];
	size_t ip_bytes;

	if (value.bytes < ADDR_HEAD_BYTES)
		return KK_EFORMAT;
	read.is_v6 = value.data[1] == FAMILY_V6;
	ip_bytes = read.is_v6 ? V6_BYTES : V4_BYTES;
	if ((!read.is_v6 && value.data[1] != FAMILY_V4) ||
	    value.bytes != ADDR_HEAD_BYTES + ip_bytes)
		return KK_EFORMAT;
	mask_make(mask, transaction);
	read.port = wire_get_u16(value.data + 2) ^ wire_get_u16(mask);
	for (size_t i = 0; i < ip_bytes; i++)
		read.ip[i] = value.data[ADDR_HEAD_BYTES + i] ^ mask[i];
	*addr = read;
	return KK_OK;
}

size_t wire_stun_addr_write(const struct wire_stun_addr *addr,
    const uint8_t *transaction, uint8_t *value)
{
	size_t ip_bytes = addr->is_v6 ? V6_BYTES : V4_BYTES;
	uint8_t mask[V6_BYTES];

	mask_make(mask, transaction);
	value[0] = 0;
	value[1] = addr->is_v6 ? FAMILY_V6 : FAMILY_V4;
	wire_put_u16(value + 2, (unsigned)addr->port ^ wire_get_u16(mask));
	for (size_t i = 0; i < ip_bytes; i++)
		value[ADDR_HEAD_BYTES + i] = addr->ip[i] ^ mask[i];
	return ADDR_HEAD_BYTES + ip_bytes;
}

struct writing { /* one message; ok falls with the first failed call */
	struct wire_out *w;
	StunAgent agent;
	StunMessage msg;
	bool is_ok;
};

static void writing_begin(struct writing *m, struct wire_out *w,
    StunClass class, const uint8_t *transaction)
{
	StunTransactionId id;

	m->w = w;
	m->is_ok = false;
	if (w->err)
		return;
	mask_make(id, transaction);
	wire_stun_agent_init(&m->agent);
	m->msg = (StunMessage){ .agent = &m->agent,
		.buffer = w->data + w->bytes,
		.buffer_len = w->room_bytes - w->bytes };
	m->is_ok = m->msg.buffer_len >= WIRE_STUN_HEADER_BYTES &&
	    stun_message_init(&m->msg, class, STUN_BINDING, id);
}

static void attribute_add(struct writing *m, StunAttribute type,
    const void *data, size_t bytes)
{
	m->is_ok = m->is_ok &&
	    stun_message_append_bytes(&m->msg, type, data, bytes) ==
		STUN_MESSAGE_RETURN_SUCCESS;
}

/* Integrity, unless there is no password; fingerprint; and the length. */
static void writing_end(struct writing *m, struct kk_view password)
{
	size_t bytes = 0;

	if (m->is_ok)
		bytes = stun_agent_finish_message(&m->agent, &m->msg,
		    password.bytes ? password.data : NULL, password.bytes);
	if (bytes > 0)
		m->w->bytes += bytes;
	else
		wire_out_fail(m->w, KK_ENOSPC);
}

void wire_stun_success_write(struct wire_out *w, const uint8_t *transaction,
    const struct wire_stun_addr *mapped, struct kk_view password)
{
	uint8_t value[ADDR_MAX_BYTES];
	struct writing m;

	if (password.bytes == 0)
		wire_out_fail(w, KK_EINVAL);
	writing_begin(&m, w, STUN_RESPONSE, transaction);
	attribute_add(&m, STUN_ATTRIBUTE_XOR_MAPPED_ADDRESS, value,
	    wire_stun_addr_write(mapped, transaction, value));
	writing_end(&m, password);
}

void wire_stun_error_write(struct wire_out *w, const uint8_t *transaction,
    enum wire_stun_error code, struct kk_view password)
{
	struct writing m;

	writing_begin(&m, w, STUN_ERROR, transaction);
	m.is_ok = m.is_ok &&
	    stun_message_append_error(&m.msg, (StunError)code) ==
		STUN_MESSAGE_RETURN_SUCCESS;
	writing_end(&m, password);
}

void wire_stun_unknown_write(struct wire_out *w, struct kk_view request,
    struct kk_view password)
{
	uint16_t types[WIRE_STUN_UNKNOWN_MAX];
	uint8_t value[sizeof(types)];
	struct writing m;
	size_t count;

	if (wire_stun_shape_check(request)) {
		wire_out_fail(w, KK_EINVAL);
		return;
	}
	count = wire_stun_unknown_list(request, types, WIRE_STUN_UNKNOWN_MAX);
	if (count == 0)
		wire_out_fail(w, KK_EINVAL);
	for (size_t i = 0; i < count; i++)
		wire_put_u16(value + i * sizeof(types[0]), types[i]);
	writing_begin(&m, w, STUN_ERROR, request.data + TRANSACTION_AT);
	m.is_ok = m.is_ok &&
	    stun_message_append_error(&m.msg, STUN_ERROR_UNKNOWN_ATTRIBUTE) ==
		STUN_MESSAGE_RETURN_SUCCESS;
	attribute_add(&m, STUN_ATTRIBUTE_UNKNOWN_ATTRIBUTES, value,
	    count * sizeof(types[0]));
	writing_end(&m, password);
}

static void role_add(struct writing *m, const struct wire_stun_request *req)
{
	StunAttribute type = req->role == WIRE_STUN_CONTROLLING ?
	    STUN_ATTRIBUTE_ICE_CONTROLLING :
	    STUN_ATTRIBUTE_ICE_CONTROLLED;
	uint8_t value[sizeof(req->tie_breaker)];

	wire_put_u32(value, (uint32_t)(req->tie_breaker >> 32));
	wire_put_u32(value + 4, (uint32_t)req->tie_breaker);
	if (req->role != WIRE_STUN_ROLE_NONE)
		attribute_add(m, type, value, sizeof(value));
}

void wire_stun_request_write(struct wire_out *w,
    const struct wire_stun_request *req, struct kk_view password)
{
	uint8_t priority[sizeof(req->priority)];
	struct writing m;

	if (password.bytes == 0 || req->username.bytes == 0 ||
	    req->username.bytes > WIRE_STUN_USERNAME_MAX_BYTES)
		wire_out_fail(w, KK_EINVAL);
	writing_begin(&m, w, STUN_REQUEST, req->transaction);
	attribute_add(&m, STUN_ATTRIBUTE_USERNAME, req->username.data,
	    req->username.bytes);
	wire_put_u32(priority, req->priority);
	if (req->has_priority)
		attribute_add(&m, STUN_ATTRIBUTE_PRIORITY, priority,
		    sizeof(priority));
	if (req->is_nominating)
		attribute_add(&m, STUN_ATTRIBUTE_USE_CANDIDATE, NULL, 0);
	role_add(&m, req);
	writing_end(&m, password);
}
