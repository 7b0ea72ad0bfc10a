/* registrar.c - where our own telephones are.  RFC 3261, 10.3. */
#include <stdio.h>
#include <string.h>

#include "ua/ua_private.h"

enum { CONTACTS_PER_REQUEST = 8 };

/*
 * By where they are: each packet of a stranger asks for that.
 */
bool ua_is_known_address(const struct ua *ua, const char *address)
{
	const struct ua_contact *c = ua->slots[ua_source_slot(ua, address)];

	while (c && strcmp(c->address, address) != 0)
		c = c->slot_next;
	return address[0] && c;
}

static void slot_put(struct ua *ua, struct ua_contact *c)
{
	struct ua_contact **const slot =
	    &ua->slots[ua_source_slot(ua, c->address)];

	c->slot_next = *slot;
	*slot = c;
}

static void slot_drop(struct ua *ua, struct ua_contact *c)
{
	struct ua_contact **at = &ua->slots[ua_source_slot(ua, c->address)];

	while (*at && *at != c)
		at = &(*at)->slot_next;
	if (*at)
		*at = c->slot_next;
}

/*
 * By whose they are.
 */
static void contact_free(struct ua *ua, struct ua_own *own,
    struct ua_contact **at)
{
	struct ua_contact *c = *at;

	*at = c->next;
	slot_drop(ua, c);
	kk_free(c);
	own->contact_count--;
	ua->counts.contacts--;
}

void ua_own_clear(struct ua *ua, struct ua_own *own)
{
	while (own->contacts)
		contact_free(ua, own, &own->contacts);
	kk_wipe(own, sizeof(*own));
}

void ua_registrar_tick(struct ua *ua)
{
	const int64_t now_s = ua_now_s();

	for (size_t i = 0; i < ua->own_count; i++) {
		struct ua_contact **at = &ua->owns[i].contacts;

		while (*at) {
			if ((*at)->expires_at_s <= now_s)
				contact_free(ua, &ua->owns[i], at);
			else
				at = &(*at)->next;
		}
	}
}

static struct ua_contact **contact_find(struct ua_own *own, const char *uri)
{
	struct ua_contact **at = &own->contacts;

	while (*at && strcmp((*at)->uri, uri) != 0)
		at = &(*at)->next;
	return at;
}

/* What it asks for; UINT_MAX: a time below our least. */
static unsigned expires_of(const struct ua *ua, const sip_t *sip,
    const sip_contact_t *m)
{
	const sip_time_t s = sip_contact_expires(m, sip->sip_expires,
	    sip->sip_date, ua->limits.expires_max_s, sip_now());

	if (s == 0)
		return 0;
	if (s < ua->limits.expires_min_s)
		return UINT_MAX;
	return s < ua->limits.expires_max_s ? (unsigned)s :
					      ua->limits.expires_max_s;
}

static bool uri_write(const sip_contact_t *m, char uri[UA_URI_BYTES])
{
	const int bytes = url_e(uri, UA_URI_BYTES, m->m_url);

	return bytes > 0 && bytes < UA_URI_BYTES &&
	    m->m_url->url_type == url_sip;
}

/* Checks them all, so that a request that is refused has changed nothing: 0, or
 * the status that refuses it. */
static int contacts_check(struct ua *ua, struct ua_own *own, const sip_t *sip)
{
	unsigned count = own->contact_count, asked = 0;
	char uri[UA_URI_BYTES];

	for (const sip_contact_t *m = sip->sip_contact; m; m = m->m_next) {
		const unsigned expires_s = expires_of(ua, sip, m);

		if (asked++ == CONTACTS_PER_REQUEST || !uri_write(m, uri))
			return 400;
		if (expires_s == UINT_MAX)
			return 423;
		count += expires_s > 0 && !*contact_find(own, uri);
	}
	return count > ua->limits.contacts ? 403 : 0;
}

static void contact_put(struct ua *ua, struct ua_own *own, const sip_t *sip,
    const sip_contact_t *m, const char *route, const char *address)
{
	const unsigned expires_s = expires_of(ua, sip, m);
	struct ua_contact **at, *c;
	char uri[UA_URI_BYTES];

	(void)uri_write(m, uri);
	at = contact_find(own, uri);
	c = *at;
	if (c) {
		*at = c->next;
		slot_drop(ua, c);
	} else if (expires_s > 0) {
		c = kk_calloc(1, sizeof(*c));
		ua->counts.contacts += c != NULL;
		own->contact_count += c != NULL;
	}
	if (!c)
		return;
	c->next = own->contacts;
	own->contacts = c;
	memcpy(c->uri, uri, sizeof(uri));
	(void)snprintf(c->route, sizeof(c->route), "%s", route);
	(void)snprintf(c->address, sizeof(c->address), "%s", address);
	slot_put(ua, c);
	c->expires_at_s = ua_now_s() + expires_s;
	if (expires_s == 0)
		contact_free(ua, own, &own->contacts);
}

static void answer(struct ua *ua, msg_t *msg, const struct ua_own *own)
{
	su_home_t *home = msg_home(msg);
	sip_contact_t *list = NULL;

	for (const struct ua_contact *c = own->contacts; c; c = c->next) {
		sip_contact_t *m = sip_contact_format(home, "<%s>;expires=%u",
		    c->uri, (unsigned)(c->expires_at_s - ua_now_s()));

		if (m) {
			m->m_next = list;
			list = m;
		}
	}
	(void)nta_msg_treply(ua->agent, msg, SIP_200_OK, SIPTAG_CONTACT(list),
	    TAG_END());
}

/* By where it stands, not by what it believes its address to be: telephones
 * are behind translators of addresses. */
static void route_of(struct ua *ua, msg_t *msg, char route[UA_URI_BYTES],
    char address[UA_ADDRESS_BYTES])
{
	static const char *const names[] = { "udp", "tcp", "tls" };
	uint16_t port;

	ua_source(msg, address, &port);
	(void)snprintf(route, UA_URI_BYTES,
	    strchr(address, ':') ? "sip:[%s]:%u;transport=%s" :
				   "sip:%s:%u;transport=%s",
	    address, (unsigned)port, names[ua_transport_of(ua, msg)]);
}

static void refuse(struct ua *ua, msg_t *msg, int status)
{
	char least[16];

	(void)snprintf(least, sizeof(least), "%u", ua->limits.expires_min_s);
	ua->counts.refused++;
	(void)nta_msg_treply(ua->agent, msg, status, sip_status_phrase(status),
	    TAG_IF(status == 423, SIPTAG_MIN_EXPIRES_STR(least)), TAG_END());
}

static bool is_star(const sip_contact_t *m)
{
	return m && m->m_url->url_type == url_any;
}

static void contacts_take(struct ua *ua, msg_t *msg, const sip_t *sip,
    struct ua_own *own)
{
	char route[UA_URI_BYTES], address[UA_ADDRESS_BYTES];
	int status;

	if (is_star(sip->sip_contact)) {
		if (sip->sip_contact->m_next || !sip->sip_expires ||
		    sip->sip_expires->ex_delta != 0) {
			ua_refuse(ua, msg, SIP_400_BAD_REQUEST);
			return;
		}
		while (own->contacts)
			contact_free(ua, own, &own->contacts);
		answer(ua, msg, own);
		return;
	}
	status = contacts_check(ua, own, sip);
	if (status) {
		refuse(ua, msg, status);
		return;
	}
	route_of(ua, msg, route, address);
	for (const sip_contact_t *m = sip->sip_contact; m; m = m->m_next)
		contact_put(ua, own, sip, m, route, address);
	answer(ua, msg, own);
}

void ua_registrar_take(struct ua *ua, msg_t *msg, sip_t *sip)
{
	enum kk_err err;
	size_t own;

	if (ua->own_count == 0) {
		ua_refuse(ua, msg, SIP_405_METHOD_NOT_ALLOWED);
		return;
	}
	err = ua_digest_check(ua, sip, &own);
	if (err) {
		ua->counts.refused += err == KK_EAUTH;
		ua_digest_ask(ua, msg, err == KK_EEXPIRED);
		return;
	}
	if (!sip->sip_to->a_url->url_user ||
	    strcmp(sip->sip_to->a_url->url_user, ua->owns[own].account.user) !=
		0) {
		ua_refuse(ua, msg, SIP_403_FORBIDDEN);
		return;
	}
	contacts_take(ua, msg, sip, &ua->owns[own]);
}
