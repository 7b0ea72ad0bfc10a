/* pem.c - certificates of a PEM file (RFC 7468), for our own credential. */
#define _GNU_SOURCE /* memmem() */
#include <string.h>

#include "keyd.h"

#define PEM_BEGIN "-----BEGIN CERTIFICATE-----"
#define PEM_END "-----END CERTIFICATE-----"

/* The view from behind the next mark on; empty where there is none. */
static struct kk_view mark_skip(struct kk_view in, const char *mark,
    struct kk_view *before)
{
	const uint8_t *at = NULL;

	*before = (struct kk_view){ 0 };
	if (in.data && in.bytes)
		at = memmem(in.data, in.bytes, mark, strlen(mark));
	if (!at)
		return (struct kk_view){ 0 };
	*before = kk_view_of(in.data, (size_t)(at - in.data));
	at += strlen(mark);
	return kk_view_of(at, in.bytes - (size_t)(at - in.data));
}

static enum kk_err body_decode(struct kk_view body, struct kk_bytes *der)
{
	sd_json_variant *text = NULL;
	enum kk_err err;

	*der = (struct kk_bytes){ 0 };
	if (sd_json_variant_new_stringn(&text, (const char *)body.data,
		body.bytes) < 0)
		return KK_EFORMAT;
	err = call_value_bytes(text, CRYPTO_X509_CERT_MAX_BYTES, der);
	sd_json_variant_unref(text);
	return err;
}

enum kk_err keyd_pem_certs(struct kk_view pem, struct kk_bytes *out)
{
	struct kk_view before, body;
	struct kk_writer w;

	*out = (struct kk_bytes){ 0 };
	kk_writer_init(&w);
	for (size_t count = 0; !w.err; count++) {
		struct kk_bytes der;

		pem = mark_skip(pem, PEM_BEGIN, &before);
		if (pem.bytes == 0)
			break;
		pem = mark_skip(pem, PEM_END, &body);
		if (pem.data == NULL)
			kk_writer_fail(&w, KK_EFORMAT);
		else if (count == CRYPTO_X509_CHAIN_MAX)
			kk_writer_fail(&w, KK_ELIMIT);
		if (w.err)
			break;
		kk_writer_fail(&w, body_decode(body, &der));
		kk_write_vec(&w, kk_bytes_view(&der));
		kk_bytes_clear(&der);
	}
	if (!w.err && w.bytes == 0)
		kk_writer_fail(&w, KK_EFORMAT);
	return kk_writer_take(&w, out);
}
