/* parse.c - a profile's text, and what each key takes. */
#define _GNU_SOURCE /* strtok_r() */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "profile/profile_private.h"

enum {
	VLAN_MAX = 4094, /* IEEE 802.1Q, 9.6 */
	DNS_MAX = 4,
	HOST_MAX = 253, /* RFC 1035, 2.3.4 */
	PORT_MAX = 65535,
	TOKEN_DIGITS = 64
};

static const char *const names[PROFILE_KEYS] = {
	[PROFILE_NAME] = "name",
	[PROFILE_SITE] = "site",
	[PROFILE_LANGUAGE] = "language",
	[PROFILE_NETWORK] = "network",
	[PROFILE_ADDRESS] = "address",
	[PROFILE_GATEWAY] = "gateway",
	[PROFILE_DNS] = "dns",
	[PROFILE_VLAN] = "vlan",
	[PROFILE_PROXY] = "proxy",
	[PROFILE_TIME] = "time",
	[PROFILE_FORWARDER] = "forwarder",
	[PROFILE_PAGE] = "page",
	[PROFILE_UPDATES] = "updates",
	[PROFILE_TOKEN] = "token",
};

const char *profile_key_name(enum profile_key key)
{
	return (unsigned)key < PROFILE_KEYS ? names[key] : "?";
}

bool profile_key_find(struct kk_view name, enum profile_key *key)
{
	for (unsigned i = 0; i < PROFILE_KEYS; i++) {
		if (!kk_view_equal(name, kk_view_text(names[i])))
			continue;
		*key = (enum profile_key)i;
		return true;
	}
	return false;
}

enum kk_err profile_fail(struct profile_problem *problem, enum kk_err err,
    enum profile_wrong what, size_t line, enum profile_key key)
{
	*problem = (struct profile_problem){ what, line, key };
	return err;
}

struct kk_view profile_trim(struct kk_view v)
{
	while (v.bytes > 0 && (v.data[0] == ' ' || v.data[0] == '\t')) {
		v.data++;
		v.bytes--;
	}
	while (v.bytes > 0 && strchr(" \t\r", v.data[v.bytes - 1]) &&
	    v.data[v.bytes - 1])
		v.bytes--;
	return v;
}

/* --- values --------------------------------------------------------------- */

static bool is_address(const char *text)
{
	struct in6_addr any;

	return inet_pton(AF_INET, text, &any) == 1 ||
	    inet_pton(AF_INET6, text, &any) == 1;
}

static bool is_number(const char *text, unsigned long min, unsigned long max)
{
	const size_t digits = strspn(text, "0123456789");
	unsigned long n;

	if (digits == 0 || digits > 5 || text[digits])
		return false;
	n = strtoul(text, NULL, 10);
	return n >= min && n <= max;
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
	char list[PROFILE_VALUE_MAX + 1], *rest = NULL, *one;
	size_t count = 0;

	memcpy(list, text, strlen(text) + 1);
	for (one = strtok_r(list, ", ", &rest); one;
	    one = strtok_r(NULL, ", ", &rest)) {
		if (!is_address(one) || ++count > DNS_MAX)
			return false;
	}
	return count > 0;
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

/* scheme://HOST[:PORT], a v6 address in [ ]. */
static bool is_origin(const char *text, const char *scheme)
{
	const size_t skip = strlen(scheme);
	char host[PROFILE_VALUE_MAX + 1];
	const char *end;

	if (strncmp(text, scheme, skip) != 0)
		return false;
	text += skip;
	end = text[0] == '[' ? strchr(text, ']') : text + strcspn(text, ":");
	if (!end)
		return false;
	if (text[0] == '[') {
		memcpy(host, text + 1, (size_t)(end - text) - 1);
		host[end - text - 1] = '\0';
		if (!is_address(host))
			return false;
		end++;
	} else if (!is_host(text, (size_t)(end - text))) {
		return false;
	}
	return !*end || (*end == ':' && is_number(end + 1, 1, PORT_MAX));
}

/* An origin, and a path without names, queries or marks; not above PATH. */
static bool is_file_url(const char *text)
{
	char origin[PROFILE_VALUE_MAX + 1];
	const char *path = strstr(text, "//");

	path = path ? strchr(path + 2, '/') : NULL;
	if (!path || !path[1] || strstr(path, "/../") || strstr(path, "/./"))
		return false;
	memcpy(origin, text, (size_t)(path - text));
	origin[path - text] = '\0';
	return is_origin(origin, "https://") &&
	    !path[strspn(path,
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
		"0123456789-._~%/+,=")];
}

static bool is_one_of(const char *text, const char *a, const char *b)
{
	return !strcmp(text, a) || !strcmp(text, b);
}

static bool is_token(const char *text)
{
	return strlen(text) == TOKEN_DIGITS &&
	    strspn(text, "0123456789abcdefABCDEF") == TOKEN_DIGITS;
}

static bool is_taken(enum profile_key key, const char *text)
{
	switch (key) {
	case PROFILE_NAME:
	case PROFILE_SITE:
		return kk_text_is_shown(kk_view_text(text));
	case PROFILE_LANGUAGE:
		return is_one_of(text, "en", "de");
	case PROFILE_NETWORK:
		return is_one_of(text, "dhcp", "static");
	case PROFILE_ADDRESS:
		return is_prefixed(text);
	case PROFILE_GATEWAY:
		return is_address(text);
	case PROFILE_DNS:
		return are_addresses(text);
	case PROFILE_VLAN:
		return is_number(text, 1, VLAN_MAX);
	case PROFILE_PROXY:
		return is_origin(text, "http://");
	case PROFILE_FORWARDER:
	case PROFILE_PAGE:
		return is_origin(text, "https://");
	case PROFILE_UPDATES:
		return is_file_url(text);
	case PROFILE_TIME:
		return is_address(text) || is_host(text, strlen(text));
	case PROFILE_TOKEN:
		return is_token(text);
	default:
		return false;
	}
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
	takes = is_taken(key, text);
	if (takes)
		memcpy(p->values[key], text, sizeof(text));
	kk_wipe(text, sizeof(text)); /* it may be the token */
	return takes ?
	    KK_OK :
	    profile_fail(problem, KK_EFORMAT, PROFILE_VALUE, line, key);
}

/* --- lines ---------------------------------------------------------------- */

static bool line_take(struct kk_view *text, struct kk_view *line)
{
	const uint8_t *end;

	if (text->bytes == 0)
		return false;
	end = memchr(text->data, '\n', text->bytes);
	*line = *text;
	if (end)
		line->bytes = (size_t)(end - text->data);
	text->data += line->bytes + (end != NULL);
	text->bytes -= line->bytes + (end != NULL);
	*line = profile_trim(*line);
	return true;
}

bool profile_has_secret(struct kk_view text)
{
	static const char word[] = "PRIVATE KEY"; /* RFC 7468, 10 and 11 */
	const size_t bytes = sizeof(word) - 1;

	for (size_t i = 0; i + bytes <= text.bytes; i++) {
		if (!memcmp(text.data + i, word, bytes))
			return true;
	}
	return false;
}

struct reading {
	struct profile *p;
	size_t number; /* of the line */
	bool keeps; /* what it does not take */
	bool seen[PROFILE_KEYS];
};

static bool is_key_text(struct kk_view name)
{
	for (size_t i = 0; i < name.bytes; i++) {
		if (!name.data[i] ||
		    !strchr("abcdefghijklmnopqrstuvwxyz0123456789-.",
			name.data[i]))
			return false;
	}
	return name.bytes > 0;
}

/* What was wrong with a line is no reason to lose what it says. */
static enum kk_err other_keep(struct reading *r, struct kk_view line,
    struct kk_view name, enum kk_err err, struct profile_problem *problem)
{
	struct profile *p = r->p;

	if (!r->keeps || !is_key_text(name) || !kk_text_is_utf8(line) ||
	    memchr(line.data, 0, line.bytes) ||
	    (problem->what != PROFILE_UNKNOWN &&
		problem->what != PROFILE_VALUE &&
		problem->what != PROFILE_TOO_LONG))
		return err;
	if (p->other_count == PROFILE_OTHERS_MAX)
		return profile_fail(problem, KK_ELIMIT, PROFILE_TOO_LONG,
		    r->number, PROFILE_KEYS);
	p->others[p->other_count++] = (struct profile_other){ line, *problem };
	return KK_OK;
}

static enum kk_err known_take(struct reading *r, struct kk_view name,
    struct kk_view value, struct profile_problem *problem)
{
	enum profile_key key = PROFILE_KEYS;

	if (!profile_key_find(name, &key))
		return profile_fail(problem, KK_EFORMAT, PROFILE_UNKNOWN,
		    r->number, key);
	if (r->seen[key])
		return profile_fail(problem, KK_EFORMAT, PROFILE_TWICE,
		    r->number, key);
	r->seen[key] = true;
	return profile_value_put(r->p, key, value, r->number, problem);
}

static enum kk_err pair_take(struct reading *r, struct kk_view line,
    struct profile_problem *problem)
{
	const uint8_t *sign = memchr(line.data, '=', line.bytes);
	struct kk_view name = line, value = line;
	enum kk_err err;

	if (!sign)
		return profile_fail(problem, KK_EFORMAT, PROFILE_NO_PAIR,
		    r->number, PROFILE_KEYS);
	name.bytes = (size_t)(sign - line.data);
	name = profile_trim(name);
	value.data = sign + 1;
	value.bytes = (size_t)(line.data + line.bytes - value.data);
	err = known_take(r, name, value, problem);
	return err ? other_keep(r, line, name, err, problem) : KK_OK;
}

/* Whole certificates, and nothing between them; what is in one is checked by
 * who uses it. */
static enum kk_err anchors_take(struct profile *p, struct kk_view text,
    size_t number, struct profile_problem *problem)
{
	static const char begin[] = "-----BEGIN CERTIFICATE-----";
	static const char end[] = "-----END CERTIFICATE-----";
	size_t count = 0, first = number;
	struct kk_view line;
	bool is_inside = false;

	p->anchors = text;
	while (line_take(&text, &line)) {
		const bool begins = kk_view_equal(line, kk_view_text(begin));
		const bool ends = kk_view_equal(line, kk_view_text(end));

		number++;
		if (line.bytes == 0 && !is_inside)
			continue;
		if (begins == is_inside || (ends && !is_inside) ||
		    count == PROFILE_ANCHORS_MAX)
			return profile_fail(problem, KK_EFORMAT, PROFILE_ANCHOR,
			    number, PROFILE_KEYS);
		count += ends;
		is_inside = !ends;
	}
	if (is_inside || count == 0)
		return profile_fail(problem, KK_EFORMAT, PROFILE_ANCHOR, first,
		    PROFILE_KEYS);
	return KK_OK;
}

static enum kk_err parse(struct profile *p, struct kk_view text, bool keeps,
    struct profile_problem *problem)
{
	const struct kk_view section = kk_view_text("[anchors]");
	struct reading r = { .p = p, .keeps = keeps };
	struct kk_view line;
	enum kk_err err = KK_OK;

	memset(p, 0, sizeof(*p));
	if (text.bytes > PROFILE_BYTES_MAX)
		return profile_fail(problem, KK_ELIMIT, PROFILE_TOO_LONG, 1,
		    PROFILE_KEYS);
	if (profile_has_secret(text))
		return profile_fail(problem, KK_EDENIED, PROFILE_SECRET, 1,
		    PROFILE_KEYS);
	while (!err && line_take(&text, &line)) {
		r.number++;
		if (line.bytes == 0 || line.data[0] == '#')
			continue;
		if (kk_view_equal(line, section))
			return anchors_take(p, text, r.number, problem);
		err = pair_take(&r, line, problem);
	}
	return err;
}

enum kk_err profile_parse(struct profile *p, struct kk_view text,
    struct profile_problem *problem)
{
	return parse(p, text, false, problem);
}

enum kk_err profile_parse_stored(struct profile *p, struct kk_view text,
    struct profile_problem *problem)
{
	return parse(p, text, true, problem);
}

/* A key that another one calls for. */
static bool lacks(const struct profile *p, enum profile_key key,
    enum profile_key other)
{
	return p->values[key][0] && !p->values[other][0];
}

enum kk_err profile_check(const struct profile *p,
    struct profile_problem *problem)
{
	const bool is_static = !strcmp(p->values[PROFILE_NETWORK], "static");
	const bool has_address = p->values[PROFILE_ADDRESS][0];

	if (!p->values[PROFILE_NAME][0])
		return profile_fail(problem, KK_EFORMAT, PROFILE_MISSING, 0,
		    PROFILE_NAME);
	if (is_static && !has_address)
		return profile_fail(problem, KK_EFORMAT, PROFILE_MISSING, 0,
		    PROFILE_ADDRESS);
	if (!is_static && (has_address || p->values[PROFILE_GATEWAY][0]))
		return profile_fail(problem, KK_EFORMAT, PROFILE_MISSING, 0,
		    PROFILE_NETWORK);
	if (lacks(p, PROFILE_TOKEN, PROFILE_FORWARDER))
		return profile_fail(problem, KK_EFORMAT, PROFILE_MISSING, 0,
		    PROFILE_FORWARDER);
	if (lacks(p, PROFILE_TOKEN, PROFILE_PAGE))
		return profile_fail(problem, KK_EFORMAT, PROFILE_MISSING, 0,
		    PROFILE_PAGE);
	return KK_OK;
}
