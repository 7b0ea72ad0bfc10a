/* page.c - one page by plain HTTP, for a program of this machine. */
#include <string.h>

#include "ws/ws_private.h"

enum { HEAD_BYTES = 1024 };

static bool is_get(struct lws *lws)
{
	return lws_hdr_total_length(lws, WSI_TOKEN_GET_URI) > 0;
}

static int refuse(struct lws *lws, unsigned status)
{
	return lws_return_http_status(lws, status, NULL) ||
		lws_http_transaction_completed(lws) ?
	    -1 :
	    0;
}

/* Head and body in one piece: libwebsockets keeps what the socket has no room
 * for, and sends it. */
static int body_send(struct lws *lws, const struct ws_page *page,
    struct kk_view body)
{
	size_t room = LWS_PRE + HEAD_BYTES + body.bytes;
	uint8_t *all = kk_calloc(1, room), *start, *at;
	int status = -1;

	if (!all)
		return refuse(lws, HTTP_STATUS_SERVICE_UNAVAILABLE);
	start = at = all + LWS_PRE;
	if (!lws_add_http_common_headers(lws, HTTP_STATUS_OK, page->type,
		body.bytes, &at, start + HEAD_BYTES) &&
	    !lws_finalize_http_header(lws, &at, start + HEAD_BYTES)) {
		memcpy(at, body.data, body.bytes);
		at += body.bytes;
		if (lws_write(lws, start, (size_t)(at - start),
			LWS_WRITE_HTTP_FINAL) >= 0)
			status = lws_http_transaction_completed(lws) ? -1 : 0;
	}
	kk_free(all);
	return status;
}

int ws_page_answer(struct lws *lws, const struct ws_page *page, const char *uri)
{
	struct kk_writer w;
	int status;

	if (!is_get(lws))
		return refuse(lws, HTTP_STATUS_METHOD_NOT_ALLOWED);
	if (strcmp(uri, page->path) != 0)
		return refuse(lws, HTTP_STATUS_NOT_FOUND);
	kk_writer_init(&w);
	page->write(page->arg, &w);
	status = w.err || w.bytes == 0 ?
	    refuse(lws, HTTP_STATUS_SERVICE_UNAVAILABLE) :
	    body_send(lws, page, kk_writer_view(&w));
	kk_writer_clear(&w);
	return status;
}
