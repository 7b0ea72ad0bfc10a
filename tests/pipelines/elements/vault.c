/* vault.c - keys of a meeting, as keyd tells them. */
#include "pipelines/elements/vault/vault.h"

#include <string.h>

#include "crypto/crypto.h"
#include "harness/tap.h"

#define SUITE SFRAME_AES_256_GCM_SHA512_128

enum { ROOM_BYTES = 256 };

struct told {
	uint8_t key[SFRAME_BASE_KEY_MAX_BYTES], members;
	struct vault_epoch epoch;
};

/* Members 0 to 2; the key follows from a letter. */
static struct told *tell(struct told *t, uint64_t epoch, char key,
    uint32_t own_leaf)
{
	memset(t->key, key, sizeof(t->key));
	t->members = 7;
	t->epoch = (struct vault_epoch){ .epoch = epoch,
		.suite = SUITE,
		.base_key = kk_view_of(t->key, sframe_base_key_bytes(SUITE)),
		.own_leaf = own_leaf,
		.members = kk_view_of(&t->members, 1),
		.retire_ms = 100,
		.may_seal = true };
	return t;
}

static struct vault *vault_make(void)
{
	struct vault *v = NULL;

	CHECK_OK(crypto_init());
	CHECK_OK(vault_new(&v));
	return v;
}

static enum kk_err seal(struct vault *v, uint8_t *out, size_t *bytes)
{
	*bytes = ROOM_BYTES;
	return vault_seal(v, VAULT_CAMERA, 0, kk_view_text("a picture"), 3, out,
	    bytes);
}

static enum kk_err open_one(struct vault *v, const uint8_t *in, size_t bytes,
    struct sframe_source *source)
{
	uint8_t out[ROOM_BYTES];
	size_t out_bytes = sizeof(out);
	enum kk_err err = vault_open(v, kk_view_of(in, bytes), 3, out,
	    &out_bytes, source);

	if (!err)
		CHECK(kk_view_equal(kk_view_of(out, out_bytes),
		    kk_view_text("a picture")));
	return err;
}

static struct sframe_kid kid_sealed(struct vault *from, struct vault *to,
    enum vault_stream stream, unsigned layer)
{
	uint8_t out[ROOM_BYTES];
	size_t bytes = sizeof(out);
	struct sframe_source source = { 0 };

	CHECK_OK(vault_seal(from, stream, layer, kk_view_text("a picture"), 3,
	    out, &bytes));
	CHECK_OK(open_one(to, out, bytes, &source));
	return source.kid;
}

TEST(each_layer_of_a_stream_has_a_key_of_its_own)
{
	struct vault *from = vault_make(), *to = vault_make();
	uint8_t out[ROOM_BYTES];
	size_t bytes = sizeof(out);
	struct told t;

	CHECK_OK(vault_epoch_set(from, &tell(&t, 1, 'a', 0)->epoch, 0));
	CHECK_OK(vault_epoch_set(to, &tell(&t, 1, 'a', 1)->epoch, 0));
	/* The receiver would refuse the same key and counter twice. */
	for (unsigned i = 0; i < 2 * VAULT_LAYERS; i++) {
		struct sframe_kid kid = kid_sealed(from, to, VAULT_CAMERA,
		    i % VAULT_LAYERS);

		CHECK_EQ(kid.stream, VAULT_CAMERA);
		CHECK_EQ(kid.layer, i % VAULT_LAYERS);
		CHECK_EQ(kid.sender, 0);
	}
	CHECK_EQ(kid_sealed(from, to, VAULT_SCREEN, 1).stream, VAULT_SCREEN);
	CHECK_EQ(vault_seal(from, VAULT_CAMERA, VAULT_LAYERS,
		     kk_view_text("a picture"), 3, out, &bytes),
	    KK_EINVAL);
	CHECK_EQ(bytes, 0);
	vault_free(from);
	vault_free(to);
}

TEST(an_empty_vault_seals_and_opens_nothing)
{
	struct vault *v = vault_make();
	uint8_t sealed[ROOM_BYTES] = { 0 };
	size_t bytes;

	CHECK_ERR(seal(v, sealed, &bytes), KK_ESTATE);
	CHECK_EQ(bytes, 0);
	CHECK_ERR(open_one(v, sealed, 40, NULL), KK_ENOKEY);
	CHECK(!vault_has_epoch(v));
	vault_free(v);
	vault_free(NULL);
}

TEST(what_one_member_seals_the_other_opens_under_its_leaf)
{
	struct vault *a = vault_make(), *b = vault_make();
	uint8_t sealed[ROOM_BYTES];
	struct sframe_source source;
	struct told t;
	size_t bytes;

	CHECK_OK(vault_epoch_set(a, &tell(&t, 5, 'k', 1)->epoch, 0));
	CHECK_OK(vault_epoch_set(b, &tell(&t, 5, 'k', 2)->epoch, 0));
	CHECK_OK(seal(a, sealed, &bytes));
	CHECK_OK(open_one(b, sealed, bytes, &source));
	CHECK_EQ(source.kid.sender, 1);
	CHECK_EQ(source.kid.stream, VAULT_CAMERA);
	CHECK_EQ(source.kid.epoch, 5);
	CHECK_ERR(open_one(b, sealed, bytes, &source), KK_EREPLAY);
	/* Its own frame that comes back is nobody's. */
	CHECK_ERR(open_one(a, sealed, bytes, &source), KK_EEPOCH);
	vault_free(a);
	vault_free(b);
}

TEST(an_old_epoch_opens_until_it_is_retired_and_never_again)
{
	struct vault *a = vault_make(), *b = vault_make();
	uint8_t first[ROOM_BYTES], second[ROOM_BYTES];
	size_t first_bytes, second_bytes;
	struct told t;

	CHECK_OK(vault_epoch_set(a, &tell(&t, 5, 'k', 1)->epoch, 0));
	CHECK_OK(vault_epoch_set(b, &tell(&t, 5, 'k', 2)->epoch, 0));
	CHECK_OK(seal(a, first, &first_bytes));
	CHECK_OK(seal(a, second, &second_bytes));
	CHECK_OK(vault_epoch_set(b, &tell(&t, 6, 'l', 2)->epoch, 1000));
	vault_expire(b, 1099);
	CHECK_OK(open_one(b, first, first_bytes, NULL));
	vault_expire(b, 1100);
	CHECK_ERR(open_one(b, second, second_bytes, NULL), KK_EEPOCH);
	vault_free(a);
	vault_free(b);
}

/* What may still come is waited for, and nothing else. */
TEST(a_key_is_awaited_for_the_next_epochs_alone_over_a_wrap_of_the_kid)
{
	static const struct {
		uint64_t epoch;
		enum kk_err err;
	} of[] = { { 252, KK_EEPOCH }, { 253, KK_EEPOCH }, { 254, KK_OK },
		{ 255, KK_ENOKEY }, { 256, KK_ENOKEY },
		{ 254 + VAULT_AHEAD_MAX, KK_ENOKEY },
		{ 254 + VAULT_AHEAD_MAX + 1, KK_EEPOCH } };
	struct vault *b = vault_make();
	uint8_t sealed[ROOM_BYTES];
	struct told t;
	size_t bytes;

	CHECK_OK(vault_epoch_set(b, &tell(&t, 254, 'k', 2)->epoch, 0));
	for (size_t i = 0; i < KK_ARRAY_LEN(of); i++) {
		struct vault *a = vault_make();

		CHECK_OK(vault_epoch_set(a,
		    &tell(&t, of[i].epoch, 'k', 1)->epoch, 0));
		CHECK_OK(seal(a, sealed, &bytes));
		CHECK_ERR(open_one(b, sealed, bytes, NULL), of[i].err);
		vault_free(a);
	}
	vault_free(b);
}

TEST(without_leave_nothing_is_sealed_until_the_next_epoch)
{
	struct vault *v = vault_make();
	uint8_t sealed[ROOM_BYTES];
	struct told t;
	size_t bytes;

	tell(&t, 5, 'k', 1)->epoch.may_seal = false;
	CHECK_OK(vault_epoch_set(v, &t.epoch, 0));
	CHECK(vault_has_epoch(v));
	CHECK(!vault_may_seal(v));
	CHECK_ERR(seal(v, sealed, &bytes), KK_ESTATE);
	CHECK_OK(vault_epoch_set(v, &tell(&t, 6, 'l', 1)->epoch, 0));
	CHECK_OK(seal(v, sealed, &bytes));
	/* And back: what was sealed under 6 goes on under 7 not at all. */
	tell(&t, 7, 'm', 1)->epoch.may_seal = false;
	CHECK_OK(vault_epoch_set(v, &t.epoch, 0));
	CHECK_ERR(seal(v, sealed, &bytes), KK_ESTATE);
	vault_free(v);
}

TEST(the_same_epoch_told_again_never_repeats_a_counter)
{
	struct vault *a = vault_make(), *b = vault_make();
	uint8_t sealed[ROOM_BYTES];
	struct sframe_source source;
	struct told t;
	size_t bytes;

	CHECK_OK(vault_epoch_set(b, &tell(&t, 5, 'k', 2)->epoch, 0));
	for (uint64_t n = 0; n < 3; n++) {
		CHECK_OK(vault_epoch_set(a, &tell(&t, 5, 'k', 1)->epoch, 0));
		CHECK_OK(seal(a, sealed, &bytes));
		CHECK_OK(open_one(b, sealed, bytes, &source));
		CHECK_EQ(source.ctr, n);
	}
	vault_free(a);
	vault_free(b);
}

TEST(an_older_epoch_or_another_key_is_refused_until_the_vault_is_cleared)
{
	struct vault *v = vault_make();
	uint8_t sealed[ROOM_BYTES];
	struct told t;
	size_t bytes;

	CHECK_OK(vault_epoch_set(v, &tell(&t, 5, 'k', 1)->epoch, 0));
	CHECK_ERR(vault_epoch_set(v, &tell(&t, 4, 'k', 1)->epoch, 0),
	    KK_EEPOCH);
	CHECK_ERR(vault_epoch_set(v, &tell(&t, 5, 'x', 1)->epoch, 0),
	    KK_EEPOCH);
	tell(&t, 6, 'k', 1)->epoch.suite = SFRAME_AES_128_GCM_SHA256_128;
	CHECK_ERR(vault_epoch_set(v, &t.epoch, 0), KK_EEPOCH);
	CHECK_OK(seal(v, sealed, &bytes)); /* as it was */
	vault_clear(v);
	CHECK_ERR(seal(v, sealed, &bytes), KK_ESTATE);
	CHECK_OK(vault_epoch_set(v, &tell(&t, 4, 'x', 1)->epoch, 0));
	CHECK_OK(seal(v, sealed, &bytes));
	vault_free(v);
}

TEST(epochs_that_come_faster_than_they_retire_are_all_entered)
{
	struct vault *a = vault_make(), *b = vault_make();
	uint8_t sealed[ROOM_BYTES], late[ROOM_BYTES];
	struct sframe_source source;
	size_t bytes, late_bytes = 0;
	struct told t;

	/* One in each millisecond, each to be opened for a hundred. */
	for (uint64_t i = 1; i <= 2 * SFRAME_RX_EPOCHS_MAX; i++) {
		CHECK_OK(vault_epoch_set(a, &tell(&t, i, (char)i, 1)->epoch,
		    i));
		CHECK_OK(vault_epoch_set(b, &tell(&t, i, (char)i, 2)->epoch,
		    i));
		CHECK_OK(seal(a, sealed, &bytes));
		CHECK_OK(open_one(b, sealed, bytes, &source));
		CHECK_EQ(source.kid.epoch, i);
		if (late_bytes)
			CHECK_OK(open_one(b, late, late_bytes, &source));
		CHECK_OK(seal(a, late, &late_bytes));
	}
	vault_free(a);
	vault_free(b);
}

TEST(a_key_of_a_wrong_length_changes_nothing)
{
	struct vault *v = vault_make();
	uint8_t sealed[ROOM_BYTES];
	struct told t;
	size_t bytes;

	CHECK_OK(vault_epoch_set(v, &tell(&t, 5, 'k', 1)->epoch, 0));
	tell(&t, 6, 'l', 1)->epoch.base_key.bytes--;
	CHECK_ERR(vault_epoch_set(v, &t.epoch, 0), KK_EINVAL);
	t.epoch.base_key.bytes = SFRAME_BASE_KEY_MAX_BYTES + 1;
	CHECK_ERR(vault_epoch_set(v, &t.epoch, 0), KK_EINVAL);
	CHECK_OK(seal(v, sealed, &bytes));
	vault_free(v);
}
