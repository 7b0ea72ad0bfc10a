/* oracle.c - SRTP a second time. */
#include "srtp/oracle.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

#include "harness/tap.h"
#include "wire/rtp.h"

enum {
	AES_BYTES = 16,
	CM_SALT_BYTES = 14,
	GCM_IV_BYTES = 12,
	GCM_TAG_BYTES = 16,
	CM_TAG_BYTES = 10,
	SHA1_BYTES = 20,
	RTCP_CLEAR_BYTES = 8,
	INDEX_BYTES = 4,
	LABEL_AT = 7 /* RFC 3711, 4.3.1: label above the 48 bits of r */
};

static const uint32_t e_flag = 0x80000000;

static void ctr_run(struct kk_view key, const uint8_t *iv, const uint8_t *in,
    size_t bytes, uint8_t *out)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	const EVP_CIPHER *cipher = key.bytes == 32 ? EVP_aes_256_ctr() :
						     EVP_aes_128_ctr();
	int n = 0;

	CHECK(ctx && EVP_EncryptInit_ex(ctx, cipher, NULL, key.data, iv) == 1);
	CHECK(EVP_EncryptUpdate(ctx, out, &n, in, (int)bytes) == 1);
	EVP_CIPHER_CTX_free(ctx);
}

/* aad in one or two runs, then the text; the tag goes behind it. */
static void gcm_run(const struct oracle *o, const uint8_t *iv,
    struct kk_view aad_a, struct kk_view aad_b, struct kk_view text,
    uint8_t *out)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	const EVP_CIPHER *cipher = o->key_bytes == 32 ? EVP_aes_256_gcm() :
							EVP_aes_128_gcm();
	int n = 0;

	CHECK(ctx && EVP_EncryptInit_ex(ctx, cipher, NULL, o->key, iv) == 1);
	CHECK(EVP_EncryptUpdate(ctx, NULL, &n, aad_a.data, (int)aad_a.bytes));
	if (aad_b.bytes > 0)
		CHECK(EVP_EncryptUpdate(ctx, NULL, &n, aad_b.data,
		    (int)aad_b.bytes));
	if (text.bytes > 0)
		CHECK(EVP_EncryptUpdate(ctx, out, &n, text.data,
		    (int)text.bytes));
	CHECK(EVP_EncryptFinal_ex(ctx, out + text.bytes, &n) == 1);
	CHECK(EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_GET_TAG, GCM_TAG_BYTES,
	    out + text.bytes));
	EVP_CIPHER_CTX_free(ctx);
}

void oracle_kdf(struct kk_view key, const uint8_t *salt,
    enum oracle_label label, uint8_t *out, size_t out_bytes)
{
	uint8_t iv[AES_BYTES] = { 0 };
	static const uint8_t zeros[64] = { 0 };

	CHECK(out_bytes <= sizeof(zeros));
	memcpy(iv, salt, CM_SALT_BYTES);
	iv[LABEL_AT] ^= (uint8_t)label;
	ctr_run(key, iv, zeros, out_bytes, out);
}

static void session_derive(struct oracle *o, struct kk_view key,
    const uint8_t *salt, enum oracle_label first)
{
	oracle_kdf(key, salt, first, o->key, o->key_bytes);
	oracle_kdf(key, salt, first + 1, o->auth, sizeof(o->auth));
	oracle_kdf(key, salt, first + 2, o->salt, sizeof(o->salt));
}

void oracle_init(struct oracle *rtp, struct oracle *rtcp,
    enum srtp_profile profile, struct kk_view key, struct kk_view salt)
{
	uint8_t padded[CM_SALT_BYTES] = { 0 };

	memcpy(padded, salt.data, salt.bytes);
	*rtp = (struct oracle){ .key_bytes = key.bytes,
		.is_gcm = profile != SRTP_PROFILE_AES128_CM_SHA1_80 };
	*rtcp = *rtp;
	session_derive(rtp, key, padded, ORACLE_RTP_KEY);
	session_derive(rtcp, key, padded, ORACLE_RTCP_KEY);
}

static void xor_run(uint8_t *to, const uint8_t *with, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		to[i] ^= with[i];
}

/* RFC 3711, 4.1.1: salt, SSRC from byte 4, packet index up to byte 13. */
static void cm_iv(const struct oracle *o, uint32_t ssrc, uint64_t index,
    uint8_t *iv)
{
	uint8_t mask[AES_BYTES] = { 0 };

	wire_put_u32(mask + 4, ssrc);
	wire_put_u16(mask + 8, (unsigned)(index >> 32));
	wire_put_u32(mask + 10, (uint32_t)index);
	memset(iv, 0, AES_BYTES);
	memcpy(iv, o->salt, CM_SALT_BYTES);
	xor_run(iv, mask, AES_BYTES);
}

static void cm_tag(const struct oracle *o, const uint8_t *data, size_t bytes,
    uint8_t *tag)
{
	uint8_t mac[SHA1_BYTES];
	unsigned mac_bytes = sizeof(mac);

	CHECK(HMAC(EVP_sha1(), o->auth, sizeof(o->auth), data, bytes, mac,
		  &mac_bytes) != NULL);
	memcpy(tag, mac, CM_TAG_BYTES);
}

static struct kk_view key_of(const struct oracle *o)
{
	return kk_view_of(o->key, o->key_bytes);
}

static size_t cm_rtp(const struct oracle *o, const struct wire_rtp *rtp,
    struct kk_view packet, uint32_t roc, uint8_t *out)
{
	uint8_t iv[AES_BYTES];

	cm_iv(o, rtp->ssrc, (uint64_t)roc << 16 | rtp->seq, iv);
	ctr_run(key_of(o), iv, packet.data + rtp->header_bytes,
	    rtp->payload.bytes, out + rtp->header_bytes);
	wire_put_u32(out + packet.bytes, roc); /* under the tag, not sent */
	cm_tag(o, out, packet.bytes + INDEX_BYTES, out + packet.bytes);
	return packet.bytes + CM_TAG_BYTES;
}

size_t oracle_rtp(const struct oracle *o, struct kk_view packet, uint32_t roc,
    uint8_t *out)
{
	uint8_t iv[GCM_IV_BYTES] = { 0 };
	struct wire_rtp rtp;

	CHECK_OK(wire_rtp_header_parse(&rtp, packet));
	memcpy(out, packet.data, packet.bytes);
	if (!o->is_gcm)
		return cm_rtp(o, &rtp, packet, roc, out);
	wire_put_u32(iv + 2, rtp.ssrc); /* RFC 7714, 8.1 */
	wire_put_u32(iv + 6, roc);
	wire_put_u16(iv + 10, rtp.seq);
	xor_run(iv, o->salt, GCM_IV_BYTES);
	gcm_run(o, iv, kk_view_of(packet.data, rtp.header_bytes),
	    kk_view_of(NULL, 0), rtp.payload, out + rtp.header_bytes);
	return packet.bytes + GCM_TAG_BYTES;
}

static size_t cm_rtcp(const struct oracle *o, struct kk_view packet,
    uint32_t index, uint8_t *out)
{
	uint8_t iv[AES_BYTES];

	cm_iv(o, wire_get_u32(packet.data + 4), index, iv);
	ctr_run(key_of(o), iv, packet.data + RTCP_CLEAR_BYTES,
	    packet.bytes - RTCP_CLEAR_BYTES, out + RTCP_CLEAR_BYTES);
	wire_put_u32(out + packet.bytes, e_flag | index);
	cm_tag(o, out, packet.bytes + INDEX_BYTES,
	    out + packet.bytes + INDEX_BYTES);
	return packet.bytes + INDEX_BYTES + CM_TAG_BYTES;
}

size_t oracle_rtcp(const struct oracle *o, struct kk_view packet,
    uint32_t index, uint8_t *out)
{
	uint8_t iv[GCM_IV_BYTES] = { 0 }, word[INDEX_BYTES];

	memcpy(out, packet.data, packet.bytes);
	if (!o->is_gcm)
		return cm_rtcp(o, packet, index, out);
	memcpy(iv + 2, packet.data + 4, 4); /* RFC 7714, 9.1: SSRC */
	wire_put_u32(iv + 8, index);
	xor_run(iv, o->salt, GCM_IV_BYTES);
	wire_put_u32(word, e_flag | index);
	gcm_run(o, iv, kk_view_of(packet.data, RTCP_CLEAR_BYTES),
	    kk_view_of(word, sizeof(word)),
	    kk_view_of(packet.data + RTCP_CLEAR_BYTES,
		packet.bytes - RTCP_CLEAR_BYTES),
	    out + RTCP_CLEAR_BYTES);
	memcpy(out + packet.bytes + GCM_TAG_BYTES, word, sizeof(word));
	return packet.bytes + GCM_TAG_BYTES + INDEX_BYTES;
}

size_t oracle_rtcp_clear(const struct oracle *o, struct kk_view packet,
    uint32_t index, uint8_t *out)
{
	uint8_t iv[GCM_IV_BYTES] = { 0 }, word[INDEX_BYTES];

	memcpy(out, packet.data, packet.bytes);
	wire_put_u32(word, index);
	if (!o->is_gcm) {
		memcpy(out + packet.bytes, word, sizeof(word));
		cm_tag(o, out, packet.bytes + INDEX_BYTES,
		    out + packet.bytes + INDEX_BYTES);
		return packet.bytes + INDEX_BYTES + CM_TAG_BYTES;
	}
	memcpy(iv + 2, packet.data + 4, 4);
	wire_put_u32(iv + 8, index);
	xor_run(iv, o->salt, GCM_IV_BYTES);
	gcm_run(o, iv, packet, kk_view_of(word, sizeof(word)),
	    kk_view_of(NULL, 0), out + packet.bytes);
	memcpy(out + packet.bytes + GCM_TAG_BYTES, word, sizeof(word));
	return packet.bytes + GCM_TAG_BYTES + INDEX_BYTES;
}
