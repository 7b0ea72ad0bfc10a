/* recorded.c - tests on links that were recorded: link.h. */
#define _POSIX_C_SOURCE 200809L /* getline() */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/tap.h"
#include "link.h"

enum { KBPS = 1000, S = 1000000, PACKET_BYTES = 1500, T0 = 1000 * S };

struct replay {
	struct estimate *e;
	FILE *file;
	uint64_t at_us; /* since the start, of the last line */
	uint64_t sum, count; /* of estimates */
	uint64_t least_bps;
	bool was_silent;
};

static void replay_open(struct replay *r, const char *name)
{
	char path[100];

	*r = (struct replay){ .least_bps = UINT64_MAX };
	(void)snprintf(path, sizeof(path), "tests/estimate/links/%s.link",
	    name);
	r->file = fopen(path, "re");
	CHECK(r->file != NULL);
	CHECK_OK(estimate_new(&r->e, &link_config, T0));
}

static void replay_close(struct replay *r)
{
	estimate_free(r->e);
	(void)fclose(r->file);
}

static size_t hex_read(const char *hex, uint8_t *out, size_t room)
{
	static const char digits[] = "0123456789abcdef";
	size_t bytes = 0;

	for (; hex[0] && hex[0] != '\n'; hex += 2) {
		const char *high = strchr(digits, hex[0]);
		const char *low = hex[1] ? strchr(digits, hex[1]) : NULL;

		CHECK(bytes < room && high && low);
		out[bytes++] = (uint8_t)((high - digits) << 4 | (low - digits));
	}
	return bytes;
}

static void feedback_do(struct replay *r, const char *hex)
{
	uint8_t data[PACKET_BYTES];
	const size_t bytes = hex_read(hex, data, sizeof(data));

	CHECK_OK(link_feedback(r->e, kk_view_of(data, bytes), T0 + r->at_us));
}

static void line_do(struct replay *r, const char *line)
{
	char *rest;

	if (line[0] == '#')
		return;
	r->at_us = strtoull(line + 2, &rest, 10);
	estimate_tick(r->e, T0 + r->at_us);
	/* As the sender did; what it sent for it stands there. */
	(void)estimate_probe_bytes(r->e, T0 + r->at_us);
	if (line[0] == 's')
		(void)estimate_sent(r->e, strtoul(rest, NULL, 10),
		    T0 + r->at_us);
	else
		feedback_do(r, rest + 1);
}

/* Up to a time; tells of the part from another one on. */
static void replay_run(struct replay *r, uint64_t from_us, uint64_t until_us)
{
	char *line = NULL;
	size_t room = 0;

	r->sum = r->count = 0;
	r->least_bps = UINT64_MAX;
	r->was_silent = false;
	while (r->at_us < until_us && getline(&line, &room, r->file) > 0) {
		struct estimate_state state;

		line_do(r, line);
		state = estimate_get(r->e);
		if (r->at_us < from_us)
			continue;
		r->sum += state.bps;
		r->count++;
		r->was_silent |= state.is_silent;
		if (state.bps < r->least_bps)
			r->least_bps = state.bps;
	}
	free(line);
	CHECK(r->count > 0);
}

/* Whether the estimates' mean is that of the link, more or less. */
static void mean_check(const struct replay *r, uint64_t link_bps)
{
	const uint64_t mean = r->count > 0 ? r->sum / r->count : 0;

	(void)printf("# %" PRIu64 " of %" PRIu64 " kbit/s, at least %" PRIu64
		     "\n",
	    mean / KBPS, link_bps / KBPS, r->least_bps / KBPS);
	CHECK(mean > link_bps * 3 / 4);
	CHECK(mean < link_bps * 11 / 10);
	CHECK(!r->was_silent);
}

static void steady_check(const char *name, uint64_t link_bps)
{
	struct replay r;

	replay_open(&r, name);
	replay_run(&r, (uint64_t)3 * S, UINT64_MAX);
	mean_check(&r, link_bps);
	CHECK_EQ(estimate_get(r.e).refused, 0);
	replay_close(&r);
}

TEST(a_recorded_narrow_link_is_found_and_kept_to)
{
	steady_check("narrow", 800 * KBPS);
}

TEST(a_recorded_link_far_away_is_found_and_kept_to)
{
	steady_check("far", 2000 * KBPS);
}

TEST(a_recorded_link_that_loses_a_twentieth_is_used_all_the_same)
{
	struct replay r;
	unsigned loss;

	steady_check("lossy", 1500 * KBPS);
	replay_open(&r, "lossy");
	replay_run(&r, 0, UINT64_MAX);
	loss = estimate_get(r.e).loss_permille;
	(void)printf("# loss of %u permille\n", loss);
	CHECK(loss > 20 && loss < 90);
	replay_close(&r);
}

/* From second 8 to 10 nothing came through. */
TEST(a_recorded_link_that_was_cut_is_given_less_and_then_more_again)
{
	const uint64_t link_bps = 1000 * KBPS;
	struct replay r;

	replay_open(&r, "cut");
	replay_run(&r, (uint64_t)3 * S, (uint64_t)7 * S);
	mean_check(&r, link_bps);
	replay_run(&r, (uint64_t)9 * S, (uint64_t)10 * S);
	CHECK(r.was_silent);
	CHECK(r.least_bps < link_bps * 7 / 10);
	replay_run(&r, (uint64_t)14 * S, UINT64_MAX);
	mean_check(&r, link_bps);
	replay_close(&r);
}
