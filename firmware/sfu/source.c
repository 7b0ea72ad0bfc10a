/* source.c - a publisher's stream. */
#include "sfu/sfu_internal.h"

enum { TYPE_MAX = 0x7f };

static enum kk_err config_check(struct sfu_link *link,
    const struct sfu_source_config *c)
{
	if (c->ssrc == 0 || c->ssrc == c->rtx_ssrc ||
	    c->payload_type > TYPE_MAX || c->rtx_payload_type > TYPE_MAX ||
	    (c->rtx_ssrc && c->rtx_payload_type == c->payload_type))
		return KK_EINVAL;
	if (sfu_link_source(link, c->ssrc) ||
	    (c->rtx_ssrc && sfu_link_source(link, c->rtx_ssrc)))
		return KK_EEXIST;
	return link->source_count < SFU_LINK_SOURCES_MAX ? KK_OK : KK_ELIMIT;
}

enum kk_err sfu_source_new(struct sfu_source **sourcep, struct sfu_link *link,
    const struct sfu_source_config *config)
{
	enum kk_err err = config_check(link, config);
	struct sfu_source *source;

	if (err)
		return err;
	source = kk_calloc(1, sizeof(*source));
	if (!source)
		return KK_ENOMEM;
	if (config->kind == SFU_VIDEO)
		err = hop_history_new(&source->history, SFU_HISTORY_PACKETS,
		    SFU_HISTORY_BYTES);
	if (err) {
		kk_free(source);
		return err;
	}
	source->link = link;
	source->config = *config;
	hop_rx_init(&source->rx, sfu_kind_hz(config->kind));
	link->sources[link->source_count++] = source;
	*sourcep = source;
	return KK_OK;
}

static void link_forget(struct sfu_link *link, const struct sfu_source *source)
{
	size_t kept = 0;

	for (size_t i = 0; i < link->source_count; i++) {
		if (link->sources[i] != source)
			link->sources[kept++] = link->sources[i];
	}
	link->source_count = kept;
}

void sfu_source_free(struct sfu_source *source)
{
	if (!source)
		return;
	while (source->watchers)
		sfu_slot_leave(source->watchers);
	link_forget(source->link, source);
	hop_history_free(source->history);
	kk_free(source);
}

void sfu_source_packet(struct sfu_source *source, const struct sfu_packet *p,
    struct kk_view raw, uint64_t now_us)
{
	struct sfu_slot *next;

	if (source->history)
		hop_history_put(source->history, p->seq, raw, now_us);
	if (p->is_key)
		hop_keyframe_came(&source->keyframe);
	for (struct sfu_slot *slot = source->watchers; slot; slot = next) {
		next = slot->next;
		sfu_slot_packet(slot, p, now_us);
	}
	sfu_source_keyframe(source, now_us);
}

void sfu_source_keyframe(struct sfu_source *source, uint64_t now_us)
{
	uint8_t out[SFU_RTCP_OUT_BYTES];
	struct sfu_link *link = source->link;
	struct wire_out w;

	if (!hop_keyframe_ask(&source->keyframe, now_us))
		return;
	wire_out_init(&w, out, sizeof(out));
	wire_rtcp_pli_write(&w, link->config.rtcp_ssrc, source->config.ssrc);
	sfu_link_send(link, &w, true);
	link->config.counts->keyframe_requests++;
}
