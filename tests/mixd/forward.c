/* forward.c - the forwarder's packets' half, and a far member. */
#include <stdatomic.h>
#include <string.h>

#include "crypto/crypto.h"
#include "dtls/dtls.h"
#include "srtp/srtp.h"
#include "wire/rtp.h"
#include "world.h"

enum { OPUS_HZ = 48000 };

static void transport_changed(void *arg, struct media_peer *peer,
    uint32_t transport, bool is_connected)
{
	(void)arg;
	(void)peer;
	(void)transport;
	(void)is_connected;
}

/* --- the far member ------------------------------------------------------- */

static void state_changed(void *arg, enum link_state state, enum kk_err why)
{
	struct far_end *f = arg;

	(void)why;
	atomic_store(&f->state, (int)state);
}

static void size_note(struct far_end *f, size_t bytes)
{
	for (size_t i = 0; i < f->size_count; i++) {
		if (f->sizes[i] == bytes)
			return;
	}
	if (f->size_count < SIZES_SEEN)
		f->sizes[f->size_count++] = bytes;
}

static void sealed_take(struct far_end *f, const struct wire_rtp *rtp)
{
	uint8_t opened[LINK_PACKET_MAX_BYTES];
	int16_t pcm[CODEC_PACKET_SAMPLES];
	struct sframe_source source;
	size_t bytes = sizeof(opened), samples;

	if (vault_open(f->vault, rtp->payload, 0, opened, &bytes, &source))
		return; /* of an epoch that we are not in yet */
	size_note(f, bytes); /* SFrame's header has a counter */
	CHECK_EQ(source.kid.sender, OWN_LEAF);
	CHECK_EQ(source.kid.stream, VAULT_MICROPHONE);
	CHECK_OK(codec_rx_decode(f->rx, kk_view_of(opened, bytes), pcm,
	    &samples));
	CHECK_EQ(samples, CODEC_TICK_SAMPLES);
	ear_hear(&f->ear, pcm, samples);
}

static void packet_came(void *arg, struct kk_view packet)
{
	struct far_end *f = arg;
	struct wire_rtp rtp = { 0 };

	CHECK_OK(wire_rtp_parse(&rtp, packet));
	(void)pthread_mutex_lock(&f->lock);
	f->packets++;
	sealed_take(f, &rtp);
	(void)pthread_mutex_unlock(&f->lock);
}

bool far_hears(struct world *w, enum voices voice)
{
	bool is;

	(void)pthread_mutex_lock(&w->far.lock);
	is = ear_has(&w->far.ear, voice);
	(void)pthread_mutex_unlock(&w->far.lock);
	return is;
}

bool far_hears_not(struct world *w, enum voices voice)
{
	bool is;

	(void)pthread_mutex_lock(&w->far.lock);
	is = ear_has_not(&w->far.ear, voice);
	(void)pthread_mutex_unlock(&w->far.lock);
	return is;
}

void far_listen(struct world *w)
{
	(void)pthread_mutex_lock(&w->far.lock);
	ear_open(&w->far.ear);
	w->far.packets = 0;
	w->far.size_count = 0;
	(void)pthread_mutex_unlock(&w->far.lock);
}

void far_say(struct world *w)
{
	uint8_t coded[CODEC_PAYLOAD_BYTES], sealed[512], packet[600];
	size_t coded_bytes = sizeof(coded), sealed_bytes = sizeof(sealed);
	int16_t pcm[MIX_SAMPLES] = { 0 };
	struct far_end *f = &w->far;
	struct wire_out out;

	if (!f->is_mute)
		voice_say(VOICE_FAR, f->at, pcm);
	f->at += MIX_SAMPLES;
	f->seq++;
	if (!vault_may_seal(f->vault) ||
	    atomic_load(&f->state) != LINK_CONNECTED)
		return;
	CHECK_OK(codec_tx_encode(f->tx, pcm, coded, &coded_bytes));
	CHECK_OK(vault_seal(f->vault, VAULT_MICROPHONE, 0,
	    kk_view_of(coded, coded_bytes), 0, sealed, &sealed_bytes));
	wire_out_init(&out, packet, sizeof(packet));
	wire_rtp_write(&out,
	    &(struct wire_rtp){ .payload_type = OPUS,
		.seq = f->seq,
		.timestamp = (uint32_t)f->at,
		.ssrc = FAR_SSRC,
		.payload = kk_view_of(sealed, sealed_bytes) });
	CHECK_OK(out.err);
	CHECK_OK(link_send_rtp(f->link, wire_out_view(&out)));
}

/* --- both ends ------------------------------------------------------------ */

static void peer_open(struct world *w, struct media_peer **peer,
    struct media_transport *transport)
{
	CHECK_OK(media_peer_new(peer, w->meeting, w));
	CHECK_OK(media_transport_open(*peer, MEDIA_BOTH, transport));
}

static void microphone_publish(struct media_peer *peer, uint32_t transport,
    uint32_t ssrc)
{
	const struct media_publish what = { .transport = transport,
		.source = MEDIA_MICROPHONE,
		.kind = MEDIA_AUDIO,
		.payload_type = OPUS,
		.encodings = { { .ssrc = ssrc } },
		.encoding_count = 1 };

	CHECK_OK(media_publish(peer, &what));
}

static void microphone_watch(struct media_peer *peer, uint32_t slot,
    struct media_peer *of)
{
	CHECK_OK(media_watch(peer,
	    &(struct media_watch){ .slot = slot,
		.of = of,
		.source = MEDIA_MICROPHONE }));
}

static void far_link_open(struct world *w)
{
	static const char *const own[] = { "127.0.0.1" };
	struct far_end *f = &w->far;
	const struct link_config config = { .cname = "far",
		.addresses = own,
		.address_count = 1,
		.state_changed = state_changed,
		.arg = f };
	const struct link_sender sender = { .ssrc = FAR_SSRC,
		.clock_hz = OPUS_HZ };
	const struct link_candidate candidate = { .address = "127.0.0.1",
		.port = media_port(w->media),
		.priority = 2130706431,
		.foundation = "1" };
	const struct link_remote remote = { f->transport.ufrag,
		f->transport.pwd, f->transport.fingerprint, &candidate, 1 };
	const struct link_receiver receiver = { .ssrc = f->slot.ssrc,
		.payload_type = f->slot.payload_type,
		.clock_hz = OPUS_HZ,
		.packet = packet_came,
		.arg = f };

	CHECK_OK(link_new(&f->link, &config));
	CHECK_OK(link_sender_add(f->link, &sender));
	CHECK_OK(link_receiver_add(f->link, &receiver));
	CHECK_OK(media_transport_connect(f->peer, f->transport.number,
	    link_fingerprint(f->link)));
	CHECK_OK(link_remote_set(f->link, &remote));
}

static void far_open(struct world *w)
{
	const struct media_slots slots = { .audio = 1 };
	struct far_end *f = &w->far;

	(void)pthread_mutex_init(&f->lock, NULL);
	ear_open(&f->ear);
	CHECK_OK(vault_new(&f->vault));
	CHECK_OK(codec_tx_new(&f->tx, CODEC_OPUS));
	CHECK_OK(codec_rx_new(&f->rx, CODEC_OPUS));
	peer_open(w, &f->peer, &f->transport);
	CHECK_OK(media_slots_make(f->peer, f->transport.number, &slots,
	    &f->slot));
	microphone_publish(f->peer, f->transport.number, FAR_SSRC);
	far_link_open(w);
}

static void own_open(struct world *w)
{
	const struct media_slots slots = { .audio = SLOTS };

	peer_open(w, &w->peer, &w->transport);
	CHECK_OK(media_slots_make(w->peer, w->transport.number, &slots,
	    w->slots));
	microphone_publish(w->peer, w->transport.number, OWN_SSRC);
	microphone_watch(w->peer, w->slots[0].slot, w->far.peer);
	microphone_watch(w->far.peer, w->far.slot.slot, w->peer);
	w->siblings.generation++;
}

void generation_next(struct world *w)
{
	media_peer_free(w->peer);
	own_open(w);
	plan_tell(w);
}

void forward_open(struct world *w)
{
	static const char *const addresses[] = { "127.0.0.1" };
	struct media_config config = { .addresses = addresses,
		.address_count = 1,
		.transport_changed = transport_changed };

	if (!dtls_backend_is_here(DTLS_BACKEND_OPENSSL))
		SKIP("the forwarder's OpenSSL is not in this build");
	CHECK_OK(crypto_init());
	CHECK_OK(srtp_library_init());
	CHECK_OK(postbox_new(&w->box, w->event));
	CHECK_OK(media_shaker_new(&w->shaker, NULL));
	config.box = w->box;
	config.shaker = w->shaker;
	CHECK_OK(media_new(&w->media, w->event, &config));
	CHECK_OK(media_meeting_new(&w->meeting, w->media));
	far_open(w);
	own_open(w);
}

void forward_close(struct world *w)
{
	struct far_end *f = &w->far;

	link_free(f->link);
	media_peer_free(f->peer);
	media_peer_free(w->peer);
	media_meeting_free(w->meeting);
	media_shaker_free(w->shaker);
	postbox_free(w->box);
	media_free(w->media);
	codec_rx_free(f->rx);
	codec_tx_free(f->tx);
	vault_free(f->vault);
	(void)pthread_mutex_destroy(&f->lock);
}
