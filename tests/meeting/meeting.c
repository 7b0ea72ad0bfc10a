/* meeting.c - a meeting's keys, its wrapping, its security code. */
#define _GNU_SOURCE /* memmem() */
#include "meeting/meeting.h"

#include <ctype.h>
#include <string.h>

#include "crypto/crypto.h"
#include "harness/tap.h"
#include "mock/alloc.h"

static const uint8_t secret_a[MEETING_SECRET_BYTES] = { 1, 2, 3 };
static const uint8_t secret_b[MEETING_SECRET_BYTES] = { 1, 2, 4 };

static struct meeting_keys *keys_of(const char *id, const uint8_t *secret)
{
	struct meeting_keys *keys = NULL;

	CHECK_OK(crypto_init());
	CHECK_OK(meeting_keys_new(&keys, kk_view_text(id),
	    kk_view_of(secret, MEETING_SECRET_BYTES)));
	return keys;
}

static struct kk_bytes wrapped_of(const struct meeting_keys *keys,
    const char *text)
{
	struct kk_bytes out;

	CHECK_OK(meeting_wrap(keys, MEETING_HANDSHAKE, kk_view_text(text),
	    &out));
	CHECK_EQ(out.bytes, strlen(text) + MEETING_WRAP_BYTES);
	return out;
}

static enum kk_err unwrap(const struct meeting_keys *keys, struct kk_view in)
{
	enum meeting_kind kind = MEETING_KIND_COUNT;
	struct kk_bytes out = { 0 };
	enum kk_err err = meeting_unwrap(keys, in, &kind, &out);

	if (err) {
		CHECK(out.data == NULL && out.bytes == 0);
		CHECK_EQ(kind, MEETING_KIND_COUNT);
	}
	kk_bytes_clear(&out);
	return err;
}

TEST(keys_depend_on_the_secret_and_on_the_id_and_differ_from_each_other)
{
	struct meeting_keys *k[3] = { keys_of("id", secret_a),
		keys_of("id", secret_b), keys_of("ie", secret_a) };

	for (int i = 1; i < 3; i++) {
		CHECK(!kk_view_equal(meeting_keys_token(k[0]),
		    meeting_keys_token(k[i])));
		CHECK(!kk_view_equal(meeting_keys_psk(k[0]),
		    meeting_keys_psk(k[i])));
		CHECK(!kk_view_equal(meeting_keys_psk_id(k[0]),
		    meeting_keys_psk_id(k[i])));
	}
	CHECK(!kk_view_equal(meeting_keys_token(k[0]), meeting_keys_psk(k[0])));
	CHECK(kk_view_equal(meeting_keys_id(k[2]), kk_view_text("ie")));
	for (int i = 0; i < 3; i++)
		meeting_keys_free(k[i]);
}

TEST(ids_and_secrets_of_wrong_lengths_are_refused)
{
	uint8_t long_id[MEETING_ID_MAX_BYTES + 1] = { 0 };
	struct kk_view good = kk_view_of(secret_a, sizeof(secret_a));
	struct meeting_keys *keys = NULL;

	CHECK_OK(crypto_init());
	CHECK_ERR(meeting_keys_new(&keys, (struct kk_view){ 0 }, good),
	    KK_EINVAL);
	CHECK_ERR(meeting_keys_new(&keys, kk_view_of(long_id, sizeof(long_id)),
		      good),
	    KK_EINVAL);
	CHECK_ERR(meeting_keys_new(&keys, kk_view_text("id"),
		      kk_view_of(secret_a, sizeof(secret_a) - 1)),
	    KK_EINVAL);
	CHECK(keys == NULL);
	CHECK_OK(meeting_keys_new(&keys,
	    kk_view_of(long_id, MEETING_ID_MAX_BYTES), good));
	meeting_keys_free(keys);
	meeting_keys_free(NULL);
}

TEST(wrapped_message_opens_with_its_kind_and_shows_nothing_of_itself)
{
	struct meeting_keys *keys = keys_of("id", secret_a);
	struct kk_bytes w = wrapped_of(keys, "the plain text"), out;
	enum meeting_kind kind;

	CHECK(memmem(w.data, w.bytes, "plain", 5) == NULL);
	CHECK_OK(meeting_unwrap(keys, kk_bytes_view(&w), &kind, &out));
	CHECK_EQ(kind, MEETING_HANDSHAKE);
	CHECK(kk_view_equal(kk_bytes_view(&out),
	    kk_view_text("the plain text")));
	kk_bytes_clear(&out);
	kk_bytes_clear(&w);
	meeting_keys_free(keys);
}

TEST(empty_message_is_wrapped_and_opened)
{
	struct meeting_keys *keys = keys_of("id", secret_a);
	struct kk_bytes w = wrapped_of(keys, ""), out;
	enum meeting_kind kind;

	CHECK_OK(meeting_unwrap(keys, kk_bytes_view(&w), &kind, &out));
	CHECK(out.data == NULL && out.bytes == 0);
	kk_bytes_clear(&w);
	meeting_keys_free(keys);
}

TEST(one_message_wrapped_twice_is_not_the_same_twice)
{
	struct meeting_keys *keys = keys_of("id", secret_a);
	struct kk_bytes a = wrapped_of(keys, "x"), b = wrapped_of(keys, "x");

	CHECK(!kk_view_equal(kk_bytes_view(&a), kk_bytes_view(&b)));
	kk_bytes_clear(&a);
	kk_bytes_clear(&b);
	meeting_keys_free(keys);
}

TEST(any_flipped_bit_and_any_shorter_message_are_refused)
{
	struct meeting_keys *keys = keys_of("id", secret_a);
	struct kk_bytes w = wrapped_of(keys, "message");

	for (size_t bit = 0; bit < w.bytes * 8; bit++) {
		w.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
		CHECK_FAIL(unwrap(keys, kk_bytes_view(&w)));
		w.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	for (size_t n = 0; n < w.bytes; n++)
		CHECK_ERR(unwrap(keys, kk_view_of(w.data, n)),
		    n < MEETING_WRAP_BYTES ? KK_ETRUNC : KK_EAUTH);
	CHECK_OK(unwrap(keys, kk_bytes_view(&w)));
	kk_bytes_clear(&w);
	meeting_keys_free(keys);
}

TEST(another_kind_another_meeting_and_another_secret_do_not_open_it)
{
	struct meeting_keys *keys = keys_of("id", secret_a);
	struct meeting_keys *other_id = keys_of("id2", secret_a);
	struct meeting_keys *other_secret = keys_of("id", secret_b);
	struct kk_bytes w = wrapped_of(keys, "message");

	CHECK_ERR(unwrap(other_id, kk_bytes_view(&w)), KK_EAUTH);
	CHECK_ERR(unwrap(other_secret, kk_bytes_view(&w)), KK_EAUTH);
	w.data[1] = MEETING_APPLICATION;
	CHECK_ERR(unwrap(keys, kk_bytes_view(&w)), KK_EAUTH);
	w.data[1] = MEETING_KIND_COUNT;
	CHECK_ERR(unwrap(keys, kk_bytes_view(&w)), KK_EFORMAT);
	w.data[1] = 0;
	CHECK_ERR(unwrap(keys, kk_bytes_view(&w)), KK_EFORMAT);
	w.data[0] = 2;
	CHECK_ERR(unwrap(keys, kk_bytes_view(&w)), KK_EUNSUP);
	kk_bytes_clear(&w);
	meeting_keys_free(keys);
	meeting_keys_free(other_id);
	meeting_keys_free(other_secret);
}

TEST(wrapping_refuses_unknown_kinds_and_messages_over_the_limit)
{
	struct meeting_keys *keys = keys_of("id", secret_a);
	struct kk_bytes out;
	struct kk_view too_long = { (const uint8_t *)"",
		MEETING_MESSAGE_MAX_BYTES + 1 };

	CHECK_ERR(meeting_wrap(keys, MEETING_KIND_COUNT, kk_view_text("x"),
		      &out),
	    KK_EINVAL);
	CHECK_ERR(meeting_wrap(keys, MEETING_WELCOME, too_long, &out),
	    KK_ELIMIT);
	CHECK(out.data == NULL);
	meeting_keys_free(keys);
}

TEST(unwrapping_refuses_messages_over_the_limit_without_opening_them)
{
	struct meeting_keys *keys = keys_of("id", secret_a);
	static const uint8_t head[MEETING_WRAP_BYTES] = { 1, 1 };

	/* No byte behind the head is read before the length is refused. */
	CHECK_ERR(unwrap(keys,
		      (struct kk_view){ head,
			  MEETING_MESSAGE_MAX_BYTES + MEETING_WRAP_BYTES + 1 }),
	    KK_ELIMIT);
	meeting_keys_free(keys);
}

TEST(security_code_is_six_groups_of_five_digits_and_follows_the_epoch)
{
	char a[MEETING_CODE_TEXT_BYTES], b[MEETING_CODE_TEXT_BYTES];

	CHECK_OK(crypto_init());
	CHECK_OK(meeting_code(kk_view_text("authenticator one"), a));
	CHECK_OK(meeting_code(kk_view_text("authenticator two"), b));
	CHECK_EQ(strlen(a), MEETING_CODE_TEXT_BYTES - 1);
	for (size_t i = 0; a[i]; i++)
		CHECK(i % 6 == 5 ? a[i] == ' ' : isdigit((unsigned char)a[i]));
	CHECK(strcmp(a, b) != 0);
	CHECK_ERR(meeting_code((struct kk_view){ 0 }, a), KK_EINVAL);
	CHECK_STR(a, "");
}

static enum kk_err all_try(void)
{
	struct meeting_keys *keys = NULL;
	struct kk_bytes w = { 0 }, out = { 0 };
	enum meeting_kind kind;
	enum kk_err err;

	err = meeting_keys_new(&keys, kk_view_text("id"),
	    kk_view_of(secret_a, sizeof(secret_a)));
	if (!err)
		err = meeting_wrap(keys, MEETING_WELCOME, kk_view_text("w"),
		    &w);
	if (!err)
		err = meeting_unwrap(keys, kk_bytes_view(&w), &kind, &out);
	kk_bytes_clear(&w);
	kk_bytes_clear(&out);
	meeting_keys_free(keys);
	return err;
}

TEST(failed_allocations_are_reported_and_leave_nothing)
{
	enum kk_err err;

	CHECK_OK(crypto_init());
	ALLOC_FAULT_LOOP(err, all_try());
	CHECK_OK(err);
}
