/* framing.c - tests of packets in a stream. */
#include "wire/framing.h"

#include <stdlib.h>
#include <string.h>

#include "harness/tap.h"

enum { STREAM_BYTES = 3 * (2 + WIRE_FRAME_MAX_BYTES), PACKETS = 5 };

/* Of these lengths, each filled with its number. */
static const size_t lengths[PACKETS] = { 1, 0, 300, WIRE_FRAME_MAX_BYTES, 20 };

static size_t stream_make(uint8_t *out)
{
	static uint8_t packet[WIRE_FRAME_MAX_BYTES];
	struct wire_out w;

	wire_out_init(&w, out, STREAM_BYTES);
	for (size_t i = 0; i < PACKETS; i++) {
		memset(packet, (int)i, sizeof(packet));
		wire_framing_write(&w, kk_view_of(packet, lengths[i]));
	}
	CHECK_OK(w.err);
	return w.bytes;
}

/* Takes all that a piece has; number is of the next packet. */
static void piece_take(struct wire_framing *f, const uint8_t *at, size_t bytes,
    size_t *number)
{
	/* No byte to spare, so that the sanitizer sees each overrun. */
	uint8_t *copy = calloc(1, bytes > 0 ? bytes : 1);
	struct kk_view in = kk_view_of(copy, bytes), packet;
	enum kk_err err;

	CHECK(copy != NULL);
	memcpy(copy, at, bytes);
	while (!(err = wire_framing_next(f, &in, &packet))) {
		CHECK(*number < PACKETS);
		CHECK_EQ(packet.bytes, lengths[*number]);
		for (size_t i = 0; i < packet.bytes; i++)
			CHECK_EQ(packet.data[i], *number);
		(*number)++;
	}
	CHECK_ERR(err, KK_ETRUNC);
	CHECK_EQ(in.bytes, 0);
	free(copy);
}

TEST(frames_are_found_wherever_the_stream_is_cut)
{
	static uint8_t stream[STREAM_BYTES];
	size_t bytes = stream_make(stream);

	for (size_t cut = 0; cut <= bytes; cut++) {
		struct wire_framing f = { 0 };
		size_t number = 0;

		piece_take(&f, stream, cut, &number);
		piece_take(&f, stream + cut, bytes - cut, &number);
		CHECK_EQ(number, PACKETS);
		CHECK_EQ(f.bytes, 0);
	}
}

TEST(frames_are_found_byte_by_byte_and_all_at_once)
{
	static uint8_t stream[STREAM_BYTES];
	size_t bytes = stream_make(stream), number = 0;
	struct wire_framing f = { 0 };

	for (size_t i = 0; i < bytes; i++)
		piece_take(&f, stream + i, 1, &number);
	CHECK_EQ(number, PACKETS);
	number = 0;
	piece_take(&f, stream, bytes, &number);
	CHECK_EQ(number, PACKETS);
}

TEST(a_whole_frame_is_not_copied)
{
	const uint8_t stream[] = { 0, 2, 7, 8, 0 };
	struct kk_view in = kk_view_of(stream, sizeof(stream)), packet;
	struct wire_framing f = { 0 };

	CHECK_OK(wire_framing_next(&f, &in, &packet));
	CHECK(packet.data == stream + 2);
	CHECK_ERR(wire_framing_next(&f, &in, &packet), KK_ETRUNC);
	CHECK_EQ(f.bytes, 1);
}

TEST(a_frame_over_the_limit_ends_the_stream_as_soon_as_its_length_is_there)
{
	const uint8_t stream[] = { (WIRE_FRAME_MAX_BYTES + 1) >> 8,
		(WIRE_FRAME_MAX_BYTES + 1) & 0xff };
	struct kk_view in = kk_view_of(stream, 1), packet;
	struct wire_framing f = { 0 };

	CHECK_ERR(wire_framing_next(&f, &in, &packet), KK_ETRUNC);
	in = kk_view_of(stream + 1, 1);
	CHECK_ERR(wire_framing_next(&f, &in, &packet), KK_ELIMIT);
	CHECK_ERR(wire_framing_next(&f, &in, &packet), KK_ELIMIT);
	f.bytes = 0;
	in = kk_view_of(stream, sizeof(stream));
	CHECK_ERR(wire_framing_next(&f, &in, &packet), KK_ELIMIT);
}

TEST(a_frame_that_does_not_fit_is_not_begun)
{
	static const uint8_t packet[WIRE_FRAME_MAX_BYTES + 1];
	uint8_t out[11];
	struct wire_out w;

	wire_out_init(&w, out, sizeof(out));
	wire_framing_write(&w, kk_view_of(packet, 4));
	CHECK_EQ(w.bytes, 6);
	wire_framing_write(&w, kk_view_of(packet, 4));
	CHECK_ERR(w.err, KK_ENOSPC);
	CHECK_EQ(w.bytes, 6);
	wire_out_init(&w, out, sizeof(out));
	wire_framing_write(&w, kk_view_of(packet, sizeof(packet)));
	CHECK_ERR(w.err, KK_ELIMIT);
	CHECK_EQ(w.bytes, 0);
}
