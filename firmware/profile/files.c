/* files.c - a profile as the files of those who work by it. */
#define _GNU_SOURCE /* strtok_r() */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "profile/files_private.h"

enum { TOKEN_BYTES = 32, HEX = 16, HTTPS_PORT = 443 };

static const struct {
	const char *path;
	bool is_secret;
} places[PROFILE_FILES] = {
	[PROFILE_FILE_NETWORK] = { "systemd/network/40-konklave.network",
	    false },
	[PROFILE_FILE_VLAN] = { "systemd/network/40-konklave.netdev", false },
	[PROFILE_FILE_VLAN_NETWORK] = { "systemd/network/41-konklave.network",
	    false },
	/* In place of the one below /usr/lib, which has the same name. */
	[PROFILE_FILE_TIME] = { "systemd/timesyncd.conf.d/konklave.conf",
	    false },
	[PROFILE_FILE_KEYD] = { "konklave/config/keyd.env", false },
	[PROFILE_FILE_MEDIAD] = { "konklave/config/mediad.env", false },
	[PROFILE_FILE_ROOMD] = { "konklave/config/roomd.env", false },
	[PROFILE_FILE_WEBD] = { "konklave/config/webd.env", false },
	[PROFILE_FILE_LINES_KEYD] = { "konklave/config/lines-keyd.env", false },
	[PROFILE_FILE_LINES_ROOMD] = { "konklave/config/lines-roomd.env",
	    false },
	[PROFILE_FILE_MIXD] = { "konklave/config/mixd.env", false },
	[PROFILE_FILE_LINED] = { "konklave/config/lined.env", false },
	[PROFILE_FILE_8021X] = { "konklave/config/8021x.conf", false },
	[PROFILE_FILE_FETCH] = { "konklave/config/fetch.env", false },
	[PROFILE_FILE_UPDATES] = { "konklave/config/updates", false },
	[PROFILE_FILE_ANCHORS] = { "konklave/config/anchors.pem", false },
	[PROFILE_FILE_8021X_ANCHORS] = { "konklave/config/8021x-anchors.pem",
	    false },
	/* Its folder is lined's --certificate. */
	[PROFILE_FILE_SIP_ANCHORS] = { "konklave/config/sip/cafile.pem",
	    false },
	[PROFILE_FILE_TOKEN] = { "credstore/roomd.site-token", true },
	[PROFILE_FILE_KEYSTORE_PIN] = { "credstore/keyd.token-pin", true },
	[PROFILE_FILE_PROXY] = { "credstore/roomd.proxy", true },
	[PROFILE_FILE_FETCH_PROXY] = { "credstore/konklave-fetch.proxy", true },
	[PROFILE_FILE_DIAL_IN] = { "credstore/lines-roomd.dial-in", true },
	[PROFILE_FILE_TRUNK] = { "credstore/lined.trunk", true },
	[PROFILE_FILE_ACCOUNTS] = { "credstore/lined.accounts", true },
};

void profile_text_add(struct profile_text *t, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(t->data + t->at, sizeof(t->data) - t->at, format, args);
	va_end(args);
	if (n > 0 && (size_t)n < sizeof(t->data) - t->at)
		t->at += (size_t)n;
}

void profile_text_add_quoted(struct profile_text *t, const char *value)
{
	profile_text_add(t, "\"");
	for (; *value; value++)
		profile_text_add(t, strchr("\"\\`$", *value) ? "\\%c" : "%c",
		    *value);
	profile_text_add(t, "\"\n");
}

void profile_text_add_list(struct profile_text *t, const char *list,
    const char *before, const char *after)
{
	char copy[PROFILE_VALUE_MAX + 1], *rest = NULL, *one;

	memcpy(copy, list, strlen(list) + 1);
	for (one = strtok_r(copy, PROFILE_LIST, &rest); one;
	    one = strtok_r(NULL, PROFILE_LIST, &rest))
		profile_text_add(t, "%s%s%s", before, one, after);
}

bool profile_has(const struct profile *p, enum profile_key key)
{
	return p->values[key][0];
}

/* --- the network ---------------------------------------------------------- */

/* What the site has said is not to be mixed with what a server of DHCP says. */
static void lease_add(struct profile_text *t, const struct profile *p)
{
	static const char *const sections[] = { "DHCPv4", "DHCPv6" };

	for (size_t i = 0; i < KK_ARRAY_LEN(sections); i++) {
		profile_text_add(t, "\n[%s]\n", sections[i]);
		if (profile_has(p, PROFILE_DNS))
			profile_text_add(t, "UseDNS=no\n");
		if (profile_has(p, PROFILE_TIME))
			profile_text_add(t, "UseNTP=no\n");
	}
	if (profile_has(p, PROFILE_DNS))
		profile_text_add(t, "\n[IPv6AcceptRA]\nUseDNS=no\n");
}

static void addresses_add(struct profile_text *t, const struct profile *p)
{
	const bool is_static = !strcmp(p->values[PROFILE_NETWORK], "static");

	profile_text_add(t, "DHCP=%s\n", is_static ? "no" : "yes");
	if (is_static)
		profile_text_add(t, "Address=%s\n", p->values[PROFILE_ADDRESS]);
	if (profile_has(p, PROFILE_GATEWAY))
		profile_text_add(t, "Gateway=%s\n", p->values[PROFILE_GATEWAY]);
	profile_text_add_list(t, p->values[PROFILE_DNS], "DNS=", "\n");
	if (!is_static)
		lease_add(t, p);
}

static void network_begin(struct profile_text *t, const char *match)
{
	profile_text_add(t,
	    "[Match]\n%s\n[Link]\nRequiredForOnline=no\n\n[Network]\n"
	    "LLDP=no\nEmitLLDP=no\n",
	    match);
}

/* Ports of the machine, and nothing that stands on one. */
static void network_make(struct profile_text *t, const struct profile *p)
{
	network_begin(t, "Type=ether\nKind=!*\n");
	if (profile_has(p, PROFILE_VLAN))
		profile_text_add(t,
		    "VLAN=site\nDHCP=no\nLinkLocalAddressing=no\n"
		    "IPv6AcceptRA=no\n");
	else
		addresses_add(t, p);
}

static void vlan_make(struct profile_text *t, const struct profile *p)
{
	if (profile_has(p, PROFILE_VLAN))
		profile_text_add(t,
		    "[NetDev]\nName=site\nKind=vlan\n\n[VLAN]\nId=%s\n",
		    p->values[PROFILE_VLAN]);
}

static void vlan_network_make(struct profile_text *t, const struct profile *p)
{
	if (!profile_has(p, PROFILE_VLAN))
		return;
	network_begin(t, "Name=site\n");
	addresses_add(t, p);
}

static void time_make(struct profile_text *t, const struct profile *p)
{
	if (profile_has(p, PROFILE_TIME))
		profile_text_add(t, "[Time]\nNTP=%s\nFallbackNTP=\n",
		    p->values[PROFILE_TIME]);
}

/* --- our programs --------------------------------------------------------- */

bool profile_has_token(const struct profile *p)
{
	return !strncmp(p->values[PROFILE_KEYSTORE], "pkcs11:", 7);
}

static void keystore_add(struct profile_text *t, const struct profile *p)
{
	const char *where = p->values[PROFILE_KEYSTORE];

	if (!where[0])
		return;
	profile_text_add(t, "KEYD_OPTIONS=\"--keystore=%s",
	    !strcmp(where, "tpm") ? "tpm2" : where);
	if (profile_has(p, PROFILE_KEYSTORE_PIN))
		profile_text_add(t,
		    " --pin=/run/credentials/keyd.service/keyd.token-pin");
	profile_text_add(t, "\"\n");
}

static void keyd_make(struct profile_text *t, const struct profile *p)
{
	profile_text_add(t, "KEYD_NAME=");
	profile_text_add_quoted(t, p->values[PROFILE_NAME]);
	if (p->parts[PROFILE_ANCHORS].bytes > 0)
		profile_text_add(t,
		    "KEYD_TRUST=--trust=" PROFILE_ANCHORS_PATH "\n");
	keystore_add(t, p);
}

static void keys_pin_make(struct profile_text *t, const struct profile *p)
{
	if (profile_has(p, PROFILE_KEYSTORE_PIN))
		profile_text_add(t, "%s\n", p->values[PROFILE_KEYSTORE_PIN]);
}

static void mediad_make(struct profile_text *t, const struct profile *p)
{
	profile_text_add(t, "MEDIAD_NAME=");
	profile_text_add_quoted(t, p->values[PROFILE_NAME]);
	if (profile_has(p, PROFILE_LANGUAGE))
		profile_text_add(t, "LANG=%s\n", p->values[PROFILE_LANGUAGE]);
	profile_devices_add(t, p);
}

static void webd_make(struct profile_text *t, const struct profile *p)
{
	if (!profile_has(p, PROFILE_SITE))
		return;
	profile_text_add(t, "WEBD_SITE=");
	profile_text_add_quoted(t, p->values[PROFILE_SITE]);
}

/* HOST:PORT of https://HOST[:PORT]. */
void profile_server_add(struct profile_text *t, const struct profile *p,
    const char *unit)
{
	const char *host = strstr(p->values[PROFILE_FORWARDER], "//") + 2;
	const char *end = host[0] == '[' ? strchr(host, ']') : host;

	profile_text_add(t, "--server=%s", host);
	if (!strchr(end, ':'))
		profile_text_add(t, ":%u", (unsigned)HTTPS_PORT);
	if (p->parts[PROFILE_ANCHORS].bytes > 0)
		profile_text_add(t, " --trust=" PROFILE_ANCHORS_PATH);
	if (profile_takes_proxy(p, p->values[PROFILE_FORWARDER]))
		profile_text_add(t,
		    " --proxy=/run/credentials/%s.service/roomd.proxy", unit);
}

static void roomd_make(struct profile_text *t, const struct profile *p)
{
	if (!profile_has(p, PROFILE_FORWARDER))
		return;
	profile_text_add(t, "ROOMD_SERVER=\"");
	profile_server_add(t, p, "roomd");
	if (profile_has(p, PROFILE_TOKEN))
		profile_text_add(t,
		    " --site-token=/run/credentials/roomd.service/"
		    "roomd.site-token --page=%s",
		    p->values[PROFILE_PAGE]);
	profile_text_add(t, "\"\n");
}

static void proxy_make(struct profile_text *t, const struct profile *p)
{
	if (profile_has(p, PROFILE_FORWARDER) &&
	    profile_takes_proxy(p, p->values[PROFILE_FORWARDER]))
		profile_text_add(t, "%s\n", p->values[PROFILE_PROXY]);
}

/* A URL may be asked for without a source, too. */
static void fetch_make(struct profile_text *t, const struct profile *p)
{
	const bool has_anchors = p->parts[PROFILE_ANCHORS].bytes > 0;

	if (!profile_has(p, PROFILE_UPDATES) &&
	    !profile_has(p, PROFILE_PROXY) && !has_anchors)
		return;
	profile_text_add(t, "FETCH_OPTIONS=\"");
	if (profile_has(p, PROFILE_UPDATES))
		profile_text_add(t, " --source=%s", p->values[PROFILE_UPDATES]);
	if (profile_has(p, PROFILE_PROXY)) {
		profile_text_add(t,
		    " --proxy=/run/credentials/konklave-fetch.service/"
		    "konklave-fetch.proxy");
		profile_text_add(t, " --no-proxy=");
		profile_text_add_list(t, p->values[PROFILE_NO_PROXY], "", ",");
	}
	if (has_anchors)
		profile_text_add(t, " --trust=" PROFILE_ANCHORS_PATH);
	profile_text_add(t, "\"\n");
}

static void fetch_proxy_make(struct profile_text *t, const struct profile *p)
{
	if (profile_has(p, PROFILE_PROXY))
		profile_text_add(t, "%s\n", p->values[PROFILE_PROXY]);
}

static void updates_make(struct profile_text *t, const struct profile *p)
{
	if (profile_has(p, PROFILE_UPDATES))
		profile_text_add(t, "%s\n", p->values[PROFILE_UPDATES]);
}

/* --- all ------------------------------------------------------------------ */

static void (*const makers[PROFILE_FILES])(struct profile_text *t,
    const struct profile *p) = {
	[PROFILE_FILE_NETWORK] = network_make,
	[PROFILE_FILE_VLAN] = vlan_make,
	[PROFILE_FILE_VLAN_NETWORK] = vlan_network_make,
	[PROFILE_FILE_TIME] = time_make,
	[PROFILE_FILE_KEYD] = keyd_make,
	[PROFILE_FILE_MEDIAD] = mediad_make,
	[PROFILE_FILE_ROOMD] = roomd_make,
	[PROFILE_FILE_WEBD] = webd_make,
	[PROFILE_FILE_LINES_KEYD] = profile_lines_keyd_make,
	[PROFILE_FILE_LINES_ROOMD] = profile_lines_roomd_make,
	[PROFILE_FILE_MIXD] = profile_mixd_make,
	[PROFILE_FILE_LINED] = profile_lined_make,
	[PROFILE_FILE_8021X] = profile_8021x_make,
	[PROFILE_FILE_FETCH] = fetch_make,
	[PROFILE_FILE_UPDATES] = updates_make,
	[PROFILE_FILE_KEYSTORE_PIN] = keys_pin_make,
	[PROFILE_FILE_PROXY] = proxy_make,
	[PROFILE_FILE_FETCH_PROXY] = fetch_proxy_make,
	[PROFILE_FILE_DIAL_IN] = profile_dial_in_make,
	[PROFILE_FILE_TRUNK] = profile_trunk_make,
};

static enum kk_err token_make(const char *digits, struct kk_bytes *out)
{
	uint8_t token[TOKEN_BYTES];
	enum kk_err err;

	for (size_t i = 0; i < TOKEN_BYTES; i++) {
		char pair[3] = { digits[2 * i], digits[2 * i + 1], '\0' };

		token[i] = (uint8_t)strtoul(pair, NULL, HEX);
		kk_wipe(pair, sizeof(pair));
	}
	err = kk_bytes_copy(out, kk_view_of(token, sizeof(token)));
	kk_wipe(token, sizeof(token));
	return err;
}

/* The network's server is checked by its own anchors where it has some. */
static enum kk_err anchors_make(const struct profile *p,
    struct profile_files *files)
{
	const struct kk_view site = p->parts[PROFILE_ANCHORS];
	const struct kk_view own = p->parts[PROFILE_8021X_ANCHORS];
	enum kk_err err = KK_OK;

	if (site.bytes > 0)
		err = kk_bytes_copy(&files->file[PROFILE_FILE_ANCHORS], site);
	if (!err && profile_has(p, PROFILE_8021X))
		err = kk_bytes_copy(&files->file[PROFILE_FILE_8021X_ANCHORS],
		    own.bytes > 0 ? own : site);
	if (!err && profile_uses_tls(p))
		err = kk_bytes_copy(&files->file[PROFILE_FILE_SIP_ANCHORS],
		    site);
	return err;
}

enum kk_err profile_files_make(const struct profile *p,
    struct profile_files *files)
{
	struct profile_text t;
	enum kk_err err = KK_OK;

	*files = (struct profile_files){ 0 };
	for (unsigned i = 0; !err && i < PROFILE_FILES; i++) {
		t.at = 0;
		if (makers[i])
			makers[i](&t, p);
		if (t.at > 0)
			err = kk_bytes_copy(&files->file[i],
			    kk_view_of(t.data, t.at));
	}
	kk_wipe(&t, sizeof(t)); /* some are secrets */
	if (!err)
		err = anchors_make(p, files);
	if (!err && profile_has(p, PROFILE_TOKEN))
		err = token_make(p->values[PROFILE_TOKEN],
		    &files->file[PROFILE_FILE_TOKEN]);
	if (!err)
		err = profile_accounts_make(p,
		    &files->file[PROFILE_FILE_ACCOUNTS]);
	if (err)
		profile_files_clear(files);
	return err;
}

void profile_files_clear(struct profile_files *files)
{
	for (unsigned i = 0; i < PROFILE_FILES; i++)
		kk_bytes_clear(&files->file[i]);
}

const char *profile_file_path(enum profile_file_name name)
{
	return places[name].path;
}

bool profile_file_is_secret(enum profile_file_name name)
{
	return places[name].is_secret;
}
