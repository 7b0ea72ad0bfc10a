/*
 * digest.c - telephones prove who they are.  RFC 7616 with MD5, since that is
 * what they speak, and what HA1 is of.
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
	RESPONSE_DIGITS = 32,
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

static void ha1_text(const struct ua_own *own, auth_hexmd5_t out)
{
	for (size_t i = 0; i < UA_HA1_BYTES; i++)
		(void)snprintf(out + 2 * i, 3, "%02x", own->account.ha1[i]);
}

static bool is_whole(const auth_response_t *ar)
{
	if (!ar->ar_username || !ar->ar_realm || !ar->ar_nonce || !ar->ar_uri ||
	    !ar->ar_response || strlen(ar->ar_response) != RESPONSE_DIGITS)
		return false;
	/* auth-int would need the body, MD5-sess the first nonce. */
	return ar->ar_md5 && !ar->ar_md5sess &&
	    (!ar->ar_qop || (ar->ar_auth && ar->ar_cnonce && ar->ar_nc));
}

static bool is_right(const struct ua_own *own, auth_response_t *ar,
    const char *method)
{
	auth_hexmd5_t ha1, response;
	bool is_ok;

	ha1_text(own, ha1);
	auth_digest_response(ar, response, ha1, method, NULL, 0);
	is_ok = kk_secret_equal(response, ar->ar_response, RESPONSE_DIGITS);
	kk_wipe(ha1, sizeof(ha1));
	kk_wipe(response, sizeof(response));
	return is_ok;
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
    auth_response_t *ar, size_t *own)
{
	const struct ua_own *found;
	enum kk_err err;

	if (!is_whole(ar) || strcmp(ar->ar_realm, ua->domain) != 0)
		return KK_EAUTH;
	found = ua_own_find(ua, ar->ar_username);
	if (!found || !is_right(found, ar, sip->sip_request->rq_method_name))
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
	    response_check(ua, sip, &ar, own) :
	    KK_EAUTH;
	su_home_deinit(home);
	return err;
}

void ua_digest_ask(struct ua *ua, msg_t *msg, bool is_stale)
{
	char nonce[NONCE_BYTES], text[ASK_BYTES];

	nonce_make(ua, (uint32_t)ua_now_s(), nonce);
	(void)snprintf(text, sizeof(text),
	    "Digest realm=\"%s\", nonce=\"%s\", algorithm=MD5, qop=\"auth\"%s",
	    ua->domain, nonce, is_stale ? ", stale=true" : "");
	(void)nta_msg_treply(ua->agent, msg, SIP_401_UNAUTHORIZED,
	    SIPTAG_WWW_AUTHENTICATE_STR(text), TAG_END());
}
