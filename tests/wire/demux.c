/* demux.c - tests of telling packets apart. */
#include "wire/demux.h"

#include "harness/tap.h"

/* RFC 9443, figure 3, with RFC 5761 for the second byte. */
static enum wire_kind kind_wanted(unsigned first, unsigned second)
{
	if (first <= 3)
		return WIRE_KIND_STUN;
	if (first >= 20 && first <= 63)
		return WIRE_KIND_DTLS;
	if (first >= 64 && first <= 79)
		return WIRE_KIND_TURN;
	if (first >= 128 && first <= 191)
		return second >= 192 && second <= 223 ? WIRE_KIND_RTCP :
							WIRE_KIND_RTP;
	return WIRE_KIND_UNKNOWN;
}

TEST(demux_tells_every_pair_of_first_bytes_apart)
{
	uint8_t in[20] = { 0 };

	for (unsigned pair = 0; pair <= 0xffff; pair++) {
		in[0] = (uint8_t)(pair >> 8);
		in[1] = (uint8_t)pair;
		CHECK_EQ(wire_kind_of(kk_view_of(in, sizeof(in))),
		    kind_wanted(in[0], in[1]));
	}
}

TEST(demux_drops_what_is_shorter_than_its_kind)
{
	static const struct {
		uint8_t first, second;
		size_t least;
		enum wire_kind kind;
	} kinds[] = { { 0, 1, 20, WIRE_KIND_STUN },
		{ 22, 0, 13, WIRE_KIND_DTLS }, { 64, 0, 4, WIRE_KIND_TURN },
		{ 128, 96, 12, WIRE_KIND_RTP },
		{ 128, 200, 8, WIRE_KIND_RTCP } };

	for (size_t i = 0; i < KK_ARRAY_LEN(kinds); i++) {
		uint8_t in[20] = { kinds[i].first, kinds[i].second };

		for (size_t bytes = 0; bytes <= sizeof(in); bytes++)
			CHECK_EQ(wire_kind_of(kk_view_of(in, bytes)),
			    bytes < kinds[i].least ? WIRE_KIND_UNKNOWN :
						     kinds[i].kind);
	}
}
