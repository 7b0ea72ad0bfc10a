/* api.c - tests of what media.h says about its calls. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/tap.h"
#include "media/client.h"
#include "mock/alloc.h"

static struct media_transport opened(struct media_peer *peer,
    enum media_direction direction)
{
	struct media_transport t;

	CHECK_OK(media_transport_open(peer, direction, &t));
	return t;
}

struct room { /* a meeting with two participants, without sockets of theirs */
	struct world w;
	struct media_peer *a, *b;
};

static void room_open(struct room *r)
{
	world_open(&r->w, "127.0.0.1");
	CHECK_OK(media_peer_new(&r->a, r->w.meeting, NULL));
	CHECK_OK(media_peer_new(&r->b, r->w.meeting, NULL));
}

static void room_close(struct room *r)
{
	media_peer_free(r->a);
	media_peer_free(r->b);
	media_peer_free(NULL);
	world_close(&r->w);
}

TEST(a_participant_has_four_transports_with_credentials_of_their_own)
{
	struct media_transport t[5];
	struct room r;

	room_open(&r);
	for (unsigned i = 0; i < 4; i++) {
		t[i] = opened(r.a, MEDIA_BOTH);
		CHECK_EQ(strlen(t[i].ufrag), MEDIA_UFRAG_BYTES - 1);
		CHECK_EQ(strlen(t[i].pwd), MEDIA_PWD_BYTES - 1);
		CHECK_EQ(strlen(t[i].fingerprint), 95);
		for (unsigned j = 0; j < i; j++) {
			CHECK(t[i].number != t[j].number);
			CHECK(strcmp(t[i].ufrag, t[j].ufrag) != 0);
			CHECK(strcmp(t[i].pwd, t[j].pwd) != 0);
		}
	}
	CHECK_ERR(media_transport_open(r.a, MEDIA_BOTH, &t[4]), KK_ELIMIT);
	t[4] = opened(r.b, MEDIA_BOTH);
	CHECK(t[4].number > t[3].number);
	room_close(&r);
}

TEST(a_transport_is_connected_once_by_a_fingerprint_of_its_owner)
{
	struct media_transport t;
	struct room r;

	room_open(&r);
	t = opened(r.a, MEDIA_BOTH);
	CHECK_ERR(media_transport_connect(r.b, t.number, t.fingerprint),
	    KK_ENOENT);
	CHECK_ERR(media_transport_connect(r.a, t.number, "AB:CD"), KK_EFORMAT);
	CHECK_OK(media_transport_connect(r.a, t.number, t.fingerprint));
	CHECK_ERR(media_transport_connect(r.a, t.number, t.fingerprint),
	    KK_ESTATE);
	room_close(&r);
}

TEST(a_transport_is_closed_by_its_owner_once_and_makes_room)
{
	struct media_transport t[4], more;
	struct room r;

	room_open(&r);
	for (unsigned i = 0; i < 4; i++)
		t[i] = opened(r.a, MEDIA_BOTH);
	CHECK_ERR(media_transport_close(r.b, t[1].number), KK_ENOENT);
	CHECK_OK(media_transport_close(r.a, t[1].number));
	CHECK_ERR(media_transport_close(r.a, t[1].number), KK_ENOENT);
	more = opened(r.a, MEDIA_BOTH);
	CHECK(more.number > t[3].number);
	CHECK_ERR(media_transport_connect(r.a, t[1].number, more.fingerprint),
	    KK_ENOENT);
	room_close(&r);
}

TEST(publishing_is_refused_where_it_makes_no_sense)
{
	struct media_publish what = { .source = MEDIA_CAMERA,
		.kind = MEDIA_VIDEO,
		.payload_type = 96,
		.encodings = { { .ssrc = 5, .rtx_ssrc = 6 } },
		.rtx_payload_type = 97,
		.encoding_count = 1 };
	struct media_transport down, up;
	struct room r;

	room_open(&r);
	down = opened(r.a, MEDIA_RECEIVE);
	up = opened(r.a, MEDIA_SEND);
	what.transport = 999;
	CHECK_ERR(media_publish(r.a, &what), KK_ENOENT);
	what.transport = down.number;
	CHECK_ERR(media_publish(r.a, &what), KK_EINVAL);
	what.transport = up.number;
	CHECK_ERR(media_publish(r.b, &what), KK_ENOENT);
	what.kind = MEDIA_AUDIO;
	CHECK_ERR(media_publish(r.a, &what), KK_EINVAL);
	what.kind = MEDIA_VIDEO;
	what.encodings[0].ssrc = 0;
	CHECK_ERR(media_publish(r.a, &what), KK_EINVAL);
	what.encodings[0].ssrc = 6;
	CHECK_ERR(media_publish(r.a, &what), KK_EINVAL);
	what.encodings[0].ssrc = 5;
	what.encoding_count = 0;
	CHECK_ERR(media_publish(r.a, &what), KK_EINVAL);
	what.encoding_count = 1;
	CHECK_OK(media_publish(r.a, &what));
	CHECK_ERR(media_publish(r.a, &what), KK_EEXIST);
	what.source = MEDIA_SCREEN; /* with the camera's SSRC */
	CHECK_ERR(media_publish(r.a, &what), KK_EINVAL);
	room_close(&r);
}

TEST(slots_are_made_once_with_numbers_of_their_own)
{
	struct media_slot slots[2 * MEDIA_SLOTS_MAX];
	struct media_transport down, up;
	struct room r;

	room_open(&r);
	down = opened(r.a, MEDIA_RECEIVE);
	up = opened(r.a, MEDIA_SEND);
	CHECK_ERR(media_slots_make(r.a, 999,
		      &(struct media_slots){ .audio = 1, .video = 1 }, slots),
	    KK_ENOENT);
	CHECK_ERR(media_slots_make(r.a, up.number,
		      &(struct media_slots){ .audio = 1, .video = 1 }, slots),
	    KK_EINVAL);
	CHECK_ERR(media_slots_make(r.a, down.number,
		      &(struct media_slots){ .audio = MEDIA_SLOTS_MAX + 1,
			  .video = 1 },
		      slots),
	    KK_ELIMIT);
	CHECK_OK(media_slots_make(r.a, down.number,
	    &(struct media_slots){ .audio = MEDIA_SLOTS_MAX,
		.video = MEDIA_SLOTS_MAX },
	    slots));
	CHECK_ERR(media_slots_make(r.a, down.number,
		      &(struct media_slots){ .audio = 1, .video = 1 }, slots),
	    KK_ESTATE);
	for (size_t i = 0; i < 2 * MEDIA_SLOTS_MAX; i++) {
		bool is_video = i >= MEDIA_SLOTS_MAX;

		CHECK_EQ(slots[i].kind, is_video ? MEDIA_VIDEO : MEDIA_AUDIO);
		CHECK_EQ(slots[i].payload_type, is_video ? 96 : 111);
		CHECK_EQ(slots[i].rtx_payload_type, is_video ? 97 : 0);
		CHECK_EQ(slots[i].rtx_ssrc != 0, is_video);
		for (size_t j = 0; j < i; j++) {
			CHECK(slots[i].slot != slots[j].slot);
			CHECK(strcmp(slots[i].mid, slots[j].mid) != 0);
			CHECK(slots[i].ssrc != slots[j].ssrc);
			CHECK(slots[i].ssrc != slots[j].rtx_ssrc);
		}
	}
	room_close(&r);
}

TEST(watching_is_refused_where_it_makes_no_sense)
{
	struct media_slot slots[2];
	struct media_transport down;
	struct room r;

	room_open(&r);
	down = opened(r.a, MEDIA_BOTH);
	CHECK_OK(media_slots_make(r.a, down.number,
	    &(struct media_slots){ .audio = 1, .video = 1 }, slots));
	CHECK_ERR(media_watch(r.a,
		      &(struct media_watch){ .slot = 999,
			  .of = r.b,
			  .source = MEDIA_CAMERA }),
	    KK_ENOENT);
	CHECK_ERR(media_watch(r.b,
		      &(struct media_watch){ .slot = slots[0].slot,
			  .of = r.a,
			  .source = MEDIA_CAMERA }),
	    KK_ENOENT);
	CHECK_ERR(media_watch(r.a,
		      &(struct media_watch){ .slot = slots[0].slot,
			  .of = r.b,
			  .source = MEDIA_CAMERA }),
	    KK_EINVAL);
	CHECK_ERR(media_watch(r.a,
		      &(struct media_watch){ .slot = slots[1].slot,
			  .of = r.b,
			  .source = MEDIA_MICROPHONE }),
	    KK_EINVAL);
	CHECK_ERR(media_watch(r.a,
		      &(struct media_watch){ .slot = slots[1].slot,
			  .of = r.a,
			  .source = MEDIA_CAMERA }),
	    KK_EINVAL);
	CHECK_ERR(media_watch(r.a,
		      &(struct media_watch){ .slot = slots[1].slot,
			  .of = r.b,
			  .source = MEDIA_SOURCE_COUNT }),
	    KK_EINVAL);
	CHECK_OK(media_watch(r.a,
	    &(struct media_watch){ .slot = slots[1].slot,
		.of = r.b,
		.source = MEDIA_CAMERA }));
	CHECK_OK(media_watch(r.a,
	    &(struct media_watch){ .slot = slots[1].slot,
		.of = r.b,
		.source = MEDIA_SCREEN }));
	CHECK_OK(media_watch(r.a,
	    &(struct media_watch){ .slot = slots[1].slot,
		.of = NULL,
		.source = MEDIA_CAMERA }));
	room_close(&r);
}

static void no_change(void *arg, struct media_peer *peer, uint32_t transport,
    bool is_connected)
{
	(void)arg;
	(void)peer;
	(void)transport;
	(void)is_connected;
}

TEST(a_taken_port_and_a_wrong_address_are_told_apart)
{
	const char *bad = "meeting.example";
	struct media_config config = { .transport_changed = no_change };
	struct media *media = NULL;
	struct world w;

	world_open(&w, "127.0.0.1");
	config.port = media_port(w.media);
	CHECK(config.port != 0);
	CHECK_ERR(media_new(&media, w.event, &config), KK_EIO);
	config.port = 0;
	config.addresses = &bad;
	config.address_count = 1;
	CHECK_ERR(media_new(&media, w.event, &config), KK_EINVAL);
	CHECK(!media);
	world_close(&w);
}

TEST(without_addresses_those_of_all_interfaces_are_candidates)
{
	struct media_config config = { .transport_changed = no_change };
	struct media_meeting *meeting = NULL;
	struct media_peer *peer = NULL;
	struct media *media = NULL;
	struct media_transport t;
	sd_event *event = NULL;
	bool has_loopback = false;

	if (!dtls_backend_is_here(DTLS_BACKEND_OPENSSL))
		SKIP("the forwarder needs OpenSSL");
	CHECK(sd_event_new(&event) >= 0);
	CHECK_OK(media_new(&media, event, &config));
	CHECK_OK(media_meeting_new(&meeting, media));
	CHECK_OK(media_peer_new(&peer, meeting, NULL));
	t = opened(peer, MEDIA_BOTH);
	CHECK(t.candidate_count > 0);
	for (size_t i = 0; i < t.candidate_count; i++) {
		const struct media_candidate *c = &t.candidates[i];

		CHECK_EQ(c->port, media_port(media));
		CHECK(i == 0 || c->priority != t.candidates[i - 1].priority);
		if (i > 0 && c->is_tcp && !t.candidates[i - 1].is_tcp)
			has_loopback = false;
		has_loopback = has_loopback ||
		    strcmp(c->address, "127.0.0.1") == 0;
		/* Behind loopback there is nothing but loopback. */
		CHECK(!has_loopback || strncmp(c->address, "127.", 4) == 0 ||
		    strcmp(c->address, "::1") == 0);
	}
	CHECK(has_loopback);
	media_peer_free(peer);
	media_meeting_free(meeting);
	media_free(media);
	sd_event_unref(event);
}

static enum kk_err all_try(sd_event *event)
{
	const struct media_publish what = { .transport = 1,
		.source = MEDIA_CAMERA,
		.kind = MEDIA_VIDEO,
		.encodings = { { .ssrc = 5 } },
		.encoding_count = 1 };
	struct media_config config = { .transport_changed = no_change };
	struct media_meeting *meeting = NULL;
	struct media_peer *peer = NULL;
	struct media *media = NULL;
	struct media_slot slots[2];
	struct media_transport t = { 0 };
	enum kk_err err = media_new(&media, event, &config);

	if (!err)
		err = media_meeting_new(&meeting, media);
	if (!err)
		err = media_peer_new(&peer, meeting, NULL);
	if (!err)
		err = media_transport_open(peer, MEDIA_BOTH, &t);
	if (!err)
		err = media_slots_make(peer, t.number,
		    &(struct media_slots){ .audio = 1, .video = 1 }, slots);
	if (!err)
		err = media_publish(peer, &what);
	media_peer_free(peer);
	media_meeting_free(meeting);
	media_free(media);
	return err;
}

TEST(every_failed_allocation_leaves_nothing_behind)
{
	sd_event *event = NULL;
	enum kk_err err;

	if (!dtls_backend_is_here(DTLS_BACKEND_OPENSSL))
		SKIP("the forwarder needs OpenSSL");
	CHECK(sd_event_new(&event) >= 0);
	ALLOC_FAULT_LOOP(err, all_try(event));
	CHECK_OK(err);
	sd_event_unref(event);
}
