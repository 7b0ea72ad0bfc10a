/* client.c - connecting, and the check of the server's certificate. */
#define _GNU_SOURCE /* S_ISREG, st_mtim */
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <sys/stat.h>

#include "ws/ws_private.h"

static const char system_trust[] = "/etc/ssl/certs/ca-certificates.crt";

static bool is_same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino &&
	    a->st_size == b->st_size &&
	    a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	    a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* Libwebsockets would share one among all that have the same path. */
static SSL_CTX *tls_new(const char *path)
{
	SSL_CTX *tls = SSL_CTX_new(TLS_client_method());

	if (tls && SSL_CTX_set_min_proto_version(tls, TLS1_2_VERSION) == 1 &&
	    SSL_CTX_load_verify_file(tls, path) == 1)
		return tls;
	ERR_clear_error();
	SSL_CTX_free(tls);
	return NULL;
}

void ws_trust_free(struct ws_trust *trust)
{
	SSL_CTX_free(trust->tls);
	kk_free(trust->path);
	kk_free(trust);
}

static enum kk_err trust_fill(struct ws_trust *trust, struct ws *ws,
    const char *path)
{
	struct lws_context_creation_info info = {
		.port = CONTEXT_PORT_NO_LISTEN,
		.vhost_name = "client",
		/* A resumed session would not check the certificate again. */
		.options = LWS_SERVER_OPTION_DISABLE_TLS_SESSION_CACHE,
	};

	if (path) {
		trust->path = ws_copy(path);
		if (!trust->path)
			return KK_ENOMEM;
		trust->tls = tls_new(path);
		if (!trust->tls)
			return KK_EIO;
		info.options |= LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
	}
	trust->protocols[0] = (struct lws_protocols){ .name = "client",
		.callback = ws_callback,
		.rx_buffer_size = WS_CHUNK_BYTES };
	info.protocols = trust->protocols;
	info.provided_client_ssl_ctx = trust->tls;
	trust->vhost = lws_create_vhost(ws->context, &info);
	if (!trust->vhost)
		return KK_EIO;
	return path && ws->proxy[0] && lws_set_proxy(trust->vhost, ws->proxy) ?
	    KK_EIO :
	    KK_OK;
}

static enum kk_err trust_new(struct ws_trust **trustp, struct ws *ws,
    const char *path, const struct stat *is)
{
	struct ws_trust *trust = kk_calloc(1, sizeof(*trust));
	enum kk_err err;

	if (!trust)
		return KK_ENOMEM;
	trust->is = *is;
	err = trust_fill(trust, ws, path);
	if (err) {
		ws_trust_free(trust);
		return err;
	}
	trust->next = ws->trusts;
	ws->trusts = trust;
	*trustp = trust;
	return KK_OK;
}

static bool trust_is(const struct ws_trust *t, const char *path,
    const struct stat *is)
{
	if (!t->path || !path)
		return t->path == path;
	return !strcmp(t->path, path) && is_same_file(&t->is, is);
}

enum kk_err ws_trust_get(struct ws_trust **trustp, struct ws *ws,
    const char *path)
{
	struct stat is = { 0 };

	if (path && (stat(path, &is) || !S_ISREG(is.st_mode)))
		return KK_EIO;
	for (struct ws_trust *t = ws->trusts; t; t = t->next) {
		if (trust_is(t, path, &is)) {
			*trustp = t;
			return KK_OK;
		}
	}
	return trust_new(trustp, ws, path, &is);
}

static bool is_named(X509 *leaf, const char *host)
{
	const unsigned flags = X509_CHECK_FLAG_NEVER_CHECK_SUBJECT |
	    X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS;
	int r;

	if (!leaf)
		return false;
	r = X509_check_ip_asc(leaf, host, 0);
	if (r == -2) /* no address */
		r = X509_check_host(leaf, host, strlen(host), flags, NULL);
	return r == 1;
}

/* Libwebsockets' own check of the name cuts a host at its first colon, and does
 * not check at all what is then empty: an IPv6 address.  So this one does. */
int ws_client_certificate(struct lws *lws, void *store, bool is_good)
{
	struct ws_conn *conn = lws_get_opaque_user_data(lws);

	if (!conn)
		return 1;
	if (!is_good) {
		ws_conn_why(conn, WS_UNTRUSTED);
		return 1;
	}
	if (X509_STORE_CTX_get_error_depth(store) > 0)
		return 0;
	if (!is_named(X509_STORE_CTX_get0_cert(store), conn->host)) {
		X509_STORE_CTX_set_error(store, X509_V_ERR_HOSTNAME_MISMATCH);
		ws_conn_why(conn, WS_UNTRUSTED);
		return 1;
	}
	conn->is_name_checked = true;
	return 0;
}

/* Without one in the answer libwebsockets takes its own for it. */
bool ws_client_subprotocol(struct lws *lws, const struct ws_conn *conn)
{
	char name[64];

	return lws_hdr_copy(lws, name, sizeof(name), WSI_TOKEN_PROTOCOL) > 0 &&
	    !strcmp(name, conn->subprotocol);
}

static enum kk_err conn_make(struct ws_conn **connp, struct ws *ws,
    const struct ws_connect *how)
{
	struct ws_conn *conn = NULL;
	enum kk_err err = ws_conn_new(&conn, ws, how->handler, how->arg);

	if (err)
		return err;
	conn->host = ws_copy(how->host);
	conn->subprotocol = ws_copy(how->subprotocol);
	if (!conn->host || !conn->subprotocol) {
		ws_conn_free(conn);
		return KK_ENOMEM;
	}
	*connp = conn;
	return KK_OK;
}

enum kk_err ws_connect(struct ws *ws, const struct ws_connect *how,
    struct ws_conn **connp)
{
	const char *path = how->trust_path ? how->trust_path : system_trust;
	struct lws_client_connect_info info = { .context = ws->context,
		.address = how->host,
		.host = how->host,
		.port = how->port,
		.path = how->path,
		.protocol = how->subprotocol,
		.local_protocol_name = "client",
		.alpn = "http/1.1" };
	struct ws_trust *trust = NULL;
	struct ws_conn *conn = NULL;
	enum kk_err err;

	if (!how->has_tls && !ws_is_loopback(how->host))
		return KK_EINVAL;
	err = ws_trust_get(&trust, ws, how->has_tls ? path : NULL);
	if (!err)
		err = conn_make(&conn, ws, how);
	if (err)
		return err;
	info.ssl_connection = LCCSCF_HTTP_NO_FOLLOW_REDIRECT;
	if (how->has_tls)
		info.ssl_connection |= LCCSCF_USE_SSL |
		    LCCSCF_SKIP_SERVER_CERT_HOSTNAME_CHECK;
	else
		conn->is_name_checked = true;
	conn->is_by_proxy = how->has_tls && ws->proxy[0];
	info.vhost = trust->vhost;
	info.opaque_user_data = conn;
	info.pwsi = &conn->lws;
	/* Where it fails at once, the callback has said so. */
	if (!lws_client_connect_via_info(&info)) {
		conn->lws = NULL;
		ws_conn_end(conn,
		    conn->is_by_proxy ? WS_PROXY : WS_UNREACHABLE);
	}
	ws_loop_wake(ws);
	*connp = conn;
	return KK_OK;
}
