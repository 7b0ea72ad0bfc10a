/* frame.c - the section of whole frames: key schedule, nonce, AAD, frame. */
#include <string.h>

#include "sections.h"

struct frame_case {
	const struct sframe_params *params;
	uint64_t kid, ctr;
	struct kk_bytes base_key, key_label, salt_label, secret, key, salt;
	struct kk_bytes metadata, nonce, aad, pt, ct;
};

static bool frame_case_read(struct report *r, const struct json *v,
    struct frame_case *c)
{
	c->params = case_params(r, v);
	return c->params && case_u64(r, v, "kid", &c->kid) &&
	    case_u64(r, v, "ctr", &c->ctr) &&
	    case_hex(r, v, "base_key", &c->base_key) &&
	    case_hex(r, v, "sframe_key_label", &c->key_label) &&
	    case_hex(r, v, "sframe_salt_label", &c->salt_label) &&
	    case_hex(r, v, "sframe_secret", &c->secret) &&
	    case_hex(r, v, "sframe_key", &c->key) &&
	    case_hex(r, v, "sframe_salt", &c->salt) &&
	    case_hex(r, v, "metadata", &c->metadata) &&
	    case_hex(r, v, "nonce", &c->nonce) &&
	    case_hex(r, v, "aad", &c->aad) && case_hex(r, v, "pt", &c->pt) &&
	    case_hex(r, v, "ct", &c->ct);
}

static void frame_case_clear(struct frame_case *c)
{
	kk_bytes_clear(&c->base_key);
	kk_bytes_clear(&c->key_label);
	kk_bytes_clear(&c->salt_label);
	kk_bytes_clear(&c->secret);
	kk_bytes_clear(&c->key);
	kk_bytes_clear(&c->salt);
	kk_bytes_clear(&c->metadata);
	kk_bytes_clear(&c->nonce);
	kk_bytes_clear(&c->aad);
	kk_bytes_clear(&c->pt);
	kk_bytes_clear(&c->ct);
}

static bool labels_check(struct report *r, const struct frame_case *c)
{
	uint8_t label[SFRAME_LABEL_MAX_BYTES];
	size_t bytes;

	bytes = sframe_label_write(c->params, SFRAME_KEY_LABEL, c->kid, label);
	if (!report_equal(r, kk_bytes_view(&c->key_label),
		kk_view_of(label, bytes), "sframe_key_label"))
		return false;
	bytes = sframe_label_write(c->params, SFRAME_SALT_LABEL, c->kid, label);
	return report_equal(r, kk_bytes_view(&c->salt_label),
	    kk_view_of(label, bytes), "sframe_salt_label");
}

static bool schedule_check(struct report *r, const struct frame_case *c)
{
	uint8_t secret[SFRAME_HASH_MAX_BYTES], key[SFRAME_KEY_MAX_BYTES];
	uint8_t salt[SFRAME_NONCE_BYTES];

	return report_ok(r,
		   sframe_secret_derive(c->params, kk_bytes_view(&c->base_key),
		       secret),
		   "deriving") &&
	    report_equal(r, kk_bytes_view(&c->secret),
		kk_view_of(secret, c->params->hash_bytes), "sframe_secret") &&
	    report_ok(r,
		sframe_key_salt_derive(c->params, secret, c->kid, key, salt),
		"deriving") &&
	    report_equal(r, kk_bytes_view(&c->key),
		kk_view_of(key, c->params->key_bytes), "sframe_key") &&
	    report_equal(r, kk_bytes_view(&c->salt),
		kk_view_of(salt, sizeof(salt)), "sframe_salt");
}

/* Header and ciphertext as they would be sent. */
static void frame_check(struct report *r, struct sframe_key *key,
    const struct frame_case *c, uint8_t *out)
{
	struct kk_view aad = kk_bytes_view(&c->aad), ct, body;
	struct kk_view pt = kk_bytes_view(&c->pt);
	uint8_t nonce[SFRAME_NONCE_BYTES];
	struct wire_sframe hdr;
	size_t header_bytes;

	sframe_key_nonce(key, c->ctr, nonce);
	header_bytes = wire_sframe_write(c->kid, c->ctr, out);
	ct = kk_view_of(out, header_bytes + pt.bytes + c->params->tag_bytes);
	if (!report_equal(r, kk_bytes_view(&c->nonce),
		kk_view_of(nonce, sizeof(nonce)), "nonce") ||
	    !report_ok(r,
		sframe_key_seal(key, c->ctr, aad, pt, out + header_bytes),
		"sealing") ||
	    !report_equal(r, kk_bytes_view(&c->ct), ct, "ct") ||
	    !report_ok(r, wire_sframe_parse(&hdr, kk_bytes_view(&c->ct)),
		"header of ct"))
		return;
	body = kk_view_of(c->ct.data + hdr.bytes, c->ct.bytes - hdr.bytes);
	if (hdr.kid != c->kid || hdr.ctr != c->ctr)
		report_fail(r, "header of ct names another kid or ctr");
	else if (report_ok(r, sframe_key_open(key, hdr.ctr, aad, body, out),
		     "opening"))
		(void)report_equal(r, pt, kk_view_of(out, pt.bytes), "pt");
}

static void aad_check(struct report *r, const struct frame_case *c,
    uint8_t *out)
{
	size_t bytes = wire_sframe_write(c->kid, c->ctr, out);

	if (c->metadata.bytes)
		memcpy(out + bytes, c->metadata.data, c->metadata.bytes);
	(void)report_equal(r, kk_bytes_view(&c->aad),
	    kk_view_of(out, bytes + c->metadata.bytes), "aad");
}

void frame_case_run(struct report *r, const struct json *v)
{
	struct sframe_key *key = NULL;
	struct kk_bytes out = { 0 };
	struct frame_case c = { 0 };

	if (frame_case_read(r, v, &c) && labels_check(r, &c) &&
	    schedule_check(r, &c) &&
	    case_room(r, &out,
		c.pt.bytes + c.metadata.bytes + SFRAME_OVERHEAD_BYTES) &&
	    report_ok(r, sframe_key_new(&key, c.params, c.secret.data, c.kid),
		"key")) {
		aad_check(r, &c, out.data);
		frame_check(r, key, &c, out.data);
	}
	sframe_key_free(key);
	kk_bytes_clear(&out);
	frame_case_clear(&c);
}
