/* crypto.c - keys in the text: RFC 4568, and RFC 7714, 14.2 for GCM. */
#include <stdlib.h>
#include <string.h>

#include "offer/offer_private.h"

enum {
	TAG_DIGITS_MAX = 9,
	/* base64 of the longest key, with padding and a final zero */
	KEY_TEXT_BYTES = (OFFER_KEY_MAX_BYTES + 2) / 3 * 4 + 1
};

static const struct {
	const char *name;
	size_t key_bytes;
} suites[OFFER_SUITE_COUNT] = {
	[OFFER_AEAD_AES_128_GCM] = { "AEAD_AES_128_GCM", 16 + 12 },
	[OFFER_AEAD_AES_256_GCM] = { "AEAD_AES_256_GCM", 32 + 12 },
	[OFFER_AES_CM_128_SHA1_80] = { "AES_CM_128_HMAC_SHA1_80", 16 + 14 },
	[OFFER_AES_CM_128_SHA1_32] = { "AES_CM_128_HMAC_SHA1_32", 16 + 14 },
};

size_t offer_suite_key_bytes(enum offer_suite suite)
{
	return (unsigned)suite < OFFER_SUITE_COUNT ? suites[suite].key_bytes :
						     0;
}

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t';
}

/* Takes the text up to a blank, or all; blanks behind it are skipped. */
static struct kk_view word_take(struct kk_view *text)
{
	const uint8_t *const end = text->data + text->bytes;
	const uint8_t *at = text->data;
	struct kk_view word;

	while (at < end && !is_blank(*at))
		at++;
	word = kk_view_of(text->data, (size_t)(at - text->data));
	while (at < end && is_blank(*at))
		at++;
	*text = kk_view_of(at, (size_t)(end - at));
	return word;
}

static bool is_word(struct kk_view word, const char *text)
{
	return word.bytes == strlen(text) &&
	    memcmp(word.data, text, word.bytes) == 0;
}

static bool tag_read(struct kk_view word, uint32_t *tag)
{
	if (word.bytes == 0 || word.bytes > TAG_DIGITS_MAX)
		return false;
	*tag = 0;
	for (size_t i = 0; i < word.bytes; i++) {
		if (word.data[i] < '0' || word.data[i] > '9')
			return false;
		*tag = *tag * 10 + (word.data[i] - '0');
	}
	return true;
}

static enum offer_suite suite_read(struct kk_view word)
{
	for (enum offer_suite s = OFFER_NO_SRTP + 1; s < OFFER_SUITE_COUNT;
	    s++) {
		if (is_word(word, suites[s].name))
			return s;
	}
	return OFFER_NO_SRTP;
}

/* sofia-sip's decoder overlooks what is no base64, so what it made is encoded
 * again. */
static bool key_decode(struct offer_crypto *crypto, struct kk_view text)
{
	const size_t bytes = suites[crypto->suite].key_bytes;
	char in[KEY_TEXT_BYTES], again[KEY_TEXT_BYTES];
	bool is_ok;

	if (text.bytes >= sizeof(in) || text.bytes != (bytes + 2) / 3 * 4)
		return false;
	memcpy(in, text.data, text.bytes);
	in[text.bytes] = '\0';
	is_ok = (size_t)base64_d((char *)crypto->key, sizeof(crypto->key),
		    in) == bytes &&
	    base64_e(again, sizeof(again), crypto->key, (isize_t)bytes) > 0 &&
	    memcmp(in, again, text.bytes) == 0;
	kk_wipe(in, sizeof(in));
	kk_wipe(again, sizeof(again));
	return is_ok;
}

/* inline:KEY, a lifetime at most behind it: a master key index, or several
 * keys, nobody here has. */
static bool key_read(struct offer_crypto *crypto, struct kk_view word)
{
	static const char prefix[] = "inline:";
	const size_t skipped = sizeof(prefix) - 1;
	const uint8_t *bar;
	struct kk_view key;

	if (word.bytes <= skipped || memcmp(word.data, prefix, skipped) != 0 ||
	    memchr(word.data, ';', word.bytes))
		return false;
	key = kk_view_of(word.data + skipped, word.bytes - skipped);
	bar = memchr(key.data, '|', key.bytes);
	if (bar && memchr(bar, ':', (size_t)(key.data + key.bytes - bar)))
		return false;
	if (bar)
		key.bytes = (size_t)(bar - key.data);
	return key_decode(crypto, key);
}

bool offer_crypto_read(struct offer_crypto *crypto, struct kk_view value)
{
	struct kk_view rest = value;
	bool is_ok = tag_read(word_take(&rest), &crypto->tag);

	crypto->suite = suite_read(word_take(&rest));
	is_ok = is_ok && crypto->suite != OFFER_NO_SRTP &&
	    key_read(crypto, word_take(&rest));
	/* Session parameters change what is sealed, and how. */
	is_ok = is_ok && rest.bytes == 0;
	if (!is_ok)
		kk_wipe(crypto, sizeof(*crypto));
	return is_ok;
}

struct offer_crypto offer_crypto_of(const struct offer_local *local,
    enum offer_suite suite, uint32_t tag)
{
	struct offer_crypto crypto = { .suite = suite, .tag = tag };

	memcpy(crypto.key, local->key, offer_suite_key_bytes(suite));
	return crypto;
}

void offer_crypto_write(struct kk_writer *w, const struct offer_crypto *crypto)
{
	char key[KEY_TEXT_BYTES];

	(void)base64_e(key, sizeof(key), (void *)(uintptr_t)crypto->key,
	    (isize_t)suites[crypto->suite].key_bytes);
	offer_print(w, "a=crypto:%u %s inline:%s\r\n", crypto->tag,
	    suites[crypto->suite].name, key);
	kk_wipe(key, sizeof(key));
}
