/*
 * srtp_unprotect.c - fuzzes opening of RTP and RTCP by a program of operations.
 *
 * The first byte chooses the profile.  Each operation is a byte of what, a byte
 * of detail, a byte of length, and so many bytes: packets as they come, good
 * ones with some bytes changed, good ones twice.
 */
#include <stdlib.h>
#include <string.h>

#include "srtp/srtp.h"
#include "wire/rtcp.h"
#include "wire/rtp.h"

enum { BYTES = 512, SSRCS = 4, PROFILES = 3 };

enum { OP_RTP, OP_RTCP, OP_CHANGE_RTP, OP_CHANGE_RTCP, OP_COUNT };

struct fuzz {
	struct srtp_tx *tx;
	struct srtp_rx *rx;
	uint16_t seq[2]; /* of two sources */
};

typedef enum kk_err open_fn(struct srtp_rx *rx, struct kk_view packet,
    uint8_t *out, size_t *out_bytes);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void must(bool is_true)
{
	if (!is_true)
		abort();
}

/* In exactly the room that is always enough, on the heap, so that the
 * sanitizer sees each overrun. */
static enum kk_err open_exact(struct fuzz *f, open_fn *run,
    struct kk_view packet)
{
	uint8_t *out = malloc(packet.bytes ? packet.bytes : 1);
	size_t out_bytes = packet.bytes;
	enum kk_err err;

	must(out != NULL);
	err = run(f->rx, packet, out, &out_bytes);
	must(err ? out_bytes == 0 : out_bytes < packet.bytes);
	must(err != KK_ENOSPC && err != KK_EINVAL && err != KK_ECRYPTO);
	free(out);
	return err;
}

static void change(uint8_t *sealed, size_t bytes, size_t at,
    struct kk_view with)
{
	for (size_t i = 0; i < with.bytes && at + i < bytes; i++)
		sealed[at + i] ^= with.data[i];
}

/* A good packet, first changed at a place: it must not open, nor disturb.  Then
 * as it was: it opens once. */
static void change_run(struct fuzz *f, open_fn *run, uint8_t *sealed,
    size_t bytes, size_t at, struct kk_view with)
{
	struct kk_view packet = kk_view_of(sealed, bytes);
	uint8_t good[BYTES];

	memcpy(good, sealed, bytes);
	change(sealed, bytes, at, with);
	if (memcmp(sealed, good, bytes) != 0)
		must(open_exact(f, run, packet) != KK_OK);
	memcpy(sealed, good, bytes);
	must(open_exact(f, run, packet) == KK_OK);
	must(open_exact(f, run, packet) == KK_EREPLAY);
}

static void rtp_change(struct fuzz *f, size_t at, struct kk_view with)
{
	uint8_t plain[BYTES], sealed[BYTES];
	struct wire_rtp rtp = { .ssrc = at % 2, .seq = f->seq[at % 2] };
	size_t bytes = sizeof(sealed);
	struct wire_out w;

	f->seq[at % 2] += (uint16_t)(1 + at * 16); /* wraps soon */
	rtp.payload = with;
	wire_out_init(&w, plain, sizeof(plain));
	wire_rtp_write(&w, &rtp);
	must(!w.err);
	must(!srtp_tx_seal_rtp(f->tx, wire_out_view(&w), sealed, &bytes));
	change_run(f, srtp_rx_open_rtp, sealed, bytes, at, with);
}

static void rtcp_change(struct fuzz *f, size_t at, struct kk_view with)
{
	const struct wire_rtcp_report reports[4] = { { .ssrc = 1 } };
	uint8_t plain[BYTES], sealed[BYTES];
	size_t bytes = sizeof(sealed);
	struct wire_out w;

	wire_out_init(&w, plain, sizeof(plain));
	wire_rtcp_rr_write(&w, at % 2, reports, at % 5);
	must(!w.err);
	must(!srtp_tx_seal_rtcp(f->tx, wire_out_view(&w), sealed, &bytes));
	change_run(f, srtp_rx_open_rtcp, sealed, bytes, at, with);
}

static void operation_run(struct fuzz *f, unsigned what, uint8_t detail,
    struct kk_view data)
{
	switch (what % OP_COUNT) {
	case OP_RTP:
		must(open_exact(f, srtp_rx_open_rtp, data) != KK_OK);
		break;
	case OP_RTCP:
		must(open_exact(f, srtp_rx_open_rtcp, data) != KK_OK);
		break;
	case OP_CHANGE_RTP:
		rtp_change(f, detail, data);
		break;
	default: /* OP_CHANGE_RTCP */
		rtcp_change(f, detail, data);
		break;
	}
}

static void fuzz_init(struct fuzz *f, unsigned choice)
{
	static const enum srtp_profile profiles[PROFILES] = {
		SRTP_PROFILE_AES128_CM_SHA1_80, SRTP_PROFILE_AEAD_AES_128_GCM,
		SRTP_PROFILE_AEAD_AES_256_GCM
	};
	static const uint8_t bytes[SRTP_KEY_MAX_BYTES] = { 1, 2, 3 };
	enum srtp_profile profile = profiles[choice % PROFILES];
	struct kk_view key = kk_view_of(bytes, srtp_key_bytes(profile));
	struct kk_view salt = kk_view_of(bytes, srtp_salt_bytes(profile));

	*f = (struct fuzz){ .seq = { 0xff00, 7 } };
	must(!srtp_tx_new(&f->tx, profile, key, salt, SSRCS));
	must(!srtp_rx_new(&f->rx, profile, key, salt, SSRCS));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	static bool is_ready;
	struct kk_reader r;
	struct fuzz f;

	if (!is_ready)
		must(!srtp_library_init());
	is_ready = true;
	kk_reader_init(&r, kk_view_of(data, bytes));
	fuzz_init(&f, kk_read_u8(&r));
	while (kk_reader_more(&r)) {
		uint8_t what = kk_read_u8(&r), detail = kk_read_u8(&r);
		struct kk_view v = kk_read_raw(&r, kk_read_u8(&r));

		if (!kk_reader_err(&r))
			operation_run(&f, what, detail, v);
	}
	srtp_tx_free(f.tx);
	srtp_rx_free(f.rx);
	return 0;
}
