/* link.c - what a recorder and its reader have in common. */
#include "estimate/link.h"

const struct estimate_config link_config = { .start_bps = 300000,
	.min_bps = 50000,
	.max_bps = 20000000 };

enum kk_err link_feedback(struct estimate *e, struct kk_view rtcp,
    uint64_t now_us)
{
	struct wire_rtcp_iter it;
	struct wire_rtcp packet;
	struct wire_rtcp_fb fb;
	struct wire_twcc twcc;
	enum kk_err err = wire_rtcp_begin(&it, rtcp, true);

	if (!err && !wire_rtcp_next(&it, &packet))
		err = KK_EFORMAT;
	if (!err)
		err = wire_rtcp_fb_parse(&fb, &packet);
	if (!err)
		err = wire_twcc_parse(&twcc, &fb);
	return err ? err : estimate_feedback(e, &twcc, now_us);
}
