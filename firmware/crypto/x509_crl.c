/*
 * x509_crl.c - revocation lists, kept as sorted tables of serials.
 *
 * mbedTLS reads the list and its linked entries are let go at once: what a
 * check needs is which serials stand in it.  Source: RFC 5280, 5.
 */
#include <stdlib.h>
#include <string.h>

#include "crypto/x509_internal.h"

static struct kk_view view_of_buf(const mbedtls_x509_buf *buf)
{
	return kk_view_of(buf->p, buf->len);
}

/* Reads [0] AuthorityKeyIdentifier.keyIdentifier. */
static struct kk_view aki_read(struct kk_reader *r)
{
	struct kk_view v = { 0 };
	struct kk_reader in;

	kk_reader_init(&in, x509_der_read(r, DER_SEQUENCE));
	if (x509_der_next_is(&in, DER_CONTEXT_0))
		v = x509_der_read(&in, DER_CONTEXT_0);
	kk_reader_fail(r, kk_reader_err(&in));
	return v;
}

/* RFC 5280, 5.2.3: at most 20 bytes; here without a leading zero. */
static struct kk_view number_read(struct kk_reader *r)
{
	struct kk_view v = x509_der_read(r, DER_INTEGER);

	if (v.bytes == 0 || v.bytes > 20 || v.data[0] >= 0x80)
		kk_reader_fail(r, KK_EFORMAT);
	else if (v.data[0] == 0)
		v = kk_view_of(v.data + 1, v.bytes - 1);
	return v;
}

static enum kk_err crl_read_ext(struct x509_crl *crl,
    const struct x509_ext *ext)
{
	struct kk_reader r;

	kk_reader_init(&r, ext->value);
	if (ext->is_critical || x509_ext_is(ext, X509_EXT_DELTA) ||
	    x509_ext_is(ext, X509_EXT_IDP))
		return KK_EUNSUP; /* part of a list must not pass for it all */
	if (x509_ext_is(ext, X509_EXT_CRL_NUMBER) && !crl->has_number) {
		crl->has_number = true;
		crl->number = number_read(&r);
	} else if (x509_ext_is(ext, X509_EXT_AKI) && !crl->aki.data) {
		crl->aki = aki_read(&r);
	} else {
		return KK_OK;
	}
	return kk_reader_end(&r) ? KK_EFORMAT : KK_OK;
}

/* exts is a SEQUENCE OF Extension. */
static enum kk_err crl_read_exts(struct x509_crl *crl, struct kk_view exts)
{
	struct kk_reader r, in;
	struct x509_ext ext;
	enum kk_err err = KK_OK;

	kk_reader_init(&r, exts);
	kk_reader_init(&in, x509_der_read(&r, DER_SEQUENCE));
	if (kk_reader_end(&r))
		return KK_EFORMAT;
	while (!err && kk_reader_more(&in)) {
		x509_ext_read(&in, &ext);
		if (!in.err)
			err = crl_read_ext(crl, &ext);
	}
	return err ? err : kk_reader_err(&in) ? KK_EFORMAT : KK_OK;
}

/* An entry's extensions: none may be critical, as certificateIssuer is. */
static enum kk_err entry_check_exts(struct kk_reader *r)
{
	struct kk_reader in;
	struct x509_ext ext;

	kk_reader_init(&in, x509_der_read(r, DER_SEQUENCE));
	while (kk_reader_more(&in)) {
		x509_ext_read(&in, &ext);
		if (!in.err && ext.is_critical)
			return KK_EUNSUP;
	}
	return kk_reader_err(&in) ? KK_EFORMAT : KK_OK;
}

/*
 * RFC 5280, 5.1.2.6.  mbedTLS lets bytes behind an entry's fields pass, so the
 * entry is read once more.
 */
static enum kk_err entry_read(const mbedtls_x509_crl_entry *entry,
    struct kk_view *serial)
{
	struct kk_reader r;
	enum kk_err err = KK_OK;

	kk_reader_init(&r, view_of_buf(&entry->raw));
	*serial = x509_der_read(&r, DER_INTEGER);
	if (x509_der_next_is(&r, DER_GENERALIZED_TIME))
		(void)x509_der_read(&r, DER_GENERALIZED_TIME);
	else
		(void)x509_der_read(&r, DER_UTC_TIME);
	if (kk_reader_more(&r))
		err = entry_check_exts(&r);
	if (err)
		return err;
	return kk_reader_end(&r) ? KK_EFORMAT : KK_OK;
}

static int serial_order(const void *a, const void *b)
{
	const struct kk_view *va = a, *vb = b;

	return kk_view_compare(*va, *vb);
}

static enum kk_err crl_read_entries(struct x509_crl *crl,
    const mbedtls_x509_crl_entry *first)
{
	const mbedtls_x509_crl_entry *e;
	enum kk_err err = KK_OK;
	size_t count = 0;

	for (e = first; e && e->raw.p; e = e->next)
		count++;
	crl->serials = kk_calloc(count, sizeof(*crl->serials));
	if (!crl->serials)
		return KK_ENOMEM;
	for (e = first; !err && e && e->raw.p; e = e->next)
		err = entry_read(e, &crl->serials[crl->serial_count++]);
	if (!err && count > 1)
		qsort(crl->serials, count, sizeof(*crl->serials), serial_order);
	return err;
}

/* The same bytes in our copy of the list as in mbedTLS's. */
static struct kk_view crl_rebase(const struct x509_crl *crl,
    const mbedtls_x509_crl *m, const uint8_t *p, size_t bytes)
{
	return kk_view_of(crl->raw.data + (p - m->raw.p), bytes);
}

static void crl_rebase_serials(struct x509_crl *crl, const mbedtls_x509_crl *m)
{
	for (size_t i = 0; i < crl->serial_count; i++)
		crl->serials[i] = crl_rebase(crl, m, crl->serials[i].data,
		    crl->serials[i].bytes);
}

static enum kk_err crl_read(struct x509_crl *crl, const mbedtls_x509_crl *m)
{
	enum kk_err err;

	if (m->version != 2 || m->next_update.year == 0)
		return KK_EUNSUP; /* RFC 5280, 5.1.2.1 and 5.1.2.5 */
	crl->tbs = crl_rebase(crl, m, m->tbs.p, m->tbs.len);
	crl->issuer = crl_rebase(crl, m, m->issuer_raw.p, m->issuer_raw.len);
	crl->this_s = x509_time_seconds(&m->this_update);
	crl->next_s = x509_time_seconds(&m->next_update);
	err = x509_sig_read(kk_bytes_view(&crl->raw), crl->tbs, &crl->made_by,
	    &crl->signature);
	if (!err && m->crl_ext.p)
		err = crl_read_exts(crl,
		    crl_rebase(crl, m, m->crl_ext.p, m->crl_ext.len));
	if (!err)
		err = crl_read_entries(crl, &m->entry);
	if (!err)
		crl_rebase_serials(crl, m);
	return err;
}

/* KK_EUNSUP is told from KK_EFORMAT before mbedTLS, which has one error for
 * any critical extension and for broken ones. */
static enum kk_err crl_err_of(int ret)
{
	if (ret ==
	    MBEDTLS_ERR_X509_INVALID_EXTENSIONS +
		MBEDTLS_ERR_ASN1_UNEXPECTED_TAG)
		return KK_EUNSUP;
	return x509_err_of(ret);
}

enum kk_err x509_crl_parse(struct x509_crl *crl, struct kk_view der)
{
	mbedtls_x509_crl m;
	enum kk_err err;
	int ret;

	*crl = (struct x509_crl){ 0 };
	if (der.bytes > CRYPTO_X509_CRL_MAX_BYTES)
		return KK_ELIMIT;
	err = x509_der_check(der);
	if (!err)
		err = kk_bytes_copy(&crl->raw, der);
	if (err)
		return err;
	mbedtls_x509_crl_init(&m);
	ret = mbedtls_x509_crl_parse_der(&m, der.data, der.bytes);
	err = ret ? crl_err_of(ret) : crl_read(crl, &m);
	mbedtls_x509_crl_free(&m);
	if (err)
		x509_crl_clear(crl);
	return err;
}

void x509_crl_clear(struct x509_crl *crl)
{
	kk_bytes_clear(&crl->raw);
	kk_bytes_clear(&crl->issuer_key);
	kk_free(crl->serials);
	*crl = (struct x509_crl){ 0 };
}

bool x509_crl_has(const struct x509_crl *crl, struct kk_view serial)
{
	return crl->serial_count > 0 &&
	    bsearch(&serial, crl->serials, crl->serial_count,
		sizeof(*crl->serials), serial_order) != NULL;
}

bool x509_crl_is_stale_to(const struct x509_crl *a, const struct x509_crl *b)
{
	if (a->this_s < b->this_s)
		return true;
	if (!a->has_number || !b->has_number)
		return b->has_number || a->this_s == b->this_s;
	if (a->number.bytes != b->number.bytes)
		return a->number.bytes < b->number.bytes;
	return kk_view_compare(a->number, b->number) <= 0;
}
