/*
 * x509_der.c - strict DER on top of the bounded reader.
 *
 * mbedTLS reads BER's long lengths as well; then one certificate would have
 * many encodings, and its hash would name nothing.  Source: X.690, 8 and 10.
 */
#include <string.h>

#include "crypto/x509_internal.h"

enum {
	DER_DEPTH_MAX = 16, /* a certificate has 7, a general name few more */
	TAG_NUMBER = 0x1f,
	TAG_CONSTRUCTED = 0x20,
	TAG_CLASS = 0xc0
};

static size_t der_read_length(struct kk_reader *r)
{
	uint8_t first = kk_read_u8(r);
	size_t n = 0;

	if (first < 0x80)
		return first;
	/* No indefinite lengths, and none of 16 MB. */
	if (first == 0x80 || first > 0x83) {
		kk_reader_fail(r, KK_EFORMAT);
		return 0;
	}
	for (int i = first & 0x7f; i > 0; i--)
		n = n << 8 | kk_read_u8(r);
	if (n < 0x80 || (first == 0x82 && n < 0x100) ||
	    (first == 0x83 && n < 0x10000))
		kk_reader_fail(r, KK_EFORMAT);
	return n;
}

bool x509_der_next_is(const struct kk_reader *r, uint8_t tag)
{
	return kk_reader_more(r) && r->p[0] == tag;
}

struct kk_view x509_der_read(struct kk_reader *r, uint8_t tag)
{
	size_t bytes;

	if (kk_reader_more(r) && r->p[0] != tag)
		kk_reader_fail(r, KK_EFORMAT);
	(void)kk_read_u8(r);
	bytes = der_read_length(r);
	return kk_read_raw(r, bytes);
}

static bool integer_is_der(struct kk_view v)
{
	if (v.bytes < 2)
		return v.bytes == 1;
	return !(v.data[0] == 0x00 && v.data[1] < 0x80) &&
	    !(v.data[0] == 0xff && v.data[1] >= 0x80);
}

/* RFC 5280, 4.1.2.5: seconds and Z always, the long form from 2050 on. */
static bool time_is_der(struct kk_view v, size_t bytes)
{
	if (v.bytes != bytes || v.data[bytes - 1] != 'Z')
		return false;
	return bytes == 13 || memcmp(v.data, "2050", 4) >= 0;
}

static bool primitive_is_der(uint8_t tag, struct kk_view v)
{
	switch (tag) {
	case DER_BOOLEAN:
		return v.bytes == 1 && (v.data[0] == 0 || v.data[0] == 0xff);
	case DER_INTEGER:
		return integer_is_der(v);
	case DER_BIT_STRING:
		return v.bytes >= 1 && v.data[0] < 8 &&
		    (v.bytes > 1 || v.data[0] == 0);
	case DER_OID:
		return v.bytes >= 1;
	case DER_UTC_TIME:
		return time_is_der(v, 13);
	case DER_GENERALIZED_TIME:
		return time_is_der(v, 15);
	default:
		return true;
	}
}

static enum kk_err der_check(struct kk_view in, int depth)
{
	struct kk_reader r;

	if (depth > DER_DEPTH_MAX)
		return KK_ELIMIT;
	kk_reader_init(&r, in);
	while (kk_reader_more(&r)) {
		uint8_t tag = r.p[0];
		struct kk_view v = x509_der_read(&r, tag);
		enum kk_err err = kk_reader_err(&r);

		if (err)
			return KK_EFORMAT;
		if ((tag & TAG_NUMBER) == TAG_NUMBER)
			return KK_EFORMAT; /* long tags: nothing here has one */
		if (tag & TAG_CONSTRUCTED) {
			if (!(tag & TAG_CLASS) && tag != DER_SEQUENCE &&
			    tag != DER_SET)
				return KK_EFORMAT;
			err = der_check(v, depth + 1);
		} else if (!primitive_is_der(tag, v)) {
			err = KK_EFORMAT;
		}
		if (err)
			return err;
	}
	return KK_OK;
}

enum kk_err x509_der_check(struct kk_view in)
{
	struct kk_reader r;

	kk_reader_init(&r, in);
	(void)x509_der_read(&r, DER_SEQUENCE);
	if (kk_reader_end(&r))
		return KK_EFORMAT; /* nothing, too little, or bytes behind */
	return der_check(in, 0);
}

void x509_ext_read(struct kk_reader *r, struct x509_ext *ext)
{
	struct kk_view critical;
	struct kk_reader in;

	*ext = (struct x509_ext){ 0 };
	kk_reader_init(&in, x509_der_read(r, DER_SEQUENCE));
	ext->oid = x509_der_read(&in, DER_OID);
	if (x509_der_next_is(&in, DER_BOOLEAN)) {
		critical = x509_der_read(&in, DER_BOOLEAN);
		ext->is_critical = critical.bytes != 1 || critical.data[0] != 0;
	}
	ext->value = x509_der_read(&in, DER_OCTET_STRING);
	if (kk_reader_end(&in))
		kk_reader_fail(r, KK_EFORMAT);
}

bool x509_ext_is(const struct x509_ext *ext, uint8_t id)
{
	return ext->oid.bytes == 3 && ext->oid.data[0] == 0x55 &&
	    ext->oid.data[1] == 0x1d && ext->oid.data[2] == id;
}

struct kk_view x509_ext_find(struct kk_view exts, uint8_t id)
{
	struct kk_reader r;
	struct x509_ext ext;

	kk_reader_init(&r, exts);
	while (kk_reader_more(&r)) {
		x509_ext_read(&r, &ext);
		if (!r.err && x509_ext_is(&ext, id))
			return ext.value;
	}
	return (struct kk_view){ 0 };
}
