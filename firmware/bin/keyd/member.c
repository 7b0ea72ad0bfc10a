/* member.c - who the members are: verified by the site's CA, or guests. */
#include <string.h>

#include "keyd.h"

/* Printable text in UTF-8, of valid sequences (RFC 3629, 4) without controls.
 */
static bool is_name(struct kk_view v)
{
	size_t i = 0;

	while (i < v.bytes) {
		uint8_t b = v.data[i];
		size_t more = b < 0x80 ? 0 : b < 0xe0 ? 1 : b < 0xf0 ? 2 : 3;
		uint32_t c = more == 0 ? b : b & (0x3fU >> more);

		if ((b >= 0x80 && b < 0xc2) || b > 0xf4 || more >= v.bytes - i)
			return false;
		for (size_t n = 1; n <= more; n++) {
			if ((v.data[i + n] & 0xc0) != 0x80)
				return false;
			c = c << 6 | (v.data[i + n] & 0x3f);
		}
		if (c < 0x20 || (c >= 0x7f && c < 0xa0) ||
		    (c >= 0xd800 && c < 0xe000) || c > 0x10ffff ||
		    (more == 2 && c < 0x800) || (more == 3 && c < 0x10000) ||
		    (c >= 0x200e && c <= 0x200f) || /* text directions: */
		    (c >= 0x202a && c <= 0x202e) || /* they could dress up */
		    (c >= 0x2066 && c <= 0x2069)) /* one name as another */
			return false;
		i += more + 1;
	}
	return v.bytes > 0 && v.bytes <= CRYPTO_X509_NAME_MAX_BYTES;
}

static void hex_write(const uint8_t *from, size_t bytes, char *out)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < bytes; i++) {
		*out++ = digits[from[i] >> 4];
		*out++ = digits[from[i] & 15];
	}
	*out = '\0';
}

/* Who joins finds members whose certificates ran out in mid-meeting. */
static enum kk_err chain_check(struct keyd *k, const struct kk_view *certs,
    size_t count, struct crypto_checks *checks,
    struct crypto_x509_subject *subject)
{
	int64_t now_s = keyd_now_s();
	enum kk_err err = crypto_x509_chain_check(k->trust, certs, count, now_s,
	    NULL, checks, subject);

	if (err == KK_EEXPIRED && k->by_welcome)
		err = crypto_x509_chain_check(k->trust, certs, count,
		    now_s - MEETING_EXPIRY_GRACE_S, NULL, checks, subject);
	return err;
}

static enum kk_err chain_look(struct keyd *k,
    const struct mls_leaf_fields *leaf, struct crypto_checks *checks,
    struct keyd_member *m)
{
	struct kk_view certs[CRYPTO_X509_CHAIN_MAX];
	size_t count = KK_ARRAY_LEN(certs);
	struct crypto_x509_subject subject;
	enum kk_err err;

	err = mls_credential_certs(&leaf->credential, certs, &count);
	if (!err)
		err = chain_check(k, certs, count, checks, &subject);
	if (err)
		return err;
	/* RFC 9420, 5.3: the leaf's key is the end entity's. */
	if (!kk_view_equal(leaf->signature_key,
		kk_view_of(subject.public, subject.public_bytes)))
		return KK_EUNTRUSTED;
	memcpy(m->name, subject.name, sizeof(m->name));
	m->is_verified = true;
	m->until_s = subject.not_after_s;
	return KK_OK;
}

enum kk_err keyd_member_look(struct keyd *k, const struct mls_leaf_fields *leaf,
    struct crypto_checks *checks, struct keyd_member *m)
{
	struct kk_view name = leaf->credential.identity;
	uint8_t hash[CRYPTO_HASH_MAX_BYTES];
	enum kk_err err;

	*m = (struct keyd_member){ .is_verified = false };
	err = crypto_hash(CRYPTO_SHA256, &leaf->signature_key, 1, hash);
	if (err)
		return err;
	hex_write(hash, crypto_hash_bytes(CRYPTO_SHA256), m->fingerprint);
	if (leaf->credential.type == MLS_CREDENTIAL_X509)
		return chain_look(k, leaf, checks, m);
	if (leaf->credential.type != MLS_CREDENTIAL_BASIC)
		return KK_EUNSUP;
	if (!is_name(name))
		return KK_EFORMAT;
	memcpy(m->name, name.data, name.bytes);
	return KK_OK;
}

/* A member keeps its name and what it was: nobody becomes somebody else. */
enum kk_err keyd_member_hook(void *arg, const struct mls_leaf_fields *leaf,
    const struct mls_leaf_fields *old, struct crypto_checks *checks)
{
	struct crypto_checks *unused = NULL;
	struct keyd_member m, before;
	enum kk_err err = keyd_member_look(arg, leaf, checks, &m);

	if (err || !old ||
	    mls_credential_equal(&leaf->credential, &old->credential))
		return err;
	err = crypto_checks_new(&unused);
	if (!err)
		err = keyd_member_look(arg, old, unused, &before);
	crypto_checks_free(unused);
	/* An old chain that has run out is no proof of a name any more. */
	if (err == KK_ENOMEM)
		return err;
	if (err || m.is_verified != before.is_verified ||
	    strcmp(m.name, before.name) != 0)
		return KK_ENAME;
	return KK_OK;
}

enum kk_err keyd_member_put(struct keyd *k, uint32_t leaf,
    const struct mls_leaf_fields *fields, sd_json_variant **out)
{
	struct crypto_checks *unused = NULL; /* verified when it came in */
	struct keyd_member m = { .is_verified = false };
	enum kk_err err = crypto_checks_new(&unused);

	if (err)
		return err;
	/* A chain that has run out since is shown as what it is now. */
	if (keyd_member_look(k, fields, unused, &m) && m.name[0] == '\0')
		m.name[0] = '?';
	crypto_checks_free(unused);
	err = call_put_u64(out, "leaf", leaf);
	if (!err)
		err = call_put_text(out, "name", m.name);
	if (!err)
		err = call_put_bool(out, "verified", m.is_verified);
	if (!err)
		err = call_put_text(out, "fingerprint", m.fingerprint);
	return err;
}
