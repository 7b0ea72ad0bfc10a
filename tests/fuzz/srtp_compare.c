/* libs: drivers-crypto-engine */
/*
 * srtp_compare.c - fuzzes libsrtp2 and the transform of our own side by side:
 * whatever comes, both say the same and write the same.
 *
 * The first byte chooses profile and engine.  Each operation is a byte of what,
 * two of a sequence number or detail, a byte of length, and so many bytes:
 * packets sealed, opened, opened changed, opened as they come.
 */
#include <stdlib.h>
#include <string.h>

#include "drivers/crypto-engine/engine.h"
#include "srtp/srtp.h"
#include "wire/out.h"
#include "wire/rtcp.h"
#include "wire/rtp.h"

enum {
	BYTES = 512,
	SSRCS = 4,
	PROFILES = 3,
	KEPT = 16,
	CHECK_EVERY = 3,
	RTCP_INDEX_BYTES = 4,
	CM_TAG_BYTES = 10
};

enum op { OP_SEAL_RTP, OP_SEAL_RTCP, OP_OPEN, OP_CHANGE, OP_RAW, OP_COUNT };

#ifdef KK_CRYPTO_ENGINE_IPSEC_MB
static const char *const names[] = { "openssl", "ipsec-mb" };
#else
static const char *const names[] = { "openssl" };
#endif

struct packet {
	uint8_t data[BYTES];
	size_t bytes;
	bool is_rtcp;
};

struct fuzz {
	enum srtp_profile profile;
	struct srtp_tx *tx[2]; /* libsrtp2's, ours */
	struct srtp_rx *rx[2];
	struct packet kept[KEPT]; /* sealed ones */
	size_t kept_count;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void must(bool is_true)
{
	if (!is_true)
		abort();
}

/* In exactly the room that is always enough, on the heap, so that the
 * sanitizer sees each overrun. */
static enum kk_err run_one(struct fuzz *f, size_t which, bool is_seal,
    const struct packet *in, struct packet *out)
{
	const size_t room = in->bytes + (is_seal ? SRTP_OVERHEAD_BYTES : 0);
	const struct kk_view packet = kk_view_of(in->data, in->bytes);
	uint8_t *to = malloc(room ? room : 1);
	size_t bytes = room;
	enum kk_err err;

	must(to != NULL);
	if (is_seal)
		err = in->is_rtcp ?
		    srtp_tx_seal_rtcp(f->tx[which], packet, to, &bytes) :
		    srtp_tx_seal_rtp(f->tx[which], packet, to, &bytes);
	else
		err = in->is_rtcp ?
		    srtp_rx_open_rtcp(f->rx[which], packet, to, &bytes) :
		    srtp_rx_open_rtp(f->rx[which], packet, to, &bytes);
	must(err ? bytes == 0 : bytes <= room && bytes <= BYTES);
	must(err != KK_ENOSPC && err != KK_EINVAL && err != KK_ECRYPTO);
	if (!err)
		memcpy(out->data, to, bytes);
	out->bytes = bytes;
	out->is_rtcp = in->is_rtcp;
	free(to);
	return err;
}

/* RTCP that says it is clear: we refuse it before anything else, libsrtp2 in
 * GCM's profiles as the forgery it also is. */
static bool is_clear_rtcp(const struct fuzz *f, const struct packet *p)
{
	const size_t behind = f->profile == SRTP_PROFILE_AES128_CM_SHA1_80 ?
	    CM_TAG_BYTES :
	    0;

	return p->is_rtcp && p->bytes >= behind + RTCP_INDEX_BYTES &&
	    !(p->data[p->bytes - behind - RTCP_INDEX_BYTES] & 0x80);
}

static enum kk_err run_both(struct fuzz *f, bool is_seal,
    const struct packet *in, struct packet *out)
{
	struct packet ours;
	enum kk_err want = run_one(f, 0, is_seal, in, out);
	enum kk_err got = run_one(f, 1, is_seal, in, &ours);

	if (!is_seal && want && is_clear_rtcp(f, in))
		must(got != KK_OK);
	else
		must(got == want);
	must(ours.bytes == out->bytes);
	must(memcmp(ours.data, out->data, out->bytes) == 0);
	return want;
}

/* --- operations ----------------------------------------------------------- */

static void keep(struct fuzz *f, const struct packet *sealed)
{
	f->kept[f->kept_count++ % KEPT] = *sealed;
}

static void seal_rtp(struct fuzz *f, uint16_t seq, struct kk_view payload)
{
	static const uint8_t ext[] = { 0x10, 0xaa, 0x00, 0x00 };
	struct wire_rtp rtp = { .ssrc = payload.bytes % (SSRCS + 1),
		.seq = seq,
		.payload = payload,
		.csrc_count = seq % 3,
		.has_ext = seq % 2,
		.ext_profile = WIRE_RTP_EXT_ONE_BYTE,
		.ext = { ext, sizeof(ext) } };
	struct packet plain = { .is_rtcp = false }, sealed;
	struct wire_out w;

	wire_out_init(&w, plain.data, sizeof(plain.data));
	wire_rtp_write(&w, &rtp);
	must(!w.err);
	plain.bytes = w.bytes;
	if (!run_both(f, true, &plain, &sealed))
		keep(f, &sealed);
}

static void seal_rtcp(struct fuzz *f, uint16_t detail)
{
	const struct wire_rtcp_report reports[8] = { { .ssrc = detail } };
	struct packet plain = { .is_rtcp = true }, sealed;
	struct wire_out w;

	wire_out_init(&w, plain.data, sizeof(plain.data));
	wire_rtcp_rr_write(&w, detail % (SSRCS + 1), reports, detail / 8 % 9);
	must(!w.err);
	plain.bytes = w.bytes;
	if (!run_both(f, true, &plain, &sealed))
		keep(f, &sealed);
}

static void open_kept(struct fuzz *f, uint16_t detail, struct kk_view with)
{
	struct packet packet, opened;
	bool is_changed;

	if (f->kept_count == 0)
		return;
	packet = f->kept[detail % KEPT % f->kept_count];
	for (size_t i = 0; i < with.bytes; i++) {
		const size_t at = detail / KEPT + i;

		if (at < packet.bytes)
			packet.data[at] ^= with.data[i];
	}
	is_changed = memcmp(packet.data,
			 f->kept[detail % KEPT % f->kept_count].data,
			 packet.bytes) != 0;
	if (!run_both(f, false, &packet, &opened))
		must(!is_changed);
}

static void open_raw(struct fuzz *f, uint16_t detail, struct kk_view data)
{
	struct packet packet = { .bytes = data.bytes, .is_rtcp = detail % 2 };
	struct packet opened;

	if (data.bytes > 0)
		memcpy(packet.data, data.data, data.bytes);
	must(run_both(f, false, &packet, &opened) != KK_OK);
}

static void operation_run(struct fuzz *f, enum op what, uint16_t detail,
    struct kk_view data)
{
	switch (what) {
	case OP_SEAL_RTP:
		seal_rtp(f, detail, data);
		break;
	case OP_SEAL_RTCP:
		seal_rtcp(f, detail);
		break;
	case OP_OPEN:
		open_kept(f, detail, kk_view_of(NULL, 0));
		break;
	case OP_CHANGE:
		open_kept(f, detail, data);
		break;
	default: /* OP_RAW */
		open_raw(f, detail, data);
		break;
	}
}

/* --- a run ---------------------------------------------------------------- */

static struct engine_set *engines_get(size_t which)
{
	static struct engine_set *sets[KK_ARRAY_LEN(names)];
	const struct engine_config config = { .wanted = names[which],
		.check_every = CHECK_EVERY };

	if (!sets[which]) {
		must(!srtp_library_init());
		must(!engine_set_new(&sets[which], &config));
	}
	return sets[which];
}

static void fuzz_init(struct fuzz *f, unsigned choice)
{
	static const enum srtp_profile profiles[PROFILES] = {
		SRTP_PROFILE_AES128_CM_SHA1_80, SRTP_PROFILE_AEAD_AES_128_GCM,
		SRTP_PROFILE_AEAD_AES_256_GCM
	};
	static const uint8_t bytes[SRTP_KEY_MAX_BYTES] = { 1, 2, 3 };
	struct engine_set *set = engines_get(choice / PROFILES %
	    KK_ARRAY_LEN(names));
	struct kk_view key, salt;

	f->kept_count = 0;
	f->profile = profiles[choice % PROFILES];
	key = kk_view_of(bytes, srtp_key_bytes(f->profile));
	salt = kk_view_of(bytes, srtp_salt_bytes(f->profile));
	must(!srtp_tx_new(&f->tx[0], f->profile, key, salt, SSRCS));
	must(!srtp_rx_new(&f->rx[0], f->profile, key, salt, SSRCS));
	must(!srtp_tx_new_on(&f->tx[1], set, f->profile, key, salt, SSRCS));
	must(!srtp_rx_new_on(&f->rx[1], set, f->profile, key, salt, SSRCS));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	static struct fuzz f;
	struct kk_reader r;

	kk_reader_init(&r, kk_view_of(data, bytes));
	fuzz_init(&f, kk_read_u8(&r));
	while (kk_reader_more(&r)) {
		enum op what = kk_read_u8(&r) % OP_COUNT;
		uint16_t detail = kk_read_u16(&r);
		struct kk_view v = kk_read_raw(&r, kk_read_u8(&r));

		if (!kk_reader_err(&r))
			operation_run(&f, what, detail, v);
	}
	for (size_t i = 0; i < 2; i++) {
		srtp_tx_free(f.tx[i]);
		srtp_rx_free(f.rx[i]);
	}
	return 0;
}
