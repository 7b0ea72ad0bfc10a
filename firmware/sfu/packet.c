/* packet.c - what forwarding has to know of a packet. */
#include "sfu/sfu_internal.h"

uint32_t sfu_kind_hz(enum sfu_kind kind)
{
	return kind == SFU_AUDIO ? SFU_AUDIO_HZ : SFU_VIDEO_HZ;
}

static enum kk_err vp8_read(struct sfu_packet *p)
{
	enum kk_err err = wire_vp8_parse(&p->vp8, p->rtp.payload);

	p->has_vp8 = true;
	p->is_key = !err && wire_vp8_is_key_frame(&p->vp8, p->rtp.payload);
	return err;
}

static enum kk_err vp9_read(struct sfu_packet *p)
{
	enum kk_err err = wire_vp9_parse(&p->vp9, p->rtp.payload);

	p->has_vp9 = true;
	p->is_key = !err && wire_vp9_is_key_picture(&p->vp9);
	return err;
}

enum kk_err sfu_packet_parse(struct sfu_packet *p, struct kk_view packet,
    const struct sfu_source_config *config)
{
	struct sfu_packet parsed = { 0 };
	enum kk_err err;

	if (packet.bytes > SFU_PACKET_MAX_BYTES)
		return KK_ELIMIT;
	err = wire_rtp_parse(&parsed.rtp, packet);
	if (err)
		return err;
	/* Without payload it is padding, by which senders probe. */
	if (config->kind == SFU_VIDEO && parsed.rtp.payload.bytes > 0)
		err = config->codec == SFU_VP9 ? vp9_read(&parsed) :
						 vp8_read(&parsed);
	if (!err)
		*p = parsed;
	return err;
}
