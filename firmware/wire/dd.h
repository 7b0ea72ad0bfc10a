/*
 * dd.h - the dependency descriptor, a header extension that tells a forwarder
 * which layers a frame belongs to and which frames it needs, without a look
 * into the frame.  No state: the structure that descriptors refer to is kept by
 * the caller.
 *
 * A decode target is a choice of layers, such as "small, half the pictures".
 * The structure has templates of frames; each descriptor names one, and says
 * where the frame differs from it.
 *
 * Source: RTP Payload Format For AV1 (v1.0.0), appendix A.
 */
#pragma once
#include "wire/out.h"

#define WIRE_DD_URI                       \
	"https://aomediacodec.github.io/" \
	"av1-rtp-spec/#dependency-descriptor-rtp-header-extension"

enum {
	WIRE_DD_SHORT_BYTES = 3, /* A.8.2: of one that is as its template */
	WIRE_DD_TEMPLATES_MAX = 64, /* A.8.1: ids have six bits */
	WIRE_DD_TARGETS_MAX = 32, /* dt_cnt_minus_one has five bits */
	WIRE_DD_CHAINS_MAX = 32, /* at most one for each target */
	/* Layers as AV1 has them: operating points name 4 and 8. */
	WIRE_DD_SPATIAL_MAX = 4,
	WIRE_DD_TEMPORAL_MAX = 8,
	/* Frames that one refers to; the codecs have at most eight buffers. */
	WIRE_DD_REFS_MAX = 8
};

enum wire_dd_use { /* A.2: what a frame is for a decode target */
	WIRE_DD_ABSENT, /* not part of it */
	WIRE_DD_DISCARDABLE, /* no later frame of it needs this one */
	/* All later frames of it can be decoded when this one can. */
	WIRE_DD_SWITCH,
	WIRE_DD_REQUIRED
};

struct wire_dd_frame { /* of a template, or of one frame */
	uint8_t spatial, temporal;
	uint8_t uses[WIRE_DD_TARGETS_MAX]; /* enum wire_dd_use */
	uint8_t ref_count;
	uint16_t refs[WIRE_DD_REFS_MAX]; /* how many frames back, 1 to 4096 */
	/* How many frames back the chain's last one is; 0: it begins here. */
	uint8_t chains[WIRE_DD_CHAINS_MAX];
};

struct wire_dd_target {
	uint8_t spatial, temporal; /* its highest layers */
	uint8_t chain; /* that protects it; of no use without chains */
};

struct wire_dd_size {
	uint32_t width, height;
};

struct wire_dd_structure { /* all zero: none yet */
	uint8_t template_offset, template_count;
	uint8_t target_count, chain_count, spatial_count;
	struct wire_dd_frame templates[WIRE_DD_TEMPLATES_MAX];
	struct wire_dd_target targets[WIRE_DD_TARGETS_MAX];
	bool has_sizes;
	struct wire_dd_size sizes[WIRE_DD_SPATIAL_MAX];
};

struct wire_dd {
	bool is_start, is_end; /* of the frame */
	uint16_t frame_number;
	bool has_structure; /* a new one came with it: a key frame */
	bool has_active;
	uint32_t active; /* a bit for each target that is sent at all */
	struct wire_dd_frame frame;
};

/*
 * Reads the data of the extension.  *structure is the one that was sent last,
 * and is written when the descriptor brings another; then *dd is of that.
 * On error neither has changed.
 * Errors: KK_ETRUNC in ends inside a field; KK_ENOENT no template has this id,
 * or there is no structure yet; KK_ELIMIT more than the maxima above;
 * KK_EFORMAT a target's chain does not exist.
 */
MUST_CHECK enum kk_err wire_dd_parse(struct wire_dd *dd,
    struct wire_dd_structure *structure, struct kk_view in);
