/* server.c - libwebsockets' context: listeners, limits, the event loop. */
#define _GNU_SOURCE /* signalfd() */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "webd.h"

static int request(struct lws *wsi, enum lws_callback_reasons reason,
    void *user, void *in, size_t bytes)
{
	struct webd *w = lws_context_user(lws_get_context(wsi));

	switch (reason) {
	case LWS_CALLBACK_HTTP:
		return webd_answer_start(w, wsi, user, kk_view_of(in, bytes));
	case LWS_CALLBACK_HTTP_WRITEABLE:
		return webd_answer_go_on(wsi, user);
	case LWS_CALLBACK_CLOSED_HTTP:
	case LWS_CALLBACK_HTTP_DROP_PROTOCOL:
		if (user)
			webd_answer_end(user);
		return 0;
	case LWS_CALLBACK_SERVER_NEW_CLIENT_INSTANTIATED:
		webd_peer_come(w, wsi);
		return 0;
	case LWS_CALLBACK_WSI_DESTROY:
		webd_peer_go(w, wsi);
		return 0;
	case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
	case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION:
	case LWS_CALLBACK_RAW_ADOPT: /* what CONNECT would make it */
	case LWS_CALLBACK_RAW_RX:
	case LWS_CALLBACK_RAW_WRITEABLE:
		return -1; /* WebSockets are sfud's */
	default:
		return 0;
	}
}

static int signalled(struct lws *wsi, enum lws_callback_reasons reason,
    void *user, void *in, size_t bytes)
{
	struct webd *w = lws_context_user(lws_get_context(wsi));
	struct signalfd_siginfo info;

	(void)user;
	(void)in;
	(void)bytes;
	if (reason == LWS_CALLBACK_RAW_RX_FILE &&
	    read(w->signals, &info, sizeof(info)) == sizeof(info)) {
		w->is_ending = true;
		lws_cancel_service(w->context);
	}
	return 0;
}

static void watchdog_feed(lws_sorted_usec_list_t *timer)
{
	struct webd *w = (void *)((char *)timer -
	    offsetof(struct webd, watchdog));

	(void)sd_notify(0, "WATCHDOG=1");
	lws_sul_schedule(w->context, 0, timer, watchdog_feed,
	    (lws_usec_t)(w->watchdog_us / 2));
}

/* libwebsockets has no argument for this. */
static void line_take(int level, const char *line)
{
	(void)level;
	(void)fprintf(stderr, SD_WARNING "webd: %.*s\n",
	    (int)strcspn(line, "\r\n"), line);
}

/*
 * Sent with every answer, those of libwebsockets' own included.  The page
 * speaks with sfud on another port of this host, in the sandbox without TLS:
 * hence "ws:".
 */
#define NEXT(i) &headers[i]
static const struct lws_protocol_vhost_options headers[] = {
	{ NEXT(1), NULL, "content-security-policy:",
	    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; "
	    "style-src 'self'; img-src 'self' data: blob:; "
	    "media-src 'self' blob:; connect-src 'self' ws: wss:; "
	    "worker-src 'self' blob:; base-uri 'none'; form-action 'none'; "
	    "frame-ancestors 'none'" },
	{ NEXT(2), NULL, "x-content-type-options:", "nosniff" },
	{ NEXT(3), NULL, "referrer-policy:", "no-referrer" },
	{ NEXT(4), NULL, "permissions-policy:",
	    "camera=(self), microphone=(self), display-capture=(self), "
	    "speaker-selection=(self), screen-wake-lock=(self), "
	    "geolocation=(), payment=(), usb=(), serial=(), hid=()" },
	{ NEXT(5), NULL, "cross-origin-opener-policy:", "same-origin" },
	{ NEXT(6), NULL, "cross-origin-embedder-policy:", "require-corp" },
	{ NEXT(7), NULL, "cross-origin-resource-policy:", "same-origin" },
	{ NULL, NULL, "x-frame-options:", "DENY" },
};

static const struct lws_protocols protocols[] = {
	{ .name = "http",
	    .callback = request,
	    .per_session_data_size = sizeof(struct webd_answer) },
	{ .name = "signals", .callback = signalled }, LWS_PROTOCOL_LIST_TERM
};

static enum kk_err context_new(struct webd *w)
{
	struct lws_context_creation_info info = {
		.options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS |
		    LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT,
		.user = w,
		.fd_limit_per_thread = WEBD_CONNECTIONS_MAX,
		.max_http_header_pool = WEBD_REQUESTS_MAX,
		.max_http_header_data = WEBD_HEADER_MAX_BYTES,
		.timeout_secs = WEBD_HEADER_S,
		.pt_serv_buf_size = WEBD_CHUNK_BYTES,
	};

	lws_set_log_level(LLL_ERR, line_take);
	w->context = lws_create_context(&info);
	return w->context ? KK_OK : KK_EIO;
}

static struct lws_vhost *vhost_new(struct webd *w, const char *name,
    const char *address, uint16_t port, bool has_tls)
{
	struct lws_context_creation_info info = {
		.vhost_name = name,
		.iface = address,
		.port = port,
		.protocols = protocols,
		.headers = headers,
		.alpn = "http/1.1",
		.keepalive_timeout = WEBD_IDLE_S,
		.options = LWS_SERVER_OPTION_FAIL_UPON_UNABLE_TO_BIND |
		    LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT,
	};

	if (has_tls) {
		info.ssl_cert_filepath = w->options.cert;
		info.ssl_private_key_filepath = w->options.key;
		info.ssl_options_set = SSL_OP_NO_RENEGOTIATION |
		    SSL_OP_NO_TLSv1 | SSL_OP_NO_TLSv1_1;
	}
	return lws_create_vhost(w->context, &info);
}

static enum kk_err listener_fails(const struct webd *w, const char *option)
{
	kk_log(&w->log, KK_LOG_ERROR,
	    "%s cannot be served: is the port in use, are --cert and --key "
	    "files that this user can read?",
	    option);
	return KK_EIO;
}

static enum kk_err listeners_start(struct webd *w)
{
	const struct webd_options *o = &w->options;

	if (o->port &&
	    !vhost_new(w, "tls", o->address[0] ? o->address : NULL, o->port,
		true))
		return listener_fails(w, "--listen");
	if (!o->loopback_port)
		return KK_OK;
	if (!vhost_new(w, "loopback", "127.0.0.1", o->loopback_port, false))
		return listener_fails(w, "--listen-loopback");
	if (!vhost_new(w, "loopback6", "::1", o->loopback_port, false))
		kk_log(&w->log, KK_LOG_INFO, "no listener on ::1");
	return KK_OK;
}

static enum kk_err signals_start(struct webd *w)
{
	struct lws_context_creation_info info = { .vhost_name = "signals",
		.port = CONTEXT_PORT_NO_LISTEN,
		.protocols = protocols };
	struct lws_vhost *vhost = lws_create_vhost(w->context, &info);
	lws_sock_file_fd_type fd;
	sigset_t ends;

	if (!vhost || sigemptyset(&ends) || sigaddset(&ends, SIGTERM) ||
	    sigaddset(&ends, SIGINT) || sigprocmask(SIG_BLOCK, &ends, NULL))
		return KK_EIO;
	w->signals = signalfd(-1, &ends, SFD_CLOEXEC | SFD_NONBLOCK);
	fd.filefd = w->signals;
	/* Closed by libwebsockets from here on. */
	if (w->signals < 0 ||
	    !lws_adopt_descriptor_vhost(vhost, LWS_ADOPT_RAW_FILE_DESC, fd,
		"signals", NULL))
		return KK_EIO;
	return KK_OK;
}

enum kk_err webd_server_start(struct webd *w)
{
	enum kk_err err = webd_config_read(w);

	/* What will not fit later does not fit now. */
	if (!err)
		err = webd_config_make(w);
	webd_config_wipe(w);

	if (err)
		return err;
	w->root = open(w->options.root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (w->root < 0) {
		kk_log(&w->log, KK_LOG_ERROR,
		    "--root=%s is no folder that can be read: build the page "
		    "first (make web)",
		    w->options.root);
		return KK_ENOENT;
	}
	err = context_new(w);
	if (!err)
		err = signals_start(w);
	if (!err)
		err = listeners_start(w);
	if (!err && sd_watchdog_enabled(0, &w->watchdog_us) > 0)
		watchdog_feed(&w->watchdog);
	return err;
}

enum kk_err webd_server_run(struct webd *w)
{
	while (!w->is_ending) {
		if (lws_service(w->context, 0) < 0)
			return KK_EIO;
	}
	return KK_OK;
}

void webd_server_stop(struct webd *w)
{
	if (w->context)
		lws_context_destroy(w->context);
	if (w->root >= 0)
		(void)close(w->root);
}
