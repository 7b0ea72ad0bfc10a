/* aead.c - the sections of the compound AEAD. */
#include "sframe/aead.h"

#include "sections.h"

struct aead_case {
	const struct sframe_params *params;
	struct kk_bytes key, enc_key, auth_key, nonce, aad, pt, ct;
};

static bool aead_case_read(struct report *r, const struct json *v,
    struct aead_case *c)
{
	c->params = case_params(r, v);
	return c->params && case_hex(r, v, "key", &c->key) &&
	    case_hex(r, v, "enc_key", &c->enc_key) &&
	    case_hex(r, v, "auth_key", &c->auth_key) &&
	    case_hex(r, v, "nonce", &c->nonce) &&
	    case_hex(r, v, "aad", &c->aad) && case_hex(r, v, "pt", &c->pt) &&
	    case_hex(r, v, "ct", &c->ct);
}

static void aead_case_clear(struct aead_case *c)
{
	kk_bytes_clear(&c->key);
	kk_bytes_clear(&c->enc_key);
	kk_bytes_clear(&c->auth_key);
	kk_bytes_clear(&c->nonce);
	kk_bytes_clear(&c->aad);
	kk_bytes_clear(&c->pt);
	kk_bytes_clear(&c->ct);
}

/* The lengths must be the suite's before anything is computed, and the two
 * subkeys the key's parts. */
static bool shape_check(struct report *r, const struct aead_case *c)
{
	size_t aes_bytes = c->params->aes_key_bytes;

	if (c->key.bytes != c->params->key_bytes ||
	    c->nonce.bytes != SFRAME_NONCE_BYTES ||
	    c->ct.bytes != c->pt.bytes + c->params->tag_bytes) {
		report_fail(r, "a length is not the suite's");
		return false;
	}
	return report_equal(r, kk_bytes_view(&c->enc_key),
		   kk_view_of(c->key.data, aes_bytes), "enc_key") &&
	    report_equal(r, kk_bytes_view(&c->auth_key),
		kk_view_of(c->key.data + aes_bytes, c->key.bytes - aes_bytes),
		"auth_key");
}

static void aead_check(struct report *r, struct sframe_aead *aead,
    const struct aead_case *c, uint8_t *out)
{
	struct kk_view aad = kk_bytes_view(&c->aad);
	struct kk_view ct = kk_bytes_view(&c->ct);
	struct kk_view pt = kk_bytes_view(&c->pt);

	if (!report_ok(r, sframe_aead_seal(aead, c->nonce.data, aad, pt, out),
		"sealing") ||
	    !report_equal(r, ct, kk_view_of(out, ct.bytes), "ct") ||
	    !report_ok(r, sframe_aead_open(aead, c->nonce.data, aad, ct, out),
		"opening"))
		return;
	(void)report_equal(r, pt, kk_view_of(out, pt.bytes), "pt");
}

void aead_case_run(struct report *r, const struct json *v)
{
	struct sframe_aead *aead = NULL;
	struct kk_bytes out = { 0 };
	struct aead_case c = { 0 };

	if (aead_case_read(r, v, &c) && shape_check(r, &c) &&
	    case_room(r, &out, c.ct.bytes) &&
	    report_ok(r,
		sframe_aead_new(&aead, c.params, kk_bytes_view(&c.key)), "key"))
		aead_check(r, aead, &c, out.data);
	sframe_aead_free(aead);
	kk_bytes_clear(&out);
	aead_case_clear(&c);
}
