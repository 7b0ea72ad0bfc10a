/*
 * login.c - we prove who we are, to exchanges.  RFC 7616; RFC 8760, 2.4: of
 * several challenges the first one that we can answer counts.
 */
#include <stdio.h>
#include <string.h>

#include "ua/ua_private.h"

enum { CNONCE_BYTES = 8, LINE_BYTES = 1536 };

static bool copy(char *out, size_t room, const char *text)
{
	const size_t bytes = text ? strlen(text) : 0;

	/* It stands in quotes again. */
	if (bytes >= room || (text && strpbrk(text, "\"\\\r\n")))
		return false;
	memcpy(out, text ? text : "", bytes);
	out[bytes] = '\0';
	return true;
}

static bool challenge_take(struct ua_login *l, const msg_auth_t *au,
    su_home_t *home)
{
	auth_challenge_t ac = { .ac_size = sizeof(ac) };
	struct ua_login found = { .is_asked = true };

	if (!au->au_scheme || !su_casematch(au->au_scheme, "Digest") ||
	    auth_digest_challenge_get(home, &ac, au->au_params) <= 0 ||
	    !ac.ac_realm || !ac.ac_nonce ||
	    !ua_hash_find(&found.hash, ac.ac_algorithm) ||
	    (ac.ac_qop && !ac.ac_auth))
		return false;
	found.has_qop = ac.ac_qop != NULL;
	if (!copy(found.realm, sizeof(found.realm), ac.ac_realm) ||
	    !copy(found.nonce, sizeof(found.nonce), ac.ac_nonce) ||
	    !copy(found.opaque, sizeof(found.opaque), ac.ac_opaque))
		return false;
	found.has_opaque = ac.ac_opaque != NULL;
	*l = found;
	return true;
}

static bool first_take(struct ua_login *l, const msg_auth_t *au)
{
	su_home_t home[1];
	bool is_taken = false;

	memset(home, 0, sizeof(home));
	home->suh_size = (int)sizeof(home);
	if (su_home_init(home) < 0)
		return false;
	for (; au && !is_taken; au = au->au_next)
		is_taken = challenge_take(l, au, home);
	su_home_deinit(home);
	return is_taken;
}

bool ua_login_take(struct ua_logins *l, const sip_t *sip)
{
	const bool at_server = first_take(&l->server,
	    sip->sip_www_authenticate);

	return first_take(&l->proxy, sip->sip_proxy_authenticate) || at_server;
}

static bool cnonce_make(char out[2 * CNONCE_BYTES + 1])
{
	uint8_t random[CNONCE_BYTES];

	if (!ua_random(random, sizeof(random)))
		return false;
	ua_hash_hex(out, random, sizeof(random));
	return true;
}

/* The header's value; NULL: it cannot be. */
static const char *line_make(struct ua_login *l, su_home_t *home,
    const struct ua_name *who, const char *method, const char *uri)
{
	char cnonce[2 * CNONCE_BYTES + 1], nc[9], ha1[UA_DIGEST_BYTES],
	    response[UA_DIGEST_BYTES], line[LINE_BYTES];
	const struct ua_digest d = { l->hash, l->nonce, nc, cnonce,
		l->has_qop ? "auth" : NULL, method, uri };
	int n = -1;

	(void)snprintf(nc, sizeof(nc), "%08x", ++l->count);
	if (cnonce_make(cnonce) &&
	    ua_digest_ha1(l->hash, who->user, l->realm, who->password, ha1) &&
	    ua_digest_response(&d, ha1, response))
		n = snprintf(line, sizeof(line),
		    "Digest username=\"%s\", realm=\"%s\", nonce=\"%s\", "
		    "uri=\"%s\", response=\"%s\", algorithm=%s%s%s%s%s%s%s%s%s",
		    who->user, l->realm, l->nonce, uri, response,
		    ua_hash_name(l->hash), l->has_opaque ? ", opaque=\"" : "",
		    l->opaque, l->has_opaque ? "\"" : "",
		    l->has_qop ? ", qop=auth, nc=" : "", l->has_qop ? nc : "",
		    l->has_qop ? ", cnonce=\"" : "", l->has_qop ? cnonce : "",
		    l->has_qop ? "\"" : "");
	kk_wipe(ha1, sizeof(ha1));
	return n > 0 && (size_t)n < sizeof(line) ? su_strdup(home, line) : NULL;
}

bool ua_login_add(struct ua_logins *l, msg_t *msg, const struct ua_name *who,
    const char *method)
{
	sip_t *sip = sip_object(msg);
	su_home_t *home = msg_home(msg);
	const char *uri = url_as_string(home, sip->sip_request->rq_url);
	const char *server = NULL, *proxy = NULL;

	if (l->server.is_asked && uri)
		server = line_make(&l->server, home, who, method, uri);
	if (l->proxy.is_asked && uri)
		proxy = line_make(&l->proxy, home, who, method, uri);
	return sip_add_tl(msg, sip,
		   TAG_IF(server, SIPTAG_AUTHORIZATION_STR(server)),
		   TAG_IF(proxy, SIPTAG_PROXY_AUTHORIZATION_STR(proxy)),
		   TAG_END()) >= 0;
}
