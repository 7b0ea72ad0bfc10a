/* ua_login.c - fuzzes what an exchange asks us to prove, and the file of our
 * own telephones' passwords. */
#include <stdlib.h>
#include <string.h>

#include "ua/ua_private.h"

enum { TEXT_MAX_BYTES = 4096 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void must(bool is_true)
{
	if (!is_true)
		abort();
}

/* What we prove is read again by the other side's reader. */
static void prove(struct ua_logins *l)
{
	const struct ua_name who = { "anna", "secret" };
	msg_t *msg = msg_create(sip_default_mclass(), 0);
	sip_t *sip = sip_object(msg);
	auth_response_t ar = { .ar_size = sizeof(ar) };

	must(msg &&
	    sip_add_tl(msg, sip, SIPTAG_REQUEST_STR("REGISTER sip:a SIP/2.0"),
		TAG_END()) >= 0);
	must(ua_login_add(l, msg, &who, "REGISTER"));
	if (sip->sip_authorization) {
		must(auth_digest_response_get(msg_home(msg), &ar,
			 sip->sip_authorization->au_params) > 0);
		must(ar.ar_username && !strcmp(ar.ar_username, "anna"));
		must(ar.ar_uri && !strcmp(ar.ar_uri, "sip:a"));
	}
	msg_destroy(msg);
}

static void challenge(const char *text)
{
	struct ua_logins l = { .server = { .is_asked = false } };
	su_home_t home[1];
	sip_t sip;

	memset(&sip, 0, sizeof(sip));
	memset(home, 0, sizeof(home));
	home->suh_size = (int)sizeof(home);
	must(su_home_init(home) == 0);
	sip.sip_www_authenticate = sip_www_authenticate_make(home, text);
	sip.sip_proxy_authenticate = sip_proxy_authenticate_make(home, text);
	if (ua_login_take(&l, &sip)) {
		must(l.server.is_asked && l.proxy.is_asked);
		prove(&l);
	}
	su_home_deinit(home);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct ua_account *accounts;
	char text[TEXT_MAX_BYTES + 1];
	size_t count;

	if (bytes > TEXT_MAX_BYTES)
		return 0;
	if (!ua_accounts_read(&accounts, &count, kk_view_of(data, bytes))) {
		for (size_t i = 0; i < count; i++)
			must(accounts[i].has_md5 || accounts[i].has_sha256);
		ua_accounts_free(accounts, count);
	}
	if (bytes > 0)
		memcpy(text, data, bytes);
	text[bytes] = '\0';
	challenge(text);
	return 0;
}
