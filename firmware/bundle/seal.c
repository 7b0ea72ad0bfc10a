/* seal.c - the frame of a bundle's signature, byte by byte. */
#include <string.h>

#include "bundle/bundle.h"

enum {
	TAG_INTEGER = 0x02,
	TAG_OCTETS = 0x04,
	TAG_SEQUENCE = 0x30,
	TAG_SET = 0x31,
	TAG_0 = 0xa0,
	LENGTH_LONG = 0x80,
	LENGTH_BYTES_MAX = 3,
	TIME_BYTES = 13 /* YYMMDDHHMMSSZ */
};

/* id-signedData, id-data, the algorithms: each with its tag and length. */
static const uint8_t signed_data[] = { 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7,
	0x0d, 0x01, 0x07, 0x02 };
static const uint8_t data[] = { 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d,
	0x01, 0x07, 0x01 };
static const uint8_t one[] = { TAG_INTEGER, 1, 1 };
static const uint8_t sha256[] = { TAG_SEQUENCE, 0x0b, 0x06, 0x09, 0x60, 0x86,
	0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01 };
static const uint8_t ecdsa_sha256[] = { TAG_SEQUENCE, 0x0a, 0x06, 0x08, 0x2a,
	0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02 };
/* The signed attributes up to their values: contentType, which is whole,
 * signingTime, messageDigest. */
static const uint8_t content_type[] = { TAG_SEQUENCE, 0x18, 0x06, 0x09, 0x2a,
	0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x03, TAG_SET, 0x0b, 0x06,
	0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01 };
static const uint8_t signing_time[] = { TAG_SEQUENCE, 0x1c, 0x06, 0x09, 0x2a,
	0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x05, TAG_SET, 0x0f, 0x17,
	TIME_BYTES };
static const uint8_t message_digest[] = { TAG_SEQUENCE, 0x2f, 0x06, 0x09, 0x2a,
	0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x04, TAG_SET, 0x22,
	TAG_OCTETS, 0x20 };

/* A length in its shortest form (DER, X.690, 10.1). */
static bool length_take(struct kk_view *in, size_t *length)
{
	size_t count;

	if (in->bytes == 0)
		return false;
	*length = *in->data;
	*in = kk_view_of(in->data + 1, in->bytes - 1);
	if (*length < LENGTH_LONG)
		return *length <= in->bytes;
	count = *length - LENGTH_LONG;
	if (count == 0 || count > LENGTH_BYTES_MAX || count > in->bytes ||
	    in->data[0] == 0)
		return false;
	*length = 0;
	for (size_t i = 0; i < count; i++)
		*length = *length << 8 | in->data[i];
	*in = kk_view_of(in->data + count, in->bytes - count);
	return *length >= LENGTH_LONG && *length <= in->bytes;
}

/* What has this tag; in goes on behind it, body is its inside. */
static bool take(struct kk_view *in, uint8_t tag, struct kk_view *body)
{
	struct kk_view at = *in;
	size_t length;

	if (at.bytes == 0 || at.data[0] != tag)
		return false;
	at = kk_view_of(at.data + 1, at.bytes - 1);
	if (!length_take(&at, &length))
		return false;
	*body = kk_view_of(at.data, length);
	*in = kk_view_of(at.data + length, at.bytes - length);
	return true;
}

static bool take_bytes(struct kk_view *in, const uint8_t *want, size_t bytes)
{
	if (in->bytes < bytes || memcmp(in->data, want, bytes) != 0)
		return false;
	*in = kk_view_of(in->data + bytes, in->bytes - bytes);
	return true;
}

static bool skip(struct kk_view *in, size_t bytes)
{
	if (in->bytes < bytes)
		return false;
	*in = kk_view_of(in->data + bytes, in->bytes - bytes);
	return true;
}

/* From a to the beginning of what is left. */
static struct kk_view between(struct kk_view a, struct kk_view left)
{
	return kk_view_of(a.data, a.bytes - left.bytes);
}

/* Serial number and issuer of the one certificate, each with its tag: RFC 5280,
 * 4.1.  The rest of it is its issuer's to have signed. */
static bool certificate_look(struct kk_view certificates,
    struct kk_view *serial, struct kk_view *issuer)
{
	struct kk_view certificate, tbs, from, body;

	if (!take(&certificates, TAG_SEQUENCE, &certificate) ||
	    certificates.bytes != 0 || !take(&certificate, TAG_SEQUENCE, &tbs))
		return false;
	if (!take(&tbs, TAG_0, &body))
		return false;
	from = tbs;
	if (!take(&tbs, TAG_INTEGER, &body))
		return false;
	*serial = between(from, tbs);
	if (!take(&tbs, TAG_SEQUENCE, &body))
		return false;
	from = tbs;
	if (!take(&tbs, TAG_SEQUENCE, &body))
		return false;
	*issuer = between(from, tbs);
	return true;
}

static bool attributes_are_right(struct kk_view in)
{
	return take_bytes(&in, content_type, sizeof(content_type)) &&
	    take_bytes(&in, signing_time, sizeof(signing_time)) &&
	    skip(&in, TIME_BYTES) &&
	    take_bytes(&in, message_digest, sizeof(message_digest)) &&
	    skip(&in, 32) && in.bytes == 0;
}

/* RFC 5652, 5.3: one signer, by issuer and serial number, no unsigned
 * attributes. */
static bool signer_is_right(struct kk_view signers, struct kk_view serial,
    struct kk_view issuer)
{
	struct kk_view signer, id, body;

	return take(&signers, TAG_SEQUENCE, &signer) && signers.bytes == 0 &&
	    take_bytes(&signer, one, sizeof(one)) &&
	    take(&signer, TAG_SEQUENCE, &id) &&
	    take_bytes(&id, issuer.data, issuer.bytes) &&
	    take_bytes(&id, serial.data, serial.bytes) && id.bytes == 0 &&
	    take_bytes(&signer, sha256, sizeof(sha256)) &&
	    take(&signer, TAG_0, &body) && attributes_are_right(body) &&
	    take_bytes(&signer, ecdsa_sha256, sizeof(ecdsa_sha256)) &&
	    take(&signer, TAG_OCTETS, &body) && signer.bytes == 0;
}

/* RFC 5652, 5.2: the manifest, inside of it. */
static bool content_is_right(struct kk_view content, struct kk_view *manifest)
{
	struct kk_view outer;

	return take_bytes(&content, data, sizeof(data)) &&
	    take(&content, TAG_0, &outer) && content.bytes == 0 &&
	    take(&outer, TAG_OCTETS, manifest) && outer.bytes == 0;
}

/* RFC 5652, 5.1. */
static bool signed_data_is_right(struct kk_view in, struct kk_view *manifest)
{
	struct kk_view body, serial, issuer;

	return take_bytes(&in, one, sizeof(one)) && take(&in, TAG_SET, &body) &&
	    take_bytes(&body, sha256, sizeof(sha256)) && body.bytes == 0 &&
	    take(&in, TAG_SEQUENCE, &body) &&
	    content_is_right(body, manifest) && take(&in, TAG_0, &body) &&
	    certificate_look(body, &serial, &issuer) &&
	    take(&in, TAG_SET, &body) && in.bytes == 0 &&
	    signer_is_right(body, serial, issuer);
}

/* RFC 5652, 3. */
enum kk_err bundle_seal_read(struct kk_view cms, struct kk_view *manifest)
{
	struct kk_view info, outer, inner, body;

	*manifest = kk_view_of(NULL, 0);
	if (!take(&cms, TAG_SEQUENCE, &info) || cms.bytes != 0 ||
	    !take_bytes(&info, signed_data, sizeof(signed_data)) ||
	    !take(&info, TAG_0, &outer) || info.bytes != 0 ||
	    !take(&outer, TAG_SEQUENCE, &inner) || outer.bytes != 0 ||
	    !signed_data_is_right(inner, &body))
		return KK_EFORMAT;
	*manifest = body;
	return KK_OK;
}

enum kk_err bundle_seal_check(struct kk_view cms)
{
	struct kk_view manifest;

	return bundle_seal_read(cms, &manifest);
}
