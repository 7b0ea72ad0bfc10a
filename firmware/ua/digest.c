/*
 * digest.c - telephones prove who they are.  RFC 7616; RFC 8760: by SHA-256
 * where the account has it, or by MD5, since that is what most of them speak.
 *
 * A nonce is its time and our MAC of it, so none is kept.  A digest is accepted
 * once: the last of them are remembered, longer than what one account is likely
 * to send while its nonce lives.
 */
#include <stdio.h>
#include <string.h>

#include "ua/ua_private.h"

enum {
	NONCE_LIFE_S = 300,
	TIME_DIGITS = 8,
	MAC_DIGITS = 32,
	NONCE_BYTES = TIME_DIGITS + MAC_DIGITS + 1,
	ASK_BYTES = 320
};

static void nonce_make(const struct ua *ua, uint32_t at_s,
    char nonce[NONCE_BYTES])
{
	char text[TIME_DIGITS + 1];
	char *mac;

	(void)snprintf(text, sizeof(text), "%08x", (unsigned)at_s);
	mac = g_compute_hmac_for_data(G_CHECKSUM_SHA256, ua->secret,
	    sizeof(ua->secret), (const guchar *)text, TIME_DIGITS);
	(void)snprintf(nonce, NONCE_BYTES, "%s%.*s", text, MAC_DIGITS, mac);
	g_free(mac);
}

static enum kk_err nonce_check(const struct ua *ua, const char *nonce)
{
	char ours[NONCE_BYTES], digits[TIME_DIGITS + 1];
	uint32_t at_s;
	int64_t age_s;

	if (strlen(nonce) != NONCE_BYTES - 1)
		return KK_EEXPIRED; /* of a server before us */
	memcpy(digits, nonce, TIME_DIGITS);
	digits[TIME_DIGITS] = '\0';
	at_s = (uint32_t)g_ascii_strtoull(digits, NULL, 16);
	nonce_make(ua, at_s, ours);
	age_s = ua_now_s() - (int64_t)at_s;
	if (!kk_secret_equal(ours, nonce, NONCE_BYTES - 1) || age_s < 0 ||
	    age_s > NONCE_LIFE_S)
		return KK_EEXPIRED;
	return KK_OK;
}

struct ua_own *ua_own_find(struct ua *ua, const char *user)
{
	for (size_t i = 0; user && i < ua->own_count; i++) {
		if (strcmp(ua->owns[i].account.user, user) == 0)
			return &ua->owns[i];
	}
	return NULL;
}

static bool is_whole(const auth_response_t *ar, enum ua_hash *hash)
{
	if (!ar->ar_username || !ar->ar_realm || !ar->ar_nonce || !ar->ar_uri ||
	    !ar->ar_response || !ua_hash_find(hash, ar->ar_algorithm) ||
	    strlen(ar->ar_response) != 2 * ua_hash_bytes(*hash))
		return false;
	/* auth-int would need the body. */
	return !ar->ar_qop || (ar->ar_auth && ar->ar_cnonce && ar->ar_nc);
}

static bool has_hash(const struct ua_own *own, enum ua_hash hash)
{
	return hash == UA_SHA256 ? own->account.has_sha256 :
				   own->account.has_md5;
}

static bool is_right(const struct ua_own *own, const auth_response_t *ar,
    enum ua_hash hash, const char *method)
{
	const struct ua_digest d = { hash, ar->ar_nonce, ar->ar_nc,
		ar->ar_cnonce, ar->ar_qop ? "auth" : NULL, method, ar->ar_uri };
	char ha1[UA_DIGEST_BYTES], response[UA_DIGEST_BYTES];
	bool is_ok;

	ua_hash_hex(ha1,
	    hash == UA_SHA256 ? own->account.ha1_sha256 : own->account.ha1,
	    ua_hash_bytes(hash));
	is_ok = ua_digest_response(&d, ha1, response) &&
	    kk_secret_equal(response, ar->ar_response, 2 * ua_hash_bytes(hash));
	kk_wipe(ha1, sizeof(ha1));
	kk_wipe(response, sizeof(response));
	return is_ok;
}

/* RFC 7616, 3.4.6: what was proven is about this request. */
static bool is_about(const auth_response_t *ar, const sip_t *sip,
    su_home_t *home)
{
	const url_t *url = url_make(home, ar->ar_uri);

	return url && url_cmp(url, sip->sip_request->rq_url) == 0;
}

static bool is_new(struct ua *ua, const char *response)
{
	char digits[17];
	uint64_t hash;

	memcpy(digits, response, sizeof(digits) - 1);
	digits[sizeof(digits) - 1] = '\0';
	hash = g_ascii_strtoull(digits, NULL, 16);
	for (size_t i = 0; i < UA_SEEN; i++) {
		if (ua->seen[i] == hash)
			return false;
	}
	ua->seen[ua->seen_at] = hash;
	ua->seen_at = (ua->seen_at + 1) % UA_SEEN;
	return true;
}

static enum kk_err response_check(struct ua *ua, const sip_t *sip,
    const auth_response_t *ar, su_home_t *home, size_t *own)
{
	const struct ua_own *found;
	enum ua_hash hash;
	enum kk_err err;

	if (!is_whole(ar, &hash) || strcmp(ar->ar_realm, ua->domain) != 0 ||
	    !is_about(ar, sip, home))
		return KK_EAUTH;
	found = ua_own_find(ua, ar->ar_username);
	if (!found || !has_hash(found, hash) ||
	    !is_right(found, ar, hash, sip->sip_request->rq_method_name))
		return KK_EAUTH;
	err = nonce_check(ua, ar->ar_nonce);
	if (!err && !is_new(ua, ar->ar_response))
		err = KK_EEXPIRED;
	*own = (size_t)(found - ua->owns);
	return err;
}

enum kk_err ua_digest_check(struct ua *ua, const sip_t *sip, size_t *own)
{
	const msg_auth_t *au = sip->sip_authorization;
	auth_response_t ar = { .ar_size = sizeof(ar) };
	su_home_t home[1];
	enum kk_err err;

	if (!au || !au->au_scheme || !su_casematch(au->au_scheme, "Digest"))
		return KK_ENOENT;
	memset(home, 0, sizeof(home));
	home->suh_size = (int)sizeof(home);
	if (su_home_init(home) < 0)
		return KK_EAUTH;
	err = auth_digest_response_get(home, &ar, au->au_params) > 0 ?
	    response_check(ua, sip, &ar, home, own) :
	    KK_EAUTH;
	su_home_deinit(home);
	return err;
}

static void ask_write(const struct ua *ua, enum ua_hash hash, const char *nonce,
    bool is_stale, char text[ASK_BYTES])
{
	(void)snprintf(text, ASK_BYTES,
	    "Digest realm=\"%s\", nonce=\"%s\", algorithm=%s, qop=\"auth\"%s",
	    ua->domain, nonce, ua_hash_name(hash),
	    is_stale ? ", stale=true" : "");
}

/* RFC 8760, 2.3: the best comes first.  A name that is none is asked as one of
 * ours is, always the same, so that it does not show. */
void ua_digest_ask(struct ua *ua, msg_t *msg, bool is_stale)
{
	const sip_t *sip = sip_object(msg);
	const char *user = sip->sip_from->a_url->url_user;
	const struct ua_own *found = ua_own_find(ua, user);
	const struct ua_own *own = found || ua->own_count == 0 ?
	    found :
	    &ua->owns[ua_source_slot(ua, user ? user : "") % ua->own_count];
	char nonce[NONCE_BYTES], sha256[ASK_BYTES], md5[ASK_BYTES];

	nonce_make(ua, (uint32_t)ua_now_s(), nonce);
	ask_write(ua, UA_SHA256, nonce, is_stale, sha256);
	ask_write(ua, UA_MD5, nonce, is_stale, md5);
	(void)nta_msg_treply(ua->agent, msg, SIP_401_UNAUTHORIZED,
	    TAG_IF(!own || own->account.has_sha256,
		SIPTAG_WWW_AUTHENTICATE_STR(sha256)),
	    TAG_IF(!own || own->account.has_md5,
		SIPTAG_WWW_AUTHENTICATE_STR(md5)),
	    TAG_END());
}
