/*
 * sframe_rx.c - fuzzes a receiver by a program of operations.
 *
 * The first byte chooses the suite.  Each operation is a byte of what, a byte
 * of detail, a byte of length, and so many bytes: frames as they come, good
 * frames with some bytes changed, epochs that come and go.
 */
#include <stdlib.h>
#include <string.h>

#include "sframe/rx.h"

enum { FRAME_BYTES = 40, OUT_BYTES = 512, SUITES = 8, SENDER = 1 };

enum { OP_OPEN, OP_CHANGE, OP_EPOCH, OP_RETIRE, OP_EXPIRE, OP_COUNT };

struct fuzz {
	enum sframe_suite suite;
	struct sframe_rx *rx;
	struct sframe_tx *tx; /* of the newest epoch */
	uint64_t epoch;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void must(bool is_true)
{
	if (!is_true)
		abort();
}

static void epoch_next(struct fuzz *f, size_t step)
{
	static const uint8_t members[] = { 0x07 };
	uint8_t key[SFRAME_BASE_KEY_MAX_BYTES] = { 0 };
	struct kk_view base_key = kk_view_of(key,
	    sframe_base_key_bytes(f->suite));
	struct sframe_epoch *own;
	enum kk_err err;

	f->epoch += step;
	key[0] = (uint8_t)f->epoch;
	key[1] = (uint8_t)(f->epoch >> 8);
	err = sframe_rx_epoch_add(f->rx, f->epoch, base_key,
	    kk_view_of(members, sizeof(members)));
	if (err) {
		must(err == KK_EEPOCH || err == KK_ELIMIT);
		f->epoch -= step;
		return;
	}
	must(step > 0);
	sframe_tx_free(f->tx);
	must(!sframe_epoch_new(&own, f->suite, f->epoch, SENDER, base_key));
	must(!sframe_epoch_tx_take(own, 0, 0, &f->tx));
	sframe_epoch_free(own);
}

static enum kk_err frame_open(struct fuzz *f, struct kk_view sealed,
    size_t clear_bytes, uint8_t *out, size_t *out_bytes)
{
	enum kk_err err;

	*out_bytes = OUT_BYTES;
	err = sframe_rx_open(f->rx, sealed, clear_bytes, out, out_bytes, NULL);
	must(!err || *out_bytes == 0);
	return err;
}

/* Seals a frame and changes it: it must open once if nothing was changed, and
 * otherwise never.  A tag of 32 bits could be hit by chance, in years. */
static void frame_change(struct fuzz *f, size_t at, struct kk_view with)
{
	uint8_t plain[FRAME_BYTES] = { 1 }, out[OUT_BYTES];
	uint8_t sealed[FRAME_BYTES + SFRAME_OVERHEAD_BYTES];
	const size_t clear_bytes = at % 11;
	size_t bytes = sizeof(sealed), out_bytes;
	bool is_changed = false;
	enum kk_err err;

	err = sframe_tx_seal(f->tx, kk_view_of(plain, sizeof(plain)),
	    clear_bytes, sealed, &bytes);
	must(!err);
	for (size_t i = 0; i < with.bytes && at + i < bytes; i++) {
		sealed[at + i] ^= with.data[i];
		is_changed = is_changed || with.data[i];
	}
	err = frame_open(f, kk_view_of(sealed, bytes), clear_bytes, out,
	    &out_bytes);
	must(err ? is_changed || err == KK_ENOKEY : !is_changed);
	if (err)
		return;
	must(out_bytes == sizeof(plain) && !memcmp(out, plain, out_bytes));
	must(frame_open(f, kk_view_of(sealed, bytes), clear_bytes, out,
		 &out_bytes) == KK_EREPLAY);
}

static void operation_run(struct fuzz *f, unsigned what, uint8_t detail,
    struct kk_view data)
{
	uint8_t out[OUT_BYTES];
	size_t out_bytes;
	enum kk_err err;

	switch (what % OP_COUNT) {
	case OP_OPEN:
		(void)frame_open(f, data, detail % 20, out, &out_bytes);
		break;
	case OP_CHANGE:
		frame_change(f, detail, data);
		break;
	case OP_EPOCH:
		epoch_next(f, detail);
		break;
	case OP_RETIRE:
		err = sframe_rx_epoch_retire(f->rx, f->epoch - detail % 64,
		    detail);
		must(!err || err == KK_ENOENT);
		break;
	default: /* OP_EXPIRE */
		(void)sframe_rx_expire(f->rx, detail);
		break;
	}
	must(f->rx->epoch_count <= SFRAME_RX_EPOCHS_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct fuzz f = { .epoch = 250 };
	struct kk_reader r;

	kk_reader_init(&r, kk_view_of(data, bytes));
	f.suite = (enum sframe_suite)(kk_read_u8(&r) % SUITES + 1);
	must(!crypto_init() && !sframe_rx_new(&f.rx, f.suite));
	epoch_next(&f, 1);
	while (kk_reader_more(&r)) {
		uint8_t what = kk_read_u8(&r), detail = kk_read_u8(&r);
		struct kk_view v = kk_read_raw(&r, kk_read_u8(&r));

		if (!kk_reader_err(&r))
			operation_run(&f, what, detail, v);
	}
	sframe_tx_free(f.tx);
	sframe_rx_free(f.rx);
	return 0;
}
