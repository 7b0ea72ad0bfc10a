/* choice.c - which of several sound cards. */
#include "drivers/audio/choice.h"

#include <string.h>

#include "harness/tap.h"

/* Cards as ALSA tells of them; of the onboard ones, those of a mini PC whose
 * jacks are a Realtek's. */
static const struct choice_device jacks = { .card = 0,
	.device = 0,
	.driver = "HDA-Intel",
	.card_name = "HDA Intel PCH",
	.name = "ALC897 Analog",
	.hears = true,
	.plays = true };
static const struct choice_device optical = { .card = 0,
	.device = 1,
	.driver = "HDA-Intel",
	.card_name = "HDA Intel PCH",
	.name = "ALC897 Digital",
	.plays = true };
static const struct choice_device screen = { .card = 0,
	.device = 3,
	.driver = "HDA-Intel",
	.card_name = "HDA Intel PCH",
	.name = "HDMI 0",
	.plays = true };
static const struct choice_device second_screen = { .card = 0,
	.device = 7,
	.driver = "HDA-Intel",
	.card_name = "HDA Intel PCH",
	.name = "HDMI 1",
	.plays = true };
/* As they tell of what is plugged in. */
static const struct choice_device used_jacks = { .card = 0,
	.device = 0,
	.driver = "HDA-Intel",
	.card_name = "HDA Intel PCH",
	.name = "ALC897 Analog",
	.hears = true,
	.plays = true,
	.plug = CHOICE_PLUGGED };
static const struct choice_device empty_jacks = { .card = 0,
	.device = 0,
	.driver = "HDA-Intel",
	.card_name = "HDA Intel PCH",
	.name = "ALC897 Analog",
	.hears = true,
	.plays = true,
	.plug = CHOICE_UNPLUGGED };
static const struct choice_device television = { .card = 0,
	.device = 7,
	.driver = "HDA-Intel",
	.card_name = "HDA Intel PCH",
	.name = "HDMI 1",
	.plays = true,
	.plug = CHOICE_PLUGGED };
static const struct choice_device no_screen = { .card = 0,
	.device = 3,
	.driver = "HDA-Intel",
	.card_name = "HDA Intel PCH",
	.name = "HDMI 0",
	.plays = true,
	.plug = CHOICE_UNPLUGGED };
static const struct choice_device modem = { .card = 0,
	.device = 6,
	.driver = "HDA-Intel",
	.card_name = "HDA Intel PCH",
	.name = "Si3054 Modem",
	.hears = true,
	.plays = true };
static const struct choice_device loopback = { .card = 1,
	.device = 0,
	.driver = "Loopback",
	.card_name = "Loopback",
	.name = "Loopback PCM",
	.hears = true,
	.plays = true };
static const struct choice_device camera = { .card = 2,
	.device = 0,
	.driver = "USB-Audio",
	.card_name = "C920",
	.name = "USB Audio",
	.hears = true };
static const struct choice_device dongle = { .card = 3,
	.device = 0,
	.driver = "USB-Audio",
	.card_name = "Dongle",
	.name = "USB Audio",
	.plays = true };
static const struct choice_device speakerphone = { .card = 4,
	.device = 0,
	.driver = "USB-Audio",
	.card_name = "Speakerphone",
	.name = "USB Audio",
	.hears = true,
	.plays = true };
/* A speakerphone that plays by one device and hears by another. */
static const struct choice_device mouth = { .card = 5,
	.device = 0,
	.driver = "USB-Audio",
	.card_name = "Bar",
	.name = "USB Audio",
	.plays = true };
static const struct choice_device ear = { .card = 5,
	.device = 1,
	.driver = "USB-Audio",
	.card_name = "Bar",
	.name = "USB Audio #1",
	.hears = true };

enum { LIST_MAX = 6 };

static const struct {
	const char *name;
	const struct choice_device *there[LIST_MAX];
	const struct choice_device *hear[LIST_MAX], *play[LIST_MAX];
} table[] = {
	{ "nothing is there", { NULL }, { NULL }, { NULL } },
	{ "a mini PC alone", { &jacks, &optical, &screen }, { &jacks },
	    { &jacks, &optical, &screen } },
	{ "a mini PC without jacks", { &screen, &second_screen }, { NULL },
	    { &screen, &second_screen } },
	{ "its screen stands first", { &screen, &optical, &jacks }, { &jacks },
	    { &jacks, &optical, &screen } },
	{ "a speakerphone comes after the board",
	    { &jacks, &screen, &speakerphone }, { &speakerphone, &jacks },
	    { &speakerphone, &jacks, &screen } },
	{ "a camera and a speakerphone", { &camera, &dongle, &speakerphone },
	    { &speakerphone, &camera }, { &speakerphone, &dongle } },
	{ "a camera on a mini PC", { &jacks, &camera }, { &camera, &jacks },
	    { &jacks } },
	{ "two devices of one speakerphone", { &camera, &dongle, &mouth, &ear },
	    { &ear, &camera }, { &mouth, &dongle } },
	{ "two speakerphones: the first one", { &speakerphone, &mouth, &ear },
	    { &speakerphone, &ear }, { &speakerphone, &mouth } },
	{ "the kernel's loopback beside others", { &loopback, &screen, &jacks },
	    { &jacks, &loopback }, { &jacks, &screen, &loopback } },
	{ "the kernel's loopback alone", { &loopback }, { &loopback },
	    { &loopback } },
	{ "a television, and nothing in the jacks",
	    { &empty_jacks, &optical, &no_screen, &television },
	    { &empty_jacks },
	    { &television, &empty_jacks, &optical, &no_screen } },
	{ "a television, and loudspeakers in a jack",
	    { &television, &used_jacks }, { &used_jacks },
	    { &used_jacks, &television } },
	{ "a television, and jacks that do not tell", { &television, &jacks },
	    { &jacks }, { &jacks, &television } },
	{ "a television and a speakerphone", { &television, &speakerphone },
	    { &speakerphone }, { &speakerphone, &television } },
	{ "no screen that plays, and nothing in the jacks",
	    { &no_screen, &empty_jacks }, { &empty_jacks },
	    { &empty_jacks, &no_screen } },
	{ "a modem is none", { &modem, &screen }, { NULL }, { &screen } },
};

static size_t list_make(struct choice_device *to,
    const struct choice_device *const *from)
{
	size_t count = 0;

	while (count < LIST_MAX && from[count]) {
		to[count] = *from[count];
		to[count].rank = CHOICE_SPEAKERPHONE; /* of nobody's */
		count++;
	}
	return count;
}

static void order_check(size_t row, bool is_microphone)
{
	const struct choice_device *const *wanted = is_microphone ?
	    table[row].hear :
	    table[row].play;
	struct choice_device list[LIST_MAX];
	size_t count = list_make(list, table[row].there);
	size_t found = choice_sort(list, count, is_microphone);
	size_t i = 0;

	tap_diag("%s: %s", table[row].name, is_microphone ? "hear" : "play");
	for (; wanted[i]; i++) {
		CHECK(i < found);
		CHECK_EQ(list[i].card, wanted[i]->card);
		CHECK_EQ(list[i].device, wanted[i]->device);
		CHECK(!strcmp(list[i].name, wanted[i]->name));
		CHECK(i == 0 || list[i - 1].rank <= list[i].rank);
		CHECK(list[i].rank != CHOICE_NONE);
	}
	CHECK_EQ(found, i);
}

TEST(of_several_cards_that_of_the_table_is_the_first_for_each_direction)
{
	for (size_t row = 0; row < KK_ARRAY_LEN(table); row++) {
		order_check(row, true);
		order_check(row, false);
	}
}

/* Who compares ranks leaves a card for one of another kind only. */
TEST(two_cards_of_one_kind_have_the_same_rank)
{
	struct choice_device list[] = { speakerphone, mouth, ear, jacks };

	CHECK_EQ(choice_sort(list, KK_ARRAY_LEN(list), false), (size_t)3);
	CHECK_EQ(list[0].rank, list[1].rank);
	CHECK(list[1].rank < list[2].rank);
}
