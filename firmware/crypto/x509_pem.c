/* x509_pem.c - certificates and lists in the text form of RFC 7468. */
#include <mbedtls/pem.h>
#include <stdio.h>
#include <string.h>

#include "crypto/x509_internal.h"

/* DER starts with a SEQUENCE; PEM with text, which has no '0' there. */
static bool input_is_der(struct kk_view in)
{
	return in.bytes > 0 && in.data[0] == DER_SEQUENCE;
}

#if defined(MBEDTLS_PEM_PARSE_C)
/* The next block's label is at *p; *p moves behind the block. */
static enum kk_err pem_next(const char **p, const char *label, x509_pem_fn *fn,
    void *arg)
{
	char head[64], foot[64];
	mbedtls_pem_context pem;
	const unsigned char *der;
	enum kk_err err;
	size_t der_bytes, used = 0;
	int ret;

	(void)snprintf(head, sizeof(head), "-----BEGIN %s-----", label);
	(void)snprintf(foot, sizeof(foot), "-----END %s-----", label);
	mbedtls_pem_init(&pem);
	ret = mbedtls_pem_read_buffer(&pem, head, foot,
	    (const unsigned char *)*p, NULL, 0, &used);
	der = mbedtls_pem_get_buffer(&pem, &der_bytes);
	if (ret)
		err = x509_err_of(ret);
	else
		err = fn(arg, kk_view_of(der, der_bytes));
	*p += used;
	mbedtls_pem_free(&pem);
	return err;
}

/* Blocks of other labels are an error: a private key has no place here. */
static enum kk_err pem_each(const char *text, const char *label,
    x509_pem_fn *fn, void *arg)
{
	const char *p = strstr(text, "-----BEGIN ");
	size_t label_bytes = strlen(label);
	enum kk_err err = KK_OK;

	if (!p)
		return KK_EFORMAT;
	while (!err && p) {
		if (strncmp(p + 11, label, label_bytes) != 0)
			return KK_EFORMAT;
		err = pem_next(&p, label, fn, arg);
		p = strstr(p, "-----BEGIN ");
	}
	return err;
}

static enum kk_err text_each(struct kk_view in, const char *label,
    x509_pem_fn *fn, void *arg)
{
	char *text; /* with the zero that mbedTLS and strstr() want */
	enum kk_err err;

	if (in.bytes > CRYPTO_X509_PEM_MAX_BYTES)
		return KK_ELIMIT;
	if (in.bytes == 0 || memchr(in.data, 0, in.bytes))
		return KK_EFORMAT;
	text = kk_calloc(in.bytes + 1, 1);
	if (!text)
		return KK_ENOMEM;
	memcpy(text, in.data, in.bytes);
	err = pem_each(text, label, fn, arg);
	kk_free(text);
	return err;
}
#else
static enum kk_err text_each(struct kk_view in, const char *label,
    x509_pem_fn *fn, void *arg)
{
	(void)in;
	(void)label;
	(void)fn;
	(void)arg;
	return KK_EFORMAT; /* this build reads DER only */
}
#endif

enum kk_err x509_pem_each(struct kk_view in, const char *label, x509_pem_fn *fn,
    void *arg)
{
	if (input_is_der(in))
		return fn(arg, in);
	return text_each(in, label, fn, arg);
}
