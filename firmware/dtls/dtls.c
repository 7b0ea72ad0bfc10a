/* dtls.c - the machine: what is let in, what state it leads to. */
#include "dtls/dtls.h"

#include <string.h>

#include "dtls/backend.h"
#include "dtls/state.h"

struct dtls {
	enum dtls_state state;
	enum kk_err err;
	const struct dtls_identity *identity;
	void *session; /* none until a client starts or a server is asked */
	bool has_cookies;
	bool has_taken_keys;
	struct dtls_cookies cookies;
	uint64_t give_up_ms; /* an interval; from the start on, a time */
	struct dtls_link link;
};

static enum kk_err link_take_profiles(struct dtls_link *link,
    const struct dtls_ops *ops, const struct dtls_config *config)
{
	const enum dtls_srtp *wanted = config->profile_count ?
	    config->profiles :
	    ops->profiles;
	size_t count = config->profile_count ? config->profile_count :
					       DTLS_PROFILES_MAX;

	if (count > DTLS_PROFILES_MAX)
		return KK_EINVAL;
	for (size_t i = 0; i < config->profile_count; i++) {
		if (!dtls_srtp_name(wanted[i]))
			return KK_EINVAL;
		for (size_t k = 0; k < i; k++)
			if (wanted[k] == wanted[i])
				return KK_EINVAL;
	}
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < DTLS_PROFILES_MAX; k++)
			if (wanted[i] && ops->profiles[k] == wanted[i])
				link->profiles[link->profile_count++] =
				    wanted[i];
	return link->profile_count ? KK_OK : KK_EUNSUP;
}

static uint32_t or_default(uint32_t n, uint32_t other)
{
	return n ? n : other;
}

static enum kk_err link_fill(struct dtls_link *link, const struct dtls_ops *ops,
    const struct dtls_config *config)
{
	link->role = config->role;
	if (config->fingerprint_count == 0 ||
	    config->fingerprint_count > DTLS_FINGERPRINTS_MAX)
		return KK_EINVAL;
	link->fingerprint_count = config->fingerprint_count;
	memcpy(link->fingerprints, config->fingerprints,
	    config->fingerprint_count * DTLS_FINGERPRINT_BYTES);
	link->mtu_bytes = config->mtu_bytes ? config->mtu_bytes :
					      DTLS_MTU_DEFAULT_BYTES;
	if (link->mtu_bytes < DTLS_MTU_MIN_BYTES ||
	    link->mtu_bytes > DTLS_DATAGRAM_MAX_BYTES)
		return KK_EINVAL;
	link->timeout_first_ms = or_default(config->timeout_first_ms,
	    DTLS_TIMEOUT_FIRST_MS);
	link->timeout_max_ms = or_default(config->timeout_max_ms,
	    DTLS_TIMEOUT_MAX_MS);
	if (link->timeout_first_ms > link->timeout_max_ms ||
	    link->timeout_max_ms > DTLS_TIMEOUT_MAX_MS)
		return KK_EINVAL;
	return link_take_profiles(link, ops, config);
}

static enum kk_err cookies_fill(struct dtls *m,
    const struct dtls_config *config)
{
	struct kk_view address = config->address;
	struct kk_view secret = config->cookie_secret;

	if (address.bytes == 0 && secret.bytes == 0)
		return KK_OK;
	if (config->role != DTLS_SERVER || address.bytes == 0 ||
	    address.bytes > DTLS_ADDRESS_MAX_BYTES ||
	    secret.bytes != DTLS_COOKIE_SECRET_BYTES)
		return KK_EINVAL;
	m->has_cookies = true;
	m->cookies.ops = m->identity->ops;
	m->cookies.address_bytes = address.bytes;
	memcpy(m->cookies.address, address.data, address.bytes);
	memcpy(m->cookies.secret, secret.data, secret.bytes);
	return KK_OK;
}

static enum kk_err machine_fill(struct dtls *m,
    const struct dtls_config *config)
{
	enum kk_err err;

	m->give_up_ms = or_default(config->give_up_ms, DTLS_GIVE_UP_MS);
	err = link_fill(&m->link, m->identity->ops, config);
	return err ? err : cookies_fill(m, config);
}

enum kk_err dtls_new(struct dtls **machinep,
    const struct dtls_identity *identity, const struct dtls_config *config,
    uint64_t now_s)
{
	struct dtls *m;
	enum kk_err err;

	if (config->role != DTLS_CLIENT && config->role != DTLS_SERVER)
		return KK_EINVAL;
	if (now_s < identity->from_s || now_s >= identity->to_s)
		return KK_EEXPIRED;
	m = kk_calloc(1, sizeof(*m));
	if (!m)
		return KK_ENOMEM;
	m->identity = identity;
	err = machine_fill(m, config);
	if (err) {
		dtls_free(m);
		return err;
	}
	*machinep = m;
	return KK_OK;
}

static void session_end(struct dtls *m)
{
	if (m->session)
		m->identity->ops->session_free(m->session);
	m->session = NULL;
}

void dtls_free(struct dtls *machine)
{
	if (!machine)
		return;
	session_end(machine);
	dtls_queue_clear(&machine->link.queue);
	kk_free_wiped(machine, sizeof(*machine));
}

/* Notes an error; the machine ends with it unless it has been done before. */
static enum kk_err fail(struct dtls *m, enum kk_err err)
{
	if (dtls_state_change(&m->state, DTLS_EV_FAIL))
		return KK_OK; /* what comes after the end changes nothing */
	m->err = err;
	session_end(m);
	kk_wipe(&m->link.keys, sizeof(m->link.keys));
	return err;
}

/* What a call of the session has led to. */
static enum kk_err settle(struct dtls *m, enum kk_err err)
{
	struct dtls_link *link = &m->link;

	if (!err && link->is_done && !link->has_matched)
		err = KK_EAUTH; /* never: the callback comes first */
	if (err)
		return fail(m, err);
	if (link->is_done && m->state == DTLS_SHAKING)
		err = dtls_state_change(&m->state, DTLS_EV_FINISHED);
	if (!err && link->is_closed && m->state != DTLS_CLOSED) {
		err = dtls_state_change(&m->state, DTLS_EV_CLOSE);
		session_end(m);
	}
	return err;
}

static enum kk_err session_start(struct dtls *m, uint64_t now_ms)
{
	const struct dtls_ops *ops = m->identity->ops;
	enum kk_err err;

	err = ops->session_new(&m->session, m->identity->ctx, &m->link);
	if (!err)
		err = dtls_state_change(&m->state, DTLS_EV_START);
	if (err)
		return fail(m, err);
	m->give_up_ms += now_ms;
	return KK_OK;
}

enum kk_err dtls_start(struct dtls *machine, uint64_t now_ms)
{
	enum kk_err err;

	if (machine->link.role != DTLS_CLIENT || machine->state != DTLS_WAITING)
		return KK_ESTATE;
	err = session_start(machine, now_ms);
	if (err)
		return err;
	return settle(machine,
	    machine->identity->ops->input(machine->session, kk_view_of(NULL, 0),
		now_ms));
}

/* Messages that a role may get in clear; Finished never is. */
static bool may_come(enum dtls_role role, uint8_t message)
{
	switch (message) {
	case DTLS_CLIENT_HELLO:
	case DTLS_CLIENT_KEY_EXCHANGE:
	case DTLS_CERTIFICATE_VERIFY:
		return role == DTLS_SERVER;
	case DTLS_CERTIFICATE:
		return true;
	case DTLS_SERVER_HELLO:
	case DTLS_HELLO_VERIFY_REQUEST:
	case DTLS_SERVER_KEY_EXCHANGE:
	case DTLS_CERTIFICATE_REQUEST:
	case DTLS_SERVER_HELLO_DONE:
		return role == DTLS_CLIENT;
	default:
		return false;
	}
}

static bool record_is_in_place(const struct dtls *m,
    const struct dtls_record *record)
{
	struct dtls_fragment fragment;

	if (record->epoch > 1)
		return false;
	if (record->epoch == 1 || record->type == DTLS_CHANGE_CIPHER_SPEC)
		return m->state != DTLS_WAITING;
	if (record->type == DTLS_ALERT)
		return m->state == DTLS_SHAKING;
	if (record->type != DTLS_HANDSHAKE ||
	    dtls_fragment_read(record->body, &fragment))
		return false;
	if (fragment.type == DTLS_CLIENT_HELLO && m->state == DTLS_DONE)
		return false; /* nobody starts again with the same machine */
	if (m->state == DTLS_WAITING && fragment.type != DTLS_CLIENT_HELLO)
		return false;
	return may_come(m->link.role, fragment.type);
}

static bool datagram_is_in_place(const struct dtls *m, struct kk_view datagram)
{
	struct dtls_record record;
	struct kk_reader r;

	kk_reader_init(&r, datagram);
	while (kk_reader_more(&r))
		if (dtls_record_next(&r, &record) ||
		    !record_is_in_place(m, &record))
			return false;
	return true;
}

/* True when a server may begin with this datagram. */
static bool is_proved(struct dtls *m, struct kk_view datagram)
{
	uint8_t answer[DTLS_VERIFY_BYTES];
	enum kk_err err;

	if (!m->has_cookies)
		return true;
	err = dtls_cookies_check(&m->cookies, datagram, answer,
	    &m->link.hello_seq);
	if (!err)
		return true;
	/* Without memory the answer is lost, as it might be on the way. */
	if (err == KK_ENOENT &&
	    !dtls_link_send(&m->link, kk_view_of(answer, sizeof(answer))))
		m->link.counts.verifies++;
	else
		m->link.counts.misplaced++;
	return false;
}

enum kk_err dtls_input(struct dtls *machine, struct kk_view datagram,
    uint64_t now_ms)
{
	enum kk_err err;

	if (machine->state == DTLS_CLOSED || machine->state == DTLS_FAILED)
		return KK_ESTATE;
	machine->link.counts.in_bytes += datagram.bytes;
	if (datagram.bytes > DTLS_DATAGRAM_MAX_BYTES ||
	    dtls_datagram_check(datagram)) {
		machine->link.counts.junk++;
		return KK_OK;
	}
	if (!datagram_is_in_place(machine, datagram)) {
		machine->link.counts.misplaced++;
		return KK_OK;
	}
	if (machine->state == DTLS_WAITING) {
		if (!is_proved(machine, datagram))
			return KK_OK;
		err = session_start(machine, now_ms);
		if (err)
			return err;
	}
	return settle(machine,
	    machine->identity->ops->input(machine->session, datagram, now_ms));
}

enum kk_err dtls_take(struct dtls *machine, uint8_t *out, size_t *out_bytes)
{
	enum kk_err err = dtls_queue_take(&machine->link.queue, out, out_bytes);

	machine->link.counts.out_bytes += *out_bytes;
	return err;
}

int64_t dtls_timeout_ms(const struct dtls *machine, uint64_t now_ms)
{
	int64_t session_ms, left_ms;

	if (!machine->session)
		return -1;
	session_ms = machine->identity->ops->timeout_ms(machine->session,
	    now_ms);
	if (machine->state != DTLS_SHAKING)
		return session_ms;
	left_ms = machine->give_up_ms > now_ms ?
	    (int64_t)(machine->give_up_ms - now_ms) :
	    0;
	return session_ms < 0 || left_ms < session_ms ? left_ms : session_ms;
}

enum kk_err dtls_tick(struct dtls *machine, uint64_t now_ms)
{
	if (!machine->session)
		return KK_OK;
	if (machine->state == DTLS_SHAKING && now_ms >= machine->give_up_ms)
		return fail(machine, KK_EIO);
	return settle(machine,
	    machine->identity->ops->tick(machine->session, now_ms));
}

void dtls_close(struct dtls *machine)
{
	if (machine->session)
		machine->identity->ops->close(machine->session);
	(void)!dtls_state_change(&machine->state, DTLS_EV_CLOSE);
	session_end(machine);
}

enum dtls_state dtls_state(const struct dtls *machine)
{
	return machine->state;
}

enum kk_err dtls_error(const struct dtls *machine)
{
	return machine->err;
}

enum kk_err dtls_keys_take(struct dtls *machine, struct dtls_srtp_keys *keys)
{
	if (machine->state != DTLS_DONE)
		return KK_ESTATE;
	if (machine->has_taken_keys)
		return KK_ENOKEY;
	*keys = machine->link.keys;
	kk_wipe(&machine->link.keys, sizeof(machine->link.keys));
	machine->has_taken_keys = true;
	return KK_OK;
}

struct dtls_counts dtls_counts(const struct dtls *machine)
{
	return machine->link.counts;
}
