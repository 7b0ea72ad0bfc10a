/* profile.c - what a box is to be: texts, tables, and what is wrong with them.
 */
#include <stdio.h>
#include <string.h>

#include "harness/tap.h"
#include "mock/alloc.h"
#include "profile/profile.h"

#define PEM                             \
	"-----BEGIN CERTIFICATE-----\n" \
	"MIIB\n"                        \
	"-----END CERTIFICATE-----\n"

#define TOKEN                              \
	"00112233445566778899aabbccddeeff" \
	"00112233445566778899AABBCCDDEEFF"

#define BAD_TOKEN                          \
	"x0112233445566778899aabbccddeeff" \
	"00112233445566778899aabbccddeeff"

#define MD5 "00112233445566778899aabbccddeeff"
#define LINES "forwarder=https://f\nlines=4\n"
#define ACCOUNT "desk " MD5 " " TOKEN

static const char whole[] =
    "# Room 4's\r\n"
    "name = Room 4 / Großer Saal\n"
    "\n"
    "  site=Berlin  \n"
    "language = de\n"
    "network = static\n"
    "address = 192.0.2.10/24\n"
    "gateway = 192.0.2.1\n"
    "dns = 192.0.2.53, 2001:db8::53\n"
    "vlan = 12\n"
    "8021x = eap-tls\n"
    "8021x-identity = room4@example\n"
    "8021x-server = radius.example, radius2.example\n"
    "proxy = http://room%204:a:b%40c@[2001:db8::9]:3128\n"
    "no-proxy = meet.example, .lan, 192.0.2.1\n"
    "time = ntp.example\n"
    "forwarder = https://[2001:db8::1]:8443\n"
    "page = https://meet.example\n"
    "updates = https://u.example:8443/k/i.txt\n"
    "token = " TOKEN "\n"
    "keys = pkcs11:token=Room%204?module-path=/usr/lib/token.so\n"
    "keys-pin = 12 34\n"
    "camera = HD Pro Webcam C920\n"
    "microphone = auto\n"
    "loudspeaker = HDMI\n"
    "screen-size = 1920x1080\n"
    "lines = 4\n"
    "dial-in = 4711\n"
    "dial-pin = 123456\n"
    "dial-prefixes = 030, +49\n"
    "talk-minutes = 0\n"
    "srtp = require\n"
    "calls-from = trunks\n"
    "callers = none\n"
    "exchange = sip:pbx.example:5071;transport=tls\n"
    "exchange-spare = sip:[2001:db8::2]\n"
    "exchange-domain = example\n"
    "exchange-user = room-4\n"
    "exchange-login = Room 4\n"
    "exchange-password = \"pass = word\"\n"
    "telephones = box.example\n"
    "[anchors]\n" PEM "\n" PEM "[8021x-anchors]\n" PEM "[telephones]\n" ACCOUNT
    "\n";

static enum kk_err parse(struct profile *p, const char *text,
    struct profile_problem *problem)
{
	return profile_parse(p, kk_view_text(text), problem);
}

static void wrong(const char *text, enum profile_wrong what, size_t line)
{
	struct profile_problem problem = { 0 };
	struct profile p;
	const enum kk_err err = parse(&p, text, &problem);

	if (!err || problem.what != what || problem.line != line)
		tap_diag("%s: %u in line %zu", text, problem.what,
		    problem.line);
	CHECK_FAIL(err);
	CHECK_EQ(problem.what, what);
	CHECK_EQ(problem.line, line);
}

TEST(each_key_of_a_whole_profile_is_read)
{
	struct profile_problem problem;
	struct profile p;

	CHECK_OK(parse(&p, whole, &problem));
	CHECK_OK(profile_check(&p, &problem));
	CHECK_STR(p.values[PROFILE_NAME], "Room 4 / Großer Saal");
	CHECK_STR(p.values[PROFILE_SITE], "Berlin");
	CHECK_STR(p.values[PROFILE_DNS], "192.0.2.53, 2001:db8::53");
	CHECK_STR(p.values[PROFILE_FORWARDER], "https://[2001:db8::1]:8443");
	for (unsigned i = 0; i < PROFILE_KEYS; i++)
		CHECK(p.values[i][0]);
	CHECK_EQ(p.parts[PROFILE_ANCHORS].bytes, 2 * strlen(PEM) + 1);
	CHECK_EQ(p.parts[PROFILE_8021X_ANCHORS].bytes, strlen(PEM));
	CHECK_EQ(p.parts[PROFILE_ACCOUNTS].bytes, strlen(ACCOUNT "\n"));
}

TEST(what_is_written_reads_back_the_same)
{
	struct profile_problem problem;
	struct profile p, again;
	struct kk_bytes text;

	CHECK_OK(parse(&p, whole, &problem));
	CHECK_OK(profile_write(&p, &text));
	CHECK_OK(profile_parse(&again, kk_bytes_view(&text), &problem));
	CHECK_MEM(p.values, again.values, sizeof(p.values));
	for (unsigned i = 0; i < PROFILE_PARTS; i++)
		CHECK(kk_view_equal(p.parts[i], again.parts[i]));
	kk_bytes_clear(&text);
}

TEST(a_wrong_line_is_named_with_its_number)
{
	wrong("name = A\nnonsense\n", PROFILE_NO_PAIR, 2);
	wrong("name = A\n\n# x\ncolour = red\n", PROFILE_UNKNOWN, 4);
	wrong("name = A\nname = B\n", PROFILE_TWICE, 2);
	wrong("name =\n", PROFILE_VALUE, 1);
	wrong("name = A\x1b[2J\n", PROFILE_VALUE, 1);
	wrong("[anchors]\n", PROFILE_ANCHOR, 1);
	wrong("[anchors]\nMIIB\n", PROFILE_ANCHOR, 2);
	wrong("[anchors]\n-----BEGIN CERTIFICATE-----\nMIIB\n", PROFILE_ANCHOR,
	    1);
	wrong("name = A\n[anchors]\n" PEM "name = B\n", PROFILE_ANCHOR, 6);
	wrong("name = A\n[more]\nx\n", PROFILE_UNKNOWN, 2);
	wrong("[anchors\n" PEM, PROFILE_NO_PAIR, 1);
	wrong("[anchors]\n" PEM "[8021x-anchors]\n", PROFILE_ANCHOR, 5);
	wrong("[anchors]\n" PEM "\n[anchors]\n" PEM, PROFILE_TWICE, 6);
}

TEST(a_wrong_telephone_is_named_with_its_line)
{
	static const char *const lines[] = { "desk", "desk " MD5 "0",
		"desk " MD5 " " MD5, "desk " TOKEN " " MD5 " x", "d@sk " MD5,
		"desk x" MD5, "one " MD5 "\n\n# two\none " MD5, "" };

	for (size_t i = 0; i < KK_ARRAY_LEN(lines); i++) {
		char text[512];

		(void)snprintf(text, sizeof(text), "name = A\n[telephones]\n%s",
		    lines[i]);
		wrong(text, PROFILE_ACCOUNT, i == 6 ? 6 : !lines[i][0] ? 2 : 3);
	}
}

TEST(values_that_a_key_does_not_take_are_refused)
{
	static const char *const lines[] = { "language = fr", "language = DE",
		"network = wifi", "address = 192.0.2.10", "address = x/24",
		"address = 192.0.2.10/33", "address = 192.0.2.10/0",
		"address = 2001:db8::/129", "gateway = router", "dns = ,",
		"dns = 1.1.1.1 2.2.2.2 3.3.3.3 4.4.4.4 5.5.5.5", "vlan = 0",
		"vlan = 4095", "vlan = 1x", "vlan = 99999999999999999999",
		"proxy = https://x", "proxy = http://", "proxy = http://x:0",
		"proxy = http://x:70000", "proxy = http://[::1", "time = -x",
		"time = a b", "forwarder = http://x", "forwarder = https://a/b",
		"forwarder = https://[fe80::g]", "page = http://x",
		"updates = https://x", "updates = https://x/",
		"updates = http://x/y", "updates = https://u@x/y",
		"updates = https://x/y?z", "updates = https://x/../y",
		"updates = https://x:0/y", "token = 00", "8021x = peap",
		"8021x-server = a b c d e", "8021x-server = *.example",
		"proxy = http://user@x:1", "proxy = http://:p@x:1",
		"proxy = http://u:p/@x:1", "proxy = http://u p:q@x:1",
		"no-proxy = *", "no-proxy = ..x", "keys = none", "keys = TPM",
		"keys = tpm2", "keys = tpm x", "keys = pkcs11:token=a",
		"keys = pkcs11:?module-path=/a",
		"keys = pkcs11:token=a?module-path=a",
		"keys = pkcs11:token=a?module-path=/",
		"keys = pkcs11:token=a?module-path=/../a.so",
		"keys = pkcs11:token=a?module-path=/a.so&pin-value=1",
		"keys = pkcs11:token=a?pin-value=1&module-path=/a.so",
		"keys = pkcs11:pin-value=1?module-path=/a.so",
		"keys = pkcs11:token=$a?module-path=/a.so",
		"keys = pkcs11:token=a b?module-path=/a.so", "camera = --",
		"microphone = \xff", "loudspeaker = a\tb",
		"screen-size = 1280x721", "screen-size = none", "lines = 0",
		"lines = 257", "dial-in = 1234567890123", "dial-in = x",
		"dial-pin = 123", "dial-prefixes = 0x", "dial-prefixes = +",
		"talk-minutes = 1441", "srtp = maybe", "calls-from = all",
		"callers = some", "exchange = pbx",
		"exchange = sip:pbx;transport=sctp", "exchange = sip:a@b",
		"exchange = sip:pbx:1;lr",
		"exchange-spare = sip:", "exchange-domain = [::1]",
		"exchange-user = a b", "exchange-user = a@b",
		"telephones = a b" };

	for (size_t i = 0; i < KK_ARRAY_LEN(lines); i++)
		wrong(lines[i], PROFILE_VALUE, 1);
}

TEST(a_device_is_named_by_up_to_64_letters)
{
	static char text[] = "camera = *****************************C920***"
			     "****************************";
	struct profile_problem problem;
	struct profile p;

	CHECK_EQ(strlen(text + 9), 64U);
	CHECK_OK(parse(&p, text, &problem));
	wrong("camera = C920******************************"
	      "*******************************",
	    PROFILE_VALUE, 1);
}

TEST(a_token_is_so_many_digits_and_nothing_else)
{
	wrong("token = " TOKEN "0", PROFILE_VALUE, 1);
	wrong("token = " BAD_TOKEN, PROFILE_VALUE, 1);
}

TEST(a_private_key_is_refused_wherever_it_stands)
{
	wrong("name = A\n[anchors]\n" PEM "-----BEGIN EC PRIVATE KEY-----\nx\n"
	      "-----END EC PRIVATE KEY-----\n",
	    PROFILE_SECRET, 1);
	wrong("# -----BEGIN PRIVATE KEY-----\n", PROFILE_SECRET, 1);
}

TEST(too_long_texts_and_values_are_refused)
{
	static char text[PROFILE_BYTES_MAX + 2];
	struct profile_problem problem;
	struct profile p;

	memset(text, '\n', sizeof(text) - 1);
	CHECK_ERR(parse(&p, text, &problem), KK_ELIMIT);
	text[PROFILE_BYTES_MAX] = '\0';
	CHECK_OK(parse(&p, text, &problem));
	memset(text, 'a', 300);
	memcpy(text, "name=", 5);
	text[5 + PROFILE_VALUE_MAX + 1] = '\0';
	CHECK_ERR(parse(&p, text, &problem), KK_ELIMIT);
	text[5 + PROFILE_VALUE_MAX] = '\0';
	CHECK_OK(parse(&p, text, &problem));
}

TEST(too_many_anchors_are_refused)
{
	char text[4096] = "[anchors]\n";
	struct profile_problem problem;
	struct profile p;

	for (int i = 0; i < PROFILE_ANCHORS_MAX; i++)
		memcpy(text + strlen(text), PEM, sizeof(PEM));
	CHECK_OK(parse(&p, text, &problem));
	memcpy(text + strlen(text), PEM, sizeof(PEM));
	CHECK_ERR(parse(&p, text, &problem), KK_EFORMAT);
	CHECK_EQ(problem.what, PROFILE_ANCHOR);
}

TEST(keys_that_belong_together_are_asked_for)
{
	struct profile_problem problem;
	struct profile p;

	CHECK_OK(parse(&p, "site = B\n", &problem));
	CHECK_FAIL(profile_check(&p, &problem));
	CHECK_EQ(problem.key, PROFILE_NAME);
	CHECK_OK(parse(&p, "name = A\nnetwork = static\n", &problem));
	CHECK_FAIL(profile_check(&p, &problem));
	CHECK_EQ(problem.key, PROFILE_ADDRESS);
	CHECK_OK(parse(&p, "name = A\naddress = 192.0.2.1/8\n", &problem));
	CHECK_FAIL(profile_check(&p, &problem));
	CHECK_EQ(problem.key, PROFILE_NETWORK);
	CHECK_OK(parse(&p, "name = A\n", &problem));
	CHECK_OK(profile_check(&p, &problem));
	CHECK_OK(parse(&p, "name = A\ntoken=" TOKEN "\npage=https://a\n",
	    &problem));
	CHECK_FAIL(profile_check(&p, &problem));
	CHECK_EQ(problem.key, PROFILE_FORWARDER);
	CHECK_OK(parse(&p, "name=A\ntoken=" TOKEN "\nforwarder=https://a\n",
	    &problem));
	CHECK_FAIL(profile_check(&p, &problem));
	CHECK_EQ(problem.key, PROFILE_PAGE);
}

TEST(each_key_that_another_one_calls_for_is_asked_for_by_its_name)
{
	static const struct {
		const char *text;
		enum profile_wrong what;
		enum profile_key key;
	} cases[] = {
		{ "8021x=eap-tls\n[anchors]\n" PEM, PROFILE_MISSING,
		    PROFILE_8021X_SERVER },
		{ "8021x=eap-tls\n8021x-server=r\n", PROFILE_NO_PART,
		    PROFILE_8021X },
		{ "8021x-server=r\n", PROFILE_MISSING, PROFILE_8021X },
		{ "8021x-identity=r\n", PROFILE_MISSING, PROFILE_8021X },
		{ "[8021x-anchors]\n" PEM, PROFILE_MISSING, PROFILE_8021X },
		{ "no-proxy=a\n", PROFILE_MISSING, PROFILE_PROXY },
		{ "keys-pin=1\n", PROFILE_MISSING, PROFILE_KEYSTORE },
		{ "keys=tpm\nkeys-pin=1\n", PROFILE_MISSING, PROFILE_KEYSTORE },
		{ "lines=4\n", PROFILE_MISSING, PROFILE_FORWARDER },
		{ LINES "dial-in=1\n", PROFILE_MISSING, PROFILE_DIAL_PIN },
		{ LINES "dial-pin=1234\n", PROFILE_MISSING, PROFILE_DIAL_IN },
		{ "dial-prefixes=0\n", PROFILE_MISSING, PROFILE_LINES },
		{ "talk-minutes=0\n", PROFILE_MISSING, PROFILE_LINES },
		{ "srtp=never\n", PROFILE_MISSING, PROFILE_LINES },
		{ "calls-from=known\n", PROFILE_MISSING, PROFILE_LINES },
		{ "callers=part\n", PROFILE_MISSING, PROFILE_LINES },
		{ LINES "exchange=sip:a\n", PROFILE_MISSING,
		    PROFILE_EXCHANGE_USER },
		{ LINES "exchange-user=a\n", PROFILE_MISSING,
		    PROFILE_EXCHANGE },
		{ LINES "exchange-spare=sip:a\n", PROFILE_MISSING,
		    PROFILE_EXCHANGE },
		{ LINES "exchange-domain=a\n", PROFILE_MISSING,
		    PROFILE_EXCHANGE },
		{ LINES "exchange-password=a\n", PROFILE_MISSING,
		    PROFILE_EXCHANGE },
		{ LINES "exchange-login=a\n", PROFILE_MISSING,
		    PROFILE_EXCHANGE_PASSWORD },
		{ LINES "exchange=sip:a;transport=tls\nexchange-user=a\n",
		    PROFILE_NO_PART, PROFILE_EXCHANGE },
		{ LINES "telephones=a\n", PROFILE_NO_PART, PROFILE_TELEPHONES },
		{ LINES "[telephones]\n" ACCOUNT, PROFILE_MISSING,
		    PROFILE_TELEPHONES },
	};

	for (size_t i = 0; i < KK_ARRAY_LEN(cases); i++) {
		struct profile_problem problem = { 0 };
		struct profile p;
		char text[512];

		(void)snprintf(text, sizeof(text), "name=A\n%s", cases[i].text);
		CHECK_OK(parse(&p, text, &problem));
		CHECK_FAIL(profile_check(&p, &problem));
		if (problem.what != cases[i].what ||
		    problem.key != cases[i].key)
			tap_diag("%s: %u of %s", text, problem.what,
			    profile_key_name(problem.key));
		CHECK_EQ(problem.what, cases[i].what);
		CHECK_EQ(problem.key, cases[i].key);
	}
}

TEST(what_is_shown_of_secrets_is_that_there_is_one)
{
	char shown[PROFILE_SHOWN_BYTES];
	struct profile_problem problem;
	struct profile p;

	CHECK_OK(parse(&p, whole, &problem));
	profile_value_show(&p, PROFILE_TOKEN, shown);
	CHECK_STR(shown, "***");
	profile_value_show(&p, PROFILE_DIAL_PIN, shown);
	CHECK_STR(shown, "***");
	profile_value_show(&p, PROFILE_EXCHANGE_PASSWORD, shown);
	CHECK_STR(shown, "***");
	profile_value_show(&p, PROFILE_KEYSTORE_PIN, shown);
	CHECK_STR(shown, "***");
	profile_value_show(&p, PROFILE_PROXY, shown);
	CHECK_STR(shown, "http://***@[2001:db8::9]:3128");
	profile_value_show(&p, PROFILE_EXCHANGE_USER, shown);
	CHECK_STR(shown, "room-4");
	CHECK_OK(parse(&p, "proxy = http://proxy.example:3128", &problem));
	profile_value_show(&p, PROFILE_PROXY, shown);
	CHECK_STR(shown, "http://proxy.example:3128");
	profile_value_show(&p, PROFILE_TOKEN, shown);
	CHECK_STR(shown, "");
}

TEST(hosts_that_need_no_proxy_are_reached_without_it)
{
	struct profile_problem problem;
	struct profile p;

	CHECK_OK(parse(&p, "name = A\n", &problem));
	CHECK(!profile_takes_proxy(&p, "https://a.example"));
	CHECK_OK(parse(&p,
	    "proxy=http://p\nno-proxy=meet.example, .lan 192.0.2.1 "
	    "2001:db8::1\n",
	    &problem));
	CHECK(profile_takes_proxy(&p, "https://a.example:8443"));
	CHECK(profile_takes_proxy(&p, "https://x.meet.example"));
	CHECK(profile_takes_proxy(&p, "https://lan"));
	CHECK(profile_takes_proxy(&p, "https://192.0.2.10"));
	CHECK(profile_takes_proxy(&p, "https://[2001:db8::2]:443"));
	CHECK(!profile_takes_proxy(&p, "https://Meet.Example:8443"));
	CHECK(!profile_takes_proxy(&p, "https://sfu.room.lan"));
	CHECK(!profile_takes_proxy(&p, "https://192.0.2.1:1"));
	CHECK(!profile_takes_proxy(&p, "https://[2001:db8::1]:443"));
}

/* --- other versions ------------------------------------------------------- */

static enum kk_err stored(struct profile *p, const char *text,
    struct profile_problem *problem)
{
	return profile_parse_stored(p, kk_view_text(text), problem);
}

static const char newer[] = "name = A\n"
			    "# what this version does not know:\n"
			    "wlan.name = guests = 2\n"
			    "network = wlan\n"
			    "language = de\n"
			    "vlan = all\n"
			    "[ports]\n"
			    "one = 802.1AE\n"
			    "\n"
			    "[anchors]\n" PEM;

TEST(a_newer_versions_lines_are_kept_and_named)
{
	struct profile_problem problem;
	struct profile p;

	CHECK_ERR(parse(&p, newer, &problem), KK_EFORMAT);
	CHECK_OK(stored(&p, newer, &problem));
	CHECK_OK(profile_check(&p, &problem));
	CHECK_EQ(p.other_count, 4);
	CHECK_EQ(p.others[3].why.what, PROFILE_UNKNOWN);
	CHECK_EQ(p.others[3].why.line, 7);
	CHECK_EQ(p.others[0].why.what, PROFILE_UNKNOWN);
	CHECK_EQ(p.others[0].why.line, 3);
	CHECK_EQ(p.others[1].why.what, PROFILE_VALUE);
	CHECK_EQ(p.others[1].why.key, PROFILE_NETWORK);
	CHECK_EQ(p.others[2].why.line, 6);
	CHECK_STR(p.values[PROFILE_NETWORK], "");
	CHECK_STR(p.values[PROFILE_LANGUAGE], "de");
	CHECK_EQ(p.parts[PROFILE_ANCHORS].bytes, strlen(PEM));
}

TEST(a_newer_versions_lines_outlive_an_older_ones_writing)
{
	struct profile_problem problem;
	struct profile p, again;
	struct kk_bytes text;

	CHECK_OK(stored(&p, newer, &problem));
	CHECK_OK(profile_write(&p, &text));
	CHECK_OK(profile_parse_stored(&again, kk_bytes_view(&text), &problem));
	CHECK_MEM(p.values, again.values, sizeof(p.values));
	CHECK_EQ(again.other_count, 4);
	for (size_t i = 0; i < p.other_count; i++)
		CHECK(kk_view_equal(p.others[i].line, again.others[i].line));
	CHECK(kk_view_equal(again.others[0].line,
	    kk_view_text("wlan.name = guests = 2")));
	CHECK(kk_view_equal(again.others[3].line,
	    kk_view_text("[ports]\none = 802.1AE")));
	CHECK(kk_view_equal(p.parts[PROFILE_ANCHORS],
	    again.parts[PROFILE_ANCHORS]));
	kk_bytes_clear(&text);
}

TEST(an_older_versions_profile_is_all_that_a_newer_one_needs)
{
	struct profile_problem problem;
	struct profile p;

	CHECK_OK(stored(&p, "name = A\nsite = B\n", &problem));
	CHECK_OK(profile_check(&p, &problem));
	CHECK_EQ(p.other_count, 0);
}

TEST(what_no_version_would_write_is_wrong_in_a_stored_one_too)
{
	static const char *const texts[] = { "nonsense\n", "= 1\n", "A b = 1\n",
		"name = A\nname = B\n", "vlan = all\nvlan = 3\n", "x = \xff\n",
		"[more\n", "[]\n", "[More]\n", "[more]\n\xff\n",
		"[anchors]\nx\n", "x = PRIVATE KEY\n" };
	struct profile_problem problem;
	struct profile p;

	for (size_t i = 0; i < KK_ARRAY_LEN(texts); i++) {
		if (!stored(&p, texts[i], &problem))
			tap_diag("%s is taken", texts[i]);
		CHECK_FAIL(stored(&p, texts[i], &problem));
	}
}

TEST(no_more_than_so_many_lines_are_kept)
{
	char text[PROFILE_OTHERS_MAX * 8 + 16] = "";
	struct profile_problem problem;
	struct profile p;

	for (int i = 0; i < PROFILE_OTHERS_MAX; i++)
		(void)snprintf(text + strlen(text), 8, "x%d=1\n", i);
	CHECK_OK(stored(&p, text, &problem));
	CHECK_EQ(p.other_count, PROFILE_OTHERS_MAX);
	(void)snprintf(text + strlen(text), 8, "y=1\n");
	CHECK_ERR(stored(&p, text, &problem), KK_ELIMIT);
	CHECK_EQ(problem.line, PROFILE_OTHERS_MAX + 1);
}

/* --- tables --------------------------------------------------------------- */

static const char table[] = "name,address,network\r\n"
			    "Room 1,192.0.2.1/24,static\r\n"
			    "\"Room \"\"2\"\", left\",,\r\n"
			    " Room 3 ,192.0.2.3/24,static";

static enum kk_err take(struct profile *p, const char *text, size_t row,
    struct profile_problem *problem)
{
	return profile_csv_take(p, kk_view_text(text), row, problem);
}

TEST(each_row_of_a_table_is_a_unit)
{
	struct profile_problem problem;
	struct profile p = { 0 };

	CHECK_OK(take(&p, table, 1, &problem));
	CHECK_STR(p.values[PROFILE_NAME], "Room 1");
	CHECK_STR(p.values[PROFILE_ADDRESS], "192.0.2.1/24");
	memset(&p, 0, sizeof(p));
	memcpy(p.values[PROFILE_NETWORK], "dhcp", 5);
	CHECK_OK(take(&p, table, 2, &problem));
	CHECK_STR(p.values[PROFILE_NAME], "Room \"2\", left");
	CHECK_STR(p.values[PROFILE_NETWORK], "dhcp"); /* its field is empty */
	CHECK_OK(take(&p, table, 3, &problem));
	CHECK_STR(p.values[PROFILE_NAME], "Room 3");
	CHECK_ERR(take(&p, table, 4, &problem), KK_ENOENT);
	CHECK_STR(p.values[PROFILE_NAME], "Room 3"); /* as it was */
}

static void table_wrong(const char *text, enum profile_wrong what, size_t line)
{
	struct profile_problem problem = { 0 };
	struct profile p = { 0 };

	CHECK_FAIL(take(&p, text, 2, &problem));
	CHECK_EQ(problem.what, what);
	CHECK_EQ(problem.line, line);
	CHECK(!p.values[PROFILE_NAME][0]);
}

TEST(a_wrong_table_is_named_with_its_line)
{
	table_wrong("name,colour\nA,red\nB,blue\n", PROFILE_UNKNOWN, 1);
	table_wrong("name,name\nA,B\nC,D\n", PROFILE_TWICE, 1);
	table_wrong("name,site\nA\nB,C\n", PROFILE_COLUMNS, 2);
	table_wrong("name,site\nA,B,C\nB,C\n", PROFILE_COLUMNS, 2);
	table_wrong("name\n\"A\n", PROFILE_QUOTES, 2);
	table_wrong("name\n\"A\"x\nB\n", PROFILE_QUOTES, 2);
	table_wrong("name,vlan\nA,1\nB,5000\n", PROFILE_VALUE, 3);
	table_wrong("name\nA\nB PRIVATE KEY\n", PROFILE_SECRET, 1);
}

TEST(every_wrong_and_every_key_has_words_in_both_languages)
{
	for (unsigned i = 0; i < PROFILE_WRONG_COUNT; i++) {
		CHECK(strlen(profile_wrong_text(i, false)) > 3);
		CHECK(strcmp(profile_wrong_text(i, false),
			  profile_wrong_text(i, true)) != 0);
	}
	for (unsigned i = 0; i < PROFILE_KEYS; i++) {
		CHECK(strlen(profile_key_text(i, false)) > 3);
		CHECK(strlen(profile_key_text(i, true)) > 3);
	}
}

TEST(writing_without_memory_gives_nothing)
{
	struct profile_problem problem;
	struct profile p;
	struct kk_bytes text = { 0 };

	enum kk_err err;

	CHECK_OK(parse(&p, whole, &problem));
	ALLOC_FAULT_LOOP(err, profile_write(&p, &text));
	CHECK_OK(err);
	kk_bytes_clear(&text);
}
