/* proxy.c - the site's HTTP proxy, which clients go by. */
#include <string.h>

#include "ws/ws_private.h"

enum {
	LOGIN_MAX_BYTES = 90, /* libwebsockets has room for 93 */
	PORT_DEFAULT = 80 /* RFC 9110, 4.2.1 */
};

static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* RFC 3986, 2.1; false: not %XX, or what no header may have. */
static bool login_decode(const char *text, size_t bytes, char *out)
{
	for (const char *end = text + bytes; text < end; text++) {
		int c = (unsigned char)*text;

		if (c == '%') {
			const int high = end - text > 2 ? digit_of(text[1]) :
							  -1;
			const int low = high < 0 ? -1 : digit_of(text[2]);

			if (low < 0)
				return false;
			c = high << 4 | low;
			text += 2;
		}
		if (c < ' ' || c == 0x7f)
			return false;
		*out++ = (char)c;
	}
	*out = '\0';
	return true;
}

static bool has_port(const char *host)
{
	const char *end = host[0] == '[' ? strchr(host, ']') : host;

	return end && strchr(end, ':');
}

static bool is_host(const char *text)
{
	return *text &&
	    !text[strspn(text,
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
		"0123456789.-:[]")];
}

/* [LOGIN@]HOST:PORT, as libwebsockets takes it. */
static enum kk_err address_make(char *out, size_t room, const char *url)
{
	static const char scheme[] = "http://";
	const char *at = strrchr(url, '@'), *host;
	size_t login = 0;
	int n;

	if (strncmp(url, scheme, sizeof(scheme) - 1) != 0)
		return KK_EFORMAT;
	url += sizeof(scheme) - 1;
	host = at ? at + 1 : url;
	if (!is_host(host) || (at && at - url > LOGIN_MAX_BYTES))
		return KK_EFORMAT;
	if (at) {
		if (!login_decode(url, (size_t)(at - url), out))
			return KK_EFORMAT;
		login = strlen(out);
		out[login++] = '@';
	}
	n = has_port(host) ? snprintf(out + login, room - login, "%s", host) :
			     snprintf(out + login, room - login, "%s:%u", host,
				 (unsigned)PORT_DEFAULT);
	return n > 0 && (size_t)n < room - login ? KK_OK : KK_EFORMAT;
}

enum kk_err ws_proxy_set(struct ws *ws, struct kk_view url)
{
	char text[WS_PROXY_BYTES], address[WS_PROXY_BYTES];
	enum kk_err err = KK_EFORMAT;

	while (url.bytes > 0 && url.data[url.bytes - 1] == '\n')
		url.bytes--;
	if (url.bytes > 0 && url.bytes < sizeof(text) &&
	    !memchr(url.data, 0, url.bytes)) {
		memcpy(text, url.data, url.bytes);
		text[url.bytes] = '\0';
		err = address_make(address, sizeof(address), text);
	}
	if (!err)
		memcpy(ws->proxy, address, sizeof(address));
	kk_wipe(text, sizeof(text));
	kk_wipe(address, sizeof(address));
	return err;
}
