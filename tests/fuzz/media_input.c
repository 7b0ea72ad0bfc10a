/* libs: sfu hop srtp dtls wire */
/* files: firmware/bin/sfud/media*.c */
/* files: firmware/bin/sfud/postbox.c firmware/bin/sfud/worker.c */
/*
 * media_input.c - fuzzes the media port: datagrams of anybody, from addresses
 * that are proved or not.
 *
 *     steps: flags (1) | datagram with its length in front (2)
 *
 * With a flag the datagram gets a good check's credentials, so that what
 * stands behind them is reached.
 */
#include <stdlib.h>
#include <string.h>

#include "bin/sfud/media_internal.h"

enum {
	STEPS_MAX = 64,
	IS_SIGNED = 1,
	IS_NOMINATING = 2,
	IS_CONTROLLED = 4,
	ADDRESS_SHIFT = 4
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void must(bool is_true)
{
	if (!is_true)
		abort();
}

static void on_changed(void *arg, struct media_peer *peer, uint32_t transport,
    bool is_connected)
{
	(void)arg;
	(void)peer;
	(void)transport;
	must(!is_connected); /* nobody has a key here */
}

struct world {
	sd_event *event;
	struct postbox *box;
	struct media_shaker *shaker;
	struct media *media;
	struct media_meeting *meeting;
	struct media_peer *peer;
	struct media_transport transport;
};

/* Once: a port is not opened ten thousand times a second. */
static struct world *world_get(void)
{
	static struct world w;
	const char *address = "127.0.0.1";
	struct media_config config = { .addresses = &address,
		.address_count = 1,
		.transport_changed = on_changed };

	if (w.media)
		return &w;
	must(sd_event_new(&w.event) >= 0);
	must(!postbox_new(&w.box, w.event));
	must(!media_shaker_new(&w.shaker, NULL));
	config.box = w.box;
	config.shaker = w.shaker;
	must(!media_new(&w.media, w.event, &config));
	must(!media_meeting_new(&w.meeting, w.media));
	return &w;
}

static void peer_open(struct world *w)
{
	must(!media_peer_new(&w->peer, w->meeting, NULL));
	must(!media_transport_open(w->peer, MEDIA_BOTH, &w->transport));
	must(!media_transport_connect(w->peer, w->transport.number,
	    w->transport.fingerprint));
}

/* A good check; the datagram's first bytes are its transaction and numbers. */
static void check_give(struct world *w, unsigned flags, struct kk_view in,
    const struct media_address *remote, const struct media_address *local,
    uint64_t now_us)
{
	struct wire_stun_request req = { .is_nominating = flags & IS_NOMINATING,
		.has_priority = true,
		.role = flags & IS_CONTROLLED ? WIRE_STUN_CONTROLLED :
						WIRE_STUN_CONTROLLING };
	uint8_t name[64], out[256];
	struct wire_out n, o;

	if (in.bytes >= sizeof(req.transaction))
		memcpy(req.transaction, in.data, sizeof(req.transaction));
	wire_out_init(&n, name, sizeof(name));
	wire_out_raw(&n, kk_view_text(w->transport.ufrag));
	wire_out_raw(&n, kk_view_text(":x"));
	req.username = wire_out_view(&n);
	wire_out_init(&o, out, sizeof(out));
	wire_stun_request_write(&o, &req, kk_view_text(w->transport.pwd));
	must(!o.err);
	media_input(w->media, wire_out_view(&o), remote, local, now_us);
}

static void step(struct world *w, struct kk_reader *r, uint64_t now_us)
{
	unsigned flags = kk_read_u8(r);
	struct kk_view in = kk_read_raw(r, kk_read_u16(r));
	const struct media_address local = { .family = AF_INET,
		.ip = { 127, 0, 0, 1 } };
	struct media_address remote = local;

	/* Nobody listens there. */
	remote.port = (uint16_t)(1 + (flags >> ADDRESS_SHIFT));
	if (kk_reader_err(r))
		return;
	if (flags & IS_SIGNED)
		check_give(w, flags, in, &remote, &local, now_us);
	else
		media_input(w->media, in, &remote, &local, now_us);
	must(w->media->path_count <= MEDIA_PATHS_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	uint64_t now_us = media_now_us();
	struct kk_reader r;
	struct world *w;

	if (!dtls_backend_is_here(DTLS_BACKEND_OPENSSL))
		return 0; /* then there is no forwarder */
	w = world_get();
	peer_open(w);
	kk_reader_init(&r, kk_view_of(data, bytes));
	for (unsigned i = 0; i < STEPS_MAX && kk_reader_more(&r); i++)
		step(w, &r, now_us + i);
	media_settle(w->media);
	media_peer_free(w->peer);
	must(w->media->path_count == 0 && w->media->transport_count == 0);
	/* What the handshakes' thread has said meanwhile. */
	must(sd_event_run(w->event, 0) >= 0);
	return 0;
}
