/* vault.c - the frame keys of a meeting, behind a lock. */
#include "pipelines/elements/vault/vault.h"

#include <glib.h>
#include <string.h>

#include "wire/sframe_header.h"

struct vault {
	GMutex lock;
	bool has_epoch;
	uint64_t epoch;
	enum sframe_suite suite;
	uint8_t base_key[SFRAME_BASE_KEY_MAX_BYTES]; /* to know it again */
	size_t base_key_bytes;
	struct sframe_epoch *sender; /* NULL: we may not seal */
	/* Made when first used. */
	struct sframe_tx *tx[VAULT_STREAMS][VAULT_LAYERS];
	struct sframe_rx *rx;
};

enum kk_err vault_new(struct vault **vaultp)
{
	struct vault *v = kk_calloc(1, sizeof(*v));

	if (!v)
		return KK_ENOMEM;
	g_mutex_init(&v->lock);
	*vaultp = v;
	return KK_OK;
}

static void sender_drop(struct vault *v)
{
	for (int i = 0; i < VAULT_STREAMS; i++) {
		for (int j = 0; j < VAULT_LAYERS; j++) {
			sframe_tx_free(v->tx[i][j]);
			v->tx[i][j] = NULL;
		}
	}
	sframe_epoch_free(v->sender);
	v->sender = NULL;
}

static void forget(struct vault *v)
{
	sender_drop(v);
	sframe_rx_free(v->rx);
	v->rx = NULL;
	kk_wipe(v->base_key, sizeof(v->base_key));
	v->has_epoch = false;
}

void vault_free(struct vault *vault)
{
	if (!vault)
		return;
	forget(vault);
	g_mutex_clear(&vault->lock);
	kk_free_wiped(vault, sizeof(*vault));
}

void vault_clear(struct vault *vault)
{
	g_mutex_lock(&vault->lock);
	forget(vault);
	g_mutex_unlock(&vault->lock);
}

static bool is_same(const struct vault *v, const struct vault_epoch *e)
{
	return v->epoch == e->epoch && v->suite == e->suite &&
	    v->base_key_bytes == e->base_key.bytes &&
	    kk_secret_equal(v->base_key, e->base_key.data, e->base_key.bytes);
}

/* Where epochs come faster than they retire, the oldest goes before its time:
 * the newest is what everybody seals in. */
static enum kk_err epoch_add(struct sframe_rx *rx, const struct vault_epoch *e,
    struct kk_view members)
{
	enum kk_err err = sframe_rx_epoch_add(rx, e->epoch, e->base_key,
	    members);
	uint64_t oldest_ms;

	if (err != KK_ELIMIT || !sframe_rx_deadline_get(rx, &oldest_ms))
		return err;
	(void)sframe_rx_expire(rx, oldest_ms);
	return sframe_rx_epoch_add(rx, e->epoch, e->base_key, members);
}

/* Our own leaf is left out: a frame of ours that comes back is refused. */
static enum kk_err receiver_add(struct vault *v, const struct vault_epoch *e,
    uint64_t now_ms)
{
	uint8_t members[SFRAME_SENDERS_MAX / 8];
	struct sframe_rx *rx = v->rx;
	enum kk_err err = KK_OK;

	if (e->members.bytes > sizeof(members))
		return KK_EINVAL;
	memcpy(members, e->members.data, e->members.bytes);
	if (e->own_leaf / 8 < e->members.bytes)
		members[e->own_leaf / 8] &= (uint8_t)~(1U << e->own_leaf % 8);
	if (rx)
		(void)sframe_rx_expire(rx, now_ms);
	else
		err = sframe_rx_new(&rx, e->suite);
	if (!err)
		err = epoch_add(rx, e, kk_view_of(members, e->members.bytes));
	if (err && !v->rx)
		sframe_rx_free(rx);
	if (err)
		return err;
	/* It may be gone already, and that is all we want. */
	if (v->rx)
		err = sframe_rx_epoch_retire(rx, v->epoch,
		    now_ms + e->retire_ms);
	v->rx = rx;
	return err == KK_ENOENT ? KK_OK : err;
}

static enum kk_err enter(struct vault *v, const struct vault_epoch *e,
    uint64_t now_ms)
{
	struct sframe_epoch *sender = NULL;
	enum kk_err err = KK_OK;

	if (e->base_key.bytes > sizeof(v->base_key))
		return KK_EINVAL;
	if (v->has_epoch && (e->suite != v->suite || e->epoch <= v->epoch))
		return is_same(v, e) ? KK_OK : KK_EEPOCH;
	if (e->may_seal)
		err = sframe_epoch_new(&sender, e->suite, e->epoch, e->own_leaf,
		    e->base_key);
	if (!err)
		err = receiver_add(v, e, now_ms);
	if (err) {
		sframe_epoch_free(sender);
		return err;
	}
	sender_drop(v);
	v->sender = sender;
	v->has_epoch = true;
	v->epoch = e->epoch;
	v->suite = e->suite;
	kk_wipe(v->base_key, sizeof(v->base_key));
	memcpy(v->base_key, e->base_key.data, e->base_key.bytes);
	v->base_key_bytes = e->base_key.bytes;
	return KK_OK;
}

enum kk_err vault_epoch_set(struct vault *vault,
    const struct vault_epoch *epoch, uint64_t now_ms)
{
	enum kk_err err;

	g_mutex_lock(&vault->lock);
	err = enter(vault, epoch, now_ms);
	g_mutex_unlock(&vault->lock);
	return err;
}

void vault_expire(struct vault *vault, uint64_t now_ms)
{
	g_mutex_lock(&vault->lock);
	if (vault->rx)
		(void)sframe_rx_expire(vault->rx, now_ms);
	g_mutex_unlock(&vault->lock);
}

bool vault_may_seal(struct vault *vault)
{
	bool may_seal;

	g_mutex_lock(&vault->lock);
	may_seal = vault->sender != NULL;
	g_mutex_unlock(&vault->lock);
	return may_seal;
}

bool vault_has_epoch(struct vault *vault)
{
	bool has_epoch;

	g_mutex_lock(&vault->lock);
	has_epoch = vault->has_epoch;
	g_mutex_unlock(&vault->lock);
	return has_epoch;
}

static enum kk_err seal(struct vault *v, enum vault_stream stream,
    unsigned layer, struct kk_view frame, size_t clear_bytes, uint8_t *out,
    size_t *out_bytes)
{
	struct sframe_tx **tx;
	enum kk_err err = KK_OK;

	if (!v->sender)
		return KK_ESTATE;
	if (layer >= VAULT_LAYERS)
		return KK_EINVAL;
	tx = &v->tx[stream][layer];
	if (!*tx)
		err = sframe_epoch_tx_take(v->sender, stream, layer, tx);
	if (!err)
		err = sframe_tx_seal(*tx, frame, clear_bytes, out, out_bytes);
	if (err == KK_ESPENT)
		sender_drop(v); /* asks for a new epoch */
	return err;
}

enum kk_err vault_seal(struct vault *vault, enum vault_stream stream,
    unsigned layer, struct kk_view frame, size_t clear_bytes, uint8_t *out,
    size_t *out_bytes)
{
	enum kk_err err;

	g_mutex_lock(&vault->lock);
	err = seal(vault, stream, layer, frame, clear_bytes, out, out_bytes);
	g_mutex_unlock(&vault->lock);
	if (err)
		*out_bytes = 0;
	return err;
}

/* KIDs have the low bits of the epoch alone. */
static bool is_early(const struct vault *v, struct kk_view sealed,
    size_t clear_bytes)
{
	struct wire_sframe header;
	struct sframe_kid kid;
	unsigned ahead;

	if (!v->has_epoch)
		return true;
	if (wire_sframe_parse(&header,
		kk_view_of(sealed.data + clear_bytes,
		    sealed.bytes - clear_bytes)) ||
	    sframe_kid_split(&kid, header.kid))
		return false;
	ahead = (uint8_t)(kid.epoch - v->epoch);
	return ahead > 0 && ahead <= VAULT_AHEAD_MAX;
}

enum kk_err vault_open(struct vault *vault, struct kk_view sealed,
    size_t clear_bytes, uint8_t *out, size_t *out_bytes,
    struct sframe_source *source)
{
	enum kk_err err = KK_ENOKEY;

	g_mutex_lock(&vault->lock);
	if (vault->rx)
		err = sframe_rx_open(vault->rx, sealed, clear_bytes, out,
		    out_bytes, source);
	else
		*out_bytes = 0;
	if (err == KK_ENOKEY && !is_early(vault, sealed, clear_bytes))
		err = KK_EEPOCH;
	g_mutex_unlock(&vault->lock);
	return err;
}

struct sframe_rx_stats vault_stats(struct vault *vault)
{
	struct sframe_rx_stats stats = { 0 };

	g_mutex_lock(&vault->lock);
	if (vault->rx)
		stats = *sframe_rx_stats_get(vault->rx);
	g_mutex_unlock(&vault->lock);
	return stats;
}
