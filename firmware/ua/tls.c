/*
 * tls.c - sofia-sip 1.12.11 keeps each TLS connection's SSL for ever: its
 * tls_free() calls SSL_shutdown() and BIO_free(), and no SSL_free().  Some
 * 80 KB for each connection would be anybody's to take.
 *
 * So the SSL_shutdown() that it finds is this one, in the program that links
 * this library, where nothing else speaks TLS by libssl.  BIO and context stay
 * for the SSL_CTX_free() and the BIO_free() that follow.
 */
#define _GNU_SOURCE /* RTLD_NEXT */
#include <dlfcn.h>
#include <openssl/ssl.h>
#include <string.h>

#include "ua/ua_private.h"

typedef int shutdown_fn(SSL *ssl);

/* Not hidden, so that the loader gives it to sofia-sip. */
__attribute__((visibility("default"))) int SSL_shutdown(SSL *ssl)
{
	void *const symbol = dlsym(RTLD_NEXT, "SSL_shutdown");
	BIO *const bio = SSL_get_rbio(ssl);
	shutdown_fn *next;
	int result = -1;

	memcpy(&next, &symbol, sizeof(next));
	if (next)
		result = next(ssl);
	if (bio && BIO_up_ref(bio) == 1 &&
	    SSL_CTX_up_ref(SSL_get_SSL_CTX(ssl)) == 1)
		SSL_free(ssl);
	return result;
}

/* Whether the loader does. */
bool ua_tls_is_mended(void)
{
	shutdown_fn *const ours = SSL_shutdown;
	void *const found = dlsym(RTLD_DEFAULT, "SSL_shutdown");

	return found && memcmp(&ours, &found, sizeof(found)) == 0;
}
