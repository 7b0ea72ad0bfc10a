/* link.c - reading and writing a meeting's link. */
#include <stdio.h>
#include <string.h>

#include "base/authority.h"
#include "room/link.h"

enum { KEY_CHARS = 22, KEY_BITS_SPARE = 4 }; /* 16 bytes in base64url */

_Static_assert((ROOM_ID_BYTES * 8 + KEY_BITS_SPARE) / 6 == KEY_CHARS &&
	ROOM_SECRET_BYTES == ROOM_ID_BYTES,
    "both are keys of 16 bytes");

static const char start[] = "https://";
static const char alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static enum kk_err page_take(const char **at, struct room_link *link)
{
	enum kk_err err;

	if (strncmp(*at, start, sizeof(start) - 1) != 0)
		return KK_EFORMAT;
	*at += sizeof(start) - 1;
	err = kk_host_take(at, link->host, sizeof(link->host));
	return err ? err : kk_port_take(at, ROOM_HTTPS_PORT, &link->port);
}

/* The bits that are left over have to be zero: one key, one text. */
static enum kk_err key_take(const char **at, uint8_t *key)
{
	uint32_t bits = 0;
	unsigned have = 0;

	for (size_t i = 0; i < KEY_CHARS; i++) {
		const char *c = (*at)[i] ? strchr(alphabet, (*at)[i]) : NULL;

		if (!c)
			return KK_EFORMAT;
		bits = (bits << 6 | (uint32_t)(c - alphabet)) & 0xffff;
		have += 6;
		if (have >= 8) {
			have -= 8;
			*key++ = (uint8_t)(bits >> have);
		}
	}
	*at += KEY_CHARS;
	return (bits & ((1U << KEY_BITS_SPARE) - 1)) ? KK_EFORMAT : KK_OK;
}

static enum kk_err version_take(const char **at)
{
	const char *p = *at;

	if (p[0] != '/' || p[1] != '#' || !is_digit(p[2]))
		return KK_EFORMAT;
	if (p[2] != '1' || p[3] != '.')
		return KK_EUNSUP;
	*at = p + 4;
	return KK_OK;
}

enum kk_err room_link_parse(struct room_link *link, const char *text)
{
	struct room_link got = { .port = 0 };
	enum kk_err err = page_take(&text, &got);

	if (!err)
		err = version_take(&text);
	if (!err)
		err = key_take(&text, got.id);
	if (!err && *text++ != '.')
		err = KK_EFORMAT;
	if (!err)
		err = key_take(&text, got.secret);
	if (!err && *text)
		err = KK_EFORMAT;
	*link = err ? (struct room_link){ .port = 0 } : got;
	kk_wipe(&got, sizeof(got));
	return err;
}

enum kk_err room_link_parse_page(struct room_link *link, const char *text)
{
	enum kk_err err;

	*link = (struct room_link){ .port = 0 };
	err = page_take(&text, link);
	if (!err && *text == '/')
		text++;
	if (!err && *text)
		err = KK_EFORMAT;
	if (err)
		*link = (struct room_link){ .port = 0 };
	return err;
}

static char *key_put(char *out, const uint8_t *key)
{
	uint32_t bits = 0;
	unsigned have = 0;

	for (size_t i = 0; i < ROOM_ID_BYTES; i++) {
		bits = (bits << 8 | key[i]) & 0xffff;
		have += 8;
		for (; have >= 6; have -= 6)
			*out++ = alphabet[bits >> (have - 6) & 63];
	}
	*out++ = alphabet[bits << (6 - have) & 63];
	return out;
}

enum kk_err room_link_write(const struct room_link *link, char *out)
{
	const bool is_v6 = strchr(link->host, ':') != NULL;
	char port[8] = "";
	int n;

	*out = '\0';
	if (!link->host[0])
		return KK_EINVAL;
	if (link->port != ROOM_HTTPS_PORT)
		(void)snprintf(port, sizeof(port), ":%u", link->port);
	n = snprintf(out, ROOM_LINK_BYTES, "%s%s%s%s%s/#1.", start,
	    is_v6 ? "[" : "", link->host, is_v6 ? "]" : "", port);
	if (n < 0 || n + 2 * KEY_CHARS + 2 > ROOM_LINK_BYTES)
		return KK_EINVAL;
	out = key_put(out + n, link->id);
	*out++ = '.';
	out = key_put(out, link->secret);
	*out = '\0';
	return KK_OK;
}
