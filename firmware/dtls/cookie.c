/* cookie.c - stateless proof of an address.  Source: RFC 6347, 4.2.1. */
#include <string.h>

#include "dtls/backend.h"

enum { COOKIE_BYTES = 32, SEQ_AT = 13 + 4 };

static enum kk_err cookie_make(const struct dtls_cookies *cookies,
    struct kk_view random, uint8_t *cookie)
{
	uint8_t in[1 + DTLS_ADDRESS_MAX_BYTES + DTLS_RANDOM_BYTES];
	size_t bytes = cookies->address_bytes;

	in[0] = (uint8_t)bytes;
	memcpy(in + 1, cookies->address, bytes);
	memcpy(in + 1 + bytes, random.data, DTLS_RANDOM_BYTES);
	return cookies->ops->hmac(kk_view_of(cookies->secret,
				      sizeof(cookies->secret)),
	    kk_view_of(in, 1 + bytes + DTLS_RANDOM_BYTES), cookie);
}

/* Numbers are the ClientHello's, so that nothing is kept. */
static void verify_write(uint8_t *out, const struct dtls_record *record,
    uint16_t seq, const uint8_t *cookie)
{
	static const uint8_t start[] = { DTLS_HANDSHAKE, 0xfe, 0xff, 0, 0, 0, 0,
		0, 0, 0, 0, 0, 12 + 3 + COOKIE_BYTES, DTLS_HELLO_VERIFY_REQUEST,
		0, 0, 3 + COOKIE_BYTES, 0, 0, 0, 0, 0, 0, 0, 3 + COOKIE_BYTES,
		0xfe, 0xff, COOKIE_BYTES };

	_Static_assert(sizeof(start) + COOKIE_BYTES == DTLS_VERIFY_BYTES,
	    "a HelloVerifyRequest");
	memcpy(out, start, sizeof(start));
	memcpy(out + sizeof(start), cookie, COOKIE_BYTES);
	dtls_record_number(out, record->seq);
	out[SEQ_AT] = (uint8_t)(seq >> 8);
	out[SEQ_AT + 1] = (uint8_t)seq;
}

/* A first fragment of a ClientHello. */
static enum kk_err hello_find(struct kk_view datagram,
    struct dtls_record *record, struct dtls_fragment *fragment,
    struct dtls_hello *hello)
{
	struct kk_reader r;

	kk_reader_init(&r, datagram);
	if (dtls_record_next(&r, record) || record->epoch > 0 ||
	    record->type != DTLS_HANDSHAKE ||
	    dtls_fragment_read(record->body, fragment) ||
	    fragment->type != DTLS_CLIENT_HELLO || fragment->at > 0 ||
	    dtls_hello_read(fragment->body, hello))
		return KK_ESTATE;
	return KK_OK;
}

static bool is_right(const struct dtls_hello *hello, const uint8_t *cookie)
{
	return hello->cookie.bytes == COOKIE_BYTES &&
	    kk_secret_equal(hello->cookie.data, cookie, COOKIE_BYTES);
}

/*
 * A wrong cookie is treated as none (RFC 6347, 4.2.1): a stranger may have had
 * one sent to the client in its name.
 */
enum kk_err dtls_cookies_check(const struct dtls_cookies *cookies,
    struct kk_view datagram, uint8_t answer[DTLS_VERIFY_BYTES], uint16_t *seq)
{
	struct dtls_fragment fragment;
	struct dtls_record record;
	struct dtls_hello hello;
	uint8_t cookie[COOKIE_BYTES];
	enum kk_err err;

	err = hello_find(datagram, &record, &fragment, &hello);
	if (err)
		return err;
	/* An answer must not be larger: no help for forged addresses. */
	if (fragment.seq > DTLS_VERIFIES_MAX ||
	    datagram.bytes < DTLS_VERIFY_BYTES)
		return KK_ESTATE;
	err = cookie_make(cookies, hello.random, cookie);
	if (err)
		return err;
	if (fragment.seq > 0 && is_right(&hello, cookie)) {
		*seq = fragment.seq;
		return KK_OK;
	}
	verify_write(answer, &record, fragment.seq, cookie);
	return KK_ENOENT;
}
