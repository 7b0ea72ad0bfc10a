/* lines.c - telephone lines, as those who work them read it. */
#include <string.h>

#include "profile/files_private.h"

enum { SIP_PORT = 5060, SIPS_PORT = 5061 }; /* RFC 3261, 19.1.2 */

static bool ends_in_tls(const char *exchange)
{
	const char *transport = strchr(exchange, ';');

	return transport && !strcmp(transport, ";transport=tls");
}

bool profile_uses_tls(const struct profile *p)
{
	return ends_in_tls(p->values[PROFILE_EXCHANGE]) ||
	    ends_in_tls(p->values[PROFILE_EXCHANGE_SPARE]);
}

/* The box's name behind these words: a name has only so much room, and no part
 * of a letter. */
void profile_lines_keyd_make(struct profile_text *t, const struct profile *p)
{
	static const char of[] = "Lines of ";
	char name[sizeof(of) + PROFILE_VALUE_MAX];
	size_t bytes = PROFILE_VALUE_MAX;

	if (!profile_has(p, PROFILE_LINES))
		return;
	memcpy(name, of, sizeof(of) - 1);
	memcpy(name + sizeof(of) - 1, p->values[PROFILE_NAME],
	    PROFILE_VALUE_MAX + 1);
	while (((unsigned char)name[bytes] & 0xc0) == 0x80) /* RFC 3629, 3 */
		bytes--;
	name[bytes] = '\0';
	profile_text_add(t, "KEYD_NAME=");
	profile_text_add_quoted(t, name);
	if (p->parts[PROFILE_ANCHORS].bytes > 0)
		profile_text_add(t,
		    "KEYD_TRUST=--trust=" PROFILE_ANCHORS_PATH "\n");
	/* A token has one member's key: theirs is in a file beside it. */
	if (!strcmp(p->values[PROFILE_KEYSTORE], "tpm"))
		profile_text_add(t, "KEYD_OPTIONS=--keystore=tpm2\n");
}

static void talk_time_add(struct profile_text *t, const struct profile *p)
{
	if (profile_has(p, PROFILE_TALK_MINUTES))
		profile_text_add(t, " --talk-minutes=%s",
		    p->values[PROFILE_TALK_MINUTES]);
}

void profile_lines_roomd_make(struct profile_text *t, const struct profile *p)
{
	if (!profile_has(p, PROFILE_LINES))
		return;
	profile_text_add(t, "ROOMD_SERVER=\"");
	profile_server_add(t, p, "lines-roomd");
	profile_text_add(t, "\"\nROOMD_LINES=\"--lines=%s",
	    p->values[PROFILE_LINES]);
	if (profile_has(p, PROFILE_DIAL_IN))
		profile_text_add(t,
		    " --dial-in=/run/credentials/lines-roomd.service/"
		    "lines-roomd.dial-in");
	profile_text_add_list(t, p->values[PROFILE_DIAL_PREFIXES],
	    " --dial-prefix=", "");
	talk_time_add(t, p);
	profile_text_add(t, "\"\n");
}

void profile_dial_in_make(struct profile_text *t, const struct profile *p)
{
	if (profile_has(p, PROFILE_DIAL_IN))
		profile_text_add(t, "%s %s\n", p->values[PROFILE_DIAL_IN],
		    p->values[PROFILE_DIAL_PIN]);
}

void profile_mixd_make(struct profile_text *t, const struct profile *p)
{
	if (profile_has(p, PROFILE_LINES))
		profile_text_add(t, "MIXD_LINES=--lines=%s\n",
		    p->values[PROFILE_LINES]);
}

/* --- lined ---------------------------------------------------------------- */

static void listen_add(struct profile_text *t, const struct profile *p)
{
	/* A box that has one address, of IPv6, has no other. */
	const char *any = strchr(p->values[PROFILE_ADDRESS], ':') ? "[::]" :
								    "0.0.0.0";

	profile_text_add(t, " --listen=udp:%s:%u --listen=tcp:%s:%u", any,
	    (unsigned)SIP_PORT, any, (unsigned)SIP_PORT);
	/* Without a certificate of its own in that folder it calls by TLS, and
	 * is not called. */
	if (profile_uses_tls(p))
		profile_text_add(t,
		    " --listen=tls:%s:%u"
		    " --certificate=/run/konklave/config/sip",
		    any, (unsigned)SIPS_PORT);
}

static void option_add(struct profile_text *t, const char *name,
    const struct profile *p, enum profile_key key)
{
	if (profile_has(p, key))
		profile_text_add(t, " --%s=%s", name, p->values[key]);
}

void profile_lined_make(struct profile_text *t, const struct profile *p)
{
	if (!profile_has(p, PROFILE_LINES))
		return;
	profile_text_add(t, "LINED_OPTIONS=\"--lines=%s",
	    p->values[PROFILE_LINES]);
	listen_add(t, p);
	option_add(t, "language", p, PROFILE_LANGUAGE);
	option_add(t, "srtp", p, PROFILE_SRTP);
	option_add(t, "calls-from", p, PROFILE_CALLS_FROM);
	option_add(t, "numbers", p, PROFILE_CALLERS);
	talk_time_add(t, p);
	profile_text_add_list(t, p->values[PROFILE_DIAL_PREFIXES],
	    " --may-call=", "");
	if (profile_has(p, PROFILE_EXCHANGE))
		profile_text_add(t,
		    " --trunk=/run/credentials/lined.service/lined.trunk");
	option_add(t, "domain", p, PROFILE_TELEPHONES);
	if (profile_has(p, PROFILE_TELEPHONES))
		profile_text_add(t,
		    " --accounts=/run/credentials/lined.service/"
		    "lined.accounts");
	profile_text_add(t, "\"\n");
}

static void line_add(struct profile_text *t, const char *name,
    const struct profile *p, enum profile_key key)
{
	if (profile_has(p, key))
		profile_text_add(t, "%s=%s\n", name, p->values[key]);
}

/* HOST of sip:HOST[:PORT][;transport=...]. */
static void host_add(struct profile_text *t, const char *exchange)
{
	const char *host = exchange + sizeof("sip:") - 1;
	const size_t bytes = host[0] == '[' ? strcspn(host, "]") + 1 :
					      strcspn(host, ":;");

	profile_text_add(t, "domain=%.*s\n", (int)bytes, host);
}

void profile_trunk_make(struct profile_text *t, const struct profile *p)
{
	if (!profile_has(p, PROFILE_EXCHANGE))
		return;
	line_add(t, "domain", p, PROFILE_EXCHANGE_DOMAIN);
	if (!profile_has(p, PROFILE_EXCHANGE_DOMAIN))
		host_add(t, p->values[PROFILE_EXCHANGE]);
	line_add(t, "server", p, PROFILE_EXCHANGE);
	line_add(t, "server", p, PROFILE_EXCHANGE_SPARE);
	line_add(t, "user", p, PROFILE_EXCHANGE_USER);
	line_add(t, "auth-user", p, PROFILE_EXCHANGE_LOGIN);
	line_add(t, "password", p, PROFILE_EXCHANGE_PASSWORD);
}

enum kk_err profile_accounts_make(const struct profile *p, struct kk_bytes *out)
{
	struct kk_view text = p->parts[PROFILE_ACCOUNTS];
	struct profile_account a = { 0 };
	struct kk_writer w;

	if (text.bytes == 0)
		return KK_OK;
	kk_writer_init(&w);
	while (profile_account_take(&text, &a)) {
		kk_write_raw(&w, a.user);
		for (size_t i = 0; i < KK_ARRAY_LEN(a.ha1); i++) {
			if (a.ha1[i].bytes == 0)
				continue;
			kk_write_u8(&w, ' ');
			kk_write_raw(&w, a.ha1[i]);
		}
		kk_write_u8(&w, '\n');
	}
	return kk_writer_take(&w, out);
}
