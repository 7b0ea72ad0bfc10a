/* slots.c - who is in which slot. */
#include <stdlib.h>
#include <string.h>

#include "harness/tap.h"
#include "room/room_internal.h"

enum { PEOPLE = 5, AUDIO = 2, VIDEO = 3, NOW_MS = 100000 };

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
	s->room.now_ms = NOW_MS;
	s->room.peers = s->peers;
	s->room.members = s->members;
	s->room.peer_count = s->room.member_count = PEOPLE;
	for (size_t i = 0; i < PEOPLE; i++) {
		s->peers[i].id.bytes[0] = (uint8_t)(i + 1);
		s->peers[i].has[ROOM_MICROPHONE] = true;
		s->peers[i].has[ROOM_CAMERA] = true;
		s->members[i].key.leaf = (uint32_t)i;
		s->members[i].has_peer = true;
		s->members[i].has_microphone = s->members[i].has_camera = true;
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

	for (size_t i = 0; i < 2; i++) {
		s->members[i].is_speaking = true;
		s->members[i].began_ms = 1;
	}
	s->members[3].is_speaking = true;
	s->members[3].began_ms = 2;
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
	CHECK_EQ(who(s, AUDIO), 0); /* the server's word alone is none */
	s->members[4].screen = 1;
	room_slots_assign(&s->room, s->shown);
	CHECK_EQ(who(s, AUDIO), 4);
	CHECK_EQ(s->shown[AUDIO].source, ROOM_SCREEN);
	free(s);
}

TEST(of_more_screens_than_slots_the_newest_come_and_none_throws_out_another)
{
	struct stage *s = stage_make();

	for (size_t i = 0; i < PEOPLE; i++) {
		s->peers[i].has[ROOM_SCREEN] = true;
		s->members[i].screen = i < 4 ? 10 - i : 0;
	}
	room_slots_assign(&s->room, s->shown);
	for (int i = 0; i < VIDEO; i++) {
		CHECK_EQ(who(s, (size_t)(AUDIO + i)), i);
		CHECK_EQ(s->shown[AUDIO + i].source, ROOM_SCREEN);
	}
	s->members[4].screen = 11;
	room_slots_assign(&s->room, s->shown);
	CHECK_EQ(who(s, AUDIO), 0);
	s->members[0].screen = 0; /* it stops */
	room_slots_assign(&s->room, s->shown);
	CHECK_EQ(who(s, AUDIO), 4);
	free(s);
}

/* Speaks from now on, or no more. */
static void speaks(struct stage *s, size_t who, bool is_on)
{
	struct room_member *m = &s->members[who];

	m->is_speaking = is_on;
	m->spoke_ms = s->room.now_ms;
	if (is_on)
		m->began_ms = s->room.now_ms;
	room_slots_assign(&s->room, s->shown);
}

TEST(a_pause_in_speech_keeps_a_slot_for_a_while_and_then_who_waits_comes_in)
{
	struct stage *s = stage_make();

	speaks(s, 0, true);
	speaks(s, 1, true);
	speaks(s, 3, true);
	CHECK_EQ(room_slots_due(&s->room, s->shown), UINT64_MAX);
	speaks(s, 1, false);
	CHECK_EQ(who(s, 1), 1);
	CHECK_EQ(room_slots_due(&s->room, s->shown), NOW_MS + ROOM_HOLD_MS);
	s->room.now_ms += ROOM_HOLD_MS - 1;
	speaks(s, 1, true);
	speaks(s, 1, false);
	s->room.now_ms += ROOM_HOLD_MS - 1;
	room_slots_assign(&s->room, s->shown);
	CHECK_EQ(who(s, 1), 1);
	s->room.now_ms++;
	room_slots_assign(&s->room, s->shown);
	CHECK_EQ(who(s, 0), 0);
	CHECK_EQ(who(s, 1), 3);
	CHECK_EQ(room_slots_due(&s->room, s->shown), UINT64_MAX);
	free(s);
}

TEST(of_those_who_speak_and_wait_the_first_comes_in_first)
{
	struct stage *s = stage_make();

	speaks(s, 0, true);
	speaks(s, 1, true);
	s->room.now_ms++;
	speaks(s, 4, true);
	s->room.now_ms++;
	speaks(s, 3, true);
	speaks(s, 0, false);
	speaks(s, 1, false);
	s->room.now_ms += ROOM_HOLD_MS;
	s->members[2].spoke_ms = s->room.now_ms; /* but is silent again */
	speaks(s, 1, true);
	CHECK_EQ(who(s, 0), 4);
	CHECK_EQ(who(s, 1), 1);
	free(s);
}

TEST(muted_microphones_make_room_for_open_ones_and_dark_cameras_get_no_slot)
{
	struct stage *s = stage_make();

	s->members[0].has_microphone = false;
	s->members[0].is_speaking = true; /* which nobody can hear */
	s->members[1].has_camera = false;
	s->members[3].spoke_ms = 7;
	room_slots_assign(&s->room, s->shown);
	CHECK_EQ(who(s, 0), 3);
	CHECK_EQ(who(s, 1), 1);
	CHECK_EQ(who(s, AUDIO), 0);
	CHECK_EQ(who(s, AUDIO + 1), 3);
	CHECK_EQ(who(s, AUDIO + 2), 2);
	for (size_t i = 0; i < PEOPLE; i++)
		s->members[i].has_microphone = false;
	room_slots_assign(&s->room, s->shown);
	CHECK_EQ(who(s, 0), 3); /* who unmutes is heard at once */
	CHECK_EQ(who(s, 1), 1);
	free(s);
}

/* A long conversation: at any time all slots have somebody; who speaks and is
 * in a slot stays there. */
TEST(in_any_conversation_nobody_who_speaks_is_thrown_out)
{
	struct stage *s = stage_make();
	uint32_t rng = 1;

	for (int step = 0; step < 20000; step++) {
		struct room_shown was[ROOM_SLOTS_MAX];
		size_t one;

		rng = rng * 1664525 + 1013904223;
		one = (rng >> 16) % PEOPLE;
		s->room.now_ms += rng >> 22;
		memcpy(was, s->shown, sizeof(was));
		speaks(s, one, !s->members[one].is_speaking);
		for (size_t i = 0; i < AUDIO; i++) {
			const int before = was[i].peer.bytes[0] - 1;

			CHECK(who(s, i) >= 0);
			CHECK(who(s, i) == before ||
			    !s->members[before].is_speaking);
			CHECK(who(s, i) == before ||
			    s->members[who(s, i)].is_speaking);
		}
		CHECK(who(s, 0) != who(s, 1));
	}
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

TEST(where_levels_are_allowed_and_ears_are_few_the_server_chooses)
{
	struct stage *s = stage_make();

	s->room.allows_levels = true;
	speaks(s, 4, true);
	for (size_t i = 0; i < AUDIO + VIDEO; i++)
		CHECK_EQ(s->shown[i].is_loudest, i < AUDIO);
	CHECK_EQ(who(s, 0), 0); /* whoever was in it */
	CHECK_EQ(who(s, 1), 1);
	CHECK_EQ(who(s, AUDIO), 4); /* pictures go by what members say */
	CHECK_EQ(room_slots_due(&s->room, s->shown), UINT64_MAX);
	s->room.peer_count = 0; /* all leave */
	room_slots_assign(&s->room, s->shown);
	CHECK_EQ(who(s, 0), -1);
	free(s);
}

TEST(with_ears_for_all_or_without_leave_nothing_is_left_to_the_server)
{
	struct stage *s = stage_make();

	s->room.allows_levels = true;
	room_slots_assign(&s->room, s->shown);
	CHECK(s->shown[0].is_loudest);
	s->members[0].is_gone = true; /* three are three too many */
	room_slots_assign(&s->room, s->shown);
	CHECK(s->shown[0].is_loudest);
	for (size_t i = 0; i < 3; i++)
		s->members[i].is_gone = true;
	room_slots_assign(&s->room, s->shown);
	for (size_t i = 0; i < AUDIO; i++)
		CHECK(!s->shown[i].is_loudest);
	CHECK_EQ(who(s, 0), 3);
	CHECK_EQ(who(s, 1), 4);
	for (size_t i = 0; i < 3; i++)
		s->members[i].is_gone = false;
	s->room.allows_levels = false;
	room_slots_assign(&s->room, s->shown);
	CHECK(!s->shown[0].is_loudest);
	free(s);
}
