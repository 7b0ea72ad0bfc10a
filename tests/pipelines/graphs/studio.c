/* studio.c - boxes see and hear each other, and nobody else. */
#include "meeting.h"

TEST(two_boxes_see_each_others_clock_move_under_the_right_leaf)
{
	struct meeting m;
	struct strip first, later;

	meeting_start(&m);
	box_start(&m.boxes[0]);
	box_start(&m.boxes[1]);
	meeting_epoch(&m, 3);
	AWAIT(sees(&m.boxes[0], 1) && sees(&m.boxes[1], 0));
	CHECK(tile_strip(&m.boxes[0], 1, &first));
	CHECK_EQ(first.number, 1);
	AWAIT(tile_strip(&m.boxes[0], 1, &later) &&
	    (uint16_t)(later.time_10ms - first.time_10ms) > 50);
	CHECK_EQ(later.number, 1);
	meeting_end(&m);
}
