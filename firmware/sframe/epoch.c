/* epoch.c - our own leaf in one epoch: each context's sender, once. */
#include <string.h>

#include "sframe/tx.h"

struct sframe_epoch {
	const struct sframe_params *params;
	struct sframe_kid own; /* epoch and sender */
	uint8_t secret[SFRAME_HASH_MAX_BYTES];
	uint64_t taken_kids[SFRAME_TX_CONTEXTS_MAX];
	size_t taken_count;
};

enum kk_err sframe_epoch_new(struct sframe_epoch **epochp,
    enum sframe_suite suite, uint64_t epoch, uint32_t sender,
    struct kk_view base_key)
{
	const struct sframe_params *params = sframe_params_get(suite);
	struct sframe_epoch *e;
	enum kk_err err;

	if (!params || sender >= SFRAME_SENDERS_MAX ||
	    !sframe_base_key_fits(params, base_key.bytes))
		return KK_EINVAL;
	e = kk_calloc(1, sizeof(*e));
	if (!e)
		return KK_ENOMEM;
	e->params = params;
	e->own.epoch = epoch;
	e->own.sender = sender;
	err = sframe_secret_derive(params, base_key, e->secret);
	if (err) {
		sframe_epoch_free(e);
		return err;
	}
	*epochp = e;
	return KK_OK;
}

void sframe_epoch_free(struct sframe_epoch *epoch)
{
	kk_free_wiped(epoch, sizeof(*epoch));
}

static bool is_taken(const struct sframe_epoch *epoch, uint64_t kid)
{
	for (size_t i = 0; i < epoch->taken_count; i++) {
		if (epoch->taken_kids[i] == kid)
			return true;
	}
	return false;
}

enum kk_err sframe_epoch_tx_take(struct sframe_epoch *epoch, uint32_t stream,
    uint32_t layer, struct sframe_tx **txp)
{
	struct sframe_kid parts = epoch->own;
	enum kk_err err;
	uint64_t kid;

	parts.stream = stream;
	parts.layer = layer;
	err = sframe_kid_make(&kid, &parts);
	if (err)
		return err;
	if (is_taken(epoch, kid))
		return KK_EEXIST;
	if (epoch->taken_count == SFRAME_TX_CONTEXTS_MAX)
		return KK_ELIMIT;
	err = sframe_tx_new(txp, epoch->params, epoch->secret, kid);
	if (err)
		return err;
	epoch->taken_kids[epoch->taken_count++] = kid;
	return KK_OK;
}
