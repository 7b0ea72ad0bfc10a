/* encode.c - the encoder's rate follows what there is room for. */
#include "pipelines/graphs/encode.h"

#include <gst/gst.h>

#include "harness/tap.h"

static void packet_came(void *arg, uint8_t *packet, size_t bytes)
{
	(void)arg;
	(void)packet;
	(void)bytes;
}

TEST(an_encoder_follows_the_room_there_is_within_its_bounds)
{
	struct encode_config config = { .width = 1280,
		.height = 720,
		.fps = 25,
		.self_width = 320,
		.self_height = 180,
		.packet = packet_came };
	struct encode *e = NULL;
	unsigned full_bps;

	gst_init(NULL, NULL);
	CHECK_OK(encode_new(&e, &config));
	full_bps = encode_bitrate(e);
	CHECK(full_bps > 1000000);
	encode_bitrate_set(e, 400000);
	CHECK_EQ(encode_bitrate(e), 400000);
	encode_bitrate_set(e, 1); /* a picture needs more */
	CHECK_EQ(encode_bitrate(e), 150000);
	encode_bitrate_set(e, UINT64_MAX); /* and has no use for more */
	CHECK_EQ(encode_bitrate(e), full_bps);
	encode_free(e);
}
