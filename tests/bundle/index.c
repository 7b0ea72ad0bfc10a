/* index.c - what a server says: its list, its headers, and where it is. */
#include <stdio.h>
#include <string.h>

#include "bundle/bundle.h"
#include "harness/tap.h"

#define FIRST "konklave-updates 1\n"

TEST(index_tells_what_there_is_for_a_board)
{
	static const char text[] = FIRST "# of this month\n\n"
					 "konklave-a 12 a-12.raucb 1000\n"
					 "konklave-b 14 b_14.raucb 536870912\n";
	struct bundle_offer o;

	CHECK_OK(bundle_index_read(&o, kk_view_text(text), "konklave-b"));
	CHECK_EQ(o.version, 14);
	CHECK_EQ(o.bytes, 536870912);
	CHECK_STR(o.file, "b_14.raucb");
	CHECK_OK(bundle_index_read(&o, kk_view_text(text), "konklave-a"));
	CHECK_EQ(o.version, 12);
	CHECK_ERR(bundle_index_read(&o, kk_view_text(text), "konklave"),
	    KK_ENOENT);
	CHECK_ERR(bundle_index_read(&o, kk_view_text(FIRST), "a"), KK_ENOENT);
	CHECK_EQ(o.bytes, 0);
}

TEST(index_with_anything_wrong_in_it_is_refused)
{
	static const char *const wrong[] = {
		"",
		"konklave-updates 2\na 1 f 1\n",
		"a 1 f 1\n",
		FIRST "a 1 f\n",
		FIRST "a 1 f 1 x\n",
		FIRST "a  1 f 1\n",
		FIRST " a 1 f 1\n",
		FIRST "a 1 f 1\r\n",
		FIRST "a 0 f 1\n",
		FIRST "a -1 f 1\n",
		FIRST "a 01 f 1\n",
		FIRST "a 99999999999999999999 f 1\n",
		FIRST "a 1 f 0\n",
		FIRST "a 1 f 536870913\n",
		FIRST "a 1 ../f 1\n",
		FIRST "a 1 .f 1\n",
		FIRST "a 1 d/f 1\n",
		FIRST "a 1 https://x/f 1\n",
		FIRST "a 1 f?x 1\n",
		FIRST "a 1 f 1\na 2 g 1\n", /* twice */
		FIRST "a 1 f 1\nb/ 2 g 1\n", /* another board's line */
		FIRST "a 1 f 1\n\x80",
	};
	char line[512];
	struct bundle_offer o;

	for (size_t i = 0; i < KK_ARRAY_LEN(wrong); i++)
		CHECK_ERR(bundle_index_read(&o, kk_view_text(wrong[i]), "a"),
		    KK_EFORMAT);
	(void)snprintf(line, sizeof(line), FIRST "a 1 %0127d 1\n", 1);
	CHECK_OK(bundle_index_read(&o, kk_view_text(line), "a"));
	(void)snprintf(line, sizeof(line), FIRST "a 1 %0128d 1\n", 1);
	CHECK_ERR(bundle_index_read(&o, kk_view_text(line), "a"), KK_EFORMAT);
}

TEST(index_that_is_too_long_is_refused)
{
	char text[BUNDLE_INDEX_BYTES_MAX + 2];
	struct bundle_offer o;

	memset(text, '\n', sizeof(text));
	memcpy(text, FIRST, sizeof(FIRST) - 1);
	CHECK_ERR(bundle_index_read(&o,
		      kk_view_of(text, BUNDLE_INDEX_BYTES_MAX), "a"),
	    KK_ENOENT);
	CHECK_ERR(bundle_index_read(&o,
		      kk_view_of(text, BUNDLE_INDEX_BYTES_MAX + 1), "a"),
	    KK_ELIMIT);
}

TEST(range_of_an_answer_is_as_it_was_counted)
{
	static const char *const wrong[] = { "", "bytes", "bytes 1-2",
		"bytes 2-1/3", "bytes 0-3/3", "bytes */3", "bytes 0-2/*",
		"items 0-2/3", "bytes 0-2/3 ", "bytes  0-2/3", "bytes -1-2/3",
		"bytes 0-2/99999999999999999999", "bytes=0-2/3" };
	struct bundle_range r;

	CHECK_OK(bundle_range_parse(&r, "bytes 5-9/10"));
	CHECK_EQ(r.from, 5);
	CHECK_EQ(r.to, 9);
	CHECK_EQ(r.all, 10);
	CHECK_OK(bundle_range_parse(&r, "bytes 0-0/1"));
	for (size_t i = 0; i < KK_ARRAY_LEN(wrong); i++) {
		CHECK_ERR(bundle_range_parse(&r, wrong[i]), KK_EFORMAT);
		CHECK_EQ(r.all, 0);
	}
}

TEST(url_has_one_meaning)
{
	static const char *const right[] = { "https://a/b",
		"https://updates.example:8443/konklave/index.txt",
		"https://[2001:db8::1]:443/x" };
	static const char *const wrong[] = { "", "http://a/b", "https://",
		"https:///b", "https://a", "https://a/", "https://u@a/b",
		"https://u:p@a/b", "https://a/b?c", "https://a/b#c",
		"https://a/b c", "https://a\\b/c", "https://a/b\n",
		"HTTPS://a/b", "file:///etc/passwd", "https://a/../b",
		"https://a/b/./c", "https://a/\x80" };
	char url[BUNDLE_URL_BYTES], longest[2 * BUNDLE_URL_BYTES];

	for (size_t i = 0; i < KK_ARRAY_LEN(right); i++)
		CHECK(bundle_url_is_right(right[i]));
	for (size_t i = 0; i < KK_ARRAY_LEN(wrong); i++)
		CHECK(!bundle_url_is_right(wrong[i]));
	CHECK_OK(bundle_url_beside(right[1], "b.raucb", url));
	CHECK_STR(url, "https://updates.example:8443/konklave/b.raucb");
	CHECK_ERR(bundle_url_beside("http://a/b", "c", url), KK_EINVAL);
	(void)snprintf(longest, sizeof(longest), "https://a/%0501d", 1);
	CHECK(bundle_url_is_right(longest));
	CHECK_ERR(bundle_url_beside("https://a/b", longest, url), KK_ELIMIT);
	(void)snprintf(longest, sizeof(longest), "https://a/%0502d", 1);
	CHECK(!bundle_url_is_right(longest));
}
