/* support.c - what the SFrame tests share. */
#include "support.h"

#include <string.h>

/* Leaves 0 to 15, without leaf 3. */
static const uint8_t members[] = { 0xf7, 0xff };

void fill(void *out, size_t bytes, uint64_t seed)
{
	uint64_t x = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;

	for (size_t i = 0; i < bytes; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		((uint8_t *)out)[i] = (uint8_t)(x >> 24);
	}
}

struct kk_view pair_base_key(const struct pair *p)
{
	return kk_view_of(p->base_key, sframe_base_key_bytes(p->suite));
}

void pair_next_epoch(struct pair *p, uint64_t epoch,
    struct sframe_epoch **epochp)
{
	fill(p->base_key, sizeof(p->base_key), epoch);
	CHECK_OK(sframe_rx_epoch_add(p->rx, epoch, pair_base_key(p),
	    kk_view_of(members, sizeof(members))));
	CHECK_OK(sframe_epoch_new(epochp, p->suite, epoch, PAIR_SENDER,
	    pair_base_key(p)));
}

void pair_init(struct pair *p, enum sframe_suite suite)
{
	*p = (struct pair){ .suite = suite };
	CHECK_OK(crypto_init());
	CHECK_OK(sframe_rx_new(&p->rx, suite));
	pair_next_epoch(p, PAIR_EPOCH, &p->epoch);
	CHECK_OK(sframe_epoch_tx_take(p->epoch, 0, 0, &p->tx));
}

void pair_clear(struct pair *p)
{
	sframe_tx_free(p->tx);
	sframe_epoch_free(p->epoch);
	sframe_rx_free(p->rx);
}

void seal(struct sealed *s, struct sframe_tx *tx, size_t plain_bytes,
    size_t clear_bytes)
{
	CHECK(plain_bytes <= sizeof(s->plain));
	fill(s->plain, plain_bytes, plain_bytes + 1);
	s->plain_bytes = plain_bytes;
	s->clear_bytes = clear_bytes;
	s->len = plain_bytes + SFRAME_OVERHEAD_BYTES;
	CHECK_OK(sframe_tx_seal(tx, kk_view_of(s->plain, plain_bytes),
	    clear_bytes, s->bytes, &s->len));
}

void seal_at(struct sealed *s, struct sframe_tx *tx, uint64_t ctr)
{
	tx->next_ctr = ctr;
	seal(s, tx, 20, 0);
}

static bool is_filled(const uint8_t *p, size_t bytes, uint8_t with)
{
	for (size_t i = 0; i < bytes; i++) {
		if (p[i] != with)
			return false;
	}
	return true;
}

enum kk_err open_bytes(struct sframe_rx *rx, const struct sealed *s,
    const void *bytes, size_t len)
{
	uint8_t out[sizeof(s->bytes)];
	size_t out_bytes = sizeof(out);
	struct sframe_source source = { .ctr = UINT64_MAX };
	enum kk_err err;

	memset(out, 0xa5, sizeof(out));
	err = sframe_rx_open(rx, kk_view_of(bytes, len), s->clear_bytes, out,
	    &out_bytes, &source);
	if (err) {
		CHECK_EQ(out_bytes, 0);
		CHECK_EQ(source.ctr, UINT64_MAX);
		/* Untouched, or wiped as far as it might have been written. */
		for (size_t i = 0; i < sizeof(out); i++)
			CHECK(out[i] == 0xa5 || (out[i] == 0 && i < len));
		return err;
	}
	CHECK_EQ(out_bytes, s->plain_bytes);
	CHECK_MEM(out, s->plain, out_bytes);
	CHECK(is_filled(out + out_bytes, sizeof(out) - out_bytes, 0xa5));
	return KK_OK;
}

enum kk_err open_sealed(struct sframe_rx *rx, const struct sealed *s)
{
	return open_bytes(rx, s, s->bytes, s->len);
}
