/* world.c - a sender, its receiver, and packets between them. */
#include "srtp/world.h"

#include <string.h>

#include "drivers/crypto-engine/engine.h"
#include "wire/rtcp.h"
#include "wire/rtp.h"

enum { CANARY = 0xa5 };

const enum srtp_profile world_profiles[WORLD_PROFILES] = {
	SRTP_PROFILE_AES128_CM_SHA1_80, SRTP_PROFILE_AEAD_AES_128_GCM,
	SRTP_PROFILE_AEAD_AES_256_GCM
};

static const char *const engines[WORLD_BACKENDS] = {
	NULL,
	"openssl",
#ifdef KK_CRYPTO_ENGINE_IPSEC_MB
	"ipsec-mb",
#endif
};

struct world_kind world_kind(size_t index)
{
	return (struct world_kind){ engines[index / WORLD_PROFILES],
		world_profiles[index % WORLD_PROFILES] };
}

struct engine_set *world_engines(const char *engine)
{
	static struct engine_set *sets[WORLD_BACKENDS];

	for (size_t i = 1; i < WORLD_BACKENDS; i++) {
		const struct engine_config config = { .wanted = engines[i],
			.check_every = 5 };

		if (strcmp(engine, engines[i]) != 0)
			continue;
		if (!sets[i])
			CHECK_OK(engine_set_new(&sets[i], &config));
		return sets[i];
	}
	tap_fail(TAP_HERE, "an engine that is built", KK_OK);
	return NULL;
}

enum kk_err world_tx_new(struct srtp_tx **txp, struct world_kind kind,
    struct kk_view key, struct kk_view salt, size_t ssrcs_max)
{
	if (!kind.engine)
		return srtp_tx_new(txp, kind.profile, key, salt, ssrcs_max);
	return srtp_tx_new_on(txp, world_engines(kind.engine), kind.profile,
	    key, salt, ssrcs_max);
}

enum kk_err world_rx_new(struct srtp_rx **rxp, struct world_kind kind,
    struct kk_view key, struct kk_view salt, size_t ssrcs_max)
{
	if (!kind.engine)
		return srtp_rx_new(rxp, kind.profile, key, salt, ssrcs_max);
	return srtp_rx_new_on(rxp, world_engines(kind.engine), kind.profile,
	    key, salt, ssrcs_max);
}

void world_init(struct world *w, struct world_kind kind, uint8_t seed,
    size_t ssrcs_max)
{
	const size_t key_bytes = srtp_key_bytes(kind.profile);

	CHECK_OK(srtp_library_init());
	memset(w, 0, sizeof(*w));
	w->kind = kind;
	for (size_t i = 0; i < sizeof(w->material); i++)
		w->material[i] = (uint8_t)(seed + 31 * i);
	w->key = kk_view_of(w->material, key_bytes);
	w->salt = kk_view_of(w->material + key_bytes,
	    srtp_salt_bytes(kind.profile));
	CHECK_OK(world_tx_new(&w->tx, kind, w->key, w->salt,
	    WORLD_TX_SSRCS_MAX));
	CHECK_OK(world_rx_new(&w->rx, kind, w->key, w->salt, ssrcs_max));
}

void world_clear(struct world *w)
{
	srtp_tx_free(w->tx);
	srtp_rx_free(w->rx);
}

size_t world_rtp(struct world *w, uint32_t ssrc, uint16_t seq,
    size_t payload_bytes)
{
	static const uint8_t ext[] = { 0x10, 0xaa, 0x00, 0x00 };
	uint8_t payload[WORLD_BYTES];
	struct wire_rtp rtp = { .seq = seq, .ssrc = ssrc, .payload_type = 96 };
	struct wire_out out;

	for (size_t i = 0; i < payload_bytes; i++)
		payload[i] = (uint8_t)(i * seq);
	rtp.payload = kk_view_of(payload, payload_bytes);
	rtp.has_marker = seq % 2;
	rtp.csrc_count = seq % 3;
	rtp.has_ext = seq % 5 < 3;
	rtp.ext_profile = WIRE_RTP_EXT_ONE_BYTE;
	rtp.ext = kk_view_of(ext, sizeof(ext));
	wire_out_init(&out, w->plain, sizeof(w->plain));
	wire_rtp_write(&out, &rtp);
	CHECK_OK(out.err);
	return out.bytes;
}

size_t world_rtcp(struct world *w, uint32_t ssrc, size_t report_count)
{
	const struct wire_rtcp_report reports[32] = { { .ssrc = ssrc + 1 } };
	struct wire_out out;

	wire_out_init(&out, w->plain, sizeof(w->plain));
	wire_rtcp_rr_write(&out, ssrc, reports, report_count);
	CHECK_OK(out.err);
	return out.bytes;
}

typedef enum kk_err seal_fn(struct srtp_tx *tx, struct kk_view packet,
    uint8_t *out, size_t *out_bytes);
typedef enum kk_err open_fn(struct srtp_rx *rx, struct kk_view packet,
    uint8_t *out, size_t *out_bytes);

/* Nothing behind the room has changed; after an error nothing is in it. */
static void check_edges(const uint8_t *out, size_t room, size_t out_bytes,
    enum kk_err err)
{
	for (size_t i = room; i < WORLD_BYTES; i++)
		CHECK_EQ(out[i], CANARY);
	CHECK(out_bytes <= room);
	if (err)
		CHECK_EQ(out_bytes, 0);
}

static enum kk_err seal(struct world *w, seal_fn *run, size_t bytes)
{
	const size_t room = bytes + SRTP_OVERHEAD_BYTES;
	enum kk_err err;

	memset(w->sealed, CANARY, sizeof(w->sealed));
	w->plain_bytes = bytes;
	w->sealed_bytes = room;
	err = run(w->tx, kk_view_of(w->plain, bytes), w->sealed,
	    &w->sealed_bytes);
	check_edges(w->sealed, room, w->sealed_bytes, err);
	return err;
}

static enum kk_err open_sealed(struct world *w, open_fn *run)
{
	const size_t room = w->sealed_bytes;
	enum kk_err err;

	memset(w->opened, CANARY, sizeof(w->opened));
	w->opened_bytes = room;
	err = run(w->rx, kk_view_of(w->sealed, w->sealed_bytes), w->opened,
	    &w->opened_bytes);
	check_edges(w->opened, room, w->opened_bytes, err);
	return err;
}

enum kk_err world_seal_rtp(struct world *w, size_t bytes)
{
	return seal(w, srtp_tx_seal_rtp, bytes);
}

enum kk_err world_seal_rtcp(struct world *w, size_t bytes)
{
	return seal(w, srtp_tx_seal_rtcp, bytes);
}

enum kk_err world_open_rtp(struct world *w)
{
	return open_sealed(w, srtp_rx_open_rtp);
}

enum kk_err world_open_rtcp(struct world *w)
{
	return open_sealed(w, srtp_rx_open_rtcp);
}

void world_check_opened(const struct world *w)
{
	CHECK_EQ(w->opened_bytes, w->plain_bytes);
	CHECK_MEM(w->opened, w->plain, w->plain_bytes);
}
