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
	SAN_DNS = 0x82, /* [2] dNSName */
	NO_CHARACTER = 0x110000
};

/* Takes one character (RFC 3629, 4); NO_CHARACTER for what is none. */
static uint32_t utf8_take(struct kk_reader *r)
{
	static const uint32_t least[5] = { 0, 0, 0x80, 0x800, 0x10000 };
	uint8_t first = kk_read_u8(r);
	unsigned int bytes = 1;
	uint32_t c = first;

	if (first >= 0x80) {
		bytes = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
		c = first & (0x7fu >> bytes);
	}
	if ((first >= 0x80 && first < 0xc2) || first > 0xf4)
		return NO_CHARACTER;
	for (unsigned int i = 1; i < bytes; i++) {
		uint8_t next = kk_read_u8(r);

		if ((next & 0xc0) != 0x80)
			return NO_CHARACTER;
		c = c << 6 | (next & 0x3f);
	}
	if (kk_reader_err(r) || c < least[bytes] || c > 0x10ffff ||
	    (c >= 0xd800 && c <= 0xdfff))
		return NO_CHARACTER;
	return c;
}

/* Controls, line breaks, direction marks (Unicode 15, 3.5 of UAX 9), BOM. */
static bool character_is_shown(uint32_t c)
{
	if (c < 0x20 || (c >= 0x7f && c < 0xa0) || c == NO_CHARACTER)
		return false;
	if (c == 0x61c || c == 0x200e || c == 0x200f || c == 0xfeff)
		return false;
	return !(c >= 0x2028 && c <= 0x202e) && !(c >= 0x2066 && c <= 0x2069);
}

static bool text_is_shown(struct kk_view text)
{
	struct kk_reader r;

	kk_reader_init(&r, text);
	while (kk_reader_more(&r))
		if (!character_is_shown(utf8_take(&r)))
			return false;
	return text.bytes > 0 && !kk_reader_err(&r);
}

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
		return text_is_shown(text);
	case DER_PRINTABLE_STRING:
	case DER_IA5_STRING: {
		struct kk_reader r;

		kk_reader_init(&r, text);
		while (kk_reader_more(&r))
			if (kk_read_u8(&r) >= 0x80)
				return false;
		return text_is_shown(text);
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
