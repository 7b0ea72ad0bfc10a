/* kid.c - what a KID is made of (RFC 9605, 5.2). */
#include "sframe/sframe.h"

enum {
	SENDER_SHIFT = SFRAME_EPOCH_BITS,
	LAYER_SHIFT = SENDER_SHIFT + SFRAME_SENDER_BITS,
	STREAM_SHIFT = LAYER_SHIFT + SFRAME_LAYER_BITS,
	EPOCH_MASK = (1 << SFRAME_EPOCH_BITS) - 1
};

enum kk_err sframe_kid_make(uint64_t *kid, const struct sframe_kid *parts)
{
	if (parts->sender >= SFRAME_SENDERS_MAX ||
	    parts->layer >= SFRAME_LAYERS_MAX)
		return KK_EINVAL;
	*kid = (uint64_t)parts->stream << STREAM_SHIFT |
	    (uint64_t)parts->layer << LAYER_SHIFT |
	    (uint64_t)parts->sender << SENDER_SHIFT |
	    (parts->epoch & EPOCH_MASK);
	return KK_OK;
}

enum kk_err sframe_kid_split(struct sframe_kid *parts, uint64_t kid)
{
	if (kid >> STREAM_SHIFT > UINT32_MAX)
		return KK_EINVAL;
	parts->epoch = kid & EPOCH_MASK;
	parts->sender = kid >> SENDER_SHIFT & (SFRAME_SENDERS_MAX - 1);
	parts->layer = kid >> LAYER_SHIFT & (SFRAME_LAYERS_MAX - 1);
	parts->stream = (uint32_t)(kid >> STREAM_SHIFT);
	return KK_OK;
}
