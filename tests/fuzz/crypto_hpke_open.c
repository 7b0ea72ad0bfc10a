/*
 * crypto_hpke_open.c - fuzzes opening with a fixed key of suite 2 or 7.
 *
 * Byte 0 chooses the suite (bit 0), whether a PSK is used (bit 1), and whether
 * the rest is opened as it is, or is a change to something sealed rightly
 * (bit 2): then only the unchanged text may open.
 */
#include <stdlib.h>
#include <string.h>

#include "crypto/crypto.h"

enum { TEXT_BYTES = 20, CT_BYTES = TEXT_BYTES + CRYPTO_AEAD_TAG_BYTES };
enum { BIT_SUITE = 1, BIT_PSK = 2, BIT_CHANGE = 4, OPEN_MAX_BYTES = 4096 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void must(bool is_true)
{
	if (!is_true)
		abort();
}

struct target {
	const struct crypto_suite *suite;
	struct crypto_key *key;
	struct crypto_hpke_psk both;
	const struct crypto_hpke_psk *psk;
};

static enum kk_err target_open(const struct target *t, struct kk_view enc,
    struct kk_view ct, uint8_t *pt)
{
	return crypto_hpke_open(t->suite, t->key, enc, kk_view_text("info"),
	    kk_view_text("aad"), ct, t->psk, pt);
}

static void open_as_is(const struct target *t, struct kk_view in)
{
	static uint8_t pt[OPEN_MAX_BYTES];
	size_t enc_bytes = in.bytes;
	enum kk_err err;

	if (in.bytes > OPEN_MAX_BYTES)
		return;
	if (enc_bytes > t->suite->kem_public_bytes)
		enc_bytes = t->suite->kem_public_bytes;
	err = target_open(t, kk_view_of(in.data, enc_bytes),
	    kk_view_of(in.data + enc_bytes, in.bytes - enc_bytes), pt);
	must(!err || err == KK_EINVAL || err == KK_ETRUNC || err == KK_EAUTH);
}

static void open_changed(const struct target *t, struct kk_view in)
{
	uint8_t sealed[CRYPTO_KEM_PUBLIC_MAX_BYTES + CT_BYTES];
	const uint8_t text[TEXT_BYTES] = { 0 };
	const size_t enc_bytes = t->suite->kem_public_bytes;
	uint8_t pt[TEXT_BYTES], change = 0;
	enum kk_err err;

	must(!crypto_hpke_seal(t->suite, crypto_key_public(t->key),
	    kk_view_text("info"), kk_view_text("aad"),
	    kk_view_of(text, sizeof(text)), t->psk, sealed,
	    sealed + enc_bytes));
	for (size_t i = 0; i < in.bytes && i < enc_bytes + CT_BYTES; i++) {
		sealed[i] ^= in.data[i];
		change |= in.data[i];
	}
	err = target_open(t, kk_view_of(sealed, enc_bytes),
	    kk_view_of(sealed + enc_bytes, CT_BYTES), pt);
	must(!err == (change == 0));
	must(memcmp(pt, text, sizeof(text)) == 0); /* the text, or wiped */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct target t = { 0 };
	struct kk_view in;

	if (bytes == 0)
		return 0;
	in = kk_view_of(data + 1, bytes - 1);
	must(!crypto_init());
	t.suite = crypto_suite_get(data[0] & BIT_SUITE ? 7 : 2);
	t.both.psk = kk_view_text("a pre-shared key");
	t.both.psk_id = kk_view_text("its name");
	t.psk = data[0] & BIT_PSK ? &t.both : NULL;
	must(!crypto_kem_key_derive(&t.key, t.suite->kem,
	    kk_view_text("a seed of the fuzz target's own")));
	if (data[0] & BIT_CHANGE)
		open_changed(&t, in);
	else
		open_as_is(&t, in);
	crypto_key_free(t.key);
	return 0;
}
