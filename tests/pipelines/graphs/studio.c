/* studio.c - boxes see and hear each other, and nobody else. */
#include <string.h>

#include "meeting.h"
#include "wire/out.h"
#include "wire/rtp.h"
#include "wire/vp8.h"

enum { SEQ_AT = 2, PAYLOAD_AT = 12 };

static void two_start(struct meeting *m)
{
	meeting_start(m);
	box_start(&m->boxes[0]);
	box_start(&m->boxes[1]);
}

TEST(two_boxes_see_each_others_clock_move_under_the_right_leaf)
{
	struct meeting m;
	struct strip first, later;

	two_start(&m);
	meeting_epoch(&m, 3);
	AWAIT(sees(&m.boxes[0], 1) && sees(&m.boxes[1], 0));
	AWAIT(tile_strip(&m.boxes[0], 1, &first));
	CHECK_EQ(first.number, 1);
	AWAIT(tile_strip(&m.boxes[0], 1, &later) &&
	    (uint16_t)(later.time_10ms - first.time_10ms) > 50);
	CHECK_EQ(later.number, 1);
	CHECK(sees(&m.boxes[0], 0)); /* itself */
	meeting_end(&m);
}

/* Counts the pictures that an epoch's change took away: frames have the number
 * of their packet, and every one that was sent is decoded. */
TEST(no_picture_is_lost_when_the_epoch_changes_before_the_key_is_there)
{
	struct meeting m;
	struct studio_counts counts;
	uint64_t before;

	two_start(&m);
	meeting_epoch(&m, 3);
	AWAIT(sees(&m.boxes[0], 1) && sees(&m.boxes[1], 0));
	g_atomic_int_set(&m.boxes[1].asks, 0);
	for (int turn = 0; turn < 3; turn++) {
		/* Box 1 seals under the new one at once; box 0 gets it after
		 * some frames have come. */
		m.epoch++;
		memset(m.base_key, (int)m.epoch, sizeof(m.base_key));
		counts = studio_counts(m.boxes[0].studio);
		before = counts.waited;
		box_epoch(&m.boxes[1], true);
		AWAIT(studio_counts(m.boxes[0].studio).waited > before + 3);
		box_epoch(&m.boxes[0], true);
		before = studio_person_pictures(m.boxes[0].studio, 1);
		AWAIT(studio_person_pictures(m.boxes[0].studio, 1) >
		    before + 3);
	}
	counts = studio_counts(m.boxes[0].studio);
	CHECK_EQ(counts.dropped, 0);
	CHECK_EQ(counts.frames.forged_count, 0);
	/* A lost one would have been asked for. */
	CHECK_EQ(g_atomic_int_get(&m.boxes[1].asks), 0);
	CHECK(sees(&m.boxes[0], 1));
	meeting_end(&m);
}

static bool shows_more(struct box *b, uint32_t leaf, uint64_t pictures)
{
	struct strip strip;

	(void)tile_strip(b, leaf, &strip); /* hands on what was asked for */
	return studio_person_pictures(b->studio, leaf) > pictures;
}

/* Then pictures were dropped: what follows them lacks them, and to decode it
 * would show nonsense until the next key frame, which nobody asks for. */
TEST(a_picture_whose_key_came_too_late_is_asked_for_anew)
{
	struct meeting m;
	uint64_t dropped, pictures;
	gint *asks = &m.boxes[1].asks;

	two_start(&m);
	meeting_epoch(&m, 3);
	AWAIT(sees(&m.boxes[0], 1) && sees(&m.boxes[1], 0));
	m.epoch++;
	memset(m.base_key, (int)m.epoch, sizeof(m.base_key));
	dropped = studio_counts(m.boxes[0].studio).dropped;
	box_epoch(&m.boxes[1], true);
	/* Voice is dropped too. */
	AWAIT(studio_counts(m.boxes[0].studio).dropped > dropped + 100);
	g_atomic_int_set(asks, 0);
	box_epoch(&m.boxes[0], true);
	pictures = studio_person_pictures(m.boxes[0].studio, 1);
	AWAIT(g_atomic_int_get(asks) > 0 ||
	    studio_person_pictures(m.boxes[0].studio, 1) > pictures + 3);
	CHECK(g_atomic_int_get(asks) > 0);
	CHECK_EQ(studio_person_pictures(m.boxes[0].studio, 1), pictures);
	AWAIT(shows_more(&m.boxes[0], 1, pictures));
	AWAIT(sees(&m.boxes[0], 1));
	meeting_end(&m);
}

enum { STALL_LOOKS = 250 }; /* of 20 ms */

/* A key that comes too late: a thread that lacks a picture asks for a key
 * frame, and stops there.  False: one that was asked for before came by itself.
 */
static bool stalls(struct meeting *m)
{
	const uint64_t dropped = studio_counts(m->boxes[0].studio).dropped;

	m->epoch++;
	memset(m->base_key, (int)m->epoch, sizeof(m->base_key));
	box_epoch(&m->boxes[1], true);
	AWAIT(studio_counts(m->boxes[0].studio).dropped > dropped + 100);
	g_atomic_int_set(&m->is_stalling, 1);
	box_epoch(&m->boxes[0], true);
	for (int i = 0; i < STALL_LOOKS; i++) {
		if (g_atomic_int_get(&m->stalled) > 0)
			return true;
		g_usleep(20 * 1000);
	}
	g_atomic_int_set(&m->is_stalling, 0);
	return false;
}

/* A thread without a processor keeps its locks.  Keys come by the control
 * thread, which does not wait for it. */
TEST(keys_and_slots_do_not_wait_for_a_thread_of_a_slot)
{
	struct meeting m;
	uint64_t pictures;

	two_start(&m);
	meeting_epoch(&m, 3);
	AWAIT(sees(&m.boxes[0], 1) && sees(&m.boxes[1], 0));
	AWAIT(stalls(&m));
	box_slots(&m.boxes[0]);
	m.epoch++;
	memset(m.base_key, (int)m.epoch, sizeof(m.base_key));
	box_epoch(&m.boxes[0], true);
	CHECK(studio_state(m.boxes[0].studio).may_seal);
	g_atomic_int_set(&m.is_stalling, 0);
	box_epoch(&m.boxes[1], true);
	pictures = studio_person_pictures(m.boxes[0].studio, 1);
	AWAIT(shows_more(&m.boxes[0], 1, pictures));
	AWAIT(sees(&m.boxes[0], 1));
	meeting_end(&m);
}

/* A newcomer gets what others sealed before they knew of it. */
TEST(frames_of_epochs_before_ours_keep_nothing_waiting)
{
	struct meeting m;
	struct studio_counts counts;

	meeting_start(&m);
	for (int i = 0; i < BOXES; i++)
		box_start(&m.boxes[i]);
	meeting_epoch(&m, 3);
	AWAIT(sees(&m.boxes[0], 1) && sees(&m.boxes[1], 0));
	m.epoch++;
	m.members = 7;
	memset(m.base_key, (int)m.epoch, sizeof(m.base_key));
	box_epoch(&m.boxes[2], true);
	box_view(&m.boxes[2]);
	AWAIT(studio_counts(m.boxes[2].studio).dropped > 20);
	counts = studio_counts(m.boxes[2].studio);
	CHECK_EQ(counts.waited, 0);
	CHECK_EQ(counts.opened, 0);
	box_epoch(&m.boxes[1], true);
	AWAIT(sees(&m.boxes[2], 1));
	CHECK_EQ(studio_counts(m.boxes[2].studio).waited, 0);
	meeting_end(&m);
}

TEST(who_was_removed_cannot_open_what_follows)
{
	struct meeting m;
	struct studio_counts counts;
	struct strip strip;
	uint64_t pictures, waited;

	meeting_start(&m);
	for (int i = 0; i < BOXES; i++)
		box_start(&m.boxes[i]);
	meeting_epoch(&m, 7);
	AWAIT(sees(&m.boxes[2], 0) && sees(&m.boxes[2], 1) &&
	    sees(&m.boxes[0], 2));
	/* Box 2 is removed: it goes on with what it has. */
	meeting_epoch(&m, 3);
	AWAIT(sees(&m.boxes[0], 1) && sees(&m.boxes[1], 0));
	counts = studio_counts(m.boxes[2].studio);
	waited = counts.waited;
	AWAIT(studio_counts(m.boxes[2].studio).waited > waited + 20);
	pictures = studio_person_pictures(m.boxes[2].studio, 0) +
	    studio_person_pictures(m.boxes[2].studio, 1);
	waited = studio_counts(m.boxes[2].studio).waited;
	AWAIT(studio_counts(m.boxes[2].studio).waited > waited + 40);
	CHECK_EQ(studio_person_pictures(m.boxes[2].studio, 0) +
		studio_person_pictures(m.boxes[2].studio, 1),
	    pictures);
	/* And what it still sends is on nobody's screen. */
	CHECK(!tile_strip(&m.boxes[0], 2, &strip));
	CHECK_EQ(studio_person_pictures(m.boxes[0].studio, 2), 0);
	meeting_end(&m);
}

TEST(without_leave_to_seal_not_a_packet_goes_out)
{
	struct meeting m;
	int64_t until_us;

	two_start(&m);
	m.epoch = 1;
	m.members = 3;
	box_epoch(&m.boxes[0], false);
	box_epoch(&m.boxes[1], false);
	box_view(&m.boxes[0]);
	box_view(&m.boxes[1]);
	CHECK(!studio_state(m.boxes[0].studio).may_seal);
	CHECK(studio_state(m.boxes[0].studio).has_epoch);
	/* Until its camera has made some pictures. */
	AWAIT(sees(&m.boxes[0], 0) && sees(&m.boxes[1], 1));
	until_us = g_get_monotonic_time() + G_TIME_SPAN_SECOND / 2;
	AWAIT(g_get_monotonic_time() > until_us);
	CHECK_EQ(g_atomic_int_get(&m.packets), 0);
	/* The next epoch heals it. */
	meeting_epoch(&m, 3);
	AWAIT(sees(&m.boxes[0], 1) && sees(&m.boxes[1], 0));
	meeting_end(&m);
}

/* A forwarder that gives one member's media out as another's. */
static bool swap_slots(struct meeting *m, int from, int to, uint8_t *packet,
    size_t bytes)
{
	uint32_t ssrc = wire_get_u32(packet + 8);

	(void)m;
	(void)bytes;
	if (to == 0 && from == 1)
		wire_put_u32(packet + 8, ssrc + 10);
	if (to == 0 && from == 2)
		wire_put_u32(packet + 8, ssrc - 10);
	return true;
}

TEST(a_forwarder_that_swaps_slots_puts_nobody_under_a_wrong_name)
{
	struct meeting m;

	meeting_start(&m);
	m.wire = swap_slots;
	for (int i = 0; i < BOXES; i++)
		box_start(&m.boxes[i]);
	meeting_epoch(&m, 7);
	AWAIT(sees(&m.boxes[0], 1) && sees(&m.boxes[0], 2));
	meeting_end(&m);
}

/* Of box 0's. */
static gint sound_sent, pictures_sent;

static bool count_of_first(struct meeting *m, int from, int to, uint8_t *packet,
    size_t bytes)
{
	(void)m;
	(void)to;
	(void)bytes;
	if (from == 0)
		g_atomic_int_inc(wire_get_u32(packet + 8) % 2 == 0 ?
			&sound_sent :
			&pictures_sent);
	return true;
}

/* On any thread. */
static void warned(void *arg, enum kk_log_level level, const char *line)
{
	(void)level;
	tap_diag("%s", line);
	g_atomic_int_inc((gint *)arg);
}

TEST(a_box_that_is_to_have_no_camera_and_no_microphone_sends_silence_alone)
{
	gint warnings = 0;
	const struct kk_log log = { warned, &warnings, "test", KK_LOG_WARNING };
	struct meeting m;

	meeting_start(&m);
	m.wire = count_of_first;
	m.boxes[0].log = &log;
	m.boxes[0].camera = "none";
	m.boxes[0].microphone = "none";
	box_start(&m.boxes[0]);
	box_start(&m.boxes[1]);
	meeting_epoch(&m, 3);
	AWAIT(sees(&m.boxes[0], 1) && g_atomic_int_get(&sound_sent) > 50);
	CHECK_EQ(g_atomic_int_get(&pictures_sent), 0);
	CHECK(!studio_state(m.boxes[0].studio).has_camera);
	CHECK(!studio_state(m.boxes[0].studio).has_microphone);
	CHECK(!studio_state(m.boxes[0].studio).is_speaking);
	CHECK(studio_state(m.boxes[1].studio).has_camera);
	meeting_end(&m);
	CHECK_EQ(warnings, 0); /* nothing is missing */
}

/* A forwarder without room for the upper layers: the packets that it leaves out
 * leave no hole in numbers. */
static bool lowest_layer(struct meeting *m, int from, int to, uint8_t *packet,
    size_t bytes)
{
	static uint16_t shift[BOXES][BOXES], pictures[BOXES][BOXES];
	struct wire_vp8 vp8;
	uint8_t *payload = packet + WIRE_RTP_FIXED_BYTES;

	(void)m;
	if (wire_get_u32(packet + 8) % 2 == 0)
		return true; /* sound */
	bytes -= WIRE_RTP_FIXED_BYTES;
	CHECK_OK(wire_vp8_parse(&vp8, kk_view_of(payload, bytes)));
	CHECK(vp8.has_tid);
	if (vp8.tid > 0) {
		shift[from][to]++;
		pictures[from][to] += vp8.is_partition_start;
		return false;
	}
	wire_put_u16(packet + SEQ_AT,
	    (uint16_t)(wire_get_u16(packet + SEQ_AT) - shift[from][to]));
	vp8.picture_id = (uint16_t)(vp8.picture_id - pictures[from][to]) &
	    WIRE_VP8_PICTURE_ID_LONG_MAX;
	CHECK_OK(wire_vp8_rewrite(payload, bytes, &vp8));
	return true;
}

TEST(layers_that_are_left_out_on_the_way_are_no_loss)
{
	struct meeting m;
	uint64_t before;

	two_start(&m);
	m.wire = lowest_layer;
	meeting_epoch(&m, 3);
	AWAIT(sees(&m.boxes[0], 1));
	g_atomic_int_set(&m.boxes[1].asks, 0);
	before = studio_person_pictures(m.boxes[0].studio, 1);
	AWAIT(studio_person_pictures(m.boxes[0].studio, 1) >= before + 8);
	CHECK_EQ(g_atomic_int_get(&m.boxes[1].asks), 0);
	meeting_end(&m);
}

/* Every tenth packet of video is lost, some come twice, some too late. */
static bool bad_network(struct meeting *m, int from, int to, uint8_t *packet,
    size_t bytes)
{
	uint16_t seq = wire_get_u16(packet + SEQ_AT);

	(void)m;
	(void)from;
	(void)to;
	return bytes < 200 || seq % 10 != 3;
}

TEST(lost_packets_are_asked_for_again_as_key_frames_and_the_picture_comes_back)
{
	struct meeting m;
	struct strip a, b;

	two_start(&m);
	meeting_epoch(&m, 3);
	AWAIT(sees(&m.boxes[0], 1));
	g_atomic_int_set(&m.boxes[1].asks, 0);
	m.wire = bad_network;
	AWAIT(g_atomic_int_get(&m.boxes[1].asks) > 0);
	m.wire = NULL;
	AWAIT(tile_strip(&m.boxes[0], 1, &a));
	AWAIT(tile_strip(&m.boxes[0], 1, &b) &&
	    (uint16_t)(b.time_10ms - a.time_10ms) > 50);
	meeting_end(&m);
}

static bool flip_bits(struct meeting *m, int from, int to, uint8_t *packet,
    size_t bytes)
{
	(void)m;
	(void)to;
	if (from == 1 && bytes > PAYLOAD_AT + 40)
		packet[bytes - 1] ^= 1;
	return true;
}

TEST(frames_that_were_changed_on_the_way_are_never_shown_or_heard)
{
	struct meeting m;
	struct strip strip;

	two_start(&m);
	m.wire = flip_bits;
	meeting_epoch(&m, 3);
	AWAIT(sees(&m.boxes[1], 0) &&
	    studio_counts(m.boxes[0].studio).frames.forged_count > 30);
	CHECK_EQ(studio_person_pictures(m.boxes[0].studio, 1), 0);
	CHECK(!tile_strip(&m.boxes[0], 1, &strip));
	meeting_end(&m);
}

TEST(a_box_that_starts_again_is_seen_again_after_the_next_epoch)
{
	struct meeting m;

	two_start(&m);
	meeting_epoch(&m, 3);
	AWAIT(sees(&m.boxes[0], 1) && sees(&m.boxes[1], 0));
	box_stop(&m.boxes[1]);
	box_start(&m.boxes[1]);
	box_epoch(&m.boxes[1], false); /* it may not: keyd has told it once */
	box_view(&m.boxes[1]);
	AWAIT(sees(&m.boxes[1], 0)); /* it opens, and shows */
	CHECK(!studio_state(m.boxes[1].studio).may_seal);
	meeting_epoch(&m, 3);
	AWAIT(sees(&m.boxes[0], 1) && sees(&m.boxes[1], 0));
	meeting_end(&m);
}
