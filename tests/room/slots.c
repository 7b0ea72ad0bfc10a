/* slots.c - who is in which slot. */
#include <stdlib.h>
#include <string.h>

#include "harness/tap.h"
#include "room/room_internal.h"

enum { PEOPLE = 5, AUDIO = 2, VIDEO = 3 };

/* People of leaves 0 to 4, each with a microphone and a camera. */
struct stage {
	struct room room;
	struct room_peer peers[PEOPLE];
	struct room_member members[PEOPLE];
	struct room_shown shown[ROOM_SLOTS_MAX];
};

static struct stage *stage_make(void)
{
	struct stage *s = calloc(1, sizeof(*s));

	if (!s)
		abort();
	s->room.peers = s->peers;
	s->room.members = s->members;
	s->room.peer_count = s->room.member_count = PEOPLE;
	for (size_t i = 0; i < PEOPLE; i++) {
		s->peers[i].id.bytes[0] = (uint8_t)(i + 1);
		s->peers[i].has[ROOM_MICROPHONE] = true;
		s->peers[i].has[ROOM_CAMERA] = true;
		s->members[i].key.leaf = (uint32_t)i;
		s->members[i].has_peer = true;
		s->members[i].peer = s->peers[i].id;
	}
	s->room.slot_count = AUDIO + VIDEO;
	for (size_t i = 0; i < AUDIO; i++)
		s->room.slots[i].is_audio = true;
	room_slots_assign(&s->room, s->shown);
	return s;
}

/* Whose source is in a slot; -1: nobody's. */
static int who(const struct stage *s, size_t slot)
{
	return s->shown[slot].is_used ? s->shown[slot].peer.bytes[0] - 1 : -1;
}

TEST(first_ones_get_the_slots_of_their_kind)
{
	struct stage *s = stage_make();

	for (int i = 0; i < AUDIO; i++) {
		CHECK_EQ(who(s, (size_t)i), i);
		CHECK_EQ(s->shown[i].source, ROOM_MICROPHONE);
	}
	for (int i = 0; i < VIDEO; i++) {
		CHECK_EQ(who(s, (size_t)(AUDIO + i)), i);
		CHECK_EQ(s->shown[AUDIO + i].source, ROOM_CAMERA);
	}
	free(s);
}

TEST(who_speaks_comes_in_for_who_was_silent_longest_and_stays)
{
	struct stage *s = stage_make();

	s->members[0].spoke_ms = 10;
	s->members[1].spoke_ms = 5;
	s->members[2].spoke_ms = 20;
	s->members[4].is_speaking = true;
	s->members[4].spoke_ms = 30;
	room_slots_assign(&s->room, s->shown);
	CHECK_EQ(who(s, 0), 0);
	CHECK_EQ(who(s, 1), 4);
	CHECK_EQ(who(s, AUDIO), 0);
	CHECK_EQ(who(s, AUDIO + 1), 4);
	CHECK_EQ(who(s, AUDIO + 2), 2);
	s->members[4].is_speaking = false;
	room_slots_assign(&s->room, s->shown);
	CHECK_EQ(who(s, 1), 4);
	free(s);
}

TEST(silent_ones_and_a_second_speaker_too_many_put_nobody_out)
{
	struct stage *s = stage_make();

	s->members[0].is_speaking = s->members[1].is_speaking = true;
	s->members[3].is_speaking = true;
	s->members[4].spoke_ms = 100;
	room_slots_assign(&s->room, s->shown);
	CHECK_EQ(who(s, 0), 0);
	CHECK_EQ(who(s, 1), 1);
	CHECK_EQ(who(s, AUDIO + 2), 3); /* in place of the silent third */
	free(s);
}

TEST(shared_screen_always_comes)
{
	struct stage *s = stage_make();

	for (size_t i = 0; i < PEOPLE; i++)
		s->members[i].is_speaking = true;
	s->peers[4].has[ROOM_SCREEN] = true;
	room_slots_assign(&s->room, s->shown);
	CHECK_EQ(who(s, AUDIO), 4);
	CHECK_EQ(s->shown[AUDIO].source, ROOM_SCREEN);
	free(s);
}

TEST(slot_of_who_left_or_is_to_be_removed_goes_to_another)
{
	struct stage *s = stage_make();

	s->members[0].is_gone = true;
	s->peers[1].has[ROOM_CAMERA] = false;
	room_slots_assign(&s->room, s->shown);
	CHECK_EQ(who(s, 0), 2);
	CHECK_EQ(who(s, 1), 1);
	CHECK_EQ(who(s, AUDIO), 3);
	CHECK_EQ(who(s, AUDIO + 1), 4);
	CHECK_EQ(who(s, AUDIO + 2), 2);
	free(s);
}

TEST(nobody_is_shown_before_it_has_said_who_it_is)
{
	struct stage *s = stage_make();

	memset(s->shown, 0, sizeof(s->shown));
	for (size_t i = 0; i < PEOPLE; i++)
		s->members[i].has_peer = false;
	room_slots_assign(&s->room, s->shown);
	for (size_t i = 0; i < AUDIO + VIDEO; i++)
		CHECK_EQ(who(s, i), -1);
	free(s);
}
