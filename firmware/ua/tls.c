/*
 * tls.c - sofia-sip 1.12.11 keeps each TLS connection's SSL for ever: its
 * tls_free() calls SSL_shutdown() and BIO_free(), and no SSL_free().  Some
 * 80 KB for each connection would be anybody's to take.
 *
 * So the SSL_shutdown() that it finds is this one, in the program that links
 * this library, where nothing else speaks TLS by libssl.  BIO and context stay
 * for the SSL_CTX_free() and the BIO_free() that follow.  In the same way its
 * SSL_accept() is one that asks first whether a handshake may begin; where it
 * may not, sofia-sip takes it for one that failed, and closes the connection.
 */
#define _GNU_SOURCE /* RTLD_NEXT */
#include <dlfcn.h>
#include <openssl/ssl.h>
#include <string.h>

#include "ua/ua_private.h"

typedef int ssl_fn(SSL *ssl);

static ssl_fn *next_of(const char *name)
{
	void *const symbol = dlsym(RTLD_NEXT, name);
	ssl_fn *next;

	memcpy(&next, &symbol, sizeof(next));
	return next;
}

/* Not hidden, so that the loader gives it to sofia-sip. */
__attribute__((visibility("default"))) int SSL_shutdown(SSL *ssl)
{
	ssl_fn *const next = next_of("SSL_shutdown");
	BIO *const bio = SSL_get_rbio(ssl);
	int result = -1;

	if (next)
		result = next(ssl);
	if (bio && BIO_up_ref(bio) == 1 &&
	    SSL_CTX_up_ref(SSL_get_SSL_CTX(ssl)) == 1)
		SSL_free(ssl);
	return result;
}

__attribute__((visibility("default"))) int SSL_accept(SSL *ssl)
{
	ssl_fn *const next = next_of("SSL_accept");
	const int fd = SSL_get_fd(ssl);
	int result = -1;

	if (next && (!SSL_in_before(ssl) || ua_handshake_begins(fd)))
		result = next(ssl);
	if (result == 1)
		ua_handshake_done(fd);
	return result;
}

static bool is_ours(const char *name, ssl_fn *ours)
{
	void *const found = dlsym(RTLD_DEFAULT, name);

	return found && memcmp(&ours, &found, sizeof(found)) == 0;
}

/* Whether the loader does. */
bool ua_tls_is_mended(void)
{
	return is_ours("SSL_shutdown", SSL_shutdown) &&
	    is_ours("SSL_accept", SSL_accept);
}
