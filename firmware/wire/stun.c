/* stun.c - checking STUN messages. */
#include <string.h>

#include "wire/stun_private.h"

enum { ALIGN = 4, TRANSACTION_AT = 8, COMPREHENSION_OPTIONAL = 0x8000 };

static const uint32_t magic_cookie = 0x2112a442; /* RFC 8489, 5 */

/* Those that must be understood, and are; 0 ends the list. */
static const uint16_t known[] = { STUN_ATTRIBUTE_MAPPED_ADDRESS,
	STUN_ATTRIBUTE_USERNAME, STUN_ATTRIBUTE_MESSAGE_INTEGRITY,
	STUN_ATTRIBUTE_ERROR_CODE, STUN_ATTRIBUTE_UNKNOWN_ATTRIBUTES,
	STUN_ATTRIBUTE_XOR_MAPPED_ADDRESS, STUN_ATTRIBUTE_PRIORITY,
	STUN_ATTRIBUTE_USE_CANDIDATE, 0 };

void wire_stun_agent_init(StunAgent *agent)
{
	stun_agent_init(agent, known, STUN_COMPATIBILITY_RFC5389,
	    STUN_AGENT_USAGE_SHORT_TERM_CREDENTIALS |
		STUN_AGENT_USAGE_USE_FINGERPRINT);
}

/* The attributes' lengths, so that no library has to find out. */
static enum kk_err attributes_check(struct kk_reader *r)
{
	while (kk_reader_more(r)) {
		size_t bytes;

		(void)kk_read_u16(r); /* type */
		bytes = kk_read_u16(r);
		(void)kk_read_raw(r, (bytes + ALIGN - 1) / ALIGN * ALIGN);
	}
	return kk_reader_err(r) ? KK_EFORMAT : KK_OK;
}

enum kk_err wire_stun_shape_check(struct kk_view in)
{
	struct kk_reader r;
	unsigned type, bytes;
	uint32_t cookie;

	if (in.bytes > WIRE_STUN_MAX_BYTES)
		return KK_ELIMIT;
	kk_reader_init(&r, in);
	type = kk_read_u16(&r);
	bytes = kk_read_u16(&r);
	cookie = kk_read_u32(&r);
	(void)kk_read_raw(&r, WIRE_STUN_TRANSACTION_BYTES);
	if (kk_reader_err(&r))
		return kk_reader_err(&r);
	if (type >> 14 != 0 || bytes % ALIGN != 0 || cookie != magic_cookie)
		return KK_EFORMAT;
	if (bytes != r.left_bytes)
		return bytes > r.left_bytes ? KK_ETRUNC : KK_EFORMAT;
	return attributes_check(&r);
}

static bool is_known(unsigned type)
{
	/* RFC 8489, 14: from 0x8000 on they may be ignored. */
	if (type >= COMPREHENSION_OPTIONAL)
		return true;
	for (size_t i = 0; known[i]; i++) {
		if (known[i] == type)
			return true;
	}
	return false;
}

size_t wire_stun_unknown_list(struct kk_view request, uint16_t *types,
    size_t max)
{
	struct kk_reader r;
	size_t count = 0;

	kk_reader_init(&r, request);
	(void)kk_read_raw(&r, WIRE_STUN_HEADER_BYTES);
	while (kk_reader_more(&r) && count < max) {
		uint16_t type = kk_read_u16(&r);
		size_t bytes = kk_read_u16(&r);

		(void)kk_read_raw(&r, (bytes + ALIGN - 1) / ALIGN * ALIGN);
		if (!is_known(type))
			types[count++] = type;
	}
	return count;
}

void wire_stun_message_of(StunMessage *msg, StunAgent *agent, struct kk_view in)
{
	*msg = (StunMessage){ .agent = agent,
		.buffer = (uint8_t *)(uintptr_t)in.data,
		.buffer_len = in.bytes };
}

static enum kk_err request_shape_check(struct kk_view in)
{
	StunMessage msg;
	enum kk_err err = wire_stun_shape_check(in);

	if (err)
		return err;
	wire_stun_message_of(&msg, NULL, in);
	if (stun_message_get_class(&msg) != STUN_REQUEST ||
	    stun_message_get_method(&msg) != STUN_BINDING)
		return KK_EUNSUP;
	return KK_OK;
}

static struct kk_view attribute_get(const StunMessage *msg, StunAttribute type)
{
	uint16_t bytes = 0;
	const void *data = stun_message_find(msg, type, &bytes);

	return kk_view_of(data, data ? bytes : 0);
}

enum kk_err wire_stun_username(struct kk_view in, struct kk_view *username)
{
	StunAgent agent;
	StunMessage msg;
	struct kk_view found;
	enum kk_err err = request_shape_check(in);

	if (err)
		return err;
	wire_stun_agent_init(&agent);
	wire_stun_message_of(&msg, &agent, in);
	found = attribute_get(&msg, STUN_ATTRIBUTE_USERNAME);
	if (found.bytes == 0 || found.bytes > WIRE_STUN_USERNAME_MAX_BYTES)
		return KK_EFORMAT;
	*username = found;
	return KK_OK;
}

enum kk_err wire_stun_username_split(struct kk_view username,
    struct kk_view *local, struct kk_view *remote)
{
	const uint8_t *colon = username.bytes ?
	    memchr(username.data, ':', username.bytes) :
	    NULL;
	size_t at;

	if (!colon)
		return KK_EFORMAT;
	at = (size_t)(colon - username.data);
	if (at == 0 || at + 1 == username.bytes)
		return KK_EFORMAT;
	*local = kk_view_of(username.data, at);
	*remote = kk_view_of(colon + 1, username.bytes - at - 1);
	return KK_OK;
}

/* Gives libnice the password, which is borrowed in user_data. */
static bool password_give(StunAgent *agent, StunMessage *message,
    uint8_t *username, uint16_t username_bytes, uint8_t **password,
    size_t *password_bytes, void *user_data)
{
	const struct kk_view *own = user_data;

	(void)agent;
	(void)message;
	(void)username;
	(void)username_bytes;
	*password = (uint8_t *)(uintptr_t)own->data;
	*password_bytes = own->bytes;
	return true;
}

static enum kk_err validation_err(StunValidationStatus status)
{
	switch (status) {
	case STUN_VALIDATION_SUCCESS:
		return KK_OK;
	case STUN_VALIDATION_UNAUTHORIZED:
	case STUN_VALIDATION_UNAUTHORIZED_BAD_REQUEST:
		return KK_EAUTH;
	case STUN_VALIDATION_UNMATCHED_RESPONSE:
		return KK_ENOENT;
	case STUN_VALIDATION_UNKNOWN_REQUEST_ATTRIBUTE:
	case STUN_VALIDATION_UNKNOWN_ATTRIBUTE:
		return KK_EUNSUP;
	default:
		return KK_EFORMAT;
	}
}

static enum kk_err validate(StunAgent *agent, StunMessage *msg,
    struct kk_view in, struct kk_view *password)
{
	/* Without a password libnice would check nothing. */
	if (password->bytes == 0)
		return KK_EAUTH;
	return validation_err(stun_agent_validate(agent, msg, in.data, in.bytes,
	    password_give, password));
}

static enum kk_err role_read(struct wire_stun_request *req,
    const StunMessage *msg)
{
	uint64_t controlling = 0, controlled = 0;
	StunMessageReturn a = stun_message_find64(msg,
	    STUN_ATTRIBUTE_ICE_CONTROLLING, &controlling);
	StunMessageReturn b = stun_message_find64(msg,
	    STUN_ATTRIBUTE_ICE_CONTROLLED, &controlled);

	if (a == STUN_MESSAGE_RETURN_INVALID ||
	    b == STUN_MESSAGE_RETURN_INVALID ||
	    (a == STUN_MESSAGE_RETURN_SUCCESS &&
		b == STUN_MESSAGE_RETURN_SUCCESS))
		return KK_EFORMAT;
	if (a == STUN_MESSAGE_RETURN_SUCCESS)
		req->role = WIRE_STUN_CONTROLLING;
	else if (b == STUN_MESSAGE_RETURN_SUCCESS)
		req->role = WIRE_STUN_CONTROLLED;
	req->tie_breaker = controlling | controlled;
	return KK_OK;
}

static enum kk_err request_read(struct wire_stun_request *req,
    const StunMessage *msg)
{
	StunMessageReturn found = stun_message_find32(msg,
	    STUN_ATTRIBUTE_PRIORITY, &req->priority);

	if (found == STUN_MESSAGE_RETURN_INVALID)
		return KK_EFORMAT;
	memcpy(req->transaction, msg->buffer + TRANSACTION_AT,
	    WIRE_STUN_TRANSACTION_BYTES);
	req->has_priority = found == STUN_MESSAGE_RETURN_SUCCESS;
	req->is_nominating = stun_message_has_attribute(msg,
	    STUN_ATTRIBUTE_USE_CANDIDATE);
	return role_read(req, msg);
}

enum kk_err wire_stun_request_check(struct wire_stun_request *req,
    struct kk_view in, struct kk_view username, struct kk_view password)
{
	struct wire_stun_request parsed = { 0 };
	StunAgent agent;
	StunMessage msg;
	enum kk_err err = wire_stun_username(in, &parsed.username);

	if (err)
		return err;
	if (!kk_view_equal(parsed.username, username))
		return KK_EDENIED;
	wire_stun_agent_init(&agent);
	err = validate(&agent, &msg, in, &password);
	if (!err)
		err = request_read(&parsed, &msg);
	if (!err)
		*req = parsed;
	return err;
}

/* As if this agent had sent the request: cookie and transaction are its id. */
static void request_remember(StunAgent *agent, const uint8_t *transaction,
    struct kk_view password)
{
	StunAgentSavedIds *saved = &agent->sent_ids[0];

	wire_put_u32(saved->id, magic_cookie);
	memcpy(saved->id + sizeof(magic_cookie), transaction,
	    WIRE_STUN_TRANSACTION_BYTES);
	saved->method = STUN_BINDING;
	saved->key = (uint8_t *)(uintptr_t)password.data;
	saved->key_len = password.bytes;
	saved->long_term_valid = false;
	saved->valid = true;
}

static enum kk_err response_read(struct wire_stun_response *res,
    const StunMessage *msg, const uint8_t *transaction)
{
	int code = 0;

	if (stun_message_get_class(msg) == STUN_RESPONSE)
		return wire_stun_addr_read(&res->mapped,
		    attribute_get(msg, STUN_ATTRIBUTE_XOR_MAPPED_ADDRESS),
		    transaction);
	if (stun_message_find_error(msg, &code) != STUN_MESSAGE_RETURN_SUCCESS)
		return KK_EFORMAT;
	res->error = (uint16_t)code;
	return KK_OK;
}

enum kk_err wire_stun_response_check(struct wire_stun_response *res,
    struct kk_view in, const uint8_t *transaction, struct kk_view password)
{
	struct wire_stun_response parsed = { 0 };
	StunAgent agent;
	StunMessage msg;
	StunClass class;
	enum kk_err err = wire_stun_shape_check(in);

	if (err)
		return err;
	wire_stun_agent_init(&agent);
	wire_stun_message_of(&msg, &agent, in);
	class = stun_message_get_class(&msg);
	if ((class != STUN_RESPONSE && class != STUN_ERROR) ||
	    stun_message_get_method(&msg) != STUN_BINDING)
		return KK_EUNSUP;
	request_remember(&agent, transaction, password);
	err = validate(&agent, &msg, in, &password);
	if (!err)
		err = response_read(&parsed, &msg, transaction);
	if (!err)
		*res = parsed;
	return err;
}
