/* many.c - one packet to many receivers, sealed side by side. */
#include "srtp/transform.h"

enum { AT_ONCE = 32 };

struct batch { /* of objects over one set of engines */
	struct engine_set *engines;
	size_t count;
	struct engine_job jobs[AT_ONCE];
	struct srtp_seal *seals[AT_ONCE];
	size_t room_bytes[AT_ONCE];
	uint8_t ivs[AT_ONCE][ENGINE_CM_IV_BYTES];
};

static void seal_end(struct srtp_seal *seal, enum kk_err err, size_t room_bytes)
{
	seal->err = err;
	seal->out_bytes = seal->header.bytes + seal->payload.bytes +
	    seal->tx->side.params->rtp_tag_bytes;
	if (!err)
		return;
	seal->out_bytes = 0;
	kk_wipe(seal->out, room_bytes);
}

static void batch_run(struct batch *b)
{
	if (b->count > 0)
		engine_seal_many(b->engines, b->jobs, b->count);
	for (size_t i = 0; i < b->count; i++)
		seal_end(b->seals[i], b->jobs[i].err, b->room_bytes[i]);
	b->count = 0;
}

/* Puts a packet in line, or ends it with its error. */
static void batch_add(struct batch *b, struct srtp_seal *seal)
{
	struct srtp_transform *t = seal->tx->side.state;
	size_t room_bytes = seal->out_bytes;
	struct srtp_stream fresh, *stream;
	const size_t at = b->count;

	seal->out_bytes = 0;
	seal->err = srtp_tx_begin(seal->tx, seal->header, seal->payload, &fresh,
	    &stream, &room_bytes);
	if (seal->err)
		return;
	seal->err = srtp_transform_seal_begin(t, stream, seal->header,
	    seal->payload, seal->out, b->ivs[at], &b->jobs[at]);
	if (seal->err) {
		kk_wipe(seal->out, room_bytes);
		return;
	}
	srtp_side_keep(&seal->tx->side, stream, &fresh);
	b->seals[at] = seal;
	b->room_bytes[at] = room_bytes;
	b->engines = t->engines;
	b->count++;
}

void srtp_seal_many(struct srtp_seal *seals, size_t count)
{
	struct batch b;

	b.count = 0;
	for (size_t i = 0; i < count; i++) {
		struct srtp_seal *seal = &seals[i];
		const struct srtp_side *side = &seal->tx->side;

		if (side->backend != &srtp_backend_engine) {
			seal->err = srtp_tx_seal_parts(seal->tx, seal->header,
			    seal->payload, seal->out, &seal->out_bytes);
			continue;
		}
		if (b.count == AT_ONCE ||
		    (b.count > 0 &&
			b.engines !=
			    ((struct srtp_transform *)side->state)->engines))
			batch_run(&b);
		batch_add(&b, seal);
	}
	batch_run(&b);
}
