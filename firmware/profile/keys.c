/* keys.c - the keys of a profile, and what each takes. */
#define _GNU_SOURCE /* strtok_r() */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "profile/profile_private.h"

enum {
	VLAN_MAX = 4094, /* IEEE 802.1Q, 9.6 */
	SERVERS_MAX = 4, /* of names, and of a network that asks who we are */
	PREFIXES_MAX = 16, /* as lined(8) and roomd(8) take */
	HOST_MAX = 253, /* RFC 1035, 2.3.4 */
	PORT_MAX = 65535,
	LINES_MAX = 256, /* as lined(8) takes */
	TALK_MINUTES_MAX = 1440, /* as roomd(8) takes */
	DIAL_IN_MAX = 12, /* digits, as roomd(8) takes */
	PIN_MIN = 4,
	PROXY_LOGIN_MAX = 90, /* as roomd(8) takes */
	NUMBER_MAX = 32, /* digits of a telephone's number */
	TOKEN_DIGITS = 64,
	PIN_MAX = 64 /* letters of a token's */
};

static const char decimal[] = "0123456789";

/* --- parts of values ------------------------------------------------------ */

static bool is_address(const char *text)
{
	struct in6_addr any;

	return inet_pton(AF_INET, text, &any) == 1 ||
	    inet_pton(AF_INET6, text, &any) == 1;
}

static bool is_number(const char *text, unsigned long min, unsigned long max)
{
	const size_t digits = strspn(text, decimal);
	unsigned long n;

	if (digits == 0 || digits > 5 || text[digits])
		return false;
	n = strtoul(text, NULL, 10);
	return n >= min && n <= max;
}

static bool are_digits(const char *text, size_t min, size_t max)
{
	const size_t digits = strspn(text, decimal);

	return digits >= min && digits <= max && !text[digits];
}

static bool is_host(const char *text, size_t bytes)
{
	if (bytes == 0 || bytes > HOST_MAX || text[0] == '-' || text[0] == '.')
		return false;
	for (size_t i = 0; i < bytes; i++) {
		const char c = text[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			(c >= '0' && c <= '9') || c == '-' || c == '.'))
			return false;
	}
	return true;
}

static bool is_name_of_host(const char *text)
{
	return is_host(text, strlen(text));
}

/* HOST[:PORT], a v6 address in [ ]; what ends it is left in *end. */
static bool is_place(const char *text, const char *ends, const char **end)
{
	char part[PROFILE_VALUE_MAX + 1];
	const char *at;
	size_t digits;

	at = text[0] == '[' ? strchr(text, ']') :
			      text + strcspn(text, ":") /* or its end */;
	if (text[0] != '[' && at > text + strcspn(text, ends))
		at = text + strcspn(text, ends);
	if (!at)
		return false;
	if (text[0] == '[') {
		memcpy(part, text + 1, (size_t)(at - text) - 1);
		part[at - text - 1] = '\0';
		if (!is_address(part))
			return false;
		at++;
	} else if (!is_host(text, (size_t)(at - text))) {
		return false;
	}
	*end = at;
	if (*at != ':')
		return true;
	digits = strspn(at + 1, decimal);
	memcpy(part, at + 1, digits);
	part[digits] = '\0';
	*end = at + 1 + digits;
	return is_number(part, 1, PORT_MAX);
}

/* scheme://HOST[:PORT] */
static bool is_origin(const char *text, const char *scheme)
{
	const size_t skip = strlen(scheme);
	const char *end;

	return !strncmp(text, scheme, skip) &&
	    is_place(text + skip, "", &end) && !*end;
}

/* One to max items between commas or blanks, each as is_item() wants it. */
static bool are(const char *text, size_t max, bool (*is_item)(const char *))
{
	char list[PROFILE_VALUE_MAX + 1], *rest = NULL, *one;
	size_t count = 0;

	memcpy(list, text, strlen(text) + 1);
	for (one = strtok_r(list, PROFILE_LIST, &rest); one;
	    one = strtok_r(NULL, PROFILE_LIST, &rest)) {
		if (!is_item(one) || ++count > max)
			return false;
	}
	return count > 0;
}

static bool is_one_of(const char *text, const char *const *words)
{
	while (*words && strcmp(text, *words) != 0)
		words++;
	return *words;
}

/* --- values --------------------------------------------------------------- */

static bool is_shown(const char *text)
{
	return kk_text_is_shown(kk_view_text(text));
}

static bool is_language(const char *text)
{
	return is_one_of(text, (const char *const[]){ "en", "de", NULL });
}

static bool is_network(const char *text)
{
	return is_one_of(text, (const char *const[]){ "dhcp", "static", NULL });
}

static bool is_prefixed(const char *text)
{
	const char *slash = strchr(text, '/');
	char address[PROFILE_VALUE_MAX + 1];
	struct in_addr v4;

	if (!slash)
		return false;
	memcpy(address, text, (size_t)(slash - text));
	address[slash - text] = '\0';
	if (!is_address(address))
		return false;
	return is_number(slash + 1, 1,
	    inet_pton(AF_INET, address, &v4) == 1 ? 32 : 128);
}

static bool are_addresses(const char *text)
{
	return are(text, SERVERS_MAX, is_address);
}

static bool is_vlan(const char *text)
{
	return is_number(text, 1, VLAN_MAX);
}

static bool is_8021x(const char *text)
{
	return !strcmp(text, "eap-tls");
}

static bool are_hosts(const char *text)
{
	return are(text, SERVERS_MAX, is_name_of_host);
}

/* http://[USER:PASSWORD@]HOST:PORT; what stands for itself of RFC 3986, 2.3,
 * and %XX for what does not. */
static bool is_proxy(const char *text)
{
	static const char scheme[] = "http://";
	const char *at = strrchr(text, '@'), *end;
	const char *user = text + sizeof(scheme) - 1;

	if (strncmp(text, scheme, sizeof(scheme) - 1) != 0)
		return false;
	for (const char *c = user; at && c < at; c++) {
		if ((unsigned char)*c <= ' ' || (unsigned char)*c > '~' ||
		    strchr("/?#[]@\"\\", *c))
			return false;
	}
	if (at &&
	    (*user == ':' || at == user || at - user > PROXY_LOGIN_MAX ||
		!memchr(user, ':', (size_t)(at - user))))
		return false;
	return is_place(at ? at + 1 : user, "", &end) && !*end;
}

/* A host, an address, or .DOMAIN with all that is in it. */
static bool is_no_proxy(const char *text)
{
	return is_address(text) || is_name_of_host(text + (*text == '.'));
}

static bool are_no_proxies(const char *text)
{
	return are(text, PREFIXES_MAX, is_no_proxy);
}

static bool is_server(const char *text)
{
	return is_address(text) || is_name_of_host(text);
}

static bool is_https(const char *text)
{
	return is_origin(text, "https://");
}

/* An origin, and a path without queries, marks, or ways upwards. */
static bool is_file_url(const char *text)
{
	char origin[PROFILE_VALUE_MAX + 1];
	const char *path = strstr(text, "//");

	path = path ? strchr(path + 2, '/') : NULL;
	if (!path || !path[1] || strstr(path, "/../") || strstr(path, "/./"))
		return false;
	memcpy(origin, text, (size_t)(path - text));
	origin[path - text] = '\0';
	return is_https(origin) &&
	    !path[strspn(path,
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
		"0123456789-._~%/+,=")];
}

static bool is_token(const char *text)
{
	return strlen(text) == TOKEN_DIGITS &&
	    strspn(text, "0123456789abcdefABCDEF") == TOKEN_DIGITS;
}

/* RFC 7512 without what leads to another file or program of whom it is for: one
 * module, by its path, and no PIN in a value that is shown. */
static bool is_token_uri(const char *text)
{
	static const char scheme[] = "pkcs11:", module[] = "module-path=/";
	const char *query = strchr(text, '?');

	return !strncmp(text, scheme, sizeof(scheme) - 1) && query &&
	    query > text + sizeof(scheme) - 1 &&
	    !strncmp(query + 1, module, sizeof(module) - 1) &&
	    query[sizeof(module)] && !strpbrk(query + 1, "?&;") &&
	    !strstr(query, "/../") && !strstr(text, "pin-value") &&
	    !strstr(text, "pin-source") &&
	    !text[strspn(text,
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
		"0123456789-._~%:[]@!()*+,=/;?")];
}

static bool is_keystore(const char *text)
{
	return is_token_uri(text) ||
	    is_one_of(text, (const char *const[]){ "file", "tpm", NULL });
}

static bool is_token_pin(const char *text)
{
	return is_shown(text) && strlen(text) <= PIN_MAX;
}

static bool is_line_count(const char *text)
{
	return is_number(text, 1, LINES_MAX);
}

static bool is_dial_in(const char *text)
{
	return are_digits(text, 1, DIAL_IN_MAX);
}

static bool is_pin(const char *text)
{
	return are_digits(text, PIN_MIN, DIAL_IN_MAX);
}

static bool is_telephone(const char *text)
{
	return are_digits(text + (*text == '+'), 1,
	    NUMBER_MAX - (*text == '+'));
}

static bool are_prefixes(const char *text)
{
	return are(text, PREFIXES_MAX, is_telephone);
}

static bool is_talk_time(const char *text)
{
	return is_number(text, 0, TALK_MINUTES_MAX);
}

static bool is_srtp(const char *text)
{
	return is_one_of(text,
	    (const char *const[]){ "require", "prefer", "never", NULL });
}

static bool is_who_calls(const char *text)
{
	return is_one_of(text,
	    (const char *const[]){ "trunks", "known", "anybody", NULL });
}

static bool is_how_shown(const char *text)
{
	return is_one_of(text,
	    (const char *const[]){ "part", "full", "none", NULL });
}

/* sip:HOST[:PORT][;transport=udp|tcp|tls] */
static bool is_exchange(const char *text)
{
	const char *end;

	if (strncmp(text, "sip:", 4) != 0 || !is_place(text + 4, ";", &end))
		return false;
	return !*end ||
	    is_one_of(end,
		(const char *const[]){ ";transport=udp", ";transport=tcp",
		    ";transport=tls", NULL });
}

static bool is_sip_user(const char *text)
{
	return profile_is_user(kk_view_text(text));
}

/* --- the keys ------------------------------------------------------------- */

/* In the order in which a profile is written and shown. */
static const struct {
	const char *name;
	bool (*takes)(const char *text);
	enum { KEY_OPEN, KEY_SECRET, KEY_HAS_LOGIN } secrecy;
} keys[PROFILE_KEYS] = {
	[PROFILE_NAME] = { "name", is_shown, KEY_OPEN },
	[PROFILE_SITE] = { "site", is_shown, KEY_OPEN },
	[PROFILE_LANGUAGE] = { "language", is_language, KEY_OPEN },
	[PROFILE_NETWORK] = { "network", is_network, KEY_OPEN },
	[PROFILE_ADDRESS] = { "address", is_prefixed, KEY_OPEN },
	[PROFILE_GATEWAY] = { "gateway", is_address, KEY_OPEN },
	[PROFILE_DNS] = { "dns", are_addresses, KEY_OPEN },
	[PROFILE_VLAN] = { "vlan", is_vlan, KEY_OPEN },
	[PROFILE_8021X] = { "8021x", is_8021x, KEY_OPEN },
	[PROFILE_8021X_IDENTITY] = { "8021x-identity", is_shown, KEY_OPEN },
	[PROFILE_8021X_SERVER] = { "8021x-server", are_hosts, KEY_OPEN },
	[PROFILE_PROXY] = { "proxy", is_proxy, KEY_HAS_LOGIN },
	[PROFILE_NO_PROXY] = { "no-proxy", are_no_proxies, KEY_OPEN },
	[PROFILE_TIME] = { "time", is_server, KEY_OPEN },
	[PROFILE_FORWARDER] = { "forwarder", is_https, KEY_OPEN },
	[PROFILE_PAGE] = { "page", is_https, KEY_OPEN },
	[PROFILE_UPDATES] = { "updates", is_file_url, KEY_OPEN },
	[PROFILE_TOKEN] = { "token", is_token, KEY_SECRET },
	[PROFILE_KEYSTORE] = { "keys", is_keystore, KEY_OPEN },
	[PROFILE_KEYSTORE_PIN] = { "keys-pin", is_token_pin, KEY_SECRET },
	[PROFILE_CAMERA] = { "camera", profile_is_device, KEY_OPEN },
	[PROFILE_MICROPHONE] = { "microphone", profile_is_device, KEY_OPEN },
	[PROFILE_LOUDSPEAKER] = { "loudspeaker", profile_is_device, KEY_OPEN },
	[PROFILE_SCREEN_SIZE] = { "screen-size", profile_is_screen_size,
	    KEY_OPEN },
	[PROFILE_LINES] = { "lines", is_line_count, KEY_OPEN },
	[PROFILE_DIAL_IN] = { "dial-in", is_dial_in, KEY_OPEN },
	[PROFILE_DIAL_PIN] = { "dial-pin", is_pin, KEY_SECRET },
	[PROFILE_DIAL_PREFIXES] = { "dial-prefixes", are_prefixes, KEY_OPEN },
	[PROFILE_TALK_MINUTES] = { "talk-minutes", is_talk_time, KEY_OPEN },
	[PROFILE_SRTP] = { "srtp", is_srtp, KEY_OPEN },
	[PROFILE_CALLS_FROM] = { "calls-from", is_who_calls, KEY_OPEN },
	[PROFILE_CALLERS] = { "callers", is_how_shown, KEY_OPEN },
	[PROFILE_EXCHANGE] = { "exchange", is_exchange, KEY_OPEN },
	[PROFILE_EXCHANGE_SPARE] = { "exchange-spare", is_exchange, KEY_OPEN },
	[PROFILE_EXCHANGE_DOMAIN] = { "exchange-domain", is_name_of_host,
	    KEY_OPEN },
	[PROFILE_EXCHANGE_USER] = { "exchange-user", is_sip_user, KEY_OPEN },
	[PROFILE_EXCHANGE_LOGIN] = { "exchange-login", is_shown, KEY_OPEN },
	[PROFILE_EXCHANGE_PASSWORD] = { "exchange-password", is_shown,
	    KEY_SECRET },
	[PROFILE_TELEPHONES] = { "telephones", is_name_of_host, KEY_OPEN },
};

const char *profile_key_name(enum profile_key key)
{
	return (unsigned)key < PROFILE_KEYS ? keys[key].name : "?";
}

bool profile_key_find(struct kk_view name, enum profile_key *key)
{
	for (unsigned i = 0; i < PROFILE_KEYS; i++) {
		if (!kk_view_equal(name, kk_view_text(keys[i].name)))
			continue;
		*key = (enum profile_key)i;
		return true;
	}
	return false;
}

void profile_value_show(const struct profile *p, enum profile_key key,
    char out[PROFILE_SHOWN_BYTES])
{
	static const char hidden[] = "***";
	const char *value = p->values[key];
	const char *begin = value, *end = value + strlen(value);

	if (keys[key].secrecy == KEY_HAS_LOGIN) {
		begin = strrchr(value, '@');
		end = begin ? begin : value;
		begin = begin ? strchr(value, '/') + 2 : value;
	} else if (keys[key].secrecy == KEY_OPEN) {
		end = begin;
	}
	memcpy(out, value, (size_t)(begin - value));
	out += begin - value;
	if (end > begin) {
		memcpy(out, hidden, sizeof(hidden) - 1);
		out += sizeof(hidden) - 1;
	}
	memcpy(out, end, strlen(end) + 1);
}

enum kk_err profile_value_put(struct profile *p, enum profile_key key,
    struct kk_view value, size_t line, struct profile_problem *problem)
{
	char text[PROFILE_VALUE_MAX + 1] = { 0 }; /* nothing old behind it */
	bool takes;

	value = profile_trim(value); /* quotes may have kept spaces */
	if (value.bytes > PROFILE_VALUE_MAX)
		return profile_fail(problem, KK_ELIMIT, PROFILE_TOO_LONG, line,
		    key);
	if (value.bytes == 0 || memchr(value.data, 0, value.bytes))
		return profile_fail(problem, KK_EFORMAT, PROFILE_VALUE, line,
		    key);
	memcpy(text, value.data, value.bytes);
	takes = keys[key].takes(text);
	if (takes)
		memcpy(p->values[key], text, sizeof(text));
	kk_wipe(text, sizeof(text)); /* it may be a secret */
	return takes ?
	    KK_OK :
	    profile_fail(problem, KK_EFORMAT, PROFILE_VALUE, line, key);
}
