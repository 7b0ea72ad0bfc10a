/* expand_watch.c - counts derivations, and fails one. */
#include "expand_watch.h"

#include "crypto/crypto.h"

static struct {
	unsigned int count;
	unsigned int left; /* 0: not armed */
	bool has_failed;
} watch;

/* Names that the linker's --wrap asks for. */
enum kk_err __real_crypto_expand_with_label(const struct crypto_suite *suite,
    struct kk_view secret, const char *label, struct kk_view context,
    uint8_t *out, size_t out_bytes);
enum kk_err __wrap_crypto_expand_with_label(const struct crypto_suite *suite,
    struct kk_view secret, const char *label, struct kk_view context,
    uint8_t *out, size_t out_bytes);

enum kk_err __wrap_crypto_expand_with_label(const struct crypto_suite *suite,
    struct kk_view secret, const char *label, struct kk_view context,
    uint8_t *out, size_t out_bytes)
{
	watch.count++;
	if (watch.left && --watch.left == 0) {
		watch.has_failed = true;
		return KK_ECRYPTO;
	}
	return __real_crypto_expand_with_label(suite, secret, label, context,
	    out, out_bytes);
}

void expand_watch_start(void)
{
	watch.count = 0;
	watch.left = 0;
	watch.has_failed = false;
}

unsigned int expand_watch_count(void)
{
	return watch.count;
}

void expand_watch_arm(unsigned int nth)
{
	watch.left = nth;
	watch.has_failed = false;
}

bool expand_watch_disarm(void)
{
	bool was = watch.has_failed;

	watch.left = 0;
	watch.has_failed = false;
	return was;
}
