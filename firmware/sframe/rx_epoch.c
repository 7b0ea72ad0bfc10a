/* rx_epoch.c - the keys of a receiver: epochs and their KIDs. */
#include <string.h>

#include "sframe/rx.h"

enum { FIRST_KEY_ROOM = 16 };

static size_t epoch_low(uint64_t epoch)
{
	return epoch % SFRAME_RX_LOW_EPOCHS;
}

void sframe_rx_key_free(struct sframe_rx_key *key)
{
	if (!key)
		return;
	sframe_key_free(key->key);
	kk_free_wiped(key, sizeof(*key));
}

void sframe_rx_epoch_drop(struct sframe_rx *rx, size_t low)
{
	struct sframe_rx_epoch *epoch = rx->epochs[low];

	if (!epoch)
		return;
	for (size_t i = 0; i < epoch->key_count; i++)
		sframe_rx_key_free(epoch->keys[i]);
	rx->key_count -= epoch->key_count;
	rx->epoch_count--;
	rx->epochs[low] = NULL;
	kk_free(epoch->keys);
	kk_free_wiped(epoch, sizeof(*epoch));
}

/* Where kid is, or where it would be entered. */
static size_t key_index(const struct sframe_rx_epoch *epoch, uint64_t kid)
{
	size_t low = 0, high = epoch->key_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (epoch->keys[middle]->kid < kid)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct sframe_rx_key *sframe_rx_key_get(const struct sframe_rx_epoch *epoch,
    uint64_t kid)
{
	size_t at = key_index(epoch, kid);

	if (at < epoch->key_count && epoch->keys[at]->kid == kid)
		return epoch->keys[at];
	return NULL;
}

bool sframe_rx_is_member(const struct sframe_rx_epoch *epoch, uint32_t sender)
{
	return sender < SFRAME_SENDERS_MAX &&
	    epoch->members[sender / 8] >> sender % 8 & 1;
}

static enum kk_err key_reserve(struct sframe_rx_epoch *epoch)
{
	size_t room = epoch->key_room ? 2 * epoch->key_room : FIRST_KEY_ROOM;
	struct sframe_rx_key **grown;

	if (epoch->key_count < epoch->key_room)
		return KK_OK;
	grown = kk_regrow(epoch->keys, epoch->key_room, room, sizeof(*grown));
	if (!grown)
		return KK_ENOMEM;
	epoch->keys = grown;
	epoch->key_room = room;
	return KK_OK;
}

enum kk_err sframe_rx_key_new(struct sframe_rx_key **keyp, struct sframe_rx *rx,
    struct sframe_rx_epoch *epoch, uint64_t kid)
{
	struct sframe_rx_key *key;
	enum kk_err err;

	if (rx->key_count >= SFRAME_RX_KEYS_MAX)
		return KK_ELIMIT;
	err = key_reserve(epoch);
	if (err)
		return err;
	key = kk_calloc(1, sizeof(*key));
	if (!key)
		return KK_ENOMEM;
	key->kid = kid;
	err = sframe_key_new(&key->key, rx->params, epoch->secret, kid);
	if (err) {
		sframe_rx_key_free(key);
		return err;
	}
	*keyp = key;
	return KK_OK;
}

void sframe_rx_key_give(struct sframe_rx *rx, struct sframe_rx_epoch *epoch,
    struct sframe_rx_key *key)
{
	size_t at = key_index(epoch, key->kid);

	memmove(epoch->keys + at + 1, epoch->keys + at,
	    (epoch->key_count - at) * sizeof(struct sframe_rx_key *));
	epoch->keys[at] = key;
	epoch->key_count++;
	rx->key_count++;
}

static enum kk_err epoch_add_check(const struct sframe_rx *rx, uint64_t epoch,
    struct kk_view base_key, struct kk_view members)
{
	bool takes_place = rx->epochs[epoch_low(epoch)] != NULL;

	if (!sframe_base_key_fits(rx->params, base_key.bytes) ||
	    members.bytes > SFRAME_SENDERS_MAX / 8)
		return KK_EINVAL;
	if (rx->has_newest && epoch <= rx->newest)
		return KK_EEPOCH;
	if (!takes_place && rx->epoch_count >= SFRAME_RX_EPOCHS_MAX)
		return KK_ELIMIT;
	return KK_OK;
}

enum kk_err sframe_rx_epoch_add(struct sframe_rx *rx, uint64_t epoch,
    struct kk_view base_key, struct kk_view members)
{
	enum kk_err err = epoch_add_check(rx, epoch, base_key, members);
	struct sframe_rx_epoch *added;

	if (err)
		return err;
	added = kk_calloc(1, sizeof(*added));
	if (!added)
		return KK_ENOMEM;
	err = sframe_secret_derive(rx->params, base_key, added->secret);
	if (err) {
		kk_free_wiped(added, sizeof(*added));
		return err;
	}
	added->epoch = epoch;
	if (members.bytes)
		memcpy(added->members, members.data, members.bytes);
	sframe_rx_epoch_drop(rx, epoch_low(epoch));
	rx->epochs[epoch_low(epoch)] = added;
	rx->epoch_count++;
	rx->has_newest = true;
	rx->newest = epoch;
	return KK_OK;
}

enum kk_err sframe_rx_epoch_retire(struct sframe_rx *rx, uint64_t epoch,
    uint64_t deadline_ms)
{
	struct sframe_rx_epoch *e = rx->epochs[epoch_low(epoch)];

	if (!e || e->epoch != epoch)
		return KK_ENOENT;
	if (!e->is_retired || deadline_ms < e->deadline_ms)
		e->deadline_ms = deadline_ms;
	e->is_retired = true;
	return KK_OK;
}

size_t sframe_rx_expire(struct sframe_rx *rx, uint64_t now_ms)
{
	size_t count = 0;

	for (size_t low = 0; low < SFRAME_RX_LOW_EPOCHS; low++) {
		struct sframe_rx_epoch *e = rx->epochs[low];

		if (!e || !e->is_retired || e->deadline_ms > now_ms)
			continue;
		sframe_rx_epoch_drop(rx, low);
		count++;
	}
	return count;
}

bool sframe_rx_deadline_get(const struct sframe_rx *rx, uint64_t *deadline_ms)
{
	bool has_one = false;

	for (size_t low = 0; low < SFRAME_RX_LOW_EPOCHS; low++) {
		const struct sframe_rx_epoch *e = rx->epochs[low];

		if (!e || !e->is_retired)
			continue;
		if (!has_one || e->deadline_ms < *deadline_ms)
			*deadline_ms = e->deadline_ms;
		has_one = true;
	}
	return has_one;
}
