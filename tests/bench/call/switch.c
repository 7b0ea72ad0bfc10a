/* switch.c - encryption on and off, and what it takes. */
#define _POSIX_C_SOURCE 200809L /* clock_gettime */
#include "switch.h"

#include <stdatomic.h>
#include <string.h>
#include <time.h>

#include "wire/out.h"

static atomic_bool is_on = true;
static atomic_uint_fast64_t spent_ns[SWITCH_CALLS], calls[SWITCH_CALLS];
static atomic_uint_fast64_t own_ctr[VAULT_STREAMS];

void switch_set(bool on)
{
	is_on = on;
}

bool switch_is_on(void)
{
	return is_on;
}

struct switch_cost switch_cost_take(void)
{
	struct switch_cost cost;

	for (int i = 0; i < SWITCH_CALLS; i++) {
		cost.ns[i] = atomic_exchange(&spent_ns[i], 0);
		cost.calls[i] = atomic_exchange(&calls[i], 0);
	}
	return cost;
}

static uint64_t thread_ns(void)
{
	struct timespec t = { 0 };

	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static enum kk_err count(enum switch_call call, uint64_t from_ns,
    enum kk_err err)
{
	spent_ns[call] += thread_ns() - from_ns;
	calls[call]++;
	return err;
}

void switch_trailer_write(uint8_t *out, uint32_t leaf, uint64_t ctr)
{
	wire_put_u32(out, leaf);
	wire_put_u32(out + 4, (uint32_t)(ctr >> 32));
	wire_put_u32(out + 8, (uint32_t)ctr);
}

static enum kk_err copy(struct kk_view from, uint8_t *out, size_t *out_bytes)
{
	if (*out_bytes < from.bytes) {
		*out_bytes = 0;
		return KK_ENOSPC;
	}
	memcpy(out, from.data, from.bytes);
	*out_bytes = from.bytes;
	return KK_OK;
}

/* The box is leaf 0. */
static enum kk_err frame_copy(enum vault_stream stream, struct kk_view frame,
    uint8_t *out, size_t *out_bytes)
{
	size_t room = *out_bytes;

	if (room < frame.bytes + SWITCH_TRAILER_BYTES)
		return KK_ENOSPC;
	if (copy(frame, out, out_bytes))
		return KK_ENOSPC;
	switch_trailer_write(out + frame.bytes, 0, own_ctr[stream]++);
	*out_bytes += SWITCH_TRAILER_BYTES;
	return KK_OK;
}

/* Which stream it is, the caller knows: video has clear bytes. */
static enum kk_err frame_uncopy(struct kk_view sealed, size_t clear_bytes,
    uint8_t *out, size_t *out_bytes, struct sframe_source *source)
{
	struct kk_view frame = sealed;
	const uint8_t *end;

	if (sealed.bytes < SWITCH_TRAILER_BYTES)
		return KK_ETRUNC;
	frame.bytes -= SWITCH_TRAILER_BYTES;
	end = sealed.data + frame.bytes;
	*source = (struct sframe_source){
		.kid = { .epoch = SWITCH_PLAIN_EPOCH,
		    .sender = wire_get_u32(end),
		    .stream = clear_bytes ? VAULT_CAMERA : VAULT_MICROPHONE },
		.ctr = (uint64_t)wire_get_u32(end + 4) << 32 |
		    wire_get_u32(end + 8)
	};
	return copy(frame, out, out_bytes);
}

enum kk_err __real_vault_seal(struct vault *vault, enum vault_stream stream,
    unsigned layer, struct kk_view frame, size_t clear_bytes, uint8_t *out,
    size_t *out_bytes);
enum kk_err __wrap_vault_seal(struct vault *vault, enum vault_stream stream,
    unsigned layer, struct kk_view frame, size_t clear_bytes, uint8_t *out,
    size_t *out_bytes);
enum kk_err __wrap_vault_seal(struct vault *vault, enum vault_stream stream,
    unsigned layer, struct kk_view frame, size_t clear_bytes, uint8_t *out,
    size_t *out_bytes)
{
	uint64_t from_ns = thread_ns();

	return count(SWITCH_VAULT_SEAL, from_ns,
	    is_on ? __real_vault_seal(vault, stream, layer, frame, clear_bytes,
			out, out_bytes) :
		    frame_copy(stream, frame, out, out_bytes));
}

enum kk_err __real_vault_open(struct vault *vault, struct kk_view sealed,
    size_t clear_bytes, uint8_t *out, size_t *out_bytes,
    struct sframe_source *source);
enum kk_err __wrap_vault_open(struct vault *vault, struct kk_view sealed,
    size_t clear_bytes, uint8_t *out, size_t *out_bytes,
    struct sframe_source *source);
enum kk_err __wrap_vault_open(struct vault *vault, struct kk_view sealed,
    size_t clear_bytes, uint8_t *out, size_t *out_bytes,
    struct sframe_source *source)
{
	uint64_t from_ns = thread_ns();

	return count(SWITCH_VAULT_OPEN, from_ns,
	    is_on ? __real_vault_open(vault, sealed, clear_bytes, out,
			out_bytes, source) :
		    frame_uncopy(sealed, clear_bytes, out, out_bytes, source));
}

enum kk_err __real_srtp_tx_seal_rtp(struct srtp_tx *tx, struct kk_view packet,
    uint8_t *out, size_t *out_bytes);
enum kk_err __wrap_srtp_tx_seal_rtp(struct srtp_tx *tx, struct kk_view packet,
    uint8_t *out, size_t *out_bytes);
enum kk_err __wrap_srtp_tx_seal_rtp(struct srtp_tx *tx, struct kk_view packet,
    uint8_t *out, size_t *out_bytes)
{
	uint64_t from_ns = thread_ns();

	return count(SWITCH_HOP_SEAL, from_ns,
	    is_on ? __real_srtp_tx_seal_rtp(tx, packet, out, out_bytes) :
		    copy(packet, out, out_bytes));
}

enum kk_err __real_srtp_rx_open_rtp(struct srtp_rx *rx, struct kk_view packet,
    uint8_t *out, size_t *out_bytes);
enum kk_err __wrap_srtp_rx_open_rtp(struct srtp_rx *rx, struct kk_view packet,
    uint8_t *out, size_t *out_bytes);
enum kk_err __wrap_srtp_rx_open_rtp(struct srtp_rx *rx, struct kk_view packet,
    uint8_t *out, size_t *out_bytes)
{
	uint64_t from_ns = thread_ns();

	return count(SWITCH_HOP_OPEN, from_ns,
	    is_on ? __real_srtp_rx_open_rtp(rx, packet, out, out_bytes) :
		    copy(packet, out, out_bytes));
}
