/* schedule.c - key schedule, PSKs and transcript hashes. */
#include "mls/schedule.h"

#include <string.h>

enum { SCHEDULE_PSKS_MAX = 65535 }; /* PSKLabel.count is 16 bits; 8.4 */

static struct kk_view secret_view(const struct crypto_suite *suite,
    const struct mls_secret *secret)
{
	return kk_view_of(secret->data, suite->hash_bytes);
}

enum kk_err mls_schedule_joiner(const struct crypto_suite *suite,
    const struct mls_secret *init, const struct mls_secret *commit,
    struct kk_view context, struct mls_secret *joiner)
{
	struct mls_secret extracted;
	enum kk_err err;

	err = crypto_hkdf_extract(suite->hash, secret_view(suite, init),
	    secret_view(suite, commit), extracted.data);
	if (!err)
		err = crypto_expand_with_label(suite,
		    secret_view(suite, &extracted), "joiner", context,
		    joiner->data, suite->hash_bytes);
	kk_wipe(&extracted, sizeof(extracted));
	return err;
}

/* What welcome and epoch secrets come from: joiner with the PSKs. */
static enum kk_err member_secret(const struct crypto_suite *suite,
    const struct mls_secret *joiner, const struct mls_secret *psk,
    struct mls_secret *out)
{
	return crypto_hkdf_extract(suite->hash, secret_view(suite, joiner),
	    secret_view(suite, psk), out->data);
}

static enum kk_err welcome_keys(const struct crypto_suite *suite,
    const struct mls_secret *welcome, uint8_t *key, uint8_t *nonce)
{
	struct kk_view secret = secret_view(suite, welcome);
	struct kk_view none = { 0 };
	enum kk_err err;

	err = crypto_expand_with_label(suite, secret, "key", none, key,
	    suite->aead_key_bytes);
	if (err)
		return err;
	return crypto_expand_with_label(suite, secret, "nonce", none, nonce,
	    CRYPTO_AEAD_NONCE_BYTES);
}

enum kk_err mls_schedule_welcome(const struct crypto_suite *suite,
    const struct mls_secret *joiner, const struct mls_secret *psk,
    struct mls_secret *welcome, uint8_t *key, uint8_t *nonce)
{
	struct mls_secret member;
	enum kk_err err;

	err = member_secret(suite, joiner, psk, &member);
	if (!err)
		err = crypto_derive_secret(suite, secret_view(suite, &member),
		    "welcome", welcome->data);
	kk_wipe(&member, sizeof(member));
	if (err)
		return err;
	return welcome_keys(suite, welcome, key, nonce);
}

/* RFC 9420, 8, table 4. */
static enum kk_err derive_all(const struct crypto_suite *suite,
    const struct mls_secret *epoch, struct mls_epoch_secrets *out)
{
	const struct {
		const char *label;
		struct mls_secret *secret;
	} rows[] = {
		{ "sender data", &out->sender_data },
		{ "encryption", &out->encryption },
		{ "exporter", &out->exporter },
		{ "external", &out->external },
		{ "confirm", &out->confirmation },
		{ "membership", &out->membership },
		{ "resumption", &out->resumption },
		{ "authentication", &out->authenticator },
		{ "init", &out->init },
	};

	for (size_t i = 0; i < KK_ARRAY_LEN(rows); i++) {
		enum kk_err err;

		err = crypto_derive_secret(suite, secret_view(suite, epoch),
		    rows[i].label, rows[i].secret->data);
		if (err)
			return err;
	}
	return KK_OK;
}

enum kk_err mls_schedule_epoch(const struct crypto_suite *suite,
    const struct mls_secret *joiner, const struct mls_secret *psk,
    struct kk_view context, struct mls_epoch_secrets *out)
{
	struct mls_secret member, epoch = { 0 };
	enum kk_err err;

	*out = (struct mls_epoch_secrets){ 0 };
	err = member_secret(suite, joiner, psk, &member);
	if (!err)
		err = crypto_expand_with_label(suite,
		    secret_view(suite, &member), "epoch", context, epoch.data,
		    suite->hash_bytes);
	if (!err)
		err = derive_all(suite, &epoch, out);
	if (err)
		kk_wipe(out, sizeof(*out));
	kk_wipe(&member, sizeof(member));
	kk_wipe(&epoch, sizeof(epoch));
	return err;
}

enum kk_err mls_schedule_external_key(const struct crypto_suite *suite,
    const struct mls_secret *external, struct crypto_key **keyp)
{
	return crypto_kem_key_derive(keyp, suite->kem,
	    secret_view(suite, external));
}

enum kk_err mls_schedule_export(const struct crypto_suite *suite,
    const struct mls_secret *exporter, const char *label,
    struct kk_view context, uint8_t *out, size_t out_bytes)
{
	uint8_t context_hash[MLS_HASH_MAX_BYTES];
	struct mls_secret derived;
	enum kk_err err;

	if (out_bytes > 255 * suite->hash_bytes) /* RFC 5869, 2.3 */
		return KK_EINVAL;
	err = crypto_hash(suite->hash, &context, 1, context_hash);
	if (err)
		return err;
	err = crypto_derive_secret(suite, secret_view(suite, exporter), label,
	    derived.data);
	if (!err)
		err = crypto_expand_with_label(suite,
		    secret_view(suite, &derived), "exported",
		    kk_view_of(context_hash, suite->hash_bytes), out,
		    out_bytes);
	kk_wipe(&derived, sizeof(derived));
	return err;
}

/* psk_input of one PSK, with its place in the list.  RFC 9420, 8.4. */
static enum kk_err psk_input(const struct crypto_suite *suite,
    const struct mls_psk_input *psk, size_t index, size_t count,
    struct mls_secret *out)
{
	const struct mls_secret zero = { 0 };
	struct mls_secret extracted;
	struct kk_writer label;
	enum kk_err err;

	kk_writer_init(&label);
	kk_write_raw(&label, psk->id);
	kk_write_u16(&label, (uint16_t)index);
	kk_write_u16(&label, (uint16_t)count);
	err = label.err;
	if (!err)
		err = crypto_hkdf_extract(suite->hash,
		    secret_view(suite, &zero), psk->secret, extracted.data);
	if (!err)
		err = crypto_expand_with_label(suite,
		    secret_view(suite, &extracted), "derived psk",
		    kk_writer_view(&label), out->data, suite->hash_bytes);
	kk_wipe(&extracted, sizeof(extracted));
	kk_writer_clear(&label);
	return err;
}

enum kk_err mls_schedule_psk(const struct crypto_suite *suite,
    const struct mls_psk_input *psks, size_t count, struct mls_secret *out)
{
	struct mls_secret so_far = { 0 }, input = { 0 };
	enum kk_err err = KK_OK;

	if (count > SCHEDULE_PSKS_MAX)
		return KK_ELIMIT;
	for (size_t i = 0; i < count && !err; i++) {
		struct mls_secret next = { 0 };

		err = psk_input(suite, &psks[i], i, count, &input);
		if (!err)
			err = crypto_hkdf_extract(suite->hash,
			    secret_view(suite, &input),
			    secret_view(suite, &so_far), next.data);
		so_far = next;
		kk_wipe(&next, sizeof(next));
	}
	if (!err)
		*out = so_far;
	kk_wipe(&so_far, sizeof(so_far));
	kk_wipe(&input, sizeof(input));
	return err;
}

enum kk_err mls_schedule_confirmed_hash(const struct crypto_suite *suite,
    struct kk_view interim_before, struct kk_view commit_input,
    struct mls_secret *confirmed)
{
	const struct kk_view parts[] = { interim_before, commit_input };

	return crypto_hash(suite->hash, parts, KK_ARRAY_LEN(parts),
	    confirmed->data);
}

enum kk_err mls_schedule_interim_hash(const struct crypto_suite *suite,
    struct kk_view confirmed, struct kk_view confirmation_tag,
    struct mls_secret *interim)
{
	struct kk_writer input;
	struct kk_view part;
	enum kk_err err;

	kk_writer_init(&input);
	kk_write_raw(&input, confirmed);
	kk_write_vec(&input, confirmation_tag);
	part = kk_writer_view(&input);
	err = input.err;
	if (!err)
		err = crypto_hash(suite->hash, &part, 1, interim->data);
	kk_writer_clear(&input);
	return err;
}

enum kk_err mls_schedule_mac(const struct crypto_suite *suite,
    const struct mls_secret *key, struct kk_view data, struct mls_secret *mac)
{
	return crypto_hmac(suite->hash, secret_view(suite, key), data,
	    mac->data);
}
