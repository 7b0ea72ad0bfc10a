/* log.c - lines with a level, which input cannot forge. */
#include "base/log.h"

#include <string.h>

#include "harness/tap.h"

struct sink {
	unsigned int lines;
	enum kk_log_level level;
	char last[KK_LOG_LINE_BYTES + 1];
};

static void sink_take(void *arg, enum kk_log_level level, const char *line)
{
	struct sink *sink = arg;

	CHECK(strlen(line) < KK_LOG_LINE_BYTES);
	sink->lines++;
	sink->level = level;
	memcpy(sink->last, line, strlen(line) + 1);
}

static struct kk_log log_to(struct sink *sink, enum kk_log_level level)
{
	return (struct kk_log){ sink_take, sink, "mls", level };
}

TEST(log_writes_module_and_text)
{
	struct sink sink = { 0 };
	struct kk_log log = log_to(&sink, KK_LOG_INFO);

	kk_log(&log, KK_LOG_WARNING, "refused commit epoch=%d", 7);
	CHECK_STR(sink.last, "mls: refused commit epoch=7");
	CHECK_EQ(sink.level, KK_LOG_WARNING);
	log.module = NULL;
	kk_log(&log, KK_LOG_INFO, "text");
	CHECK_STR(sink.last, "text");
}

TEST(log_leaves_out_what_is_above_its_level)
{
	struct sink sink = { 0 };
	struct kk_log log = log_to(&sink, KK_LOG_WARNING);

	kk_log(&log, KK_LOG_INFO, "x");
	kk_log(&log, KK_LOG_DEBUG, "x");
	CHECK_EQ(sink.lines, 0);
	kk_log(&log, KK_LOG_WARNING, "x");
	kk_log(&log, KK_LOG_ERROR, "x");
	CHECK_EQ(sink.lines, 2);
}

TEST(log_without_a_sink_is_silent)
{
	struct kk_log log = { .level = KK_LOG_DEBUG };

	kk_log(NULL, KK_LOG_ERROR, "x");
	kk_log(&log, KK_LOG_ERROR, "x");
	CHECK(log.fn == NULL);
}

TEST(log_makes_control_characters_visible)
{
	struct sink sink = { 0 };
	struct kk_log log = log_to(&sink, KK_LOG_INFO);

	kk_log(&log, KK_LOG_INFO, "name=%s", "a\nerror: b\x1b[2J\r\t\x7f.");
	CHECK_STR(sink.last,
	    "mls: name=a\\x0aerror: b\\x1b[2J\\x0d\\x09\\x7f.");
	CHECK_EQ(sink.lines, 1);
}

TEST(log_keeps_text_beyond_ascii)
{
	struct sink sink = { 0 };
	struct kk_log log = log_to(&sink, KK_LOG_INFO);

	kk_log(&log, KK_LOG_INFO, "Caf\xc3\xa9");
	CHECK_STR(sink.last, "mls: Caf\xc3\xa9");
}

TEST(log_ends_a_long_line_in_dots_and_within_its_bytes)
{
	struct sink sink = { 0 };
	struct kk_log log = log_to(&sink, KK_LOG_INFO);
	char text[2 * KK_LOG_LINE_BYTES];

	for (size_t n = 1; n < sizeof(text); n++) {
		size_t line;

		memset(text, n % 2 ? 'a' : '\n', n);
		text[n] = '\0';
		kk_log(&log, KK_LOG_INFO, "%s", text);
		line = strlen(sink.last); /* its limit is sink_take()'s check */
		if (n > KK_LOG_LINE_BYTES)
			CHECK_STR(sink.last + line - 3, "...");
		else if (n % 2 && n < KK_LOG_LINE_BYTES - 16)
			CHECK_EQ(line, n + 5);
	}
}

TEST(log_cuts_a_long_module_name)
{
	struct sink sink = { 0 };
	struct kk_log log = log_to(&sink, KK_LOG_INFO);
	char name[1000];

	memset(name, 'm', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	log.module = name;
	kk_log(&log, KK_LOG_INFO, "text");
	CHECK(strstr(sink.last, "...: text") != NULL);
}

TEST(log_levels_have_names)
{
	CHECK_STR(kk_log_level_name(KK_LOG_ERROR), "error");
	CHECK_STR(kk_log_level_name(KK_LOG_DEBUG), "debug");
	CHECK_STR(kk_log_level_name((enum kk_log_level)9), "unknown");
}
