/*
 * chromium.c - a ClientHello as Chromium sends it: DTLS 1.3 and 1.2, with a
 * share of X25519MLKEM768 (1216 bytes), so that it takes two datagrams.
 *
 * OpenSSL 3.5 has no DTLS 1.3 and so makes none; this one is written here.  Its
 * shares are no real ones: a server that answers 1.2 never looks at them.
 */
#include <string.h>

#include "dtls/net.h"
#include "dtls/record.h"

enum { HELLO_MAX_BYTES = 2048, SPLIT_BYTES = 1175, MLKEM_SHARE_BYTES = 1216 };

struct maker {
	uint8_t data[HELLO_MAX_BYTES];
	size_t bytes;
};

static void put(struct maker *m, const void *data, size_t bytes)
{
	CHECK(m->bytes + bytes <= sizeof(m->data));
	memcpy(m->data + m->bytes, data, bytes);
	m->bytes += bytes;
}

static void put_u16(struct maker *m, size_t n)
{
	const uint8_t data[] = { (uint8_t)(n >> 8), (uint8_t)n };

	put(m, data, sizeof(data));
}

static void put_ext(struct maker *m, unsigned type, const void *data,
    size_t bytes)
{
	put_u16(m, type);
	put_u16(m, bytes);
	put(m, data, bytes);
}

static void put_shares(struct maker *m)
{
	static const uint8_t zero[MLKEM_SHARE_BYTES], x25519[32] = { 9 };

	put_u16(m, 51); /* key_share */
	put_u16(m, 2 + 4 + MLKEM_SHARE_BYTES + 4 + sizeof(x25519));
	put_u16(m, 4 + MLKEM_SHARE_BYTES + 4 + sizeof(x25519));
	put_u16(m, 0x11ec);
	put_u16(m, MLKEM_SHARE_BYTES);
	put(m, zero, MLKEM_SHARE_BYTES);
	put_u16(m, 29);
	put_u16(m, sizeof(x25519));
	put(m, x25519, sizeof(x25519));
}

static void put_extensions(struct maker *m)
{
	static const uint8_t groups[] = { 0, 8, 0x11, 0xec, 0, 29, 0, 23, 0,
		24 };
	static const uint8_t versions[] = { 4, 0xfe, 0xfc, 0xfe, 0xfd };
	static const uint8_t formats[] = { 1, 0 };
	static const uint8_t signatures[] = { 0, 6, 4, 3, 8, 4, 4, 1 };
	static const uint8_t srtp[] = { 0, 6, 0, 1, 0, 8, 0, 7, 0 };
	static const uint8_t zero[1];

	put_ext(m, 10, groups, sizeof(groups));
	put_shares(m);
	put_ext(m, 43, versions, sizeof(versions));
	put_ext(m, DTLS_EXT_MASTER_SECRET, zero, 0);
	put_ext(m, 0xff01, zero, 1); /* renegotiation_info */
	put_ext(m, 11, formats, sizeof(formats));
	put_ext(m, 13, signatures, sizeof(signatures));
	put_ext(m, 14, srtp, sizeof(srtp));
}

static void hello_make(struct maker *m)
{
	static const uint8_t start[] = { 0xfe, 0xfd, [2 + 32] = 0, 0 };
	static const uint8_t suites[] = { 0, 8, 0x13, 0x01, 0xc0, 0x2b, 0xc0,
		0x2f, 0xcc, 0xa9, 1, 0 };
	struct maker extensions = { .bytes = 0 };

	m->bytes = 0;
	put(m, start, sizeof(start)); /* version, random, session, cookie */
	put(m, suites, sizeof(suites)); /* and no compression */
	put_extensions(&extensions);
	put_u16(m, extensions.bytes);
	put(m, extensions.data, extensions.bytes);
}

static size_t fragment_make(const struct maker *hello, size_t at, size_t bytes,
    uint8_t number, uint8_t *out)
{
	const uint8_t header[] = { 22, 0xfe, 0xff, 0, 0, 0, 0, 0, 0, 0, number,
		(uint8_t)((bytes + 12) >> 8), (uint8_t)(bytes + 12),
		DTLS_CLIENT_HELLO, 0, (uint8_t)(hello->bytes >> 8),
		(uint8_t)hello->bytes, 0, 0, 0, (uint8_t)(at >> 8), (uint8_t)at,
		0, (uint8_t)(bytes >> 8), (uint8_t)bytes };

	memcpy(out, header, sizeof(header));
	memcpy(out + sizeof(header), hello->data + at, bytes);
	return sizeof(header) + bytes;
}

/* The server's flight must begin with a ServerHello of 1.2 that uses SRTP. */
static void check_answer(struct net *net)
{
	uint8_t out[DTLS_DATAGRAM_MAX_BYTES];
	size_t bytes = net_take(net, 1, out);
	struct dtls_fragment fragment;
	struct dtls_record record;
	struct kk_view random;
	struct kk_reader r;

	kk_reader_init(&r, kk_view_of(out, bytes));
	CHECK_OK(dtls_record_next(&r, &record));
	CHECK_OK(dtls_fragment_read(record.body, &fragment));
	CHECK_EQ(fragment.type, DTLS_SERVER_HELLO);
	CHECK_EQ(fragment.body.data[0], 0xfe);
	CHECK_EQ(fragment.body.data[1], 0xfd);
	CHECK(dtls_server_hello_has(fragment.body, 14, &random));
	CHECK(dtls_server_hello_has(fragment.body, DTLS_EXT_MASTER_SECRET,
	    &random));
	CHECK(!dtls_server_hello_has(fragment.body, 51, &random));
}

static void answer_hello(unsigned pairing, bool is_reversed)
{
	struct net *net = net_new(net_pairings[pairing].client,
	    net_pairings[pairing].server);
	uint8_t out[2][HELLO_MAX_BYTES];
	struct maker hello;
	size_t bytes[2];

	hello_make(&hello);
	CHECK(hello.bytes > 1350);
	bytes[0] = fragment_make(&hello, 0, SPLIT_BYTES, 0, out[0]);
	bytes[1] = fragment_make(&hello, SPLIT_BYTES, hello.bytes - SPLIT_BYTES,
	    1, out[1]);
	CHECK_OK(dtls_new(&net->machines[1], net->identities[1],
	    &net->configs[1], NET_NOW_S));
	for (unsigned i = 0; i < 2; i++) {
		unsigned which = is_reversed ? !i : i;

		CHECK_OK(dtls_input(net->machines[1],
		    kk_view_of(out[which], bytes[which]), 0));
	}
	CHECK_EQ(dtls_state(net->machines[1]), DTLS_SHAKING);
	check_answer(net);
	net_free(net);
}

TEST(chromiums_hello_in_two_datagrams_is_answered_with_1_2)
{
	answer_hello(0, false);
	answer_hello(NET_PAIRINGS - 1, false);
}

TEST(chromiums_hello_is_answered_when_its_datagrams_change_places)
{
	answer_hello(0, true);
	answer_hello(NET_PAIRINGS - 1, true);
}
