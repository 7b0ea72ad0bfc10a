/* meeting_unwrap.c - what the forwarder may hand to meeting_unwrap().
 *
 * The first byte chooses: the rest as a wrapped message, or the rest changed
 * into a good one, which then must open only if nothing was changed. */
#include <stdlib.h>
#include <string.h>

#include "crypto/crypto.h"
#include "meeting/meeting.h"

enum { PLAIN_BYTES = 24 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void must(bool is_true)
{
	if (!is_true)
		abort();
}

static void raw_open(const struct meeting_keys *keys, struct kk_view in)
{
	enum meeting_kind kind;
	struct kk_bytes out;
	enum kk_err err = meeting_unwrap(keys, in, &kind, &out);

	must(err); /* nobody guesses a tag */
	must(!out.data && out.bytes == 0);
}

static void changed_open(const struct meeting_keys *keys, struct kk_view with)
{
	static const uint8_t plain[PLAIN_BYTES] = { 9 };
	struct kk_bytes w, out;
	enum meeting_kind kind;
	bool is_changed = false;
	enum kk_err err;

	must(!meeting_wrap(keys, MEETING_WELCOME,
	    kk_view_of(plain, sizeof(plain)), &w));
	for (size_t i = 0; i < with.bytes && i < w.bytes; i++) {
		w.data[i] ^= with.data[i];
		is_changed = is_changed || with.data[i];
	}
	err = meeting_unwrap(keys, kk_bytes_view(&w), &kind, &out);
	must(is_changed == (err != KK_OK));
	if (!err)
		must(kind == MEETING_WELCOME && out.bytes == sizeof(plain) &&
		    !memcmp(out.data, plain, sizeof(plain)));
	kk_bytes_clear(&out);
	kk_bytes_clear(&w);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	static const uint8_t secret[MEETING_SECRET_BYTES] = { 1 };
	struct meeting_keys *keys;

	if (bytes == 0)
		return 0;
	must(!crypto_init());
	must(!meeting_keys_new(&keys, kk_view_text("fuzz"),
	    kk_view_of(secret, sizeof(secret))));
	if (data[0] & 1)
		changed_open(keys, kk_view_of(data + 1, bytes - 1));
	else
		raw_open(keys, kk_view_of(data + 1, bytes - 1));
	meeting_keys_free(keys);
	return 0;
}
