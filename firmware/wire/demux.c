/* demux.c - what kind of packet a datagram is. */
#include "wire/demux.h"

static const struct {
	uint8_t first, last; /* RFC 9443, 3 */
	uint8_t min_bytes;
	uint8_t kind;
} ranges[] = {
	{ 0, 3, 20, WIRE_KIND_STUN }, /* RFC 8489, 5 */
	{ 20, 63, 13, WIRE_KIND_DTLS }, /* RFC 6347, 4.1 */
	{ 64, 79, 4, WIRE_KIND_TURN }, /* RFC 8656, 12.4 */
	{ 128, 191, 8, WIRE_KIND_RTP }, /* RFC 3550, 6.4.2: shortest RTCP */
};

enum {
	RTCP_FIRST = 192, /* RFC 5761, 4: 64 to 95 and the marker bit */
	RTCP_LAST = 223,
	RTP_MIN_BYTES = 12
};

static enum wire_kind media_kind(struct kk_view in)
{
	if (in.data[1] >= RTCP_FIRST && in.data[1] <= RTCP_LAST)
		return WIRE_KIND_RTCP;
	return in.bytes >= RTP_MIN_BYTES ? WIRE_KIND_RTP : WIRE_KIND_UNKNOWN;
}

enum wire_kind wire_kind_of(struct kk_view in)
{
	for (size_t i = 0; in.bytes > 0 && i < KK_ARRAY_LEN(ranges); i++) {
		if (in.data[0] < ranges[i].first || in.data[0] > ranges[i].last)
			continue;
		if (in.bytes < ranges[i].min_bytes)
			return WIRE_KIND_UNKNOWN;
		return ranges[i].kind == WIRE_KIND_RTP ?
		    media_kind(in) :
		    (enum wire_kind)ranges[i].kind;
	}
	return WIRE_KIND_UNKNOWN;
}
