/* ws_private.h - what the files of ws share. */
#pragma once
#include <libwebsockets.h>
#include <openssl/ssl.h>
#include <sys/stat.h>

#include "ws/ws.h"

enum {
	WS_CHUNK_BYTES = 16 * 1024, /* of a message, in one frame */
	/* A server has this of each connection: longer ones come in parts. */
	WS_RECEIVE_BYTES = 2 * 1024,
	WS_CHUNKS_AT_ONCE = 4,
	/* An unfinished message up to this size is always taken in. */
	WS_FREE_BYTES = 64 * 1024,
	/* What all connections together may have beyond it. */
	WS_UNFINISHED_MAX_BYTES = 96 * 1024 * 1024,
	WS_HANDSHAKE_SECONDS = 10,
	WS_HEADERS_AT_ONCE = 1024 /* handshakes that are being read */
};

struct ws_text { /* a message on its way out, shared by its readers */
	struct ws *ws; /* that it counts with; NULL: none */
	size_t refs;
	size_t bytes;
	char text[];
};

struct ws_queued {
	struct ws_queued *next;
	struct ws_text *text;
	size_t sent_bytes;
};

enum ws_state {
	WS_CONNECTING,
	WS_OPEN,
	WS_CLOSING, /* what is queued goes first */
	WS_CLOSE_SENT,
	WS_ENDED /* has no socket any more */
};

struct ws_conn {
	struct ws *ws; /* NULL after ws_free() */
	struct ws_conn *next, **back; /* in ws->conns or ws->ended */
	struct lws *lws; /* NULL: none, or not ours any more */
	const struct ws_handler *handler;
	void *arg;
	enum ws_state state;
	enum ws_close why; /* first one wins; told when ended */
	bool has_why;
	bool is_told;
	bool is_name_checked; /* clients: the certificate's */
	bool is_by_proxy; /* clients */
	bool wants_ping;
	char *host; /* clients; ours */
	const char *subprotocol; /* clients; ours */
	uint64_t began_us, pinged_us;
	uint64_t asked_us; /* the first ping without an answer; 0: none */
	size_t message_max_bytes;
	struct ws_queued *queue, **queue_end;
	size_t queue_bytes;
	uint64_t moved_us; /* the queue, last */
	char *in; /* an unfinished message */
	size_t in_bytes, in_room;
};

struct ws_server {
	struct ws_server *next;
	struct ws *ws;
	struct lws_vhost *vhost;
	struct lws_protocols protocols[3];
	char *subprotocol;
	char *cert_path, *key_path; /* NULL: no TLS */
	const struct ws_handler *handler;
	void *arg;
	struct ws_page page; /* write NULL: none */
	size_t connections_max, message_max_bytes;
	size_t sockets; /* of ours, listening ones too */
	size_t listening;
};

struct ws_trust { /* the site's CAs, read from a file */
	struct ws_trust *next;
	struct lws_vhost *vhost;
	struct lws_protocols protocols[2];
	SSL_CTX *tls;
	char *path; /* NULL: for connections without TLS */
	struct stat is; /* a file that was replaced is read anew */
};

struct ws_socket { /* one that libwebsockets wants watched */
	struct ws *ws;
	sd_event_source *source;
	struct ws_server *server;
	int fd;
	short events; /* that it wants */
	uint32_t watched; /* that are waited for */
	bool is_open; /* a connection that stands */
	uint64_t turn; /* in which it was tried to send */
	struct ws_socket *changed_next, **changed_back; /* NULL: not listed */
};

struct ws_times {
	uint64_t ping_us, lost_us, connect_us;
};

struct ws {
	sd_event *event; /* a ref */
	struct lws_context *context;
	sd_event_source *timer; /* libwebsockets' own */
	uint64_t timer_us; /* when it is due; 0: it was */
	bool must_time; /* its timers may have changed */
	struct ws_socket *changed, **changed_end; /* want something else */
	uint64_t turn; /* of the loop */
	sd_event_source *tick; /* pings */
	sd_event_source *defer; /* tells ends */
	struct ws_socket **sockets; /* by descriptor */
	size_t socket_room;
	struct ws_server *servers;
	struct ws_trust *trusts;
	struct ws_conn *conns, *ended;
	size_t unfinished_bytes; /* beyond WS_FREE_BYTES each */
	size_t text_bytes, text_max_bytes; /* of all queues */
	uint64_t slow_readers; /* that were lost */
	char proxy[WS_PROXY_BYTES]; /* [LOGIN@]HOST:PORT; "": none */
	struct ws_times times;
	const struct kk_log *log;
	uint8_t chunk[LWS_PRE + WS_CHUNK_BYTES]; /* on its way out */
};

/* For tests: other times than those of ws.h. */
void ws_times_set(struct ws *ws, const struct ws_times *times);

/* loop.c */
MUST_CHECK enum kk_err ws_loop_start(struct ws *ws);
void ws_loop_stop(struct ws *ws);
void ws_loop_wake(struct ws *ws); /* libwebsockets' timers have changed */
int ws_loop_poll(struct ws *ws, struct lws *lws,
    enum lws_callback_reasons reason, const struct lws_pollargs *args);

/* conn.c */
MUST_CHECK enum kk_err ws_conn_new(struct ws_conn **connp, struct ws *ws,
    const struct ws_handler *handler, void *arg);
void ws_conn_why(struct ws_conn *conn, enum ws_close why);
void ws_conn_end(struct ws_conn *conn, enum ws_close why); /* told later */
void ws_conn_link(struct ws_conn **list, struct ws_conn *conn);
void ws_conn_unlink(struct ws_conn *conn);
void ws_conn_heard(struct ws_conn *conn);
void ws_conn_forget_out(struct ws_conn *conn); /* what is queued */
void ws_conn_tick(struct ws_conn *conn, uint64_t now_us);
uint64_t ws_now_us(const struct ws *ws);

/* io.c: both give what libwebsockets wants: not 0 closes. */
int ws_conn_write(struct ws_conn *conn);
int ws_conn_read(struct ws_conn *conn, const void *data, size_t bytes);
void ws_conn_forget_in(struct ws_conn *conn);
void ws_text_unref(struct ws_text *text);

/* page.c: gives what libwebsockets wants. */
int ws_page_answer(struct lws *lws, const struct ws_page *page,
    const char *uri);

/* client.c */
MUST_CHECK enum kk_err ws_trust_get(struct ws_trust **trustp, struct ws *ws,
    const char *path);
void ws_trust_free(struct ws_trust *trust);
int ws_client_certificate(struct lws *lws, void *store, bool is_good);
bool ws_client_subprotocol(struct lws *lws, const struct ws_conn *conn);

/* callback.c */
int ws_callback(struct lws *lws, enum lws_callback_reasons reason, void *user,
    void *in, size_t bytes);

bool ws_is_loopback(const char *host); /* ws.c; NULL is not */
char *ws_copy(const char *text); /* NULL: no memory */
