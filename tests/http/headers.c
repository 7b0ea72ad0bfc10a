/* headers.c - what the browser says, and pages for people. */
#include <string.h>

#include "harness/tap.h"
#include "http/http.h"

TEST(choices_count_unless_their_weight_is_zero)
{
	CHECK(http_accept_has("gzip", "gzip"));
	CHECK(http_accept_has("deflate, GZIP;q=0.1 , br", "gzip"));
	CHECK(http_accept_has("br;q=1.0,gzip ; q=0.001", "gzip"));
	CHECK(!http_accept_has(NULL, "gzip"));
	CHECK(!http_accept_has("", "gzip"));
	CHECK(!http_accept_has("x-gzip, gzipped, br", "gzip"));
	CHECK(!http_accept_has("gzip;q=0", "gzip"));
	CHECK(!http_accept_has("gzip;q=0.000", "gzip"));
	CHECK(!http_accept_has("gzip;q=", "gzip"));
	CHECK(!http_accept_has("gzip;q=x, *", "gzip"));
}

TEST(german_is_for_those_who_want_it_more_than_english)
{
	CHECK(http_accept_is_german("de"));
	CHECK(http_accept_is_german("de-AT,de;q=0.9,en;q=0.8"));
	CHECK(http_accept_is_german("fr, en;q=0.4, de-CH;q=0.5"));
	CHECK(!http_accept_is_german("en-US,en;q=0.9,de;q=0.8"));
	CHECK(!http_accept_is_german("den, fr"));
	CHECK(!http_accept_is_german("fr"));
	CHECK(!http_accept_is_german(NULL));
}

TEST(a_tag_is_the_same_in_whatever_pieces_the_bytes_come)
{
	char whole[HTTP_ETAG_BYTES], parts[HTTP_ETAG_BYTES];
	struct http_etag e;

	http_etag_init(&e);
	http_etag_add(&e, "konklave", 8);
	http_etag_write(&e, whole);
	http_etag_init(&e);
	http_etag_add(&e, "kon", 3);
	http_etag_add(&e, "", 0);
	http_etag_add(&e, "klave", 5);
	http_etag_write(&e, parts);
	CHECK_STR(parts, whole);
	CHECK_EQ(strlen(whole), 18);
	http_etag_add(&e, "\0", 1);
	http_etag_write(&e, parts);
	CHECK(strcmp(parts, whole) != 0);
}

TEST(a_tag_is_found_in_the_browsers_list)
{
	const char *tag = "\"0123\"";

	CHECK(http_etag_matches("\"0123\"", tag));
	CHECK(http_etag_matches("W/\"0123\"", tag));
	CHECK(http_etag_matches("\"9\", W/\"8\" , \"0123\"", tag));
	CHECK(http_etag_matches("*", tag));
	CHECK(!http_etag_matches("\"01234\"", tag));
	CHECK(!http_etag_matches("0123", tag));
	CHECK(!http_etag_matches("", tag));
	CHECK(!http_etag_matches(NULL, tag));
}

TEST(pages_are_in_the_readers_language_and_fit)
{
	static const unsigned status[] = { 400, 404, 405, 500, 999 };
	char text[HTTP_PAGE_BYTES];

	for (size_t i = 0; i < KK_ARRAY_LEN(status); i++) {
		size_t n = http_page_write(status[i], false, text);

		CHECK_EQ(strlen(text), n);
		CHECK(strstr(text, "lang=\"en\"") != NULL);
		n = http_page_write(status[i], true, text);
		CHECK_EQ(strlen(text), n);
		CHECK(n < HTTP_PAGE_BYTES);
		CHECK(strstr(text, "lang=\"de\"") != NULL);
	}
	(void)http_page_write(404, true, text);
	CHECK(strstr(text, "Diese Seite gibt es nicht.") != NULL);
	(void)http_page_write(404, false, text);
	CHECK(strstr(text, "This page does not exist.") != NULL);
}
