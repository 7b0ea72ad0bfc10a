/*
 * client.h - the packets' half of sfud, and clients of it over real sockets on
 * the loopback interface, made of what endpoints are made of.
 *
 * One loop turns all of them; world_until() is the only way to wait.
 */
#pragma once
#include <sys/socket.h>

#include "bin/sfud/media.h"
#include "bin/sfud/media_shaker.h"
#include "bin/sfud/postbox.h"
#include "dtls/dtls.h"
#include "srtp/srtp.h"
#include "wire/framing.h"
#include "wire/rtcp.h"
#include "wire/rtp.h"
#include "wire/stun.h"

enum {
	CLIENT_INBOX_MAX = 256,
	CLIENT_PACKET_BYTES = 2048,
	WORLD_CLIENTS_MAX = 8,
	WORLD_CHANGES_MAX = 32,
	VIDEO_SSRC = 1000,
	VIDEO_RTX_SSRC = 1001,
	AUDIO_SSRC = 2000,
	VIDEO_TYPE = 120,
	VIDEO_RTX_TYPE = 121,
	AUDIO_TYPE = 111
};

struct client;

struct world {
	sd_event *event;
	struct postbox *box;
	struct media_shaker *shaker;
	struct media *media;
	struct media_meeting *meeting;
	struct client *clients[WORLD_CLIENTS_MAX];
	size_t client_count;
	struct {
		struct media_peer *peer;
		uint32_t transport;
		bool is_connected;
	} changes[WORLD_CHANGES_MAX];
	size_t change_count;
	struct media_peer *free_when_told; /* inside of the callback */
};

struct client { /* a participant with one transport */
	struct world *world;
	struct media_peer *peer;
	struct media_transport transport;
	int fd;
	int tcp; /* what it sends by; -1: by fd.  It hears both */
	struct wire_framing framing;
	size_t frames; /* that came by it */
	bool is_tcp_closed; /* by the forwarder */
	bool is_deaf; /* does not read it */
	bool forgets; /* what it has got, when there is no more room */
	struct sockaddr_storage server;
	socklen_t server_bytes;
	struct dtls_identity *identity;
	struct dtls *dtls;
	enum dtls_role role;
	struct srtp_tx *tx;
	struct srtp_rx *rx;
	enum srtp_profile profile;
	/* The last answer to a check. */
	uint8_t transaction[WIRE_STUN_TRANSACTION_BYTES];
	struct wire_stun_response response;
	unsigned responses;
	struct {
		uint8_t data[CLIENT_PACKET_BYTES];
		size_t bytes;
		bool is_rtcp;
	} inbox[CLIENT_INBOX_MAX];
	size_t inbox_count;
	uint16_t seq, picture_id;
	uint32_t timestamp;
};

/* address is one of the loopback interface.  heard: is told who is in slots for
 * the loudest. */
void world_open_heard(struct world *w, const char *address,
    void (*heard)(void *arg, struct media_peer *peer,
	const struct media_heard *list, size_t count));
static inline void world_open(struct world *w, const char *address)
{
	world_open_heard(w, address, NULL);
}
void world_close(struct world *w);
/* Moves the clock of sfud's half on; for the whole program. */
void world_clock_move(uint64_t us);

typedef bool world_done_fn(void *arg);
/* Turns the loop until done, and fails the test where that never comes. */
void world_until(struct world *w, world_done_fn *done, void *arg);
/* Turns it until everything that was sent before has been worked on. */
void world_settle(struct world *w);

/* A participant with a transport, its socket and its fingerprint told. */
void client_open(struct client *c, struct world *w,
    struct media_meeting *meeting, enum media_direction direction,
    enum dtls_backend backend);
/* The DTLS server, whose fingerprint the test tells. */
void client_open_server(struct client *c, struct world *w,
    enum media_direction direction, enum dtls_backend backend);
void client_close(struct client *c);
void client_socket_renew(struct client *c); /* another address */
/* A connection to the forwarder's TCP candidate: what is sent goes there. */
void client_tcp_open(struct client *c);
void client_tcp_close(struct client *c); /* by UDP again */

struct check {
	bool is_nominating;
	enum wire_stun_role role;
	const char *username; /* NULL: the right one */
	const char *password; /* likewise */
};
/* Sends a check; client_is_answered() tells whether its answer has come. */
void client_check(struct client *c, const struct check *check);
bool client_is_answered(void *client);
bool client_is_done(void *client); /* the handshake */
void client_shake(struct client *c); /* begins the handshake */
void client_connect(struct client *c); /* check, handshake, keys */

void client_send_raw(struct client *c, struct kk_view datagram);
void client_send(struct client *c, struct kk_view plain, bool is_rtcp);
void client_publish(struct client *c); /* camera and microphone */
/* One packet of the camera, a frame of its own; of the microphone. */
void client_video(struct client *c, bool is_key, uint8_t fill);
void client_audio(struct client *c, uint8_t fill);
void client_nack(struct client *c, uint32_t ssrc, uint16_t seq);
void client_pli(struct client *c, uint32_t ssrc);

/* The ith RTP packet of an SSRC that it has got; false where there is none. */
bool client_rtp(const struct client *c, uint32_t ssrc, size_t i,
    struct wire_rtp *rtp);
/* How many feedback packets of a type and format it has got. */
size_t client_feedback(const struct client *c, unsigned type, unsigned fmt);
