/*
 * start.c - the libraries' start, and what needs no key: hashes, random bytes.
 * A process that may not link the rest (tools/zones.conf) links this alone.
 */
#include <pthread.h>

#include "crypto/backend.h"

const struct crypto_hash_backend *crypto_hash_backend(void)
{
	return &CRYPTO_FIRST(hash);
}

/* The one piece of process-wide state: the libraries' own. */
static pthread_once_t init_once = PTHREAD_ONCE_INIT;
static enum kk_err init_err = KK_ECRYPTO;

static void init_run(void)
{
	init_err = crypto_psa_init();
#ifdef KK_CRYPTO_OPENSSL
	if (!init_err)
		init_err = crypto_ossl_init();
#endif
}

enum kk_err crypto_init(void)
{
	if (pthread_once(&init_once, init_run) != 0)
		return KK_ECRYPTO;
	return init_err;
}

enum kk_err crypto_random(void *out, size_t bytes)
{
	return bytes > 0 ? CRYPTO_FIRST(random)(out, bytes) : KK_OK;
}
