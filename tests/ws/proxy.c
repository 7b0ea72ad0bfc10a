/* proxy.c - the text that names a site's proxy. */
#include <string.h>

#include "world.h"

static enum kk_err set(struct world *w, const char *url)
{
	return ws_proxy_set(w->client, kk_view_text(url));
}

TEST(a_proxys_url_becomes_what_libwebsockets_takes)
{
	struct world w;

	world_start(&w);
	CHECK_OK(set(&w, "http://proxy.example:3128\n"));
	CHECK_STR(w.client->proxy, "proxy.example:3128");
	CHECK_OK(set(&w, "http://proxy"));
	CHECK_STR(w.client->proxy, "proxy:80");
	CHECK_OK(set(&w, "http://[2001:db8::1]"));
	CHECK_STR(w.client->proxy, "[2001:db8::1]:80");
	CHECK_OK(set(&w, "http://us%3aer:p%40%20w@[2001:db8::1]:1"));
	CHECK_STR(w.client->proxy, "us:er:p@ w@[2001:db8::1]:1");
	world_end(&w);
}

TEST(what_is_no_proxys_url_is_refused_and_changes_nothing)
{
	static const char *const urls[] = { "", "\n", "https://proxy",
		"proxy:1", "http://", "http://a b", "http://u:p@",
		"http://u:%4@proxy", "http://u:%4g@proxy", "http://u:%0a@proxy",
		"http://pro/xy", "http://\x01@proxy" };
	char url[256];
	struct world w;

	world_start(&w);
	CHECK_OK(set(&w, "http://proxy:1"));
	for (size_t i = 0; i < KK_ARRAY_LEN(urls); i++) {
		if (!set(&w, urls[i]))
			tap_diag("%s is taken", urls[i]);
		CHECK_ERR(set(&w, urls[i]), KK_EFORMAT);
	}
	memset(url, 'u', 105); /* http:// and 91 letters before the sign */
	memcpy(url, "http://", 7);
	memcpy(url + 98, "@proxy", 7);
	CHECK_ERR(set(&w, url), KK_EFORMAT);
	memcpy(url + 97, "@proxy", 7);
	CHECK_OK(set(&w, url));
	CHECK_OK(set(&w, "http://proxy:1"));
	CHECK_STR(w.client->proxy, "proxy:1");
	world_end(&w);
}
