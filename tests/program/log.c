/* log.c - lines of the log as JSON. */
#define _GNU_SOURCE /* struct timespec */
#include <sys/socket.h>
#include <systemd/sd-json.h>
#include <time.h>
#include <unistd.h>

#include "harness/tap.h"
#include "program/program.h"

static const struct timespec noon = { .tv_sec = 1795348800,
	.tv_nsec = 7000000 };

static sd_json_variant *parse(const char *line)
{
	char *text = program_log_json(KK_LOG_WARNING, line, &noon);
	sd_json_variant *v = NULL;

	CHECK(text != NULL);
	CHECK(strchr(text, '\n') == NULL);
	CHECK(sd_json_parse(text, 0, &v, NULL, NULL) >= 0);
	kk_free(text);
	return v;
}

static const char *text_of(sd_json_variant *v, const char *name)
{
	sd_json_variant *field = sd_json_variant_by_key(v, name);

	return field ? sd_json_variant_string(field) : "";
}

TEST(a_line_becomes_an_object_with_its_fields)
{
	sd_json_variant *v = parse(
	    "sfud: handshake failed transport=7 error=KK_EAUTH");

	CHECK_STR(text_of(v, "time"), "2026-11-22T12:00:00.007Z");
	CHECK_STR(text_of(v, "level"), "warning");
	CHECK_STR(text_of(v, "module"), "sfud");
	CHECK_STR(text_of(v, "message"), "handshake failed");
	CHECK_STR(text_of(v, "transport"), "7");
	CHECK_STR(text_of(v, "error"), "KK_EAUTH");
	sd_json_variant_unref(v);
}

TEST(what_is_no_field_stays_in_the_message)
{
	sd_json_variant *v = parse("sfud: is a=b right? c=d e");

	CHECK_STR(text_of(v, "message"), "is a=b right? c=d e");
	sd_json_variant_unref(v);
	v = parse("no module \"quoted\" \\x0a =1");
	CHECK_STR(text_of(v, "message"), "no module \"quoted\" \\x0a =1");
	CHECK_STR(text_of(v, "module"), "");
	sd_json_variant_unref(v);
}

TEST(no_field_takes_the_place_of_the_objects_own)
{
	sd_json_variant *v = parse(
	    "roomd: told level=none message=x module=y time=never");

	CHECK_STR(text_of(v, "level"), "warning");
	CHECK_STR(text_of(v, "message"), "told");
	CHECK_STR(text_of(v, "module"), "roomd");
	CHECK_STR(text_of(v, "time"), "2026-11-22T12:00:00.007Z");
	sd_json_variant_unref(v);
}

typedef void write_fn(void *arg, enum kk_log_level level, const char *line);

/* What is written at once comes as one message. */
static size_t bytes_of_first_write(write_fn *write, const char *line)
{
	char got[2 * KK_LOG_LINE_BYTES];
	int ends[2], kept = dup(STDERR_FILENO);
	ssize_t n;

	CHECK(kept >= 0);
	CHECK_EQ(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
	(void)dup2(ends[1], STDERR_FILENO);
	write(NULL, KK_LOG_INFO, line);
	(void)dup2(kept, STDERR_FILENO);
	(void)close(kept);
	(void)close(ends[1]);
	n = recv(ends[0], got, sizeof(got), 0);
	CHECK_EQ(recv(ends[0], got + n, sizeof(got) - (size_t)n, 0), 0);
	(void)close(ends[0]);
	CHECK_EQ(got[n - 1], '\n');
	return (size_t)n;
}

TEST(no_other_line_comes_into_one_of_ours)
{
	char line[KK_LOG_LINE_BYTES];

	memset(line, 'x', sizeof(line));
	line[sizeof(line) - 1] = '\0';
	CHECK_EQ(bytes_of_first_write(program_log_write, line),
	    strlen("<6>") + strlen(line) + 1);
	CHECK(bytes_of_first_write(program_log_write_json, line) >
	    strlen(line));
}
