/*
 * ws.h - WebSocket servers and clients in an sd-event loop, over libwebsockets.
 * Zones: forward, policy, face.  One thread per loop.
 *
 * Only text messages go over the border, each whole.  What is too long, binary
 * or not UTF-8 closes the connection.  Objects are freed by their owner alone:
 * a connection that has closed is told by closed() once, and is then still to
 * be freed with ws_conn_free().
 *
 * closed() is called from the loop alone, never inside a call of these.
 *
 * Names of hosts are looked up by the system's resolver in the calling thread:
 * a site without names gives addresses, or keeps them in /etc/hosts.
 *
 * Source: RFC 6455.
 */
#pragma once
#include <systemd/sd-event.h>

#include "base/base.h"

enum {
	WS_MESSAGE_MAX_BYTES = 3 * 1024 * 1024,
	WS_QUEUE_MAX_BYTES = 8 * 1024 * 1024, /* to one slow reader */
	/* To all of them; what goes to many counts once.  Beyond, who has not
	 * moved for longest is lost. */
	WS_QUEUES_MAX_BYTES = 256 * 1024 * 1024,
	WS_PING_MS = 5000,
	WS_LOST_MS = 10000, /* without a pong or anything else */
	WS_CONNECT_MS = 10000,
	WS_PROXY_BYTES = 512 /* of its URL */
};

enum ws_close { /* why a connection closed */
	WS_CLOSED_BY_US, /* also: the peer broke the rules above */
	WS_CLOSED_BY_PEER, /* with a closing handshake */
	WS_LOST, /* reset, or no pong */
	WS_UNREACHABLE, /* clients: could not connect */
	WS_PROXY, /* clients: nor by the proxy, or to it */
	WS_UNTRUSTED, /* clients: the server's certificate */
	WS_REFUSED /* clients: no WebSocket, or another subprotocol */
};

struct ws; /* of one loop */
struct ws_conn;

struct ws_handler {
	/* Servers: a new connection; conn is the handler's to free.  Clients:
	 * it stands. */
	void (*opened)(void *arg, struct ws_conn *conn);
	/* text is zero-terminated beyond bytes, and borrowed; it is wiped
	 * after the call. */
	void (*message)(void *arg, struct ws_conn *conn, const char *text,
	    size_t bytes);
	void (*closed)(void *arg, struct ws_conn *conn, enum ws_close why);
};

/* log is borrowed and outlives it.  Errors: KK_ENOMEM, KK_EIO. */
MUST_CHECK enum kk_err ws_new(struct ws **wsp, sd_event *event,
    const struct kk_log *log);
void ws_free(struct ws *ws); /* closes all; closed() is not called any more;
			      * not from a handler's call */

/*
 * Clients with TLS that begin from now on go by an HTTP
 * proxy (CONNECT: RFC 9110, 9.3.6).  url is http://[USER:PASSWORD@]HOST[:PORT],
 * %XX decoded, a line feed may end it; it is copied, and wiped by ws_free() but
 * for what libwebsockets keeps.  To be called before the first ws_connect().
 * Errors: KK_EFORMAT.
 */
MUST_CHECK enum kk_err ws_proxy_set(struct ws *ws, struct kk_view url);

struct ws_counts { /* without ids */
	size_t unsent_bytes; /* that wait for readers, now */
	uint64_t slow_readers; /* were lost by these bounds, ever */
};
struct ws_counts ws_counts(const struct ws *ws);

struct ws_page {
	const char *path; /* the only one */
	const char *type; /* of its content */
	void (*write)(void *arg, struct kk_writer *body);
	void *arg;
};

struct ws_listen {
	const char *address; /* NULL: all, v4 and v6 */
	uint16_t port; /* 0: any; ws_listen() tells */
	const char *subprotocol; /* the only one */
	const char *cert_path, *key_path; /* PEM; NULL: no TLS, loopback only */
	size_t connections_max; /* those that shake hands yet, too */
	size_t message_max_bytes; /* 0: WS_MESSAGE_MAX_BYTES */
	const struct ws_handler *handler;
	void *arg;
	/* In place of WebSockets, a page by plain HTTP; copied.  Then
	 * subprotocol and handler are not used. */
	const struct ws_page *page;
};

/* Errors: KK_EINVAL, no TLS beyond loopback; KK_EIO the port or a file. */
MUST_CHECK enum kk_err ws_listen(struct ws *ws, const struct ws_listen *listen,
    uint16_t *port);

/*
 * Can a server have this certificate and key?  Errors: KK_EIO no PEM files that
 * can be read and belong together; KK_EEXPIRED.
 */
MUST_CHECK enum kk_err ws_certificate_check(const char *cert_path,
    const char *key_path);

/*
 * Servers read their files anew; connections that are there stay.  On error, as
 * above, the old certificate stays.
 */
MUST_CHECK enum kk_err ws_certificates_renew(struct ws *ws);

struct ws_connect {
	const char *host; /* a name or an address */
	uint16_t port;
	const char *path; /* "/" */
	const char *subprotocol;
	bool has_tls;
	const char *trust_path; /* PEM of the site's CAs; NULL: the system's */
	const struct ws_handler *handler;
	void *arg;
};

/*
 * Starts connecting; opened() or closed() comes later, from the loop.
 * On success *connp is the caller's.
 * Errors: KK_EINVAL, no TLS beyond loopback; KK_EIO trust_path; KK_ENOMEM.
 */
MUST_CHECK enum kk_err ws_connect(struct ws *ws, const struct ws_connect *how,
    struct ws_conn **connp);

/*
 * Queues a message.  Errors: KK_ELIMIT over WS_MESSAGE_MAX_BYTES; KK_ENOSPC
 * over WS_QUEUE_MAX_BYTES, and the connection is closed as lost: the reader is
 * too slow; KK_ESTATE not open; KK_ENOMEM.
 */
MUST_CHECK enum kk_err ws_send(struct ws_conn *conn, const char *text,
    size_t bytes);

/*
 * The same text to many, kept once.  Who is not open is left out, a slow reader
 * is closed as above.  Errors: KK_ELIMIT, KK_ENOMEM, with some not served.
 */
MUST_CHECK enum kk_err ws_send_all(struct ws_conn *const *conns, size_t count,
    const char *text, size_t bytes);

/* From now on, what a peer may send; at most WS_MESSAGE_MAX_BYTES. */
void ws_conn_message_max_set(struct ws_conn *conn, size_t bytes);

/* After what is queued.  closed() follows. */
void ws_close(struct ws_conn *conn);
void ws_conn_free(struct ws_conn *conn); /* at once; NULL is fine; also from a
					  * handler's own call */
void ws_conn_arg_set(struct ws_conn *conn,
    void *arg); /* of its handler calls */
