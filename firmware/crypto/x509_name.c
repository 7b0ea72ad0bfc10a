/*
 * x509_name.c - the names of a certificate: which to show, which to match.
 *
 * A name goes to every screen of a meeting.  So it is valid UTF-8 without
 * anything that ends a string early, moves the cursor or turns the direction
 * of text.
 */
#include <string.h>

#include "crypto/x509_internal.h"

enum {
	SAN_EMAIL = 0x81, /* RFC 5280, 4.2.1.6: [1] rfc822Name */
	SAN_DNS = 0x82 /* [2] dNSName */
};

static bool text_is_ascii(struct kk_view text)
{
	for (size_t i = 0; i < text.bytes; i++)
		if (text.data[i] <= 0x20 || text.data[i] >= 0x7f)
			return false;
	return text.bytes > 0;
}

/* RFC 5280, 4.1.2.4: the older string types are not read. */
static bool common_name_is_ok(const mbedtls_x509_name *n)
{
	struct kk_view text = kk_view_of(n->val.p, n->val.len);

	switch (n->val.tag) {
	case DER_UTF8_STRING:
		return kk_text_is_shown(text);
	case DER_PRINTABLE_STRING:
	case DER_IA5_STRING: {
		struct kk_reader r;

		kk_reader_init(&r, text);
		while (kk_reader_more(&r))
			if (kk_read_u8(&r) >= 0x80)
				return false;
		return kk_text_is_shown(text);
	}
	default:
		return false;
	}
}

static bool name_is_common(const mbedtls_x509_name *n)
{
	static const uint8_t oid[] = { 0x55, 0x04, 0x03 };

	return n->oid.len == sizeof(oid) &&
	    memcmp(n->oid.p, oid, sizeof(oid)) == 0;
}

/* Errors: KK_EFORMAT, KK_ENAME none. */
static enum kk_err common_name_get(const struct x509_cert *cert,
    struct kk_view *text)
{
	const mbedtls_x509_name *found = NULL;

	for (const mbedtls_x509_name *n = &cert->crt.subject; n; n = n->next) {
		if (!n->oid.p || !name_is_common(n))
			continue;
		if (found || !common_name_is_ok(n))
			return KK_EFORMAT; /* two: which is it? */
		found = n;
	}
	if (!found)
		return KK_ENAME;
	*text = kk_view_of(found->val.p, found->val.len);
	return KK_OK;
}

static bool san_is_name(const mbedtls_x509_sequence *san)
{
	return san->buf.p &&
	    (san->buf.tag == SAN_EMAIL || san->buf.tag == SAN_DNS);
}

/* The next DNS or e-mail name from san on; NULL at the end. */
static const mbedtls_x509_sequence *san_next(const mbedtls_x509_sequence *san)
{
	while (san && !san_is_name(san))
		san = san->next;
	return san;
}

static struct kk_view san_text(const mbedtls_x509_sequence *san)
{
	return kk_view_of(san->buf.p, san->buf.len);
}

enum kk_err x509_name_get(const struct x509_cert *cert,
    char name[CRYPTO_X509_NAME_MAX_BYTES + 1])
{
	const mbedtls_x509_sequence *first = san_next(
	    &cert->crt.subject_alt_names);
	struct kk_view text;
	enum kk_err err;

	for (const mbedtls_x509_sequence *s = first; s; s = san_next(s->next))
		if (!text_is_ascii(san_text(s)))
			return KK_EFORMAT;
	err = common_name_get(cert, &text);
	if (err == KK_ENAME && first) {
		text = san_text(first);
		err = KK_OK;
	}
	if (err)
		return err;
	if (text.bytes > CRYPTO_X509_NAME_MAX_BYTES)
		return KK_ELIMIT;
	memcpy(name, text.data, text.bytes);
	name[text.bytes] = '\0';
	return KK_OK;
}

static uint8_t ascii_lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

static bool host_is_equal(struct kk_view a, struct kk_view b)
{
	if (a.bytes != b.bytes)
		return false;
	for (size_t i = 0; i < a.bytes; i++)
		if (ascii_lower(a.data[i]) != ascii_lower(b.data[i]))
			return false;
	return true;
}

/* Splits at the last @; false when there is none. */
static bool email_split(struct kk_view v, struct kk_view *local,
    struct kk_view *host)
{
	for (size_t i = v.bytes; i > 0; i--) {
		if (v.data[i - 1] != '@')
			continue;
		*local = kk_view_of(v.data, i - 1);
		*host = kk_view_of(v.data + i, v.bytes - i);
		return true;
	}
	return false;
}

/* RFC 5280, 7.5: the mailbox as it stands, the host without its case. */
static bool email_is_equal(struct kk_view a, struct kk_view b)
{
	struct kk_view local_a, host_a, local_b, host_b;

	return email_split(a, &local_a, &host_a) &&
	    email_split(b, &local_b, &host_b) &&
	    kk_view_equal(local_a, local_b) && host_is_equal(host_a, host_b);
}

static bool san_matches(const mbedtls_x509_sequence *san, struct kk_view name)
{
	struct kk_view text = san_text(san);

	if (san->buf.tag == SAN_EMAIL)
		return email_is_equal(text, name);
	/* No wildcards, not even one that equals itself. */
	return !memchr(text.data, '*', text.bytes) && host_is_equal(text, name);
}

enum kk_err x509_name_match(const struct x509_cert *cert, const char *name)
{
	const mbedtls_x509_sequence *san = san_next(
	    &cert->crt.subject_alt_names);
	struct kk_view want = kk_view_text(name);
	struct kk_view text;

	if (!san && common_name_get(cert, &text) == KK_OK)
		return kk_view_equal(text, want) ? KK_OK : KK_ENAME;
	for (; san; san = san_next(san->next))
		if (san_matches(san, want))
			return KK_OK;
	return KK_ENAME;
}
