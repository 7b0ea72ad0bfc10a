/* packet.c - what forwarding has to know of a packet. */
#include "sfu/sfu_internal.h"

uint32_t sfu_kind_hz(enum sfu_kind kind)
{
	return kind == SFU_AUDIO ? SFU_AUDIO_HZ : SFU_VIDEO_HZ;
}

enum kk_err sfu_packet_parse(struct sfu_packet *p, struct kk_view packet,
    enum sfu_kind kind)
{
	struct sfu_packet parsed = { 0 };
	enum kk_err err;

	if (packet.bytes > SFU_PACKET_MAX_BYTES)
		return KK_ELIMIT;
	err = wire_rtp_parse(&parsed.rtp, packet);
	if (err)
		return err;
	/* Without payload it is padding, by which senders probe. */
	parsed.has_vp8 = kind == SFU_VIDEO && parsed.rtp.payload.bytes > 0;
	if (parsed.has_vp8)
		err = wire_vp8_parse(&parsed.vp8, parsed.rtp.payload);
	if (err)
		return err;
	parsed.is_key = parsed.has_vp8 &&
	    wire_vp8_is_key_frame(&parsed.vp8, parsed.rtp.payload);
	*p = parsed;
	return KK_OK;
}
