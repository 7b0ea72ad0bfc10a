/* offers.c - what the forwarder tells clients of: UDP, TCP or both. */
#include <netinet/in.h>
#include <unistd.h>

#include "harness/tap.h"
#include "media/client.h"

static void no_change(void *arg, struct media_peer *peer, uint32_t transport,
    bool is_connected)
{
	(void)arg;
	(void)peer;
	(void)transport;
	(void)is_connected;
}

/* How many candidates of UDP and of TCP; the first one's port. */
static enum kk_err offered(struct media_config *config, size_t counts[2],
    uint16_t *port)
{
	static const char *const address = "127.0.0.1";
	struct media_meeting *meeting = NULL;
	struct media_peer *peer = NULL;
	struct media *media = NULL;
	struct media_transport t;
	sd_event *event = NULL;
	enum kk_err err;

	config->transport_changed = no_change;
	config->addresses = &address;
	config->address_count = 1;
	counts[0] = counts[1] = 0;
	CHECK(sd_event_new(&event) >= 0);
	err = media_new(&media, event, config);
	if (!err) {
		CHECK_OK(media_meeting_new(&meeting, media));
		CHECK_OK(media_peer_new(&peer, meeting, NULL));
		CHECK_OK(media_transport_open(peer, MEDIA_BOTH, &t));
		for (size_t i = 0; i < t.candidate_count; i++)
			counts[t.candidates[i].is_tcp]++;
		*port = t.candidates[t.candidate_count - 1].port;
		media_peer_free(peer);
		media_meeting_free(meeting);
		media_free(media);
	}
	sd_event_unref(event);
	return err;
}

static int listener_open(uint16_t *port)
{
	struct sockaddr_in any = { .sin_family = AF_INET };
	socklen_t bytes = sizeof(any);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	CHECK(fd >= 0);
	CHECK(bind(fd, (struct sockaddr *)&any, sizeof(any)) == 0);
	CHECK(listen(fd, 1) == 0);
	CHECK(getsockname(fd, (struct sockaddr *)&any, &bytes) == 0);
	*port = ntohs(any.sin_port);
	return fd;
}

TEST(what_is_offered_is_what_the_site_wants)
{
	struct media_config config = { .over = MEDIA_OVER_UDP };
	uint16_t port = 0, taken;
	size_t counts[2];
	int fd;

	if (!dtls_backend_is_here(DTLS_BACKEND_OPENSSL))
		SKIP("the forwarder needs OpenSSL");
	CHECK_OK(offered(&config, counts, &port));
	CHECK(counts[0] == 1 && counts[1] == 0);
	config.over = MEDIA_OVER_TCP;
	CHECK_OK(offered(&config, counts, &port));
	CHECK(counts[0] == 0 && counts[1] == 1);
	/* A port that something else has: by default there is no TCP then. */
	fd = listener_open(&taken);
	config = (struct media_config){ .port = taken };
	CHECK_OK(offered(&config, counts, &port));
	CHECK(counts[0] == 1 && counts[1] == 0);
	config.over = MEDIA_OVER_TCP;
	CHECK_ERR(offered(&config, counts, &port), KK_EIO);
	config = (struct media_config){ .tcp_port = taken };
	CHECK_ERR(offered(&config, counts, &port), KK_EIO);
	close(fd);
	CHECK_OK(offered(&config, counts, &port));
	CHECK(counts[0] == 1 && counts[1] == 1);
	CHECK_EQ(port, taken);
}
