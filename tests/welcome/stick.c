/* stick.c - what a stick says to the first-boot screen, and the certificate. */
#include <stdio.h>
#include <string.h>

#include "harness/tap.h"
#include "mock/alloc.h"
#include "press.h"

#define PEM                             \
	"-----BEGIN CERTIFICATE-----\n" \
	"MIIB\n"                        \
	"-----END CERTIFICATE-----\n"

static const char profile[] = "# a site's\nname = Room 9\nsite = Berlin\n"
			      "language = de\n[anchors]\n" PEM;

static struct welcome *begun(void)
{
	struct welcome *w = NULL;

	CHECK_OK(welcome_new(&w));
	return w;
}

static enum welcome_act come(struct welcome *w, const char *conf,
    const char *anchors, bool has_chain)
{
	const struct welcome_stick stick = { kk_view_text(conf),
		kk_view_text(anchors), has_chain };

	return welcome_stick(w, &stick);
}

static bool says(const struct welcome *w, const char *text)
{
	const bool does = strstr(welcome_view(w)->message, text) != NULL;

	if (!does)
		tap_diag("it says: %s", welcome_view(w)->message);
	return does;
}

/* At the certificate's page. */
static struct welcome *kept(void)
{
	struct welcome *w = begun();

	(void)press(w, INPUT_ENTER);
	(void)come(w, "name = A\n", "", false);
	(void)press(w, INPUT_ENTER);
	welcome_told(w, WELCOME_KEEP, KK_OK);
	return w;
}

TEST(a_stick_s_profile_is_shown_before_it_is_taken_as_it_is)
{
	struct welcome *w = begun();

	CHECK_EQ(come(w, profile, "", false), WELCOME_NOTHING);
	CHECK_EQ(welcome_view(w)->page, WELCOME_STICK);
	CHECK(welcome_view(w)->is_german);
	CHECK_STR(welcome_view(w)->items[0].value, "Room 9");
	CHECK_STR(welcome_view(w)->items[1].value, "Berlin");
	CHECK_STR(welcome_view(w)->items[2].value, "Deutsch");
	CHECK_STR(welcome_view(w)->items[3].value, "1");
	CHECK_STR(focus(w), "Ja, übernehmen");
	CHECK_EQ(welcome_profile(w).bytes, 0);
	CHECK_EQ(press(w, INPUT_ENTER), WELCOME_KEEP);
	CHECK(kk_view_equal(welcome_profile(w), kk_view_text(profile)));
	welcome_told(w, WELCOME_KEEP, KK_OK);
	CHECK_EQ(welcome_view(w)->page, WELCOME_ENROL);
	/* Back leads to what is kept. */
	(void)press(w, INPUT_BACK);
	CHECK_EQ(welcome_view(w)->page, WELCOME_REVIEW);
	CHECK_STR(welcome_view(w)->items[0].value, "Room 9");
	welcome_free(w);
}

TEST(a_stick_may_come_on_any_page_and_no_leads_back_there)
{
	struct welcome *w = begun();

	(void)press(w, INPUT_ENTER);
	type(w, "Mine");
	(void)press(w, INPUT_ENTER);
	(void)come(w, profile, "", false);
	(void)come(w, profile, "", false); /* once more */
	CHECK(!welcome_view(w)->is_german); /* that was chosen */
	(void)touch(w, "No");
	CHECK_EQ(welcome_view(w)->page, WELCOME_NAME);
	CHECK_STR(welcome_view(w)->items[0].value, "Mine");
	(void)come(w, profile, "", false);
	(void)press(w, INPUT_BACK);
	CHECK_EQ(welcome_view(w)->page, WELCOME_NAME);
	welcome_free(w);
}

TEST(a_wrong_profile_is_told_with_its_line_and_not_taken)
{
	static const struct {
		const char *text, *english, *german;
	} rows[] = {
		{ "name = A\nvlan = 5000\n",
		    "konklave.conf: line 2: vlan: this key does not take that "
		    "value (1 to 4094)",
		    "konklave.conf: Zeile 2: vlan: diesen Wert nimmt der "
		    "Schlüssel nicht (1 bis 4094)" },
		{ "name = A\ncolour = red\n",
		    "konklave.conf: line 2: there is no such key",
		    "konklave.conf: Zeile 2: diesen Schlüssel oder " },
		{ "site = B\n", "konklave.conf: name: this key is missing",
		    "konklave.conf: name: dieser Schlüssel fehlt" },
		{ "-----BEGIN PRIVATE KEY-----", "a private key",
		    "einen privaten Schlüssel" },
	};

	for (size_t i = 0; i < 2 * KK_ARRAY_LEN(rows); i++) {
		struct welcome *w = begun();

		(void)touch(w, i % 2 ? "Deutsch" : "English");
		CHECK_EQ(come(w, rows[i / 2].text, "", false), WELCOME_NOTHING);
		CHECK(says(w,
		    i % 2 ? rows[i / 2].german : rows[i / 2].english));
		CHECK(welcome_view(w)->is_bad);
		CHECK_EQ(item_find(w,
			     i % 2 ? "Ja, übernehmen" : "Yes, take it"),
		    -1);
		CHECK_EQ(press(w, INPUT_ENTER), WELCOME_NOTHING);
		CHECK_EQ(welcome_view(w)->page, WELCOME_NAME);
		welcome_free(w);
	}
}

TEST(certificates_alone_become_part_of_what_is_typed)
{
	struct welcome *w = begun();

	(void)press(w, INPUT_ENTER);
	type(w, "A");
	(void)press(w, INPUT_ENTER);
	(void)come(w, "", PEM PEM, false);
	CHECK(says(w, "The box would trust them"));
	(void)press(w, INPUT_ENTER);
	CHECK_EQ(welcome_view(w)->page, WELCOME_NAME);
	for (int i = 0; i < 4; i++)
		(void)touch(w, "Next");
	CHECK_EQ(touch(w, "Yes, set it up"), WELCOME_KEEP);
	CHECK(kk_view_equal(welcome_profile(w),
	    kk_view_text("name = A\nlanguage = en\n[anchors]\n" PEM PEM)));
	welcome_told(w, WELCOME_KEEP, KK_EIO);
	(void)come(w, "", "no certificate", false);
	CHECK(says(w, "ca.pem: no whole certificate"));
	welcome_free(w);
}

TEST(certificates_let_802_1x_be_chosen)
{
	struct welcome *w = begun();

	(void)press(w, INPUT_ENTER);
	type(w, "A");
	(void)press(w, INPUT_ENTER);
	(void)touch(w, "Next");
	(void)touch(w, "Next");
	(void)touch(w, "802.1X with EAP-TLS");
	(void)touch(w, "Name for 802.1X");
	type(w, "room4.example");
	(void)press(w, INPUT_ENTER);
	(void)touch(w, "Next");
	CHECK_EQ(welcome_view(w)->page, WELCOME_ACCESS);
	CHECK(says(w, "802.1X: "));
	(void)come(w, "", PEM, false);
	(void)press(w, INPUT_ENTER);
	CHECK_EQ(welcome_view(w)->page, WELCOME_ACCESS);
	(void)touch(w, "Next");
	CHECK(says(w, "Server of 802.1X: this key is missing"));
	type(w, "radius.example");
	(void)press(w, INPUT_ENTER);
	(void)touch(w, "Next");
	CHECK_EQ(welcome_view(w)->page, WELCOME_SERVER);
	(void)touch(w, "Next");
	CHECK_EQ(touch(w, "Yes, set it up"), WELCOME_KEEP);
	CHECK(kk_view_equal(welcome_profile(w),
	    kk_view_text("name = A\nlanguage = en\n8021x = eap-tls\n"
			 "8021x-identity = room4.example\n"
			 "8021x-server = radius.example\n[anchors]\n" PEM)));
	welcome_free(w);
}

TEST(a_profile_of_telephones_is_shown_whole_and_without_its_secrets)
{
	const struct welcome_view *v;
	struct welcome *w = begun();
	int hidden = 0;

	(void)come(w,
	    "name=A\nsite=B\nlanguage=en\nnetwork=static\n"
	    "address=192.0.2.10/24\ngateway=192.0.2.1\ndns=192.0.2.53\n"
	    "vlan=3\ntime=t\nforwarder=https://a\npage=https://b\n"
	    "lines=4\ndial-in=100\ndial-pin=4711\nsrtp=prefer\n"
	    "exchange=sip:pbx.example\nexchange-user=u\n"
	    "exchange-password=p4ssw0rd\n",
	    "", false);
	v = welcome_view(w);
	CHECK(!v->is_bad);
	CHECK_EQ(v->item_count, 18 + 2);
	for (size_t i = 0; i < v->item_count; i++) {
		CHECK(v->items[i].y + v->items[i].height <= 1);
		CHECK(v->items[i].x + v->items[i].width <= 1);
		CHECK(!strstr(v->items[i].value, "4711"));
		CHECK(!strstr(v->items[i].value, "p4ss"));
		hidden += !strcmp(v->items[i].value, "***");
	}
	CHECK_EQ(hidden, 2);
	welcome_free(w);
}

TEST(an_empty_stick_changes_nothing)
{
	struct welcome *w = begun();

	CHECK_EQ(come(w, "", "", true), WELCOME_NOTHING);
	CHECK_EQ(welcome_view(w)->page, WELCOME_LANGUAGE);
	welcome_free(w);
}

/* --- the certificate ------------------------------------------------------ */

TEST(a_key_s_fingerprint_is_shown_and_its_request_written)
{
	struct welcome_key key = { "1A2B 3C4D", "A", false,
		WELCOME_NO_TROUBLE };
	struct welcome *w = kept();

	welcome_key_told(w, &key);
	CHECK_STR(welcome_view(w)->items[0].value, "1A2B 3C4D");
	CHECK_STR(focus(w), "Write the request");
	CHECK_EQ(press(w, INPUT_ENTER), WELCOME_WRITE);
	CHECK(says(w, "Do not pull out"));
	/* Nothing else meanwhile. */
	CHECK_EQ(touch(w, "Done"), WELCOME_NOTHING);
	CHECK_EQ(press(w, INPUT_BACK), WELCOME_NOTHING);
	CHECK_EQ(welcome_view(w)->page, WELCOME_ENROL);
	welcome_told(w, WELCOME_WRITE, KK_EIO);
	CHECK(says(w, "not on the stick") && welcome_view(w)->is_bad);
	CHECK_EQ(touch(w, "Write the request"), WELCOME_WRITE);
	welcome_told(w, WELCOME_WRITE, KK_OK);
	CHECK(says(w, "is on the stick") && !welcome_view(w)->is_bad);
	welcome_free(w);
}

TEST(a_stick_with_the_certificate_is_taken_when_it_comes)
{
	struct welcome_key key = { "1A2B 3C4D", "Room 9", true,
		WELCOME_NO_TROUBLE };
	struct welcome *w = kept();

	CHECK_EQ(come(w, "", "", false), WELCOME_NOTHING);
	CHECK_STR(welcome_view(w)->message, "");
	CHECK_EQ(come(w, "", "", true), WELCOME_INSTALL);
	welcome_told(w, WELCOME_INSTALL, KK_OK);
	CHECK(says(w, "verified"));
	welcome_key_told(w, &key);
	CHECK_STR(welcome_view(w)->items[0].value, "Room 9");
	welcome_free(w);
}

TEST(each_reason_against_a_certificate_is_told_in_both_languages)
{
	static const struct {
		enum kk_err err;
		const char *english, *german;
	} rows[] = {
		{ KK_EUNTRUSTED, "for another key", "anderen Schlüssel" },
		{ KK_EEXPIRED, "is over", "abgelaufen" },
		{ KK_EREVOKED, "revoked", "widerrufen" },
		{ KK_ESTATE, "in a meeting", "in einer Besprechung" },
		{ KK_EFORMAT, "damaged", "beschädigt" },
		{ KK_EIO, "damaged", "beschädigt" },
	};

	for (size_t i = 0; i < 2 * KK_ARRAY_LEN(rows); i++) {
		struct welcome *w = begun();

		(void)touch(w, i % 2 ? "Deutsch" : "English");
		(void)come(w, "name = A\n", "", false);
		(void)press(w, INPUT_ENTER);
		welcome_told(w, WELCOME_KEEP, KK_OK);
		CHECK_EQ(welcome_view(w)->is_german, i % 2);
		(void)come(w, "", "", true);
		welcome_told(w, WELCOME_INSTALL, rows[i / 2].err);
		CHECK(welcome_view(w)->is_bad);
		CHECK(says(w,
		    i % 2 ? rows[i / 2].german : rows[i / 2].english));
		welcome_free(w);
	}
}

TEST(a_box_without_its_tpm_is_told_before_and_after_and_in_both_languages)
{
	static const char *const texts[2] = { "none that it can use. No key is "
					      "made anywhere else",
		"keins, das es benutzen kann. Woanders wird keiner gemacht" };
	const struct welcome_key key = { .trouble = WELCOME_NO_TPM };

	for (int german = 0; german < 2; german++) {
		struct welcome *w = begun();

		welcome_tpm_told(w, false);
		(void)touch(w, german ? "Deutsch" : "English");
		(void)come(w, "name = A\nkeys = tpm\n", "", false);
		CHECK(says(w, texts[german]));
		CHECK(welcome_view(w)->is_bad);
		CHECK_STR(welcome_view(w)->items[1].value,
		    german ? "Schlüssel im TPM" : "Key in the TPM");
		CHECK_EQ(press(w, INPUT_ENTER), WELCOME_KEEP);
		welcome_told(w, WELCOME_KEEP, KK_OK);
		welcome_key_told(w, &key);
		CHECK_EQ(welcome_view(w)->page, WELCOME_ENROL);
		CHECK(says(w, texts[german]));
		/* Whatever fails for want of a key. */
		CHECK_EQ(press(w, INPUT_ENTER), WELCOME_WRITE);
		welcome_told(w, WELCOME_WRITE, KK_EIO);
		welcome_key_told(w, &key);
		CHECK(says(w, texts[german]));
		/* Another place is chosen there. */
		(void)press(w, INPUT_BACK);
		CHECK_EQ(welcome_view(w)->page, WELCOME_REVIEW);
		(void)press(w, INPUT_BACK);
		(void)touch(w,
		    german ? "Schlüssel in versiegelter Datei" :
			     "Key in a sealed file");
		(void)touch(w, german ? "Weiter" : "Next");
		CHECK_STR(welcome_view(w)->message, "");
		CHECK_EQ(press(w, INPUT_ENTER), WELCOME_KEEP);
		CHECK(kk_view_equal(welcome_profile(w),
		    kk_view_text(german ? "name = A\nlanguage = de\n" :
					  "name = A\nlanguage = en\n")));
		welcome_free(w);
	}
}

TEST(a_box_with_a_tpm_is_not_told_that_it_has_none)
{
	struct welcome *w = begun();

	welcome_tpm_told(w, true);
	(void)press(w, INPUT_ENTER);
	(void)come(w, "name = A\nkeys = tpm\n", "", false);
	CHECK_STR(welcome_view(w)->message, "");
	welcome_free(w);
}

TEST(each_reason_why_there_is_no_key_is_told_in_both_languages)
{
	for (int german = 0; german < 2; german++) {
		char before[WELCOME_TEXT_BYTES] = "";

		for (int i = 0; i < WELCOME_TROUBLES; i++) {
			const struct welcome_key key = {
				.trouble = (enum welcome_trouble)i
			};
			struct welcome *w = kept();

			(void)press(w, INPUT_BACK);
			for (int back = 0; back < 5; back++)
				(void)press(w, INPUT_BACK);
			(void)touch(w, german ? "Deutsch" : "English");
			for (int next = 0; next < 4; next++)
				(void)touch(w, german ? "Weiter" : "Next");
			(void)press(w, INPUT_ENTER);
			welcome_told(w, WELCOME_KEEP, KK_OK);
			welcome_key_told(w, &key);
			CHECK_EQ(welcome_view(w)->is_german, german);
			CHECK(welcome_view(w)->is_bad);
			CHECK(strlen(welcome_view(w)->message) > 40);
			CHECK(strcmp(welcome_view(w)->message, before) != 0);
			(void)snprintf(before, sizeof(before), "%s",
			    welcome_view(w)->message);
			welcome_free(w);
		}
	}
}

TEST(a_stick_that_was_asked_for_is_told_when_it_lacks_the_certificate)
{
	struct welcome *w = kept();

	CHECK_EQ(touch(w, "Read the stick"), WELCOME_READ);
	welcome_told(w, WELCOME_READ, KK_EIO);
	CHECK(says(w, "no stick that can be read"));
	CHECK_STR(focus(w), "Read the stick");
	CHECK_EQ(touch(w, "Read the stick"), WELCOME_READ);
	CHECK_EQ(come(w, "", "", false), WELCOME_NOTHING);
	CHECK(says(w, "no certificate for this box"));
	/* What comes later of it says nothing more. */
	welcome_told(w, WELCOME_READ, KK_OK);
	CHECK(says(w, "no certificate for this box"));
	welcome_free(w);
}

TEST(what_was_not_asked_for_is_not_told)
{
	struct welcome *w = kept();

	welcome_told(w, WELCOME_WRITE, KK_EIO);
	CHECK_STR(welcome_view(w)->message, "");
	welcome_free(w);
}

/* --- nobody is there ------------------------------------------------------ */

static enum welcome_act seconds(struct welcome *w, unsigned count)
{
	enum welcome_act act = WELCOME_NOTHING;

	while (count-- > 0 && !act)
		act = welcome_second(w);
	return act;
}

TEST(a_box_that_nobody_operates_takes_a_stick_s_profile_by_itself)
{
	struct welcome *w = begun();

	CHECK_EQ(seconds(w, 100), WELCOME_NOTHING);
	(void)come(w, profile, "", false);
	CHECK(says(w, "30 Sekunden"));
	CHECK_EQ(seconds(w, WELCOME_UNATTENDED_S - 1), WELCOME_NOTHING);
	CHECK(says(w, " 1 Sekunden"));
	CHECK_EQ(seconds(w, 1), WELCOME_KEEP);
	welcome_told(w, WELCOME_KEEP, KK_OK);
	CHECK_EQ(seconds(w, WELCOME_UNATTENDED_S), WELCOME_FINISH);
	welcome_free(w);
}

TEST(who_presses_anything_is_waited_for)
{
	struct welcome *w = begun();

	(void)come(w, profile, "", false);
	(void)press(w, INPUT_UP);
	CHECK_EQ(seconds(w, 1000), WELCOME_NOTHING);
	CHECK(!welcome_counts_down(w));
	welcome_free(w);
}

TEST(a_wrong_profile_and_certificates_alone_are_never_taken_by_themselves)
{
	struct welcome *w = begun();

	(void)come(w, "nonsense", "", false);
	CHECK_EQ(seconds(w, 1000), WELCOME_NOTHING);
	(void)come(w, "", PEM, false);
	CHECK_EQ(seconds(w, 1000), WELCOME_NOTHING);
	welcome_free(w);
}
