/* net.c - one request after another, by libcurl. */
#include <string.h>
#include <curl/curl.h>

#include "fetch.h"

enum {
	CONNECT_SECONDS = 30,
	SLOW_BYTES = 1000, /* a second */
	PROXY_PORT = 80,
	TRY_LATER = 429, /* RFC 6585, 4 */
	SERVER_ERRORS = 500, /* RFC 9110, 15.6 */
	WHOLE = 200,
	PARTIAL = 206
};

struct net {
	CURL *easy;
	struct profile way; /* proxy and no-proxy of one, and nothing else */
};

struct transfer {
	CURL *easy;
	const struct net_ask *ask;
	uint64_t left_bytes;
	enum net_end end; /* of one that we have ended */
	bool is_begun;
};

static enum net_end code_judge(long code, long want)
{
	if (code == want)
		return NET_WHOLE;
	return code >= SERVER_ERRORS || code == TRY_LATER ? NET_BROKEN :
							    NET_SERVER;
}

static enum net_end range_begin(struct transfer *t)
{
	struct curl_header *header = NULL;
	struct bundle_range r;

	if (curl_easy_header(t->easy, "Content-Range", 0, CURLH_HEADER, -1,
		&header) != CURLHE_OK ||
	    header->amount != 1 || bundle_range_parse(&r, header->value) ||
	    !t->ask->begins(t->ask->arg, &r))
		return NET_SERVER;
	t->left_bytes = r.to - r.from + 1;
	return NET_WHOLE;
}

/* Nothing of an answer is taken before its head is what it has to be. */
static enum net_end begin(struct transfer *t)
{
	enum net_end end;
	long code = 0;

	(void)curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &code);
	end = code_judge(code, t->ask->range ? PARTIAL : WHOLE);
	t->is_begun = true;
	t->left_bytes = t->ask->max_bytes;
	return end == NET_WHOLE && t->ask->range ? range_begin(t) : end;
}

static size_t took(char *data, size_t one, size_t bytes, void *arg)
{
	struct transfer *t = arg;

	(void)one; /* 1 */
	if (!t->is_begun)
		t->end = begin(t);
	if (t->end == NET_WHOLE && bytes > t->left_bytes)
		t->end = NET_SERVER; /* more than it said */
	if (t->end == NET_WHOLE &&
	    !t->ask->take(t->ask->arg, (const uint8_t *)data, bytes))
		t->end = NET_STOPPED;
	if (t->end != NET_WHOLE)
		return CURL_WRITEFUNC_ERROR;
	t->left_bytes -= bytes;
	return bytes;
}

static enum net_end end_of(struct transfer *t, CURLcode code)
{
	if (t->end != NET_WHOLE)
		return t->end;
	switch (code) {
	case CURLE_OK:
		if (!t->is_begun) /* an answer without a body */
			t->end = begin(t);
		if (t->end != NET_WHOLE)
			return t->end;
		return t->ask->range && t->left_bytes > 0 ? NET_BROKEN :
							    NET_WHOLE;
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_ISSUER_ERROR:
		return NET_UNTRUSTED;
	case CURLE_UNSUPPORTED_PROTOCOL:
	case CURLE_URL_MALFORMAT:
	case CURLE_FILESIZE_EXCEEDED:
	case CURLE_RANGE_ERROR:
		return NET_SERVER;
	default:
		return NET_BROKEN;
	}
}

/* The proxy that leads there, or "": none, and not the environment's either. */
static const char *proxy_of(const struct net *net, const char *url)
{
	char origin[PROFILE_VALUE_MAX + 1];
	const char *host = strstr(url, "//");
	size_t bytes;

	if (!host)
		return "";
	host += 2;
	bytes = (size_t)(host - url) + strcspn(host, "/");
	if (bytes > PROFILE_VALUE_MAX)
		return net->way.values[PROFILE_PROXY];
	memcpy(origin, url, bytes);
	origin[bytes] = '\0';
	return profile_takes_proxy(&net->way, origin) ?
	    net->way.values[PROFILE_PROXY] :
	    "";
}

enum net_end net_get(struct net *net, const struct net_ask *ask)
{
	struct transfer t = { .easy = net->easy, .ask = ask };

	if (curl_easy_setopt(net->easy, CURLOPT_URL, ask->url) ||
	    curl_easy_setopt(net->easy, CURLOPT_RANGE, ask->range) ||
	    curl_easy_setopt(net->easy, CURLOPT_PROXY,
		proxy_of(net, ask->url)) ||
	    curl_easy_setopt(net->easy, CURLOPT_WRITEDATA, &t))
		return NET_BROKEN;
	return end_of(&t, curl_easy_perform(net->easy));
}

/* --- what holds for all of them ------------------------------------------- */

static bool limits_set(CURL *c, const struct fetch_options *o)
{
	return !curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT,
		   (long)CONNECT_SECONDS) &&
	    !curl_easy_setopt(c, CURLOPT_LOW_SPEED_LIMIT, (long)SLOW_BYTES) &&
	    !curl_easy_setopt(c, CURLOPT_LOW_SPEED_TIME,
		(long)o->stall_seconds) &&
	    !curl_easy_setopt(c, CURLOPT_MAX_RECV_SPEED_LARGE,
		(curl_off_t)o->rate_kb * SLOW_BYTES) &&
	    !curl_easy_setopt(c, CURLOPT_MAXFILESIZE_LARGE,
		(curl_off_t)BUNDLE_BYTES_MAX) &&
	    !curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
}

/* An empty list of exceptions: else the environment's. */
static bool way_set(CURL *c)
{
	return !curl_easy_setopt(c, CURLOPT_NOPROXY, "") &&
	    !curl_easy_setopt(c, CURLOPT_PROXYPORT, (long)PROXY_PORT) &&
	    !curl_easy_setopt(c, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L) &&
	    !curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "https") &&
	    !curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L) &&
	    !curl_easy_setopt(c, CURLOPT_HTTP_VERSION,
		(long)CURL_HTTP_VERSION_1_1) &&
	    !curl_easy_setopt(c, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
}

static bool trust_set(CURL *c, const struct fetch_options *o)
{
	if (o->trust &&
	    (curl_easy_setopt(c, CURLOPT_CAINFO, o->trust) ||
		curl_easy_setopt(c, CURLOPT_CAPATH, NULL)))
		return false;
	return !curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, 1L) &&
	    !curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, 2L) &&
	    !curl_easy_setopt(c, CURLOPT_SSLVERSION,
		(long)CURL_SSLVERSION_TLSv1_2);
}

static enum kk_err line_parse(struct profile *way, const char *key,
    struct kk_view value)
{
	char text[2 * PROFILE_VALUE_MAX];
	struct profile_problem problem;
	struct profile one;
	enum kk_err err;
	const int n = snprintf(text, sizeof(text), "%s = %.*s\n", key,
	    (int)value.bytes, (const char *)value.data);

	if (value.bytes > PROFILE_VALUE_MAX + 1 || n < 0 ||
	    (size_t)n >= sizeof(text))
		return KK_EFORMAT;
	err = profile_parse(&one, kk_view_text(text), &problem);
	for (size_t i = 0; !err && i < PROFILE_KEYS; i++) {
		if (one.values[i][0])
			memcpy(way->values[i], one.values[i],
			    sizeof(one.values[i]));
	}
	kk_wipe(text, sizeof(text));
	kk_wipe(&one, sizeof(one));
	return err ? KK_EFORMAT : KK_OK;
}

/* The same that a profile takes, and nothing else. */
static enum kk_err proxy_read(struct profile *way,
    const struct fetch_options *o)
{
	struct kk_bytes line;
	enum kk_err err;

	if (!o->proxy)
		return KK_OK;
	err = program_secret_read(o->proxy, PROFILE_VALUE_MAX + 1, &line);
	if (err)
		return err;
	if (line.bytes > 0 && line.data[line.bytes - 1] == '\n')
		line.bytes--;
	err = line_parse(way, "proxy", kk_bytes_view(&line));
	kk_bytes_clear(&line);
	if (!err && o->no_proxy && o->no_proxy[0])
		err = line_parse(way, "no-proxy", kk_view_text(o->no_proxy));
	return err;
}

enum kk_err net_new(struct net **netp, const struct fetch_options *o)
{
	struct net *net = kk_calloc(1, sizeof(*net));
	enum kk_err err;

	if (!net)
		return KK_ENOMEM;
	err = proxy_read(&net->way, o);
	if (!err && curl_global_init(CURL_GLOBAL_DEFAULT))
		err = KK_EIO;
	if (err) {
		kk_free_wiped(net, sizeof(*net));
		return err;
	}
	net->easy = curl_easy_init();
	if (net->easy && limits_set(net->easy, o) && way_set(net->easy) &&
	    trust_set(net->easy, o) &&
	    !curl_easy_setopt(net->easy, CURLOPT_WRITEFUNCTION, took)) {
		*netp = net;
		return KK_OK;
	}
	net_free(net);
	return KK_EIO;
}

void net_free(struct net *net)
{
	if (!net)
		return;
	curl_easy_cleanup(net->easy);
	curl_global_cleanup();
	kk_free_wiped(net, sizeof(*net));
}
