/* pages.c - the first-boot screen's pages, by keys and by touches. */
#include <stdio.h>
#include <string.h>

#include "harness/tap.h"
#include "mock/alloc.h"
#include "press.h"

static struct welcome *begun(void)
{
	struct welcome *w = NULL;

	CHECK_OK(welcome_new(&w));
	return w;
}

static bool is_at(const struct welcome *w, enum welcome_page page)
{
	if (welcome_view(w)->page != page)
		tap_diag("at %s: %s", welcome_page_name(welcome_view(w)->page),
		    welcome_view(w)->message);
	return welcome_view(w)->page == page;
}

static bool says(const struct welcome *w, const char *text)
{
	const bool does = strstr(welcome_view(w)->message, text) != NULL;

	if (!does)
		tap_diag("it says: %s", welcome_view(w)->message);
	return does;
}

static bool keeps(const struct welcome *w, const char *text)
{
	const struct kk_view v = welcome_profile(w);
	const bool does = kk_view_equal(v, kk_view_text(text));

	if (!does)
		tap_diag("%.*s", (int)v.bytes, (const char *)v.data);
	return does;
}

/* To the page behind the name, in English. */
static struct welcome *named(const char *name)
{
	struct welcome *w = begun();

	(void)press(w, INPUT_ENTER);
	type(w, name);
	(void)press(w, INPUT_ENTER);
	(void)touch(w, "Next");
	return w;
}

TEST(a_name_alone_goes_through_all_pages_by_a_keyboard)
{
	struct welcome *w = begun();

	CHECK(is_at(w, WELCOME_LANGUAGE));
	CHECK_STR(focus(w), "English");
	(void)press(w, INPUT_ENTER);
	CHECK(is_at(w, WELCOME_NAME));
	CHECK_STR(focus(w), "Name of the room");
	type(w, "Room 4");
	CHECK_STR(focus(w), "OK");
	(void)press(w, INPUT_ENTER);
	CHECK_STR(focus(w), "Name of the room");
	(void)press(w, INPUT_NEXT);
	CHECK_STR(focus(w), "Site");
	(void)press(w, INPUT_NEXT);
	CHECK_STR(focus(w), "Back");
	(void)press(w, INPUT_NEXT);
	CHECK_STR(focus(w), "Next");
	(void)press(w, INPUT_ENTER);
	CHECK(is_at(w, WELCOME_NETWORK));
	(void)touch(w, "Next");
	CHECK(is_at(w, WELCOME_ACCESS));
	(void)touch(w, "Next");
	CHECK(is_at(w, WELCOME_SERVER));
	(void)touch(w, "Next");
	CHECK(is_at(w, WELCOME_REVIEW));
	CHECK_STR(focus(w), "Yes, set it up");
	CHECK_EQ(welcome_profile(w).bytes, 0);
	CHECK_EQ(press(w, INPUT_ENTER), WELCOME_KEEP);
	CHECK(keeps(w, "name = Room 4\nlanguage = en\n"));
	welcome_told(w, WELCOME_KEEP, KK_OK);
	CHECK(is_at(w, WELCOME_ENROL));
	CHECK_EQ(touch(w, "Done"), WELCOME_FINISH);
	welcome_free(w);
}

TEST(the_same_goes_in_german_with_arrows_alone)
{
	struct welcome *w = begun();

	(void)press(w, INPUT_RIGHT);
	CHECK_STR(focus(w), "Deutsch");
	(void)press(w, INPUT_ENTER);
	CHECK_STR(focus(w), "Name des Raums");
	(void)press(w, INPUT_ENTER);
	CHECK_STR(focus(w), "OK");
	(void)touch(w, "Groß");
	(void)touch(w, "Ö");
	(void)touch(w, "Groß");
	(void)touch(w, "1");
	for (int i = 0; i < 9; i++)
		(void)press(w, INPUT_DOWN);
	for (int i = 0; i < 9; i++)
		(void)press(w, INPUT_RIGHT);
	CHECK_STR(focus(w), "OK");
	(void)press(w, INPUT_ENTER);
	for (int i = 0; i < 9; i++)
		(void)press(w, INPUT_DOWN);
	(void)press(w, INPUT_RIGHT);
	CHECK_STR(focus(w), "Weiter");
	(void)press(w, INPUT_ENTER);
	CHECK(is_at(w, WELCOME_NETWORK));
	CHECK_STR(focus(w), "Von selbst (DHCP)");
	(void)press(w, INPUT_RIGHT);
	(void)press(w, INPUT_ENTER);
	CHECK(item_find(w, "Adresse/Präfix") >= 0);
	(void)press(w, INPUT_LEFT);
	(void)press(w, INPUT_ENTER);
	CHECK_EQ(item_find(w, "Adresse/Präfix"), -1);
	for (int i = 0; i < 3; i++)
		(void)touch(w, "Weiter");
	CHECK(is_at(w, WELCOME_REVIEW));
	CHECK_EQ(press(w, INPUT_ENTER), WELCOME_KEEP);
	CHECK(keeps(w, "name = Ö1\nlanguage = de\nnetwork = dhcp\n"));
	welcome_free(w);
}

TEST(without_a_name_nobody_comes_past_its_page)
{
	struct welcome *w = begun();

	(void)press(w, INPUT_ENTER);
	(void)touch(w, "Next");
	CHECK(is_at(w, WELCOME_NAME));
	CHECK(says(w, "Name of the room: this key is missing"));
	CHECK(welcome_view(w)->is_bad);
	(void)press(w, INPUT_DOWN);
	CHECK_STR(welcome_view(w)->message, "");
	welcome_free(w);
}

TEST(back_leads_to_the_first_page_and_loses_nothing)
{
	static const enum welcome_page pages[] = { WELCOME_REVIEW,
		WELCOME_SERVER, WELCOME_ACCESS, WELCOME_NETWORK, WELCOME_NAME,
		WELCOME_LANGUAGE, WELCOME_LANGUAGE };
	struct welcome *w = named("A");

	for (int i = 0; i < 3; i++)
		(void)touch(w, "Next");
	for (size_t i = 0; i < KK_ARRAY_LEN(pages); i++) {
		CHECK(is_at(w, pages[i]));
		(void)press(w, INPUT_BACK);
	}
	(void)press(w, INPUT_ENTER);
	CHECK_STR(welcome_view(w)->items[0].value, "A");
	welcome_free(w);
}

TEST(a_fixed_address_is_asked_for_and_forgotten_with_dhcp)
{
	struct welcome *w = named("A");

	(void)touch(w, "Fixed");
	(void)touch(w, "Next");
	CHECK(is_at(w, WELCOME_NETWORK));
	CHECK(says(w, "Address/prefix: this key is missing"));
	CHECK_STR(focus(w), "Address/prefix");
	type(w, "192.0.2.10/24");
	(void)press(w, INPUT_ENTER);
	(void)touch(w, "VLAN");
	type(w, "12");
	(void)press(w, INPUT_ENTER);
	for (int i = 0; i < 3; i++)
		(void)touch(w, "Next");
	CHECK_EQ(touch(w, "Yes, set it up"), WELCOME_KEEP);
	CHECK(keeps(w,
	    "name = A\nlanguage = en\nnetwork = static\n"
	    "address = 192.0.2.10/24\nvlan = 12\n"));
	welcome_told(w, WELCOME_KEEP, KK_EIO);
	CHECK(is_at(w, WELCOME_REVIEW));
	CHECK(says(w, "Nothing is lost"));
	for (int i = 0; i < 3; i++)
		(void)press(w, INPUT_BACK);
	(void)touch(w, "By itself (DHCP)");
	for (int i = 0; i < 3; i++)
		(void)touch(w, "Next");
	CHECK_EQ(touch(w, "Yes, set it up"), WELCOME_KEEP);
	CHECK(keeps(w, "name = A\nlanguage = en\nnetwork = dhcp\nvlan = 12\n"));
	welcome_free(w);
}

/* Each field, what it does not take, what it says of that, what it takes. */
static const struct {
	const char *label[2], *bad, *message[2], *good;
	unsigned pages; /* after the name's */
	bool is_static;
} typed[] = {
	{ { "Address/prefix", "Adresse/Präfix" }, "192.0.2.1",
	    { "as 192.0.2.10/24", "wie 192.0.2.10/24" }, "192.0.2.1/24", 1,
	    true },
	{ { "Gateway", "Gateway" }, "192.0.2.",
	    { "an address", "eine Adresse" }, "192.0.2.1", 1, true },
	{ { "Name servers", "Namensserver" }, "1",
	    { "up to four addresses", "bis zu vier" }, "192.0.2.1", 1, false },
	{ { "VLAN", "VLAN" }, "4095", { "1 to 4094", "1 bis 4094" }, "409", 1,
	    false },
	{ { "Time server", "Zeitserver" }, "-",
	    { "a server's name", "eines Servers" }, "ntp.example", 2, false },
	{ { "Proxy", "Proxy" }, "h", { "http://HOST:PORT", "http://HOST:PORT" },
	    "http://proxy.example:3128", 2, false },
	{ { "Meetings' server", "Server der Besprechungen" }, "x",
	    { "https://HOST or", "https://HOST oder" }, "https://sfu.example",
	    3, false },
	{ { "Page for guests", "Seite für Gäste" }, "http://x",
	    { "https://HOST or", "https://HOST oder" },
	    "https://page.example:8443", 3, false },
	{ { "The server's token", "Token des Servers" }, "0g",
	    { "64 hexadecimal digits", "64 hexadezimale Ziffern" },
	    "00112233445566778899aabbccddeeff"
	    "00112233445566778899aabbccddeeff",
	    3, false },
};

TEST(each_field_is_checked_as_it_is_typed_in_both_languages)
{
	for (size_t i = 0; i < 2 * KK_ARRAY_LEN(typed); i++) {
		const bool is_german = i % 2;
		struct welcome *w = begun();

		(void)touch(w, is_german ? "Deutsch" : "English");
		type(w, "A");
		(void)press(w, INPUT_ENTER);
		for (unsigned n = 0; n < typed[i / 2].pages; n++)
			(void)touch(w, is_german ? "Weiter" : "Next");
		if (typed[i / 2].is_static)
			(void)touch(w, is_german ? "Fest" : "Fixed");
		(void)touch(w, typed[i / 2].label[is_german]);
		CHECK_STR(welcome_view(w)->title,
		    typed[i / 2].label[is_german]);
		type(w, typed[i / 2].bad);
		CHECK(says(w, typed[i / 2].message[is_german]));
		CHECK(welcome_view(w)->is_bad);
		/* It is not left so. */
		(void)press(w, INPUT_ENTER);
		CHECK_STR(focus(w), "OK");
		for (size_t n = 0; n < strlen(typed[i / 2].bad); n++)
			(void)press(w, INPUT_ERASE);
		type(w, typed[i / 2].good);
		CHECK_STR(welcome_view(w)->message, "");
		(void)press(w, INPUT_ENTER);
		CHECK_STR(focus(w), typed[i / 2].label[is_german]);
		welcome_free(w);
	}
}

TEST(what_is_typed_is_left_by_back_as_it_was_before)
{
	struct welcome *w = named("A");

	(void)press(w, INPUT_BACK);
	(void)press(w, INPUT_ENTER);
	type(w, "bc");
	(void)press(w, INPUT_ERASE);
	CHECK_STR(welcome_view(w)->items[0].value, "Ab");
	(void)press(w, INPUT_BACK);
	CHECK(is_at(w, WELCOME_NAME));
	CHECK_STR(welcome_view(w)->items[0].value, "A");
	(void)press(w, INPUT_ENTER);
	(void)touch(w, "Cancel");
	CHECK_STR(welcome_view(w)->items[0].value, "A");
	(void)press(w, INPUT_ENTER);
	(void)touch(w, "Erase");
	(void)touch(w, "OK");
	(void)touch(w, "Next");
	CHECK(is_at(w, WELCOME_NAME));
	welcome_free(w);
}

TEST(a_letter_of_two_bytes_is_erased_whole)
{
	const struct input_event letter = { .kind = INPUT_TEXT, .text = "ü" };
	struct welcome *w = begun();

	(void)press(w, INPUT_ENTER);
	type(w, "a");
	(void)welcome_press(w, &letter);
	CHECK_STR(welcome_view(w)->items[0].value, "aü");
	(void)press(w, INPUT_ERASE);
	CHECK_STR(welcome_view(w)->items[0].value, "a");
	(void)press(w, INPUT_ERASE);
	(void)press(w, INPUT_ERASE);
	CHECK_STR(welcome_view(w)->items[0].value, "");
	welcome_free(w);
}

TEST(letters_that_move_a_cursor_are_not_typed)
{
	static const char *const letters[] = { "\n", "\x1b", "\xe2\x80\xae",
		"\xff", "" };
	struct welcome *w = begun();

	(void)press(w, INPUT_ENTER);
	for (size_t i = 0; i < KK_ARRAY_LEN(letters); i++) {
		struct input_event e = { .kind = INPUT_TEXT };

		(void)snprintf(e.text, sizeof(e.text), "%s", letters[i]);
		(void)welcome_press(w, &e);
		CHECK_STR(welcome_view(w)->items[0].value, "");
	}
	welcome_free(w);
}

TEST(the_longest_value_is_typed_and_no_longer_one)
{
	char name[PROFILE_VALUE_MAX + 1];
	struct welcome *w = begun();

	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	(void)press(w, INPUT_ENTER);
	type(w, name);
	CHECK_STR(welcome_view(w)->message, "");
	type(w, "y");
	CHECK(says(w, "too long"));
	CHECK_STR(welcome_view(w)->items[0].value, name);
	(void)press(w, INPUT_ENTER);
	CHECK_STR(welcome_view(w)->items[0].value, name);
	welcome_free(w);
}

TEST(a_token_is_shown_only_while_it_is_typed)
{
	struct welcome *w = named("A");

	(void)touch(w, "Next");
	(void)touch(w, "Next");
	(void)touch(w, "The server's token");
	for (int i = 0; i < 32; i++)
		type(w, "a1");
	(void)press(w, INPUT_ENTER);
	CHECK_STR(welcome_view(w)->items[2].value, "***");
	(void)touch(w, "Next");
	CHECK(is_at(w, WELCOME_SERVER));
	CHECK(says(w, "Meetings' server: this key is missing"));
	welcome_free(w);
}

/* --- all that stands there ------------------------------------------------ */

static void item_check(const struct welcome_item *item)
{
	CHECK(item->x >= 0 && item->y >= 0);
	CHECK(item->width > 0 && item->height > 0);
	CHECK(item->x + item->width <= 1 && item->y + item->height <= 1);
	if (item->kind != WELCOME_TYPED)
		CHECK(item->label[0]);
}

static bool overlap(const struct welcome_item *a, const struct welcome_item *b)
{
	return a->x < b->x + b->width && b->x < a->x + a->width &&
	    a->y < b->y + b->height && b->y < a->y + a->height;
}

static void view_check(const struct welcome *w)
{
	const struct welcome_view *v = welcome_view(w);

	CHECK(v->title[0] && v->item_count < WELCOME_ITEMS_MAX - 1);
	CHECK(v->focus < (int)v->item_count);
	for (size_t i = 0; i < v->item_count; i++) {
		item_check(&v->items[i]);
		for (size_t k = 0; k < i; k++) {
			if (overlap(&v->items[i], &v->items[k]))
				tap_diag("%s and %s", v->items[i].label,
				    v->items[k].label);
			CHECK(!overlap(&v->items[i], &v->items[k]));
		}
	}
}

/* Each page with each of its fields open, in both languages. */
TEST(nothing_overlaps_or_stands_beside_the_screen)
{
	for (int is_german = 0; is_german < 2; is_german++) {
		struct welcome *w = begun();

		view_check(w);
		(void)touch(w, is_german ? "Deutsch" : "English");
		type(w, "A");
		(void)press(w, INPUT_ENTER);
		while (welcome_view(w)->page < WELCOME_REVIEW) {
			const size_t count = welcome_view(w)->item_count;

			(void)touch(w, is_german ? "Fest" : "Fixed");
			view_check(w);
			for (size_t i = 0; i < count; i++) {
				struct welcome_item item =
				    welcome_view(w)->items[i];

				if (item.kind != WELCOME_FIELD)
					continue;
				(void)touch(w, item.label);
				view_check(w);
				if (item.value[0] < 'A')
					type(w, "x");
				(void)press(w, INPUT_BACK);
			}
			(void)touch(w,
			    is_german ? "Von selbst (DHCP)" :
					"By itself (DHCP)");
			(void)touch(w, is_german ? "Weiter" : "Next");
		}
		view_check(w);
		welcome_free(w);
	}
}

/* Whatever is pressed, arrows reach each button, and Tab goes around. */
TEST(next_and_previous_reach_each_field_and_come_around)
{
	struct welcome *w = named("A");
	char first[WELCOME_LABEL_BYTES];
	int count = 0;

	(void)snprintf(first, sizeof(first), "%s", focus(w));
	do {
		(void)press(w, INPUT_NEXT);
		count++;
	} while (strcmp(focus(w), first) != 0 && count < 100);
	CHECK_EQ(count, 6); /* two choices, two fields, two buttons */
	(void)press(w, INPUT_PREVIOUS);
	CHECK_STR(focus(w), "Next");
	welcome_free(w);
}

TEST(what_the_box_has_is_what_the_pages_begin_with)
{
	struct welcome *w = begun();

	welcome_begin(w,
	    kk_view_text("name = Old\nlanguage = de\nnetwork = static\n"
			 "address = 192.0.2.10/24\nfuture = 1\n"));
	CHECK_STR(focus(w), "Deutsch");
	(void)press(w, INPUT_ENTER);
	for (int i = 0; i < 4; i++)
		(void)touch(w, "Weiter");
	CHECK_EQ(touch(w, "Ja, so einrichten"), WELCOME_KEEP);
	CHECK(keeps(w,
	    "name = Old\nlanguage = de\nnetwork = static\n"
	    "address = 192.0.2.10/24\nfuture = 1\n"));
	welcome_told(w, WELCOME_KEEP, KK_EIO);
	welcome_begin(w, kk_view_text("nonsense"));
	CHECK_STR(focus(w), "English");
	welcome_free(w);
}

TEST(making_one_without_memory_fails)
{
	struct welcome *w = NULL;
	enum kk_err err;

	ALLOC_FAULT_LOOP(err, welcome_new(&w));
	CHECK_OK(err);
	welcome_free(w);
}
