/* vp9.c - VP9 in a slot: packets, layers, pictures. */
#include <gst/app/gstappsink.h>
#include <stdio.h>
#include <string.h>

#include "meeting.h"
#include "pipelines/graphs/person.h"
#include "pipelines/graphs/slot.h"
#include "wire/rtp.h"

enum { VP8_TYPE = 96, VP9_TYPE = 98, PACKET_BYTES = 64 };

struct part { /* a packet of VP9: flags of RFC 9628, 4.2 */
	uint16_t seq;
	bool begins, ends, has_marker;
	uint8_t byte;
	uint32_t timestamp;
};

static struct kk_view packet_make(const struct part *p, uint8_t *out)
{
	uint8_t payload[3] = { 0, p->byte, p->byte };
	struct wire_rtp rtp = { .payload_type = VP9_TYPE,
		.has_marker = p->has_marker,
		.seq = p->seq,
		.timestamp = p->timestamp,
		.ssrc = 7,
		.payload = { payload, sizeof(payload) } };
	struct wire_out w;

	payload[0] = (uint8_t)((p->begins ? 0x08 : 0) | (p->ends ? 0x04 : 0));
	wire_out_init(&w, out, PACKET_BYTES);
	wire_rtp_write(&w, &rtp);
	CHECK_OK(w.err);
	return wire_out_view(&w);
}

/* What comes out of one more packet; "": nothing. */
static const char *join(struct vp9_join *j, const struct part *p)
{
	static char text[64];
	uint8_t out[PACKET_BYTES];
	struct vp9_frame f;

	text[0] = '\0';
	if (!vp9_join_packet(j, packet_make(p, out), &f))
		return text;
	CHECK_EQ(f.timestamp, p->timestamp);
	(void)snprintf(text, sizeof(text), "%.*s%s%s", (int)f.data.bytes,
	    (const char *)f.data.data, f.ends_picture ? " end" : "",
	    f.is_behind_loss ? " lost" : "");
	return text;
}

TEST(layers_of_a_picture_come_apart_whole_and_in_order)
{
	struct vp9_join *j = vp9_join_new();

	CHECK_STR(join(j, &(struct part){ 65534, true, true, false, 'a', 1 }),
	    "aa");
	CHECK_STR(join(j, &(struct part){ 65535, true, false, false, 'b', 1 }),
	    "");
	CHECK_STR(join(j, &(struct part){ 0, false, false, false, 'c', 1 }),
	    "");
	CHECK_STR(join(j, &(struct part){ 1, false, true, true, 'd', 1 }),
	    "bbccdd end");
	CHECK_STR(join(j, &(struct part){ 2, true, true, true, 'e', 2 }),
	    "ee end");
	vp9_join_free(j);
	vp9_join_free(NULL);
}

TEST(a_frame_that_is_not_whole_is_left_out_and_the_next_one_says_so)
{
	struct vp9_join *j = vp9_join_new();

	/* Its middle is missing. */
	CHECK_STR(join(j, &(struct part){ 1, true, false, false, 'a', 1 }), "");
	CHECK_STR(join(j, &(struct part){ 3, false, true, true, 'b', 1 }), "");
	CHECK_STR(join(j, &(struct part){ 4, true, true, true, 'c', 2 }),
	    "cc end lost");
	CHECK_STR(join(j, &(struct part){ 5, true, true, true, 'd', 3 }),
	    "dd end");
	/* A whole one is missing. */
	CHECK_STR(join(j, &(struct part){ 7, true, true, true, 'e', 5 }),
	    "ee end lost");
	/* No end, and no beginning. */
	CHECK_STR(join(j, &(struct part){ 8, true, false, false, 'f', 6 }), "");
	CHECK_STR(join(j, &(struct part){ 9, true, true, true, 'g', 7 }),
	    "gg end lost");
	CHECK_STR(join(j, &(struct part){ 10, false, true, true, 'h', 8 }), "");
	CHECK_STR(join(j, &(struct part){ 11, true, true, true, 'i', 9 }),
	    "ii end lost");
	vp9_join_free(j);
}

TEST(what_fills_a_gap_is_no_loss_and_what_is_no_packet_is_nothing)
{
	struct vp9_join *j = vp9_join_new();
	struct wire_rtp filler = { .payload_type = VP9_TYPE, .seq = 2 };
	uint8_t out[PACKET_BYTES];
	struct vp9_frame f;
	struct wire_out w;

	CHECK_STR(join(j, &(struct part){ 1, true, false, false, 'a', 1 }), "");
	wire_out_init(&w, out, sizeof(out));
	wire_rtp_write(&w, &filler);
	CHECK(!vp9_join_packet(j, wire_out_view(&w), &f));
	CHECK(!vp9_join_packet(j, kk_view_of(out, 3), &f));
	CHECK_STR(join(j, &(struct part){ 3, false, true, true, 'b', 1 }),
	    "aabb end");
	vp9_join_free(j);
}

TEST(a_frame_that_never_ends_takes_no_more_than_its_share)
{
	enum { PIECE = 60000 };
	struct vp9_join *j = vp9_join_new();
	g_autofree uint8_t *payload = g_malloc0(PIECE);
	g_autofree uint8_t *out = g_malloc(PIECE + PACKET_BYTES);
	struct wire_rtp rtp = { .payload_type = VP9_TYPE };
	struct vp9_frame f;
	struct wire_out w;
	bool is_frame = false;

	for (size_t i = 0; i * PIECE < VP9_JOIN_MAX_BYTES + 2 * PIECE; i++) {
		payload[0] = i == 0 ? 0x08 : 0;
		rtp.payload = kk_view_of(payload, PIECE);
		wire_out_init(&w, out, PIECE + PACKET_BYTES);
		wire_rtp_write(&w, &rtp);
		CHECK_OK(w.err);
		is_frame |= vp9_join_packet(j, wire_out_view(&w), &f);
		rtp.seq++;
	}
	CHECK(!is_frame);
	CHECK_STR(join(j, &(struct part){ rtp.seq, true, true, true, 'a', 2 }),
	    "aa end lost");
	vp9_join_free(j);
}

/* --- a slot -------------------------------------------------------------- */

struct seen { /* of a slot's frames */
	GMutex lock;
	GString *text;
};

static void frame_came(void *arg, const struct slot_frame *frame)
{
	struct seen *seen = arg;

	g_mutex_lock(&seen->lock);
	g_string_append_printf(seen->text, "%s%c%s ", frame->is_vp9 ? "9" : "8",
	    frame->data.data[frame->data.bytes - 1],
	    frame->ends_picture ? "!" : "");
	g_mutex_unlock(&seen->lock);
}

static void key_frame_wanted(void *arg)
{
	(void)arg;
}

static bool has_seen(struct seen *seen, const char *text)
{
	bool has;

	g_mutex_lock(&seen->lock);
	has = !strcmp(seen->text->str, text);
	g_mutex_unlock(&seen->lock);
	return has;
}

static void give_vp9(struct slot *slot, const struct part *p)
{
	uint8_t out[PACKET_BYTES];

	slot_packet(slot, packet_make(p, out));
}

/* A key frame of VP8 as far as a depayloader looks (RFC 7741, 4.2, 4.3). */
static void give_vp8(struct slot *slot, uint16_t seq, uint8_t byte)
{
	uint8_t payload[13] = { 0x10, 0x10, 0, 0, 0x9d, 1, 0x2a, 64, 0, 64, 0 };
	struct wire_rtp rtp = { .payload_type = VP8_TYPE,
		.has_marker = true,
		.seq = seq,
		.timestamp = seq * 3000u,
		.ssrc = 7,
		.payload = { payload, sizeof(payload) } };
	uint8_t out[PACKET_BYTES];
	struct wire_out w;

	payload[12] = byte;
	wire_out_init(&w, out, sizeof(out));
	wire_rtp_write(&w, &rtp);
	CHECK_OK(w.err);
	slot_packet(slot, wire_out_view(&w));
}

TEST(a_slot_goes_from_vp8_to_vp9_and_back_with_who_comes_into_it)
{
	struct reaper *reaper;
	struct seen seen = { .text = g_string_new("") };
	struct slot_config config = { .kind = SLOT_VIDEO,
		.payload_type = VP8_TYPE,
		.vp9_payload_type = VP9_TYPE,
		.frame = frame_came,
		.key_frame_wanted = key_frame_wanted,
		.arg = &seen };
	struct slot *slot = NULL;

	gst_init(NULL, NULL);
	config.reaper = reaper = reaper_new();
	g_mutex_init(&seen.lock);
	CHECK_OK(slot_new(&slot, &config));
	give_vp8(slot, 10, 'a');
	AWAIT(has_seen(&seen, "8a "));
	/* Out of order, as they may come. */
	give_vp9(slot, &(struct part){ 11, true, true, false, 'b', 40000 });
	give_vp9(slot, &(struct part){ 13, true, true, true, 'd', 43000 });
	give_vp9(slot, &(struct part){ 12, true, true, true, 'c', 40000 });
	AWAIT(has_seen(&seen, "8a 9b 9c! 9d! "));
	give_vp8(slot, 9, 'x'); /* late, and nobody's any more */
	give_vp9(slot, &(struct part){ 14, true, true, true, 'e', 46000 });
	AWAIT(has_seen(&seen, "8a 9b 9c! 9d! 9e! "));
	give_vp8(slot, 15, 'f');
	AWAIT(has_seen(&seen, "8a 9b 9c! 9d! 9e! 8f "));
	slot_free(slot);
	reaper_free(reaper);
	g_string_free(seen.text, TRUE);
	g_mutex_clear(&seen.lock);
}

/* --- pictures ------------------------------------------------------------ */

static GPtrArray *encoded_make(unsigned count)
{
	GPtrArray *frames = g_ptr_array_new_with_free_func(
	    (GDestroyNotify)g_bytes_unref);
	g_autoptr(GstElement) pipeline = NULL, out = NULL;
	g_autofree char *launch = g_strdup_printf(
	    "videotestsrc num-buffers=%u ! "
	    "video/x-raw,format=I420,width=64,height=64,framerate=10/1 ! "
	    "vp9enc deadline=1 cpu-used=8 lag-in-frames=0 ! "
	    "appsink name=out sync=false",
	    count);
	GstSample *sample;

	pipeline = gst_parse_launch(launch, NULL);
	CHECK(pipeline);
	out = gst_bin_get_by_name(GST_BIN(pipeline), "out");
	gst_element_set_state(pipeline, GST_STATE_PLAYING);
	while ((sample = gst_app_sink_pull_sample(GST_APP_SINK(out)))) {
		GstBuffer *buffer = gst_sample_get_buffer(sample);
		gsize bytes = gst_buffer_get_size(buffer);
		uint8_t *data = g_malloc(bytes);

		gst_buffer_extract(buffer, 0, data, bytes);
		g_ptr_array_add(frames, g_bytes_new_take(data, bytes));
		gst_sample_unref(sample);
	}
	gst_element_set_state(pipeline, GST_STATE_NULL);
	CHECK_EQ(frames->len, count);
	return frames;
}

static void count_asks(void *arg)
{
	g_atomic_int_inc((gint *)arg);
}

static void layer_give(struct person *p, GPtrArray *frames, unsigned at,
    uint32_t timestamp, bool ends)
{
	gsize bytes = 0;
	const uint8_t *data = g_bytes_get_data(g_ptr_array_index(frames, at),
	    &bytes);

	person_layer(p, kk_view_of(data, bytes), timestamp, ends);
}

/* An encoder with layers is not to be had here: frames that follow each other
 * take their place, as they do with references across layers. */
TEST(layers_make_one_picture_and_after_a_loss_it_goes_on_with_a_key_frame)
{
	g_autoptr(GPtrArray) encoded = NULL;
	struct reaper *reaper = NULL;
	struct frames *frames = frames_new();
	gint asks = 0;
	struct person_config config = { .is_vp9 = true,
		.width = 64,
		.height = 64,
		.frames = frames,
		.key_frame_wanted = count_asks,
		.arg = &asks };
	struct person *p = NULL;

	gst_init(NULL, NULL);
	encoded = encoded_make(4);
	config.reaper = reaper = reaper_new();
	CHECK_OK(person_new(&p, &config));
	CHECK(person_is_vp9(p));
	layer_give(p, encoded, 1, 1, true); /* no key frame yet */
	CHECK_EQ(g_atomic_int_get(&asks), 1);
	layer_give(p, encoded, 0, 2, false);
	layer_give(p, encoded, 1, 2, true);
	AWAIT(frames_count(frames) == 1);
	layer_give(p, encoded, 2, 3, false);
	layer_give(p, encoded, 3, 4, true); /* the one before had no end */
	AWAIT(frames_count(frames) == 3);
	person_frame_lost(p);
	layer_give(p, encoded, 1, 6, true);
	CHECK_EQ(g_atomic_int_get(&asks), 2);
	layer_give(p, encoded, 0, 7, true);
	AWAIT(frames_count(frames) == 4);
	CHECK_EQ(g_atomic_int_get(&asks), 2);
	person_free(p);
	reaper_free(reaper);
	frames_unref(frames);
}
