/* answer.c - one request, one answer. */
#define _GNU_SOURCE /* read() */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "webd.h"

enum { HEADERS_BYTES = 3072, PIECES = 6 };

struct head { /* of an answer */
	unsigned status;
	const char *type;
	uint64_t bytes;
	const char *pairs[PIECES][2]; /* "name:", value; NULL ends them */
};

static const char *value_get(struct lws *wsi, enum lws_token_indexes token,
    char out[WEBD_VALUE_BYTES])
{
	/* One that is longer than anybody's real one counts as not sent. */
	int n = lws_hdr_copy(wsi, out, WEBD_VALUE_BYTES, token);

	if (n <= 0)
		out[0] = '\0';
	return out;
}

/*
 * Strict-Transport-Security is of a host, whatever its port: "localhost" has
 * plain servers beside this one.
 */
static bool wants_tls_only(struct lws *wsi)
{
	static const char local[] = "localhost";
	char host[WEBD_VALUE_BYTES];

	return lws_is_ssl(wsi) &&
	    strncmp(value_get(wsi, WSI_TOKEN_HOST, host), local,
		sizeof(local) - 1) != 0;
}

static int pair_write(struct lws *wsi, const char *name, const char *value,
    unsigned char **at, unsigned char *end)
{
	return lws_add_http_header_by_name(wsi, (const unsigned char *)name,
	    (const unsigned char *)value, (int)strlen(value), at, end);
}

static int head_write(struct lws *wsi, const struct head *h)
{
	unsigned char buf[LWS_PRE + HEADERS_BYTES], *start = buf + LWS_PRE;
	unsigned char *at = start, *end = buf + sizeof(buf);

	if (lws_add_http_common_headers(wsi, h->status, h->type, h->bytes, &at,
		end))
		return -1;
	if (wants_tls_only(wsi) &&
	    pair_write(wsi, "strict-transport-security:", "max-age=31536000",
		&at, end))
		return -1;
	for (size_t i = 0; i < PIECES && h->pairs[i][0]; i++) {
		if (pair_write(wsi, h->pairs[i][0], h->pairs[i][1], &at, end))
			return -1;
	}
	return lws_finalize_write_http_header(wsi, start, &at, end) ? -1 : 0;
}

/* Zero, or not: closed. */
static int finish(struct lws *wsi)
{
	return lws_http_transaction_completed(wsi) ? -1 : 0;
}

/* text is zero-terminated; LWS_PRE bytes before it are free for use. */
static int text_send(struct lws *wsi, struct head *h, unsigned char *text,
    size_t bytes, bool is_head)
{
	h->bytes = bytes;
	if (head_write(wsi, h))
		return -1;
	if (!is_head && bytes &&
	    lws_write(wsi, text, bytes, LWS_WRITE_HTTP_FINAL) < 0)
		return -1;
	return finish(wsi);
}

static int page_send(struct lws *wsi, unsigned status, bool is_head)
{
	char value[WEBD_VALUE_BYTES], text[LWS_PRE + HTTP_PAGE_BYTES];
	bool is_german = http_accept_is_german(value_get(wsi,
	    WSI_TOKEN_HTTP_ACCEPT_LANGUAGE, value));
	struct head h = { .status = status,
		.type = "text/html; charset=utf-8",
		.pairs = { { "cache-control:", "no-store" },
		    { "content-language:", is_german ? "de" : "en" },
		    { "vary:", "accept-language" },
		    { status == 405 ? "allow:" : NULL, "GET, HEAD" } } };

	return text_send(wsi, &h, (unsigned char *)text + LWS_PRE,
	    http_page_write(status, is_german, text + LWS_PRE), is_head);
}

static int config_send(struct webd *w, struct lws *wsi, bool is_head)
{
	struct head h = { .status = 200,
		.type = "application/json",
		.pairs = { { "cache-control:", "no-store" } } };
	enum kk_err err = webd_config_make(w);
	int result;

	if (err) {
		kk_log(&w->log, KK_LOG_ERROR, "no /config.json err=%s",
		    kk_err_name(err));
		return page_send(wsi, 500, is_head);
	}
	result = text_send(wsi, &h, w->config + LWS_PRE, w->config_bytes,
	    is_head);
	webd_config_wipe(w); /* libwebsockets has a copy of what is left */
	return result;
}

/* A file's compressed twin, where there is one and the browser takes it. */
static enum kk_err form_choose(const struct webd *w, struct lws *wsi,
    const char *path, struct webd_file *file, bool *is_packed)
{
	char value[WEBD_VALUE_BYTES], twin[HTTP_PATH_BYTES + 3];

	*is_packed = false;
	if (http_accept_has(value_get(wsi, WSI_TOKEN_HTTP_ACCEPT_ENCODING,
				value),
		"gzip")) {
		(void)lws_snprintf(twin, sizeof(twin), "%s.gz", path);
		*is_packed = !webd_file_open(w->root, twin, file);
	}
	return *is_packed ? KK_OK : webd_file_open(w->root, path, file);
}

static int file_send(struct lws *wsi, struct webd_answer *a, struct head *h,
    bool is_head)
{
	h->bytes = a->file.bytes;
	if (head_write(wsi, h))
		return -1;
	a->left_bytes = a->file.bytes;
	if (is_head || a->left_bytes == 0) {
		webd_answer_end(a);
		return finish(wsi);
	}
	lws_callback_on_writable(wsi);
	return 0;
}

static int file_answer(const struct webd *w, struct lws *wsi,
    struct webd_answer *a, const char *path, bool is_head)
{
	struct head h = { .status = 200, .type = http_path_type(path) };
	char etag[HTTP_ETAG_BYTES], value[WEBD_VALUE_BYTES];
	bool is_hashed = http_path_is_hashed(path), is_packed;
	enum kk_err err = form_choose(w, wsi, path, &a->file, &is_packed);
	size_t n = 0;

	if (err)
		return page_send(wsi, err == KK_ENOENT ? 404 : 500, is_head);
	a->is_sending = true;
	if (webd_file_etag(&a->file, etag)) {
		webd_answer_end(a);
		return page_send(wsi, 500, is_head);
	}
	h.pairs[n][0] = "cache-control:";
	h.pairs[n++][1] = is_hashed ? "public, max-age=31536000, immutable" :
				      "no-cache";
	h.pairs[n][0] = "etag:";
	h.pairs[n++][1] = etag;
	h.pairs[n][0] = "vary:";
	h.pairs[n++][1] = "accept-encoding";
	if (http_etag_matches(
		value_get(wsi, WSI_TOKEN_HTTP_IF_NONE_MATCH, value), etag)) {
		webd_answer_end(a);
		h.status = 304;
		return text_send(wsi, &h, NULL, 0, true);
	}
	if (is_packed) {
		h.pairs[n][0] = "content-encoding:";
		h.pairs[n++][1] = "gzip";
	}
	return file_send(wsi, a, &h, is_head);
}

int webd_answer_start(struct webd *w, struct lws *wsi, struct webd_answer *a,
    struct kk_view uri)
{
	char path[HTTP_PATH_BYTES], *whole;
	int bytes, method = lws_http_get_uri_and_method(wsi, &whole, &bytes);
	bool is_head = method == LWSHUMETH_HEAD;

	webd_answer_end(a);
	if (method != LWSHUMETH_GET && !is_head) {
		/* Its body is not read: nothing can follow. */
		(void)page_send(wsi, 405, false);
		return -1;
	}
	if (http_path_map(uri, path))
		return page_send(wsi, 404, is_head);
	if (!strcmp(path, "config.json"))
		return config_send(w, wsi, is_head);
	return file_answer(w, wsi, a, path, is_head);
}

int webd_answer_go_on(struct lws *wsi, struct webd_answer *a)
{
	unsigned char buf[LWS_PRE + WEBD_CHUNK_BYTES];
	size_t want = WEBD_CHUNK_BYTES;
	ssize_t n;

	if (!a->is_sending)
		return 0;
	if (want > a->left_bytes)
		want = (size_t)a->left_bytes;
	do
		n = read(a->file.fd, buf + LWS_PRE, want);
	while (n < 0 && errno == EINTR);
	if (n <= 0)
		return -1; /* it was cut short; its length is promised */
	a->left_bytes -= (uint64_t)n;
	lws_set_timeout(wsi, PENDING_TIMEOUT_HTTP_CONTENT, WEBD_STALL_S);
	if (lws_write(wsi, buf + LWS_PRE, (size_t)n,
		a->left_bytes ? LWS_WRITE_HTTP : LWS_WRITE_HTTP_FINAL) < 0)
		return -1;
	if (a->left_bytes) {
		lws_callback_on_writable(wsi);
		return 0;
	}
	webd_answer_end(a);
	return finish(wsi);
}

void webd_answer_end(struct webd_answer *a)
{
	if (a->is_sending)
		(void)close(a->file.fd);
	*a = (struct webd_answer){ 0 };
}
