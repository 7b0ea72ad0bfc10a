/* life_letters.c - application messages: late, lost, doubled, out of order. */
#include <string.h>

#include "harness/tap.h"
#include "life_world.h"

static const struct kk_view none = { 0 };

static void letter_clear(struct life_letter *letter)
{
	kk_bytes_clear(&letter->message);
	*letter = (struct life_letter){ 0 };
}

void life_letters_clear(struct life *l)
{
	for (size_t i = 0; i < LIFE_LETTERS; i++)
		letter_clear(&l->letters[i]);
}

/* Receives one letter, and expects what its age and the receiver's tell. */
static void letter_receive(struct life *l, struct life_letter *letter)
{
	struct group_member *m = &l->w.m[letter->to];
	bool is_same_life = l->place[letter->to] == LIFE_INSIDE &&
	    l->lives[letter->to] == letter->to_life;
	struct mls_event event = { 0 };
	uint8_t number[4];
	uint64_t now;
	enum kk_err err;

	if (!m->group)
		return;
	now = mls_group_epoch(m->group);
	memcpy(number, &letter->number, sizeof(number));
	err = mls_group_process(m->group, kk_bytes_view(&letter->message),
	    GROUP_NOW_S, &event);
	if (!is_same_life && l->lives[letter->to] != letter->to_life) {
		CHECK_FAIL(err); /* nothing from before it joined */
	} else if (now - letter->epoch > 1) {
		CHECK_ERR(err, KK_EEPOCH);
	} else if (letter->is_open) {
		CHECK_ERR(err, KK_EREPLAY);
	} else {
		CHECK_OK(err);
		CHECK(kk_view_equal(kk_bytes_view(&event.data),
		    kk_view_of(number, sizeof(number))));
		letter->is_open = true;
		l->count.letters++;
		l->count.late += now != letter->epoch;
	}
	mls_event_clear(&event);
}

/* A damaged letter is refused and the true one still opens. */
static void letter_damage(struct life *l, struct life_letter *letter)
{
	struct group_member *m = &l->w.m[letter->to];
	size_t at = life_random_below(&l->random,
	    (uint32_t)letter->message.bytes);
	struct mls_event event = { 0 };

	if (!m->group)
		return;
	letter->message.data[at] ^= 0x10;
	CHECK_FAIL(mls_group_process(m->group, kk_bytes_view(&letter->message),
	    GROUP_NOW_S, &event));
	letter->message.data[at] ^= 0x10;
}

/* Who came in after a letter was written cannot open it. */
static void letter_leak(struct life *l, const struct life_letter *letter)
{
	uint32_t who = life_somebody(l, LIFE_INSIDE);
	struct mls_event event = { 0 };

	if (l->joined[who] <= letter->epoch)
		return;
	CHECK_FAIL(mls_group_process(l->w.m[who].group,
	    kk_bytes_view(&letter->message), GROUP_NOW_S, &event));
	l->count.closed++;
}

static void read_one(struct life *l)
{
	struct life_letter *letter =
	    &l->letters[life_random_below(&l->random, LIFE_LETTERS)];

	if (letter->message.bytes == 0)
		return;
	letter_leak(l, letter);
	if (life_random_once_in(&l->random, 6))
		letter_damage(l, letter);
	letter_receive(l, letter);
	if (letter->is_open && life_random_once_in(&l->random, 2))
		letter_clear(letter); /* else it comes again */
}

void life_letter_read(struct life *l)
{
	for (int i = 0; i < 6; i++)
		read_one(l);
}

/* Somebody writes to all; some get a copy now, some later, some never. */
void life_letter_write(struct life *l)
{
	uint32_t by = life_somebody(l, LIFE_INSIDE);
	struct kk_bytes message = { 0 };
	bool has_copy[GROUP_WORLD_MEMBERS] = { false };
	uint8_t number[4];

	l->written++;
	memcpy(number, &l->written, sizeof(number));
	CHECK_OK(mls_group_protect(l->w.m[by].group,
	    kk_view_of(number, sizeof(number)), none, &message));
	for (uint32_t k = 0; k < 3; k++) {
		uint32_t to = life_somebody(l, LIFE_INSIDE);
		uint32_t slot = life_random_below(&l->random, LIFE_LETTERS);
		struct life_letter *letter = &l->letters[slot];

		if (to == by || has_copy[to])
			continue;
		has_copy[to] = true;
		letter_clear(letter); /* what stood there is lost */
		CHECK_OK(kk_bytes_copy(&letter->message,
		    kk_bytes_view(&message)));
		letter->to = to;
		letter->to_life = l->lives[to];
		letter->epoch = mls_group_epoch(l->w.m[by].group);
		letter->number = l->written;
		if (life_random_once_in(&l->random, 3))
			letter_receive(l, letter);
	}
	kk_bytes_clear(&message);
}
