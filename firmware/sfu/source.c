/* source.c - a publisher's streams. */
#include <string.h>

#include "sfu/sfu_internal.h"

enum {
	TYPE_MAX = 0x7f,
	/* A picture may be a little smaller than its tile. */
	FIT_NINE = 9,
	FIT_TEN = 10
};

static bool is_same(uint32_t a, uint32_t b)
{
	return a != 0 && a == b;
}

static bool name_is_twice(const struct sfu_source_config *c, size_t at)
{
	const struct sfu_encoding_config *one = &c->encodings[at];

	if (one->ssrc && one->ssrc == one->rtx_ssrc)
		return true;
	for (size_t i = 0; i < at; i++) {
		const struct sfu_encoding_config *e = &c->encodings[i];

		if (is_same(e->ssrc, one->ssrc) ||
		    is_same(e->ssrc, one->rtx_ssrc) ||
		    is_same(e->rtx_ssrc, one->ssrc) ||
		    is_same(e->rtx_ssrc, one->rtx_ssrc) ||
		    (one->rid[0] && !strcmp(e->rid, one->rid)))
			return true;
	}
	return false;
}

static bool ends(const char name[SFU_NAME_MAX_BYTES + 1])
{
	return memchr(name, 0, SFU_NAME_MAX_BYTES + 1);
}

static enum kk_err encodings_check(struct sfu_link *link,
    const struct sfu_source_config *c)
{
	const bool has_one = c->kind == SFU_AUDIO || c->codec == SFU_VP9;

	if (c->encoding_count < 1 ||
	    c->encoding_count > (has_one ? 1 : SFU_ENCODINGS_MAX))
		return KK_EINVAL;
	for (size_t i = 0; i < c->encoding_count; i++) {
		const struct sfu_encoding_config *e = &c->encodings[i];

		if ((e->ssrc == 0 && (!e->rid[0] || c->rid_id == 0)) ||
		    !ends(e->rid) || name_is_twice(c, i) ||
		    ((e->rtx_ssrc || e->rid[0]) &&
			c->rtx_payload_type == c->payload_type))
			return KK_EINVAL;
		if (sfu_link_encoding(link, e->ssrc) ||
		    sfu_link_encoding(link, e->rtx_ssrc))
			return KK_EEXIST;
	}
	return KK_OK;
}

static enum kk_err config_check(struct sfu_link *link,
    const struct sfu_source_config *c)
{
	enum kk_err err;

	if (c->payload_type > TYPE_MAX || c->rtx_payload_type > TYPE_MAX ||
	    !ends(c->mid))
		return KK_EINVAL;
	err = encodings_check(link, c);
	if (err)
		return err;
	return link->source_count < SFU_LINK_SOURCES_MAX ? KK_OK : KK_ELIMIT;
}

static enum kk_err encoding_init(struct sfu_source *source, size_t at)
{
	const struct sfu_source_config *config = &source->config;
	struct sfu_encoding *e = &source->encodings[at];

	e->source = source;
	e->index = (uint8_t)at;
	e->config = config->encodings[at];
	hop_rx_init(&e->rx, sfu_kind_hz(config->kind));
	if (config->kind != SFU_VIDEO)
		return KK_OK;
	if (config->codec == SFU_VP9 && config->dd_id) {
		e->dd = kk_calloc(1, sizeof(*e->dd));
		if (!e->dd)
			return KK_ENOMEM;
	}
	return hop_history_new(&e->history, SFU_HISTORY_PACKETS,
	    SFU_HISTORY_BYTES);
}

/* It stays with the link: its numbers go on. */
static enum kk_err twcc_make(struct sfu_link *link)
{
	if (link->twcc)
		return KK_OK;
	link->twcc = kk_calloc(1, sizeof(*link->twcc));
	if (!link->twcc)
		return KK_ENOMEM;
	hop_rx_twcc_init(link->twcc);
	return KK_OK;
}

static void source_release(struct sfu_source *source)
{
	for (size_t i = 0; i < SFU_ENCODINGS_MAX; i++) {
		hop_history_free(source->encodings[i].history);
		kk_free(source->encodings[i].dd);
	}
	kk_free(source);
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
	source->link = link;
	source->config = *config;
	source->wanted.told = config->encoding_count;
	for (size_t i = 0; i < config->encoding_count && !err; i++)
		err = encoding_init(source, i);
	if (!err && config->twcc_id)
		err = twcc_make(link);
	if (err) {
		source_release(source);
		return err;
	}
	link->sources[link->source_count++] = source;
	sfu_link_wake(link);
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
	if (source->burst_first)
		sfu_burst_end(source->link->config.burst);
	while (source->watchers)
		sfu_slot_leave(source->watchers);
	link_forget(source->link, source);
	source_release(source);
}

/* --- sizes --------------------------------------------------------------- */

/* A picture that is scaled to stand in the tile is not blown up by much. */
static bool is_enough(unsigned width, unsigned height, unsigned tile_width,
    unsigned tile_height)
{
	return (uint64_t)width * FIT_TEN >= (uint64_t)tile_width * FIT_NINE ||
	    (uint64_t)height * FIT_TEN >= (uint64_t)tile_height * FIT_NINE;
}

static uint8_t layer_fit(const struct wire_dd_structure *s, unsigned width,
    unsigned height)
{
	for (uint8_t i = 0; s && s->has_sizes && i < s->spatial_count; i++) {
		if (is_enough(s->sizes[i].width, s->sizes[i].height, width,
			height))
			return i;
	}
	return SFU_LAYERS_ALL;
}

uint8_t sfu_source_fit(const struct sfu_source *source, unsigned width,
    unsigned height)
{
	if (width == 0 || height == 0)
		return SFU_LAYERS_ALL;
	if (source->config.codec == SFU_VP9)
		return layer_fit(source->encodings[0].dd, width, height);
	for (size_t i = 0; i < source->config.encoding_count; i++) {
		const struct sfu_encoding_config *c =
		    &source->config.encodings[i];

		if (c->max_width == 0 || c->max_height == 0)
			return SFU_LAYERS_ALL;
		if (is_enough(c->max_width, c->max_height, width, height))
			return (uint8_t)i;
	}
	return SFU_LAYERS_ALL;
}

const struct sfu_level *sfu_source_level(const struct sfu_source *source)
{
	return &source->level;
}

/* --- packets ------------------------------------------------------------- */

void sfu_encoding_dd(struct sfu_encoding *encoding, struct sfu_packet *p)
{
	struct kk_view data;

	p->has_dd = encoding->dd &&
	    !wire_rtp_ext_find(&p->rtp, encoding->source->config.dd_id,
		&data) &&
	    !wire_dd_parse(&p->dd, encoding->dd, data);
	if (p->has_dd && p->dd.has_active)
		encoding->dd_active = p->dd.active;
}

void sfu_source_keyframes(struct sfu_source *source, uint64_t now_us)
{
	for (size_t i = 0; i < source->config.encoding_count; i++)
		sfu_encoding_keyframe(&source->encodings[i], now_us);
}

static void show(struct sfu_encoding *encoding, const struct sfu_packet *p,
    uint64_t now_us)
{
	struct sfu_slot *next;

	for (struct sfu_slot *slot = encoding->source->watchers; slot;
	    slot = next) {
		next = slot->next;
		sfu_slot_packet(slot, encoding, p, now_us);
	}
	sfu_source_keyframes(encoding->source, now_us);
}

/* By what comes with it those before it would be shown otherwise. */
static bool is_turn(const struct sfu_encoding *encoding,
    const struct sfu_packet *p)
{
	struct kk_view data;

	return p->is_key ||
	    (encoding->dd &&
		!wire_rtp_ext_find(&p->rtp, encoding->source->config.dd_id,
		    &data) &&
		data.bytes > WIRE_DD_SHORT_BYTES);
}

void sfu_encoding_packet(struct sfu_encoding *encoding, struct sfu_packet *p,
    struct kk_view raw, uint64_t now_us)
{
	struct sfu_source *source = encoding->source;
	struct sfu_burst *burst = source->link->config.burst;

	if (burst && is_turn(encoding, p))
		sfu_burst_end(burst);
	encoding->has_come = true;
	encoding->came_us = source->came_us = now_us;
	if (encoding->history)
		hop_history_put(encoding->history, p->seq, raw, now_us);
	sfu_encoding_dd(encoding, p);
	sfu_share_packet(encoding, p, raw.bytes, now_us);
	if (p->is_key)
		hop_keyframe_came(&encoding->keyframe);
	if (burst)
		sfu_burst_add(burst, encoding, p, now_us);
	else
		show(encoding, p, now_us);
}

void sfu_encoding_keyframe(struct sfu_encoding *encoding, uint64_t now_us)
{
	struct sfu_link *link = encoding->source->link;
	uint8_t out[SFU_RTCP_OUT_BYTES];
	struct wire_out w;

	sfu_link_wake(link); /* it may be due again later */
	/* Of whom nothing has come yet, nothing can be asked. */
	if (encoding->config.ssrc == 0 ||
	    !hop_keyframe_ask(&encoding->keyframe, now_us))
		return;
	wire_out_init(&w, out, sizeof(out));
	wire_rtcp_pli_write(&w, link->config.rtcp_ssrc, encoding->config.ssrc);
	sfu_link_send(link, &w, true);
	link->config.counts->keyframe_requests++;
}
