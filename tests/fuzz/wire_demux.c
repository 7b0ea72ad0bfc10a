/* wire_demux.c - fuzzes telling packets apart: what a kind promises, its parser
 * finds. */
#include "wire/demux.h"

#include <stdlib.h>

#include "wire/rtcp.h"
#include "wire/rtp.h"
#include "wire/stun.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct kk_view in = kk_view_of(data, bytes), name;
	enum wire_kind kind = wire_kind_of(in);
	struct wire_rtcp_iter it;
	struct wire_rtp rtp;

	if (!wire_rtp_header_parse(&rtp, in) && kind != WIRE_KIND_RTP &&
	    kind != WIRE_KIND_RTCP)
		abort();
	if (!wire_rtcp_begin(&it, in, false) && kind != WIRE_KIND_RTCP &&
	    bytes >= 8)
		abort();
	if (!wire_stun_username(in, &name) && kind != WIRE_KIND_STUN)
		abort();
	return 0;
}
