/* certificate.c - a server's certificate: is it usable, and a new one. */
#include <openssl/err.h>
#include <openssl/ssl.h>

#include "ws/ws_private.h"

/* 1: as libwebsockets will do it, in a context that is thrown away. */
static int pair_take(SSL_CTX *tls, const char *cert_path, const char *key_path)
{
	return tls && SSL_CTX_use_certificate_chain_file(tls, cert_path) == 1 &&
	    SSL_CTX_use_PrivateKey_file(tls, key_path, SSL_FILETYPE_PEM) == 1 &&
	    SSL_CTX_check_private_key(tls) == 1;
}

static bool is_over(const SSL_CTX *tls)
{
	const X509 *x509 = SSL_CTX_get0_certificate(tls);

	return X509_cmp_current_time(X509_get0_notAfter(x509)) <= 0;
}

enum kk_err ws_certificate_check(const char *cert_path, const char *key_path)
{
	SSL_CTX *tls = SSL_CTX_new(TLS_server_method());
	enum kk_err err = KK_EIO;

	if (pair_take(tls, cert_path, key_path))
		err = is_over(tls) ? KK_EEXPIRED : KK_OK;
	ERR_clear_error();
	SSL_CTX_free(tls);
	return err;
}

static enum kk_err server_renew(struct ws_server *server)
{
	enum kk_err err = ws_certificate_check(server->cert_path,
	    server->key_path);

	if (err)
		return err;
	return lws_tls_cert_updated(server->ws->context, server->cert_path,
		   server->key_path, NULL, 0, NULL, 0) ?
	    KK_EIO :
	    KK_OK;
}

enum kk_err ws_certificates_renew(struct ws *ws)
{
	enum kk_err err = KK_OK;

	for (struct ws_server *s = ws->servers; s && !err; s = s->next) {
		if (s->cert_path)
			err = server_renew(s);
	}
	return err;
}
