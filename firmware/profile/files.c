/* files.c - a profile as the files of those who work by it. */
#define _GNU_SOURCE /* strtok_r() */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "profile/files.h"

/* The longest: a name of quotes, quoted twice. */
enum { FILE_BYTES = 4096, TOKEN_BYTES = 32, HEX = 16, HTTPS_PORT = 443 };

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
	[PROFILE_FILE_FETCH] = { "konklave/config/fetch.env", false },
	[PROFILE_FILE_UPDATES] = { "konklave/config/updates", false },
	[PROFILE_FILE_ANCHORS] = { "konklave/config/anchors.pem", false },
	[PROFILE_FILE_TOKEN] = { "credstore/roomd.site-token", true },
};

#define ANCHORS_PATH "/run/konklave/config/anchors.pem"
#define TOKEN_PATH "/run/credentials/roomd.service/roomd.site-token"

struct text {
	char data[FILE_BYTES];
	size_t at;
};

__attribute__((format(printf, 2, 3))) static void add(struct text *t,
    const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(t->data + t->at, sizeof(t->data) - t->at, format, args);
	va_end(args);
	if (n > 0 && (size_t)n < sizeof(t->data) - t->at)
		t->at += (size_t)n;
}

/* In quotation marks, as systemd.exec(5) reads files of an environment. */
static void add_quoted(struct text *t, const char *value)
{
	add(t, "\"");
	for (; *value; value++)
		add(t, strchr("\"\\`$", *value) ? "\\%c" : "%c", *value);
	add(t, "\"\n");
}

static bool has(const struct profile *p, enum profile_key key)
{
	return p->values[key][0];
}

/* --- the network ---------------------------------------------------------- */

static void dns_add(struct text *t, const struct profile *p)
{
	char list[PROFILE_VALUE_MAX + 1], *rest = NULL, *one;

	memcpy(list, p->values[PROFILE_DNS], sizeof(list));
	for (one = strtok_r(list, ", ", &rest); one;
	    one = strtok_r(NULL, ", ", &rest))
		add(t, "DNS=%s\n", one);
}

/* What the site has said is not to be mixed with what a server of DHCP says. */
static void lease_add(struct text *t, const struct profile *p)
{
	static const char *const sections[] = { "DHCPv4", "DHCPv6" };

	for (size_t i = 0; i < KK_ARRAY_LEN(sections); i++) {
		add(t, "\n[%s]\n", sections[i]);
		if (has(p, PROFILE_DNS))
			add(t, "UseDNS=no\n");
		if (has(p, PROFILE_TIME))
			add(t, "UseNTP=no\n");
	}
	if (has(p, PROFILE_DNS))
		add(t, "\n[IPv6AcceptRA]\nUseDNS=no\n");
}

static void addresses_add(struct text *t, const struct profile *p)
{
	const bool is_static = !strcmp(p->values[PROFILE_NETWORK], "static");

	add(t, "DHCP=%s\n", is_static ? "no" : "yes");
	if (is_static)
		add(t, "Address=%s\n", p->values[PROFILE_ADDRESS]);
	if (has(p, PROFILE_GATEWAY))
		add(t, "Gateway=%s\n", p->values[PROFILE_GATEWAY]);
	dns_add(t, p);
	if (!is_static)
		lease_add(t, p);
}

static void network_begin(struct text *t, const char *match)
{
	add(t,
	    "[Match]\n%s\n[Link]\nRequiredForOnline=no\n\n[Network]\n"
	    "LLDP=no\nEmitLLDP=no\n",
	    match);
}

/* Ports of the machine, and nothing that stands on one. */
static void network_make(struct text *t, const struct profile *p)
{
	network_begin(t, "Type=ether\nKind=!*\n");
	if (has(p, PROFILE_VLAN))
		add(t,
		    "VLAN=site\nDHCP=no\nLinkLocalAddressing=no\n"
		    "IPv6AcceptRA=no\n");
	else
		addresses_add(t, p);
}

static void vlan_make(struct text *t, const struct profile *p)
{
	if (has(p, PROFILE_VLAN))
		add(t, "[NetDev]\nName=site\nKind=vlan\n\n[VLAN]\nId=%s\n",
		    p->values[PROFILE_VLAN]);
}

static void vlan_network_make(struct text *t, const struct profile *p)
{
	if (!has(p, PROFILE_VLAN))
		return;
	network_begin(t, "Name=site\n");
	addresses_add(t, p);
}

static void time_make(struct text *t, const struct profile *p)
{
	if (has(p, PROFILE_TIME))
		add(t, "[Time]\nNTP=%s\nFallbackNTP=\n",
		    p->values[PROFILE_TIME]);
}

/* --- our programs --------------------------------------------------------- */

static void keyd_make(struct text *t, const struct profile *p)
{
	add(t, "KEYD_NAME=");
	add_quoted(t, p->values[PROFILE_NAME]);
	if (p->anchors.bytes > 0)
		add(t, "KEYD_TRUST=--trust=" ANCHORS_PATH "\n");
}

static void mediad_make(struct text *t, const struct profile *p)
{
	add(t, "MEDIAD_NAME=");
	add_quoted(t, p->values[PROFILE_NAME]);
	if (has(p, PROFILE_LANGUAGE))
		add(t, "LANG=%s\n", p->values[PROFILE_LANGUAGE]);
}

static void webd_make(struct text *t, const struct profile *p)
{
	if (!has(p, PROFILE_SITE))
		return;
	add(t, "WEBD_SITE=");
	add_quoted(t, p->values[PROFILE_SITE]);
}

/* HOST:PORT of https://HOST[:PORT]. */
static void server_add(struct text *t, const char *origin)
{
	const char *host = strstr(origin, "//") + 2;
	const char *end = host[0] == '[' ? strchr(host, ']') : host;

	add(t, "--server=%s", host);
	if (!strchr(end, ':'))
		add(t, ":%u", (unsigned)HTTPS_PORT);
}

static void roomd_make(struct text *t, const struct profile *p)
{
	if (!has(p, PROFILE_FORWARDER))
		return;
	add(t, "ROOMD_SERVER=\"");
	server_add(t, p->values[PROFILE_FORWARDER]);
	if (p->anchors.bytes > 0)
		add(t, " --trust=" ANCHORS_PATH);
	if (has(p, PROFILE_TOKEN))
		add(t, " --site-token=" TOKEN_PATH " --page=%s",
		    p->values[PROFILE_PAGE]);
	add(t, "\"\n");
}

/* A URL may be asked for without a source, too. */
static void fetch_make(struct text *t, const struct profile *p)
{
	if (!has(p, PROFILE_UPDATES) && !has(p, PROFILE_PROXY) &&
	    p->anchors.bytes == 0)
		return;
	add(t, "FETCH_OPTIONS=\"");
	if (has(p, PROFILE_UPDATES))
		add(t, " --source=%s", p->values[PROFILE_UPDATES]);
	if (has(p, PROFILE_PROXY))
		add(t, " --proxy=%s", p->values[PROFILE_PROXY]);
	if (p->anchors.bytes > 0)
		add(t, " --trust=" ANCHORS_PATH);
	add(t, "\"\n");
}

static void updates_make(struct text *t, const struct profile *p)
{
	if (has(p, PROFILE_UPDATES))
		add(t, "%s\n", p->values[PROFILE_UPDATES]);
}

/* --- all ------------------------------------------------------------------ */

static void (*const makers[PROFILE_FILES])(struct text *t,
    const struct profile *p) = {
	[PROFILE_FILE_NETWORK] = network_make,
	[PROFILE_FILE_VLAN] = vlan_make,
	[PROFILE_FILE_VLAN_NETWORK] = vlan_network_make,
	[PROFILE_FILE_TIME] = time_make,
	[PROFILE_FILE_KEYD] = keyd_make,
	[PROFILE_FILE_MEDIAD] = mediad_make,
	[PROFILE_FILE_ROOMD] = roomd_make,
	[PROFILE_FILE_WEBD] = webd_make,
	[PROFILE_FILE_FETCH] = fetch_make,
	[PROFILE_FILE_UPDATES] = updates_make,
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

enum kk_err profile_files_make(const struct profile *p,
    struct profile_files *files)
{
	struct text t;
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
	if (!err && p->anchors.bytes > 0)
		err = kk_bytes_copy(&files->file[PROFILE_FILE_ANCHORS],
		    p->anchors);
	if (!err && has(p, PROFILE_TOKEN))
		err = token_make(p->values[PROFILE_TOKEN],
		    &files->file[PROFILE_FILE_TOKEN]);
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
