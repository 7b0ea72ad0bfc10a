/* transform.c - SRTP and SRTCP over crypto engines. */
#include "srtp/transform.h"

#include <string.h>

#include "wire/out.h"

enum label { /* RFC 3711, 4.3.2 */
	LABEL_RTP_KEY,
	LABEL_RTP_AUTH,
	LABEL_RTP_SALT,
	LABEL_RTCP_KEY,
	LABEL_RTCP_AUTH,
	LABEL_RTCP_SALT
};

enum {
	LABEL_AT = 7, /* 4.3.1: above the 48 bits of r, which is 0 */
	ROC_BYTES = 4,
	RTCP_INDEX_MAX = 0x7fffffff,
	GCM_AAD_BYTES = SRTP_RTCP_CLEAR_BYTES + SRTP_RTCP_INDEX_BYTES
};

static const uint32_t encrypted_flag = 0x80000000; /* 3.4: E */

/* --- keys ----------------------------------------------------------------- */

/* RFC 3711, 4.3.3; RFC 7714, 11: a shorter salt has zeros behind it. */
static enum kk_err derive(const struct srtp_transform *t, struct kk_view key,
    struct kk_view salt, enum label label, uint8_t *out, size_t out_bytes)
{
	uint8_t iv[ENGINE_CM_IV_BYTES] = { 0 };

	memcpy(iv, salt.data, salt.bytes);
	iv[LABEL_AT] ^= (uint8_t)label;
	return engine_keystream(t->engines, key, iv, out, out_bytes);
}

static enum engine_cipher cipher_of(enum srtp_profile profile)
{
	switch (profile) {
	case SRTP_PROFILE_AEAD_AES_128_GCM:
		return ENGINE_AES128_GCM;
	case SRTP_PROFILE_AEAD_AES_256_GCM:
		return ENGINE_AES256_GCM;
	default:
		return ENGINE_AES128_CM_SHA1;
	}
}

static enum kk_err session_derive(const struct srtp_transform *t,
    struct kk_view key, struct kk_view salt, enum label first,
    struct engine_key **keyp, uint8_t *session_salt)
{
	const size_t auth_bytes = t->is_gcm ? 0 : ENGINE_AUTH_KEY_BYTES;
	uint8_t cipher_key[SRTP_KEY_MAX_BYTES], auth[ENGINE_AUTH_KEY_BYTES];
	enum kk_err err = derive(t, key, salt, first, cipher_key, key.bytes);

	if (!err && auth_bytes)
		err = derive(t, key, salt, first + 1, auth, auth_bytes);
	if (!err)
		err = derive(t, key, salt, first + 2, session_salt, salt.bytes);
	if (!err)
		err = engine_key_new(keyp, t->engines, cipher_of(t->params->id),
		    kk_view_of(cipher_key, key.bytes),
		    kk_view_of(auth, auth_bytes));
	kk_wipe(cipher_key, sizeof(cipher_key));
	kk_wipe(auth, sizeof(auth));
	return err;
}

static void state_free(void *state)
{
	struct srtp_transform *t = state;

	engine_key_free(t->rtp);
	engine_key_free(t->rtcp);
	kk_free_wiped(t, sizeof(*t));
}

static enum kk_err state_new(void **statep, struct engine_set *engines,
    const struct srtp_params *params, enum srtp_direction direction,
    struct kk_view key, struct kk_view salt)
{
	struct srtp_transform *t = kk_calloc(1, sizeof(*t));
	enum kk_err err;

	(void)direction;
	if (!t)
		return KK_ENOMEM;
	if (params->id == SRTP_PROFILE_AES128_CM_SHA1_32) {
		kk_free(t);
		return KK_EUNSUP;
	}
	t->params = params;
	t->engines = engines;
	t->is_gcm = params->id != SRTP_PROFILE_AES128_CM_SHA1_80;
	err = session_derive(t, key, salt, LABEL_RTP_KEY, &t->rtp, t->rtp_salt);
	if (!err)
		err = session_derive(t, key, salt, LABEL_RTCP_KEY, &t->rtcp,
		    t->rtcp_salt);
	if (err) {
		state_free(t);
		return err;
	}
	*statep = t;
	return KK_OK;
}

/* --- the IV --------------------------------------------------------------- */

/* CM, RFC 3711, 4.1.1: SSRC from byte 4, index up to byte 13, counter 0.  GCM,
 * RFC 7714, 8.1 and 9.1: the same two bytes earlier, without a counter.  Of
 * SRTCP, whose index has 31 bits, both come out of this, too. */
static void iv_make(const struct srtp_transform *t, const uint8_t *salt,
    uint32_t ssrc, uint64_t index, uint8_t iv[ENGINE_CM_IV_BYTES])
{
	const size_t at = t->is_gcm ? 2 : 4;
	const size_t salt_bytes = t->params->salt_bytes;

	memset(iv, 0, ENGINE_CM_IV_BYTES);
	wire_put_u32(iv + at, ssrc);
	wire_put_u16(iv + at + 4, (unsigned)(index >> 32));
	wire_put_u32(iv + at + 6, (uint32_t)index);
	for (size_t i = 0; i < salt_bytes; i++)
		iv[i] ^= salt[i];
}

/* --- RTP ------------------------------------------------------------------ */

enum kk_err srtp_transform_seal_begin(struct srtp_transform *t,
    struct srtp_stream *stream, struct kk_view header, struct kk_view payload,
    uint8_t *out, uint8_t iv[ENGINE_CM_IV_BYTES], struct engine_job *job)
{
	const size_t bytes = header.bytes + payload.bytes;
	uint64_t index;
	enum kk_err err = srtp_rtp_index(stream,
	    wire_get_u16(header.data + SRTP_SEQ_AT), &index);

	if (err)
		return err;
	srtp_rtp_mark(stream, index);
	iv_make(t, t->rtp_salt, stream->ssrc, index, iv);
	memcpy(out, header.data, header.bytes);
	if (!t->is_gcm) /* under the tag, and then its place is the tag's */
		wire_put_u32(out + bytes, (uint32_t)(index >> 16));
	*job = (struct engine_job){ .key = t->rtp,
		.iv = iv,
		.aad = kk_view_of(out, header.bytes),
		.auth = kk_view_of(out, bytes + ROC_BYTES),
		.in = payload,
		.out = out + header.bytes,
		.tag = out + bytes };
	return KK_OK;
}

static enum kk_err rtp_seal(void *state, struct srtp_stream *stream,
    struct kk_view header, struct kk_view payload, uint8_t *out,
    size_t *out_bytes)
{
	struct srtp_transform *t = state;
	uint8_t iv[ENGINE_CM_IV_BYTES];
	struct engine_job job;
	enum kk_err err = srtp_transform_seal_begin(t, stream, header, payload,
	    out, iv, &job);

	if (!err)
		err = engine_seal(t->engines, &job);
	if (!err)
		*out_bytes = header.bytes + payload.bytes +
		    t->params->rtp_tag_bytes;
	return err;
}

static enum kk_err rtp_open(void *state, struct srtp_stream *stream,
    struct kk_view packet, size_t header_bytes, uint8_t *out, size_t *out_bytes)
{
	struct srtp_transform *t = state;
	const size_t bytes = packet.bytes - t->params->rtp_tag_bytes;
	uint8_t iv[ENGINE_CM_IV_BYTES], tag[ENGINE_GCM_TAG_BYTES];
	struct engine_job job;
	uint64_t index;
	enum kk_err err = srtp_rtp_index(stream,
	    wire_get_u16(packet.data + SRTP_SEQ_AT), &index);

	if (err)
		return err;
	iv_make(t, t->rtp_salt, stream->ssrc, index, iv);
	memcpy(tag, packet.data + bytes, t->params->rtp_tag_bytes);
	job = (struct engine_job){ .key = t->rtp,
		.iv = iv,
		.aad = kk_view_of(packet.data, header_bytes),
		.in = kk_view_of(packet.data + header_bytes,
		    bytes - header_bytes),
		.out = out + header_bytes,
		.tag = tag };
	if (t->is_gcm) {
		memcpy(out, packet.data, header_bytes);
	} else { /* the tag is that of the packet and the rollover counter */
		memcpy(out, packet.data, bytes);
		wire_put_u32(out + bytes, (uint32_t)(index >> 16));
		job.auth = kk_view_of(out, bytes + ROC_BYTES);
		job.in.data = job.out;
	}
	err = engine_open(t->engines, &job);
	if (err)
		return err;
	srtp_rtp_mark(stream, index);
	if (!t->is_gcm)
		memset(out + bytes, 0, ROC_BYTES);
	*out_bytes = bytes;
	return KK_OK;
}

/* --- RTCP ----------------------------------------------------------------- */

/* GCM: clear, text, tag, index.  CM: clear, text, index, tag. */
static enum kk_err rtcp_seal(void *state, struct srtp_stream *stream,
    struct kk_view packet, uint8_t *out, size_t *out_bytes)
{
	struct srtp_transform *t = state;
	uint8_t iv[ENGINE_CM_IV_BYTES], aad[GCM_AAD_BYTES];
	uint8_t *word = out + packet.bytes +
	    (t->is_gcm ? ENGINE_GCM_TAG_BYTES : 0);
	struct engine_job job;
	enum kk_err err;

	if (stream->rtcp_top >= RTCP_INDEX_MAX)
		return KK_ESPENT;
	stream->rtcp_top++;
	iv_make(t, t->rtcp_salt, stream->ssrc, stream->rtcp_top, iv);
	memcpy(out, packet.data, SRTP_RTCP_CLEAR_BYTES);
	wire_put_u32(word, encrypted_flag | stream->rtcp_top);
	memcpy(aad, packet.data, SRTP_RTCP_CLEAR_BYTES);
	memcpy(aad + SRTP_RTCP_CLEAR_BYTES, word, SRTP_RTCP_INDEX_BYTES);
	job = (struct engine_job){ .key = t->rtcp,
		.iv = iv,
		.aad = kk_view_of(aad, sizeof(aad)),
		.auth = kk_view_of(out, packet.bytes + SRTP_RTCP_INDEX_BYTES),
		.in = kk_view_of(packet.data + SRTP_RTCP_CLEAR_BYTES,
		    packet.bytes - SRTP_RTCP_CLEAR_BYTES),
		.out = out + SRTP_RTCP_CLEAR_BYTES,
		.tag = t->is_gcm ? out + packet.bytes :
				   word + SRTP_RTCP_INDEX_BYTES };
	err = engine_seal(t->engines, &job);
	if (!err)
		*out_bytes = packet.bytes + t->params->rtcp_tail_bytes;
	return err;
}

static enum kk_err rtcp_open(void *state, struct srtp_stream *stream,
    struct kk_view packet, uint8_t *out, size_t *out_bytes)
{
	struct srtp_transform *t = state;
	const size_t bytes = packet.bytes - t->params->rtcp_tail_bytes;
	const uint8_t *word = packet.data + bytes +
	    (t->is_gcm ? ENGINE_GCM_TAG_BYTES : 0);
	const uint32_t index = wire_get_u32(word) & RTCP_INDEX_MAX;
	uint8_t iv[ENGINE_CM_IV_BYTES], aad[GCM_AAD_BYTES];
	uint8_t tag[ENGINE_GCM_TAG_BYTES];
	struct engine_job job;
	enum kk_err err;

	/* Nothing of ours, or of WebRTC's (RFC 8827, 6.5), goes in clear. */
	if (!(wire_get_u32(word) & encrypted_flag))
		return KK_EAUTH;
	err = srtp_rtcp_check(stream, index);
	if (err)
		return err;
	iv_make(t, t->rtcp_salt, stream->ssrc, index, iv);
	memcpy(out, packet.data, SRTP_RTCP_CLEAR_BYTES);
	memcpy(aad, packet.data, SRTP_RTCP_CLEAR_BYTES);
	memcpy(aad + SRTP_RTCP_CLEAR_BYTES, word, SRTP_RTCP_INDEX_BYTES);
	memcpy(tag,
	    t->is_gcm ? packet.data + bytes : word + SRTP_RTCP_INDEX_BYTES,
	    t->is_gcm ? ENGINE_GCM_TAG_BYTES : ENGINE_CM_TAG_BYTES);
	job = (struct engine_job){ .key = t->rtcp,
		.iv = iv,
		.aad = kk_view_of(aad, sizeof(aad)),
		.auth = kk_view_of(packet.data, bytes + SRTP_RTCP_INDEX_BYTES),
		.in = kk_view_of(packet.data + SRTP_RTCP_CLEAR_BYTES,
		    bytes - SRTP_RTCP_CLEAR_BYTES),
		.out = out + SRTP_RTCP_CLEAR_BYTES,
		.tag = tag };
	err = engine_open(t->engines, &job);
	if (err)
		return err;
	srtp_rtcp_mark(stream, index);
	*out_bytes = bytes;
	return KK_OK;
}

static void forget(void *state, uint32_t ssrc)
{
	(void)state; /* all that is kept stands in the stream */
	(void)ssrc;
}

const struct srtp_backend srtp_backend_engine = { "engine", state_new,
	state_free, rtp_seal, rtp_open, rtcp_seal, rtcp_open, forget };
